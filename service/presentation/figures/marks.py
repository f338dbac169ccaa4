"""The signs of the timeline: how each thing is drawn, in the panels and in the legend."""

from typing import Any

from service.presentation.figures.style import BLUE, GREEN, INK, PURPLE, SKY, VERMILLION

HATCH = "\\\\\\\\"  # of the times in which the dose was withheld
AGENTS = {  # colour and hatch of the bars
    "lutetium_177_dotatate": (BLUE, ""),
    "lutetium_177_edotreotide": (SKY, "///"),
    "iodine_131_mibg": ("white", "xxx"),
}
RESPONSES = {  # marker and colour
    "complete_response": ("*", GREEN),
    "partial_response": ("v", GREEN),
    "stable_disease": ("s", BLUE),
    "non_cr_non_pd": ("D", BLUE),
    "progressive_disease": ("^", VERMILLION),
    "not_evaluable": ("o", "white"),
    "open": ("o", "white"),
}
SERIES: dict[str, dict[str, Any]] = {
    "alp": {"linewidth": 1.1, "color": VERMILLION, "marker": "o", "markersize": 3.5},
    "platelets": {"linewidth": 1.1, "color": BLUE, "marker": "s", "markersize": 3.2},
    "haemoglobin": {"linewidth": 1.1, "color": GREEN, "marker": "^", "markersize": 3.8},
    "clearance_measured": {"linewidth": 1.1, "color": PURPLE, "marker": "D", "markersize": 4.2},
    "clearance_estimated": {
        "linewidth": 1.1,
        "color": PURPLE,
        "marker": "o",
        "markersize": 3.8,
        "markerfacecolor": "white",
        "linestyle": "--",
    },
}
SUM: dict[str, Any] = {"color": INK, "marker": ".", "markersize": 5, "linewidth": 1.2}
LABELLED: dict[str, Any] = {"color": VERMILLION, "linestyle": (0, (5, 3)), "linewidth": 1.4}
