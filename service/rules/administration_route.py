"""Intra-arterial route: is PRRT planned, or was it last given, into the hepatic artery?

The trial infused one liver lobe and took the other as control. It was safe, and uptake was not
clinically increased: outside a trial the intravenous route stands. With both lobes measured,
the patient's own ratio is shown beside the study's, and decides nothing.
"""

from service.evidence import load
from service.facts import Facts
from service.phrases import SEND_TREATMENTS, treatments_not_told
from service.verdict import Answer, Missing, Reason, cite, clear, fires, not_applicable, note, rule, unknown

EVIDENCE = load(__name__)
STUDY = (cite(EVIDENCE.finding("uptake_infused")), cite(EVIDENCE.finding("ratio_of_lobes")))
UPTAKE_ONLY = "The study measured uptake, not survival."


@rule("Intra-arterial route", evidence=EVIDENCE)
def administration_route(facts: Facts) -> Answer:
    """Judge the planned route, else the route of the last cycle."""
    exposure = facts.exposure
    if not exposure.treatments_told and not exposure.planned:
        return unknown("not_told", SEND_TREATMENTS, treatments_not_told(facts))
    if not exposure.all_cycles and not exposure.planned:
        return not_applicable("no_prrt", note("No PRRT was given and none is planned."))
    if exposure.route is None:
        advice = "Tell the planned route of administration."
        return unknown(
            "route_not_told", advice, Missing("plan.route", "Neither the planned route nor that of the last cycle was told.")
        )
    if exposure.route == "intravenous":
        return clear("intravenous", note("The route is intravenous."))
    advice = "Give PRRT intravenously outside a trial."
    why = (note("The route is intra-arterial."), *STUDY, *_own_ratio(facts))
    return fires("intra_arterial", "warning", advice, *why, caveats=(UPTAKE_ONLY,))


def _own_ratio(facts: Facts) -> tuple[Reason, ...]:
    uptake = facts.lobe_uptake
    if uptake is None:
        return ()
    return (note(f"This patient on {uptake.on}: infused lobe over the other {uptake.ratio.words}.", observed=uptake.ratio),)
