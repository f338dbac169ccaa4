"""The plot of docs/performance.md."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt  # after the backend is chosen

from tests.benchmarks.rounds import Result

Results = Mapping[int, Mapping[str, Result]]


def write(path: Path, results: Results, stages: Mapping[str, float], whole_us: float) -> None:
    """Throughput and p99 against connections; CPU of one request by stage."""
    mpl.rcParams |= {"svg.hashsalt": "prrt-cds", "font.size": 9}
    figure, (throughput, latency, stage) = plt.subplots(1, 3, figsize=(15, 4.6), layout="constrained")
    for name in next(iter(results.values())):
        connections = list(results)
        throughput.plot(connections, [results[each][name].per_second.median for each in connections], marker="o", label=name)
        latency.plot(connections, [results[each][name].p99_ms.median for each in connections], marker="o", label=name)
    for axes, title in ((throughput, "requests a second"), (latency, "p99, ms")):
        axes.set(title=title, xlabel="connections", xscale="log", yscale="log", xticks=list(results))
        axes.set_xticklabels([str(each) for each in results])
        axes.grid(visible=True, which="both", alpha=0.3)
    latency.legend(fontsize=7)
    shown = dict(stages) | {"all else": max(0.0, whole_us - sum(stages.values()))}
    stage.barh(list(shown), list(shown.values()))
    stage.invert_yaxis()
    stage.set(title="CPU of one request by stage, microseconds")
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
