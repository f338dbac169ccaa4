"""What the tests of the manifests share: the rendered overlays, the tools, and the one file that is made from another."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

K8S = Path(__file__).parents[2] / "k8s"
OVERLAYS = ("single", "cluster")
MONITORING = K8S / "monitoring"
PLAIN_RULES = MONITORING / "alerts.yaml"
PROMETHEUS_RULE = MONITORING / "prometheus-rule.yaml"
HEADER = """\
# Made from alerts.yaml by `make docs`.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: prrt-cds
  labels:
    app.kubernetes.io/name: prrt-cds
spec:
"""
INSTALL = {
    "kubectl": "kubectl 1.29 or newer",
    "promtool": "promtool (Debian, Ubuntu: apt-get install --no-install-recommends prometheus)",
}


def run(tool: str, *arguments: str | Path, cwd: Path = K8S) -> subprocess.CompletedProcess[str]:
    """Run a tool, or say what to install: a check that is left out is no check."""
    path = shutil.which(tool)
    assert path is not None, f"Install {INSTALL[tool]}."
    return subprocess.run([path, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False)


@cache
def rendered(overlay: str) -> tuple[dict[str, Any], ...]:
    """Every object of an overlay."""
    made = run("kubectl", "kustomize", Path("overlays") / overlay)
    assert (made.returncode, made.stderr) == (0, "")
    return tuple(yaml.safe_load_all(made.stdout))


def of_kind(overlay: str, kind: str) -> list[dict[str, Any]]:
    """The objects of one kind."""
    return [each for each in rendered(overlay) if each["kind"] == kind]


def the(overlay: str, kind: str, name: str = "prrt-cds") -> dict[str, Any]:
    """The one object of that kind and name, without the hash that kustomize adds to a name."""
    (found,) = [each for each in of_kind(overlay, kind) if re.sub(r"-[a-z0-9]{10}$", "", each["metadata"]["name"]) == name]
    return found


def pod_templates(overlay: str) -> dict[str, dict[str, Any]]:
    """Every pod template, by the kind of what makes it."""
    return {each["kind"]: each["spec"]["template"] for each in rendered(overlay) if "template" in each.get("spec", {})}


def container(overlay: str, kind: str = "Deployment") -> dict[str, Any]:
    """The one container of a pod."""
    (only,) = pod_templates(overlay)[kind]["spec"]["containers"]
    return only


def plain_rules() -> list[dict[str, Any]]:
    """Every rule of the plain file, recordings first."""
    groups = yaml.safe_load(PLAIN_RULES.read_text("utf-8"))["groups"]
    return sorted((rule for group in groups for rule in group["rules"]), key=lambda rule: "alert" in rule)


def alerts() -> dict[str, dict[str, Any]]:
    """Every alert, by its name."""
    return {rule["alert"]: rule for rule in plain_rules() if "alert" in rule}


def prometheus_rule() -> str:
    """The plain rules as a resource of the Prometheus Operator."""
    groups = PLAIN_RULES.read_text("utf-8").partition("groups:\n")[2]
    return HEADER + re.sub(r"(?m)^(?=.)", "  ", f"groups:\n{groups}")
