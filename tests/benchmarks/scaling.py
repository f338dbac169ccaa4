"""docs/scaling.md: what one core, one node and the hospitals of a region need, computed from one run."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from tests.benchmarks.candidates import OUR_FULL_HOOK, OUR_HOOK, OURS
from tests.benchmarks.capacity import CONNECTIONS
from tests.benchmarks.measuring import Measured
from tests.benchmarks.processes import ROOT

SHARE = 0.7  # of what a core can do, so that a queue does not build up
TEMPLATE = Path(__file__).with_name("scaling.md.template")


@dataclass(frozen=True, slots=True)
class Region:
    """Assumed, not measured: put your own figures here."""

    hospitals: int = 20
    clinicians: int = 150  # of each hospital, whose EHR calls us whenever they open a chart of the departments concerned
    charts_a_day: int = 40  # opened by each
    hours: int = 10
    peak: float = 4.0  # the busiest minute against the mean of the day
    assessments_a_day: int = 200  # of each hospital, in our own format, besides the calls of the EHR
    years_kept: int = 10
    days_a_year: int = 250


def write(found: Measured, folder: Path, region: Region | None = None) -> None:
    """Write the document into a folder."""
    (folder / "scaling.md").write_text(text(found, region or Region()), "utf-8")


def text(found: Measured, region: Region) -> str:
    """The document."""
    one, hook, full = found.http[CONNECTIONS][OURS], found.http_hooks[OUR_HOOK], found.http_hooks[OUR_FULL_HOOK]
    calls = region.hospitals * region.clinicians * region.charts_a_day
    others = region.hospitals * region.assessments_a_day
    peak_calls, peak_others = (each * region.peak / (3600 * region.hours) for each in (calls, others))
    cpu_s = (peak_calls * full.cpu_us.median + peak_others * one.cpu_us.median) / 1e6
    entries = peak_calls + peak_others
    grouped = found.kept.shared
    yearly = (calls + others) * region.days_a_year * found.kept.bytes_each
    first = _first_bottleneck(one.per_second.median, grouped)
    return TEMPLATE.read_text("utf-8").format(
        at=found.at,
        machine=found.machine,
        share=f"{SHARE:.0%}",
        one_cpu=f"{one.cpu_us.median / 1000:.2f}",
        one_rate=f"{SHARE * 1e6 / one.cpu_us.median:,.0f}",
        hook_cpu=f"{hook.cpu_us.median / 1000:.2f}",
        hook_rate=f"{SHARE * 1e6 / hook.cpu_us.median:,.0f}",
        full_cpu=f"{full.cpu_us.median / 1000:.2f}",
        full_rate=f"{SHARE * 1e6 / full.cpu_us.median:,.0f}",
        alone="; ".join(f"{name} {rates[1]:,.0f}" for name, rates in found.kept.per_second.items()),
        in_groups="; ".join(f"{name} {max(rates.values()):,.0f}" for name, rates in found.kept.per_second.items()),
        bytes_each=f"{found.kept.bytes_each:,.0f}",
        resident=f"{found.resident_after_megabytes:.0f}",
        two_cpu=f"{found.processes[1].cpu_us / found.processes[0].cpu_us:.2f}",
        one_rate_shared=f"{found.processes[0].per_second:,.0f}",
        two_rate=f"{found.processes[1].per_second:,.0f}",
        processes=ceil(grouped * one.cpu_us.median / 1e6),
        first=first,
        **_on_kubernetes(one.cpu_us.median),
        hospitals=region.hospitals,
        clinicians=region.clinicians,
        charts=region.charts_a_day,
        hours=region.hours,
        peak=f"{region.peak:g}",
        assessments=region.assessments_a_day,
        calls=f"{calls:,}",
        others=f"{others:,}",
        entries=f"{entries:,.0f}",
        cores=ceil(cpu_s / SHARE),
        cpu_s=f"{cpu_s:.2f}",
        of_record=f"{entries / grouped:.1%}",
        yearly=f"{yearly / 1e9:,.0f}",
        kept=f"{region.years_kept * yearly / 1e12:.1f}",
        years=region.years_kept,
    )


def _on_kubernetes(cpu_us: float) -> dict[str, Any]:
    """What the replicas of the cluster overlay answer, by what they ask for and when the autoscaler adds one."""
    autoscaler = yaml.safe_load((ROOT / "k8s/overlays/cluster/autoscaler.yaml").read_text("utf-8"))["spec"]
    pod = yaml.safe_load((ROOT / "k8s/base/deployment.yaml").read_text("utf-8"))["spec"]["template"]["spec"]
    requested = _cores(pod["containers"][0]["resources"]["requests"]["cpu"])
    utilization = autoscaler["metrics"][0]["resource"]["target"]["averageUtilization"] / 100
    most, each = autoscaler["maxReplicas"], utilization * requested * 1e6 / cpu_us
    return {
        "least": autoscaler["minReplicas"],
        "most": most,
        "utilization": utilization,
        "requested": requested,
        "replica_rate": f"{each:,.0f}",
        "most_rate": f"{most * each:,.0f}",
        "busiest_rate": f"{most * SHARE * 1e6 / cpu_us:,.0f}",
    }


def _cores(quantity: str) -> float:
    """Kubernetes' quantity of CPU: cores, or thousandths with an `m`."""
    return float(quantity.removesuffix("m")) / 1000 if quantity.endswith("m") else float(quantity)


def _first_bottleneck(answered: float, grouped: float) -> str:
    """What gives way first on one node."""
    if answered < grouped:
        return (
            f"the CPU of one process: it answers {answered:,.0f} requests/s, while the record takes {grouped:,.0f} entries/s. "
            f"More processes on one PostgreSQL help until the record gives way, at about {grouped / answered:.0f} of them"
        )
    return f"the record: it takes {grouped:,.0f} entries/s, while one process could answer {answered:,.0f} requests/s"
