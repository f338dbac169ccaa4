"""Every toxicity of one patient, over one course and over several."""

from datetime import date

import pytest

from tests.patients import cycle, facts_of, lab
from tests.reading import verdict

CYCLE_1, CYCLE_2 = cycle("2025-11-24"), cycle("2026-01-19")
EARLIER = [cycle("2024-09-02"), cycle("2024-10-28")]


def platelets(value, day):
    return lab("platelets", value, "10*9/L", day)


def fatigue(day, **more):
    return {"occurred_on": day, "kind": "adverse_event", "detail": "fatigue", "grade": 3, "related": True, **more}


def toxicity(*laboratory, treatments=(CYCLE_1, CYCLE_2), events=(), **parts):
    return facts_of(treatments=list(treatments), laboratory=list(laboratory), events=list(events), **parts).toxicity


def of_platelets(*laboratory, **parts):
    return toxicity(*laboratory, **parts).haematological[0]


def named(found, name):
    return next((each for each in found.events if each.name == name), None)


def test_every_group_is_there_even_without_any_value():
    for treatments in ([], [CYCLE_1]):
        found = toxicity(treatments=treatments)
        assert [each.name for each in found.haematological] == ["platelets", "haemoglobin", "neutrophils"]
        assert (found.renal.name, found.hepatic.name) == ("renal toxicity", "hepatic toxicity")
        assert [each.name for each in found.enzymes] == ["alt", "ast", "alkaline_phosphatase", "gamma_gt"]
        every = (*found.haematological, found.renal, found.hepatic, *found.enzymes, *found.events)
        assert {each.episode.state for each in every} == {"none"}
        assert {each.latest for each in every} == {()}
        assert (found.in_force, found.milder_neutropenia, found.told_delay_until) == ((), None, None)


def test_treatments_that_were_not_told_are_no_course():
    assert facts_of(laboratory=[platelets(20, "2026-02-02")]).toxicity.in_force == ()


def test_events_stand_after_the_enzymes_in_the_order_of_their_names():
    found = toxicity(events=[fatigue("2026-02-02"), fatigue("2026-02-01", detail="anorexia")])
    assert [each.name for each in found.events] == ["anorexia", "fatigue"]


def test_those_in_force_withhold_the_next_dose():
    found = toxicity(
        platelets(60, "2025-12-20"),
        lab("neutrophils", 0.5, "10*9/L", "2025-12-20"),
        lab("neutrophils", 3, "10*9/L", "2026-02-20"),
        lab("bilirubin", 100, "umol/L", "2026-02-20", upper_limit=21),
        lab("creatinine", 60, "umol/L", "2025-11-20"),
        lab("creatinine", 160, "umol/L", "2026-02-20"),
        events=[fatigue("2026-02-02", detail="hypersensitivity"), fatigue("2026-02-02")],
    )
    assert [(each.name, each.episode.state) for each in found.in_force] == [
        ("platelets", "held"),
        ("renal toxicity", "held"),
        ("hepatic toxicity", "held"),
        ("fatigue", "held"),
        ("hypersensitivity", "stopped"),
    ]


def test_the_next_dose_is_reduced_if_any_toxicity_has_recovered_since_the_last_one():
    low, well = platelets(60, "2026-02-02"), platelets(160, "2026-02-09")
    assert not toxicity().next_is_reduced
    assert not toxicity(low).next_is_reduced
    assert toxicity(low, well).next_is_reduced
    assert toxicity(events=[fatigue("2026-02-02", resolved_on="2026-02-20")]).next_is_reduced
    assert not toxicity(platelets(60, "2025-12-20"), platelets(160, "2026-01-12")).next_is_reduced  # a dose was given since


def test_the_latest_reading_of_each_criterion_is_kept():
    found = toxicity(
        lab("bilirubin", 100, "umol/L", "2026-02-20", upper_limit=21),
        lab("bilirubin", 20, "umol/L", "2026-02-27", upper_limit=21),
        lab("albumin", 40, "g/L", "2026-02-01"),
    )
    assert [(reading.criterion, str(reading.on)) for reading in found.hepatic.latest] == [
        ("liver_synthesis", "2026-02-01"),
        ("bilirubin", "2026-02-27"),
    ]


def test_an_event_that_resolved_was_last_heard_of_as_resolved():
    (latest,) = named(toxicity(events=[fatigue("2026-02-02", resolved_on="2026-02-20")]), "fatigue").latest
    assert (str(latest.on), latest.recovered) == ("2026-02-20", True)


def test_an_event_that_is_called_like_a_count_does_not_hide_it():
    found = toxicity(platelets(40, "2026-02-20"), events=[fatigue("2026-02-02", detail="Platelets", grade=2)])
    assert found.haematological[0].episode.state == "held"


def test_an_event_that_resolved_on_its_day_has_recovered():
    assert named(toxicity(events=[fatigue("2026-02-02", resolved_on="2026-02-02")]), "fatigue").episode.state == "reduced"


def test_only_a_creatinine_of_the_course_has_a_grade_to_tell():
    before = lab("creatinine", 80, "umol/L", "2026-01-12", upper_limit=106)
    after = lab("creatinine", 85, "umol/L", "2026-02-20", upper_limit=106)
    low = lab("creatinine_clearance", 30, "mL/min", "2026-02-20")

    def said(*laboratory):
        told = verdict("renal_toxicity", {"treatments": [CYCLE_2], "laboratory": list(laboratory)})
        return [reason["statement"] for reason in told["reasons"] if reason["statement"].startswith("Creatinine is")]

    assert (said(before, low), said(before, after, low)) == ([], ["Creatinine is CTCAE 5.0 grade 0."])


def test_a_count_that_allows_a_reduced_dose_is_told_once():
    told = [platelets(60, "2026-02-02"), platelets(100, "2026-03-02") | {"lower_limit": 150}]
    told += [lab("haemoglobin", 90, "g/L", "2026-03-02"), lab("neutrophils", 3, "10*9/L", "2026-03-02")]
    answer = verdict("haematological_toxicity", {"treatments": [CYCLE_2], "laboratory": told})
    statements = [reason["statement"] for reason in answer["reasons"]]
    assert answer["decision"] == "resume"
    assert sum(statement.startswith("Platelets 100") for statement in statements) == 1
    assert sum(statement.startswith("Haemoglobin 90") for statement in statements) == 1


class TestNotJudged:
    """What cannot be judged is kept until a value shows that all is well."""

    def of_the_liver(self, *laboratory):
        return [(reading.criterion, str(reading.on)) for reading in toxicity(*laboratory).hepatic.not_judged]

    def bilirubin(self, value, day, **limit):
        return lab("bilirubin", value, "umol/L", day, **limit)

    def test_it_is_kept_until_a_recovery(self):
        unclear = self.bilirubin(100, "2026-02-02")
        assert self.of_the_liver(unclear) == [("bilirubin", "2026-02-02")]
        assert self.of_the_liver(unclear, self.bilirubin(30, "2026-02-09", upper_limit=21)) == [("bilirubin", "2026-02-02")]
        assert self.of_the_liver(unclear, self.bilirubin(20, "2026-02-09", upper_limit=21)) == []
        assert self.of_the_liver(self.bilirubin(20, "2026-02-01", upper_limit=21), unclear) == [("bilirubin", "2026-02-02")]

    def test_of_each_criterion_the_last_is_kept(self):
        told = (self.bilirubin(100, "2026-02-02"), self.bilirubin(90, "2026-02-09"), lab("albumin", 28, "g/L", "2026-02-02"))
        assert self.of_the_liver(*told) == [("bilirubin", "2026-02-09"), ("liver_synthesis", "2026-02-02")]

    def test_an_event_is_kept_although_it_has_resolved(self):
        (kept,) = named(toxicity(events=[fatigue("2026-02-02", grade=None, resolved_on="2026-02-20")]), "fatigue").not_judged
        assert str(kept.on) == "2026-02-02"

    def test_a_transfusion_without_haemoglobin_is_asked_for_as_a_count_is(self):
        transfused = {"occurred_on": "2026-01-20", "kind": "transfusion"}
        assert toxicity(events=[transfused]).haematological[1].not_judged == ()


class TestHypersensitivity:
    def episode(self, **more):
        found = toxicity(events=[fatigue("2025-11-24", detail="hypersensitivity", **more)])
        return named(found, "hypersensitivity").episode

    def test_the_first_of_grade_3_ends_treatment(self):
        found = self.episode()
        assert (found.state, found.stopped_for, str(found.since)) == ("stopped", "severity", "2025-11-24")
        assert found.open == (found.trigger,)
        assert found.last_dose.on == date(2026, 1, 19)

    def test_its_resolution_changes_nothing(self):
        assert self.episode(resolved_on="2025-11-25").state == "stopped"

    def test_grade_2_does_not(self):
        assert self.episode(grade=2).state == "none"

    def test_unless_it_had_ended_already(self):
        told = [fatigue("2025-11-24", detail="hypersensitivity", resolved_on="2025-11-25")]
        told.append(fatigue("2026-02-02", detail="hypersensitivity"))
        found = named(toxicity(events=told), "hypersensitivity").episode
        assert (found.state, found.stopped_for) == ("stopped", "recurrence")


class TestDueDates:
    def last_dose(self, treatments, **parts):
        return of_platelets(treatments=treatments, **parts).episode.last_dose

    def test_us_counts_16_weeks_from_the_due_date(self):
        dose = self.last_dose([CYCLE_2])
        assert (dose.on, dose.next_due_on, dose.too_late_on) == (date(2026, 1, 19), date(2026, 3, 16), date(2026, 7, 6))

    def test_eu_counts_from_the_last_dose_and_the_day_after_16_weeks_is_too_late(self):
        dose = self.last_dose([CYCLE_2], options={"jurisdiction": "eu"})
        assert (dose.next_due_on, dose.too_late_on) == (date(2026, 3, 16), date(2026, 5, 12))

    @pytest.mark.parametrize("jurisdiction", ["us", "eu"])
    @pytest.mark.parametrize(("planned", "due"), [(2, None), (3, date(2026, 3, 16))])
    def test_the_last_dose_of_a_complete_course_has_no_due_date(self, jurisdiction, planned, due):
        dose = self.last_dose([CYCLE_1, CYCLE_2], plan={"planned_cycles": planned}, options={"jurisdiction": jurisdiction})
        assert dose.next_due_on == due
        assert (dose.too_late_on is None) == (due is None)

    def test_without_a_plan_the_label_plans_four(self):
        four = [cycle(day) for day in ("2025-07-01", "2025-08-26", "2025-10-21", "2025-12-16")]
        assert self.last_dose(four[:3]).next_due_on is not None
        assert self.last_dose(four).next_due_on is None

    def test_edotreotide_is_due_after_its_planned_interval(self):
        given = [cycle("2026-01-19", agent="lutetium_177_edotreotide")]
        plan = {"agent": "lutetium_177_edotreotide", "interval": {"value": 10, "unit": "wk"}}
        assert self.last_dose(given).next_due_on is None
        dose = self.last_dose(given, plan=plan)
        assert (dose.next_due_on, dose.too_late_on) == (date(2026, 3, 30), date(2026, 7, 20))


class TestSeveralCourses:
    LOW = platelets(60, "2024-09-30")
    RECOVERED = platelets(160, "2024-10-21")
    RECURRED = platelets(60, "2024-11-25")

    def test_a_stop_is_inherited_by_every_later_course(self):
        told = (self.LOW, self.RECOVERED, self.RECURRED, platelets(200, "2025-06-20"), platelets(200, "2026-02-20"))
        for later in ([CYCLE_2], [cycle("2025-06-02"), CYCLE_2]):
            found = of_platelets(*told, treatments=[*EARLIER, *later])
            assert (found.episode.state, found.episode.stopped_for, found.from_earlier_course) == ("stopped", "recurrence", True)
            assert (str(found.episode.since), found.latest) == ("2024-11-25", ())

    def test_a_stop_is_inherited_by_a_course_that_has_not_begun(self):
        told = (self.LOW, self.RECOVERED, self.RECURRED)
        found = of_platelets(*told, treatments=EARLIER, plan={"next_cycle_on": "2026-03-20"})
        assert (found.episode.state, found.from_earlier_course) == ("stopped", True)

    def test_nothing_else_is_inherited(self):
        for told in ((self.LOW,), (self.LOW, self.RECOVERED)):
            short = [EARLIER[0], cycle("2024-12-01"), CYCLE_2]
            assert of_platelets(*told, platelets(160, "2024-12-20"), treatments=short).episode.state == "none"

    def test_nothing_else_is_inherited_by_a_course_that_has_not_begun(self):
        told = (self.LOW, self.RECOVERED)
        found = of_platelets(*told, treatments=EARLIER, plan={"next_cycle_on": "2026-03-20"})
        assert (found.episode.state, found.latest, found.from_earlier_course) == ("none", (), False)

    def test_a_new_course_begins_with_a_first_occurrence(self):
        told = (self.LOW, self.RECOVERED, platelets(160, "2024-11-25"), platelets(60, "2026-02-20"))
        found = of_platelets(*told, treatments=[*EARLIER, CYCLE_2])
        assert (found.episode.state, str(found.episode.since), found.from_earlier_course) == ("held", "2026-02-20", False)

    def test_each_course_has_its_own_baseline(self):
        def creatinine(value, day):
            return lab("creatinine", value, "umol/L", day)

        told = (
            creatinine(60, "2024-08-20"),
            creatinine(80, "2024-09-20"),
            creatinine(100, "2026-01-12"),
            creatinine(120, "2026-02-20"),
        )
        found = toxicity(*told, treatments=[*EARLIER, CYCLE_2]).renal
        assert (found.episode.state, found.latest[0].observed.value) == ("none", 20)

    def test_a_hold_of_an_earlier_course_that_delayed_its_next_dose_too_long_ended_treatment(self):
        held = (self.LOW,)  # the label plans four, so a third was due
        assert of_platelets(*held, treatments=[*EARLIER, CYCLE_2]).episode.stopped_for == "delay"
        of_the_eu = of_platelets(*held, treatments=[*EARLIER, CYCLE_2], options={"jurisdiction": "eu"})
        assert of_the_eu.episode.stopped_for == "delay"

    def test_a_hold_after_the_last_dose_of_an_earlier_course_delayed_nothing(self):
        four = [cycle(day) for day in ("2024-07-01", "2024-08-26", "2024-10-21", "2024-12-16")]
        assert of_platelets(platelets(60, "2025-01-20"), treatments=[*four, CYCLE_2]).episode.state == "none"

    def test_the_plan_is_of_the_current_course_only(self):
        plan = {"planned_cycles": 2}
        assert of_platelets(self.LOW, treatments=[*EARLIER, CYCLE_2], plan=plan).episode.stopped_for == "delay"
        assert of_platelets(platelets(60, "2026-02-20"), treatments=[CYCLE_1, CYCLE_2], plan=plan).episode.state == "held"

    def test_an_event_on_the_first_day_of_a_course_belongs_to_that_course_only(self):
        told = [fatigue("2024-09-10", resolved_on="2024-10-10"), fatigue("2026-01-19")]
        found = named(toxicity(treatments=[*EARLIER, CYCLE_2], events=told), "fatigue")
        assert (found.episode.state, found.from_earlier_course) == ("held", False)

    def test_an_event_of_an_earlier_course_that_resolved_is_none_of_the_new_one(self):
        told = [fatigue("2024-09-10", resolved_on="2024-10-10")]
        assert named(toxicity(treatments=[*EARLIER, CYCLE_2], events=told), "fatigue") is None

    def test_hypersensitivity_of_an_earlier_course_is_inherited(self):
        told = [fatigue("2024-09-02", detail="hypersensitivity", resolved_on="2024-09-03")]
        found = named(toxicity(treatments=[*EARLIER, CYCLE_2], events=told), "hypersensitivity")
        assert (found.episode.stopped_for, found.from_earlier_course) == ("severity", True)

    def test_milder_neutropenia_is_of_the_current_course(self):
        told = lab("neutrophils", 0.8, "10*9/L", "2024-11-25")
        options = {"ctcae_version": "6.0"}
        plan = {"next_cycle_on": "2026-03-20"}
        assert toxicity(told, treatments=EARLIER, options=options).milder_neutropenia is not None
        assert toxicity(told, treatments=EARLIER, options=options, plan=plan).milder_neutropenia is None
        assert toxicity(told, treatments=[*EARLIER, CYCLE_2], options=options).milder_neutropenia is None


class TestToldDelay:
    LONG_AGO = (cycle("2025-09-23"),)  # due on 2025-11-18, 16 weeks before 2026-03-10

    def until(self, *delays, treatments=LONG_AGO, **parts):
        plan = {"delays": [dict(zip(("cycle", "reason"), delay, strict=True)) for delay in delays]}
        return toxicity(treatments=treatments, plan=plan, **parts).told_delay_until

    def test_a_delay_for_toxicity_is_too_long_after_16_weeks(self):
        assert self.until((2, "toxicity")) == date(2026, 3, 10)
        assert self.until((2, "toxicity"), as_of="2026-03-09") is None
        assert self.until((2, "toxicity"), treatments=(cycle("2025-09-24"),)) is None

    def test_eu_counts_from_the_last_dose(self):
        eu = {"jurisdiction": "eu"}
        assert self.until((2, "toxicity"), treatments=(cycle("2025-11-17"),), options=eu) == date(2026, 3, 10)
        assert self.until((2, "toxicity"), treatments=(cycle("2025-11-18"),), options=eu) is None

    @pytest.mark.parametrize("delay", [(2, "logistics"), (2, "patient_choice"), (1, "toxicity"), (3, "toxicity")])
    def test_another_reason_or_another_cycle_does_not_count(self, delay):
        assert self.until(delay) is None
        assert self.until(delay, (2, "toxicity")) is not None

    def test_no_plan_and_no_delays_are_no_told_delay(self):
        assert self.until() is None
        assert toxicity(treatments=self.LONG_AGO).told_delay_until is None
        assert toxicity(treatments=self.LONG_AGO, plan={"planned_cycles": 4}).told_delay_until is None

    def test_without_a_due_date_nothing_is_too_long(self):
        given = (cycle("2025-09-23", agent="lutetium_177_edotreotide"),)
        assert self.until((2, "toxicity"), treatments=given) is None

    def test_a_course_that_has_not_begun_has_no_delay(self):
        plan = {"delays": [{"cycle": 1, "reason": "toxicity"}], "next_cycle_on": "2026-03-20"}
        assert toxicity(treatments=EARLIER, plan=plan).told_delay_until is None
