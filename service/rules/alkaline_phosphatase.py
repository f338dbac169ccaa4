"""ALP alert: alkaline phosphatase above normal, or rising, before or between cycles.

A raised ALP in a neuroendocrine tumour points to bone or to liver. It is prognostic: a
reason to look for the source, never a reason to withhold PRRT (in NETTER-1 the benefit was
the same with raised ALP). "Raised" and "CTCAE grade" are two facts: an unchanged abnormal
baseline is grade 0 in CTCAE 5.0. Grade 3 to 4 is the matter of hepatic toxicity.

Doubt: "stale" is judged against the later of the labelled due date and the planned date; a cycle
that is overdue without a new date is judged against the date that has passed.
"""

from service.evidence import load
from service.facts import Facts
from service.facts.blood import History
from service.terminology.quantity import Quantity, days, readable
from service.verdict import Answer, Missing, Reason, above, at_most, below, cite, clear, fires, note, rule, unknown

EVIDENCE = load(__name__)
RAISED = EVIDENCE["raised"]
RISEN = EVIDENCE["risen"]
FALLEN = EVIDENCE["fallen"]
GAMMA_GT_RAISED = EVIDENCE["gamma_gt_raised"]
ASKED_BEFORE_DUE = EVIDENCE["asked_before_due"]
OLDEST = EVIDENCE["oldest"]
SURVIVAL = cite(EVIDENCE.finding("overall_survival"))
TREND = (
    cite(EVIDENCE.finding("progression_free_survival_after_rise")),
    cite(EVIDENCE.finding("progression_free_survival_when_stable")),
    cite(EVIDENCE.finding("progression_free_survival_after_fall")),
)
SAME_BENEFIT = (
    cite(EVIDENCE.finding("benefit_with_normal_alp")),
    cite(EVIDENCE.finding("benefit_with_raised_alp")),
)
NEVER_WITHHOLD = "ALP is prognostic; on its own it is never a reason to withhold PRRT."
EXPLORATORY = "The trend of ALP is exploratory evidence, seen under Lu-177 DOTATOC (edotreotide)."
FRESH = Missing("alkaline_phosphatase", "A fresh ALP was not told: the latest is old, and one is due before the cycle.")
FIND_THE_SOURCE = (
    "Find the source of the raised ALP: bone (bone-specific ALP, SSTR PET/CT, pain, fracture risk) "
    "or liver (GGT, bilirubin, liver imaging)."
)


@rule("ALP alert", evidence=EVIDENCE)
def alkaline_phosphatase(facts: Facts) -> Answer:
    """Judge the latest ALP against the laboratory's own upper limit and against the baseline."""
    alp = facts.blood["alkaline_phosphatase"]
    if alp.latest is None or alp.to_upper_limit is None:
        return unknown(
            "not_measured",
            "Measure ALP and send the laboratory's upper limit with it.",
            Missing(
                "alkaline_phosphatase", "ALP with the laboratory's upper limit was not told: it decides whether ALP is raised."
            ),
        )
    raised = above(alp.to_upper_limit, RAISED, "ALP")
    stale = _stale(facts)
    if not raised and stale:
        return unknown(
            "stale",
            "Repeat ALP before the next cycle.",
            FRESH,
            reasons=(raised, *stale),
        )
    risen = above(alp.change, RISEN, _from_baseline(alp)) if alp.change else None
    if not raised and not risen:
        return clear("normal", raised, *_if_any(risen), missing=_baseline_missing(facts))
    if not raised:
        return fires(
            "risen",
            "info",
            "Repeat ALP and look for its source if it goes on rising.",
            raised,
            *_if_any(risen),
            *TREND,
            caveats=(EXPLORATORY, NEVER_WITHHOLD),
        )
    gamma_gt = _gamma_gt(facts)
    why = (raised, *_if_any(risen), *_grade(facts), *_where_it_points(gamma_gt), *stale)
    caveats = (NEVER_WITHHOLD, *_other_limits(alp))
    missing = (*((FRESH,) if stale else ()), *_baseline_missing(facts), *_asked_when_raised(facts, gamma_gt))
    if risen or (alp.change and below(alp.change, FALLEN, "Change of ALP")):
        why, caveats = (*why, *TREND), (*caveats, EXPLORATORY)
    if facts.bone.metastases:
        bone = note("Skeletal metastases are known.")
        return fires(
            "raised_with_bone_metastases", "warning", FIND_THE_SOURCE, *why, bone, SURVIVAL, *SAME_BENEFIT,
            caveats=caveats, missing=missing,
        )  # fmt: skip
    if risen:
        return fires("raised_and_risen", "warning", FIND_THE_SOURCE, *why, *SAME_BENEFIT, caveats=caveats, missing=missing)
    return fires("raised", "info", FIND_THE_SOURCE, *why, *SAME_BENEFIT, caveats=caveats, missing=missing)


def _stale(facts: Facts) -> tuple[Reason, ...]:
    """The two reasons to call the latest ALP stale, or nothing."""
    latest, next_on = facts.blood["alkaline_phosphatase"].latest, facts.exposure.next_on
    if latest is None or next_on is None:
        return ()
    due = at_most(days(facts.as_of, next_on), ASKED_BEFORE_DUE, "Time to the next cycle")
    old = above(days(latest.taken_on, next_on), OLDEST, "Age of the latest ALP on that date")
    return (due, old) if due and old else ()


def _from_baseline(alp: History) -> str:
    """What changed, with both values."""
    pair = [sample for sample in (alp.baseline, alp.latest) if sample]
    return f"Change of ALP from baseline ({' to '.join(readable(sample.limits.value) for sample in pair)} U/L)"


def _other_limits(alp: History) -> tuple[str, ...]:
    limits = {sample.limits.upper for sample in (alp.baseline, alp.latest) if sample}
    same = len(limits) < len((alp.baseline, alp.latest))
    return () if same else ("The laboratory's limits of baseline and latest ALP differ; the change may be due to the method.",)


def _if_any(reason: Reason | None) -> tuple[Reason, ...]:
    return () if reason is None else (reason,)


def _grade(facts: Facts) -> tuple[Reason, ...]:
    """The CTCAE grade, once there is a baseline that is not the value itself."""
    alp = facts.blood["alkaline_phosphatase"]
    if not alp.during_course:
        return ()
    return (note(f"ALP is {alp.grade}; a grade that is relative to an abnormal baseline does not mean that ALP is normal."),)


def _where_it_points(gamma_gt: Quantity | None) -> tuple[Reason, ...]:
    """GGT rises with ALP from the liver, not with ALP from bone."""
    if gamma_gt is None:
        return ()
    raised = above(gamma_gt, GAMMA_GT_RAISED, "GGT")
    if raised:
        return (raised, note("GGT points to the liver; bone is not excluded."))
    return (raised, note("GGT points to bone; a liver source is less likely, not excluded."))


def _gamma_gt(facts: Facts) -> Quantity | None:
    """GGT as multiple of its limit, if it was taken about when ALP was."""
    alp, gamma_gt = facts.blood["alkaline_phosphatase"].latest, facts.blood["gamma_gt"].latest
    if alp is None or gamma_gt is None or above(days(gamma_gt.taken_on, alp.taken_on), OLDEST, "GGT before ALP"):
        return None
    return facts.blood["gamma_gt"].to_upper_limit


def _baseline_missing(facts: Facts) -> tuple[Missing, ...]:
    if facts.blood["alkaline_phosphatase"].baseline:
        return ()
    return (
        Missing("baseline_alkaline_phosphatase", "ALP before the first cycle was not told: it would show whether ALP has risen."),
    )


def _asked_when_raised(facts: Facts, gamma_gt: Quantity | None) -> tuple[Missing, ...]:
    asked: list[Missing] = []
    if gamma_gt is None:
        asked.append(Missing("gamma_gt", "GGT was not told: it shows whether a raised ALP points to liver or to bone."))
    if facts.bone.metastases is None:
        asked.append(Missing("metastases", "Skeletal metastases were not told: they decide how urgent a raised ALP is."))
    return tuple(asked)
