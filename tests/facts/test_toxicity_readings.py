"""What counts, kidney, liver, enzymes and events say on each day, before any episode is made of it."""

from datetime import date

import pytest

from service.evidence import CRITERIA
from service.facts.toxicity import haematological, hepatic, other
from service.facts.toxicity.renal import renal
from tests.patients import cycle, facts_of, lab

LABEL = CRITERIA["dose_modification"]
STARTED_ON = date(2026, 1, 19)
COURSE = [cycle("2026-01-19")]
# Cockcroft-Gault of this man is 80 divided by creatinine in mg/dL.
MAN = {"id": "demo-1", "sex": "male", "birth_date": "1965-06-01", "weight": {"value": 72, "unit": "kg"}}


def blood(*laboratory, **parts):
    return facts_of(treatments=COURSE, laboratory=list(laboratory), **parts).blood


def judged(readings):
    """What each reading says: its day, criterion, whether it triggers and whether it has recovered."""
    return [(str(each.on)[5:], each.criterion, each.triggers, each.recovered) for each in readings]


def by_criterion(readings):
    return {each.criterion: each for each in readings}


class TestCounts:
    def of(self, analyte, *values, **parts):
        told = [lab(analyte, value, "g/L" if analyte == "haemoglobin" else "10*9/L", day) for value, day in values]
        return list(haematological.graded(blood(*told, **parts)[analyte], haematological.HELD_FROM[analyte]))

    def test_only_values_after_the_first_cycle_count(self):
        readings = self.of("platelets", (20, "2026-01-18"), (30, "2026-01-19"), (40, "2026-01-20"))
        assert judged(readings) == [("01-20", "platelets", True, False)]

    def test_they_come_with_value_threshold_and_grade(self):
        reading = self.of("platelets", (40, "2026-02-02"))[0]
        assert (reading.observed.value, reading.observed.unit) == (40, "10*9/L")
        assert (reading.threshold, str(reading.grade)) == (LABEL["thrombocytopenia_grade"], "CTCAE 5.0 grade 3")
        assert not reading.after_dose

    @pytest.mark.parametrize(
        ("analyte", "value", "triggers"),
        [
            ("platelets", 75, False),
            ("platelets", 74.9, True),
            ("haemoglobin", 80, False),
            ("haemoglobin", 79.9, True),
            ("neutrophils", 1.0, False),
            ("neutrophils", 0.99, True),
        ],
    )
    def test_what_triggers_has_not_recovered_and_the_other_way_round(self, analyte, value, triggers):
        assert judged(self.of(analyte, (value, "2026-02-02"))) == [("02-02", analyte, triggers, not triggers)]

    @pytest.mark.parametrize(("value", "triggers"), [(0.5, False), (0.49, True)])
    def test_version_6_withholds_for_neutrophils_later(self, value, triggers):
        readings = self.of("neutrophils", (value, "2026-02-02"), options={"ctcae_version": "6.0"})
        assert judged(readings) == [("02-02", "neutrophils", triggers, not triggers)]

    def test_what_a_version_does_not_grade_cannot_be_judged(self):
        lymphocytes = blood(lab("lymphocytes", 0.1, "10*9/L", "2026-02-02"), options={"ctcae_version": "6.0"})["lymphocytes"]
        readings = list(haematological.graded(lymphocytes, LABEL["other_grade"]))
        assert judged(readings) == [("02-02", "lymphocytes", None, None)]


class TestTransfusions:
    def readings(self, *told, transfused, until=date(2026, 3, 2)):
        days = [date.fromisoformat(day) for day in transfused]
        return list(haematological.anaemia(blood(*(lab("haemoglobin", value, "g/L", day) for value, day in told)), days, until))

    def test_a_transfusion_triggers_by_itself(self):
        assert judged(self.readings(transfused=["2026-02-02"])) == [("02-02", "haemoglobin", True, False)]

    @pytest.mark.parametrize(
        ("day", "hidden"), [("2026-02-01", False), ("2026-02-02", True), ("2026-03-02", True), ("2026-03-03", False)]
    )
    def test_it_hides_haemoglobin_from_its_day_until_28_days_later(self, day, hidden):
        reading = self.readings((120, day), transfused=["2026-02-02"])[0]
        assert (reading.triggers, reading.recovered) == (hidden, not hidden)
        assert (reading.grade is None, reading.threshold == LABEL["transfusion_window"]) == (hidden, hidden)
        assert reading.observed.value == 120

    def test_the_last_transfusion_before_the_value_is_named(self):
        reading = self.readings((95, "2026-02-20"), transfused=["2026-02-02", "2026-02-10", "2026-02-21"])[0]
        assert reading.remark == "a transfusion on 2026-02-10 counts as grade 3"

    @pytest.mark.parametrize(
        ("until", "asked"), [(date(2026, 3, 2), []), (date(2026, 3, 3), [("03-03", "haemoglobin", None, True)])]
    )
    def test_without_any_haemoglobin_an_old_transfusion_becomes_a_question(self, until, asked):
        assert judged(self.readings(transfused=["2026-01-25", "2026-02-02"], until=until))[2:] == asked

    def test_with_a_haemoglobin_nothing_is_added_to_the_transfusion(self):
        readings = self.readings((95, "2026-01-25"), transfused=["2026-02-02"], until=date(2026, 3, 10))
        assert judged(readings) == [("01-25", "haemoglobin", False, True), ("02-02", "haemoglobin", True, False)]

    def test_only_transfusions_of_the_course_count(self):
        kinds = [("2026-01-19", "transfusion"), ("2026-02-10", "transfusion"), ("2026-01-20", "transfusion")]
        told = [{"occurred_on": day, "kind": kind} for day, kind in [*kinds, *kinds, ("2026-02-11", "adverse_event")]]
        events = facts_of(events=told).state.events
        assert haematological.transfusions(events, STARTED_ON, date(2026, 2, 10), of_platelets=False) == [
            date(2026, 1, 20),
            date(2026, 2, 10),
        ]
        assert haematological.transfusions(events, STARTED_ON, date(2026, 2, 9), of_platelets=False) == [date(2026, 1, 20)]


class TestMilderNeutropenia:
    def reading(self, *values, version="6.0"):
        told = [lab("neutrophils", value, "10*9/L", day) for value, day in values]
        return haematological.milder_neutropenia(blood(*told, options={"ctcae_version": version}))

    @pytest.mark.parametrize(("value", "warned"), [(1.0, False), (0.99, True), (0.5, True), (0.49, False)])
    def test_it_is_what_version_5_withholds_for_and_version_6_does_not(self, value, warned):
        assert (self.reading((value, "2026-02-02")) is not None) == warned

    def test_it_carries_the_earlier_grade(self):
        assert str(self.reading((0.8, "2026-02-02")).grade) == "CTCAE 5.0 grade 3"

    def test_only_the_latest_counts(self):
        assert self.reading((0.8, "2026-02-02"), (3, "2026-02-09")) is None
        assert self.reading((3, "2026-02-02"), (0.8, "2026-02-09")) is not None

    def test_under_version_5_nothing_is_milder(self):
        assert self.reading((0.8, "2026-02-02"), version="5.0") is None

    def test_without_neutrophils_in_the_course_there_is_none(self):
        assert self.reading((0.8, "2026-01-19")) is None


def creatinine(value, day, unit="mg/dL"):
    return lab("creatinine", value, unit, day)


def measured(value, day):
    return lab("creatinine_clearance", value, "mL/min", day)


class TestKidney:
    def readings(self, *laboratory, person=MAN):
        facts = facts_of(patient=person, treatments=COURSE, laboratory=list(laboratory))
        return list(renal(facts.state.patient, facts.blood, STARTED_ON))

    def test_creatinine_and_its_estimate_are_three_criteria(self):
        readings = self.readings(creatinine(1.0, "2026-01-12"), creatinine(1.1, "2026-02-02"))
        assert judged(readings) == [
            ("02-02", "creatinine_rise", False, True),
            ("02-02", "clearance_low", False, True),
            ("02-02", "clearance_fall", False, True),
        ]
        assert by_criterion(readings)["clearance_low"].remark.startswith("Cockcroft-Gault (recalled)")

    def test_before_the_course_nothing_is_read(self):
        assert self.readings(creatinine(4.0, "2026-01-19"), measured(10, "2026-01-19")) == []

    @pytest.mark.parametrize(
        ("value", "triggers", "recovered"),
        [
            (1.0, False, True),
            (0.5, False, True),
            (1.1, False, True),
            (1.101, False, False),
            (1.399, False, False),
            (1.4, True, False),
        ],
    )
    def test_creatinine_against_its_baseline(self, value, triggers, recovered):
        rise = by_criterion(self.readings(creatinine(1.0, "2026-01-12"), creatinine(value, "2026-02-02")))["creatinine_rise"]
        assert (rise.triggers, rise.recovered) == (triggers, recovered)
        assert (rise.observed.unit, rise.threshold) == ("%", LABEL["creatinine_rise"])

    def test_creatinine_without_a_baseline_cannot_be_judged(self):
        readings = by_criterion(self.readings(creatinine(4.0, "2026-02-02")))
        assert (readings["creatinine_rise"].triggers, readings["creatinine_rise"].recovered) == (None, None)
        assert readings["creatinine_rise"].grade is not None
        assert (readings["clearance_low"].triggers, "clearance_fall" in readings) == (True, False)

    @pytest.mark.parametrize(
        ("before", "after", "low", "low_recovered", "fall", "fall_recovered"),
        [
            (100, 60, False, False, True, False),
            (100, 60.1, False, False, False, False),
            (100, 90, False, True, False, True),
            (100, 89.9, False, False, False, False),
            (60, 40, False, False, False, False),
            (60, 39.9, True, False, False, False),
            (42, 39.9, True, False, False, True),
            (42, 41, False, True, False, True),
        ],
    )
    def test_a_measured_clearance_against_a_measured_baseline(self, before, after, low, low_recovered, fall, fall_recovered):
        readings = by_criterion(self.readings(measured(before, "2026-01-12"), measured(after, "2026-02-02")))
        assert (readings["clearance_low"].triggers, readings["clearance_low"].recovered) == (low, low_recovered)
        assert (readings["clearance_fall"].triggers, readings["clearance_fall"].recovered) == (fall, fall_recovered)
        assert readings["clearance_low"].remark == readings["clearance_fall"].remark == "measured"

    def test_a_measured_clearance_is_not_compared_with_an_estimate(self):
        readings = self.readings(creatinine(1.0, "2026-01-12"), measured(41, "2026-02-02"))
        assert judged(readings) == [("02-02", "clearance_low", False, True)]

    def test_each_clearance_has_the_baseline_of_its_method(self):
        readings = self.readings(
            measured(120, "2026-01-05"), creatinine(1.0, "2026-01-12"), creatinine(1.25, "2026-02-02"), measured(60, "2026-02-09")
        )
        falls = [(str(each.on)[5:], each.observed.value) for each in readings if each.criterion == "clearance_fall"]
        assert falls == [("02-02", -20), ("02-09", -50)]

    def test_a_measured_baseline_does_not_hide_the_estimate_of_its_day(self):
        readings = self.readings(creatinine(1.0, "2026-01-12"), measured(120, "2026-01-12"), creatinine(1.25, "2026-02-02"))
        assert by_criterion(readings)["clearance_fall"].observed.value == -20

    def test_the_baseline_is_the_last_until_the_day_of_the_first_cycle(self):
        readings = self.readings(measured(50, "2026-01-12"), measured(100, "2026-01-19"), measured(60, "2026-02-02"))
        assert by_criterion(readings)["clearance_fall"].observed.value == -40

    def test_of_one_day_only_the_measured_clearance_counts(self):
        readings = self.readings(creatinine(1.0, "2026-01-12"), creatinine(2.1, "2026-02-02"), measured(55, "2026-02-02"))
        assert [(each.criterion, each.remark) for each in readings][1:] == [("clearance_low", "measured")]

    @pytest.mark.parametrize("person", [MAN | {"sex": "other"}, MAN | {"weight": None}, MAN | {"birth_date": "2010-01-01"}])
    def test_where_nothing_can_be_estimated_creatinine_is_all(self, person):
        told = {key: value for key, value in person.items() if value}
        readings = self.readings(creatinine(1.0, "2026-01-12"), creatinine(3.0, "2026-02-02"), person=told)
        assert judged(readings) == [("02-02", "creatinine_rise", True, False)]

    def test_a_baseline_of_nothing_is_none(self):
        readings = self.readings(measured(0, "2026-01-12"), measured(50, "2026-02-02"))
        assert judged(readings) == [("02-02", "clearance_low", False, True)]


def bilirubin(value, day, upper_limit=21):
    limits = {"upper_limit": upper_limit} if upper_limit else {}
    return lab("bilirubin", value, "umol/L", day, **limits)


def albumin(value, day, lower_limit=35):
    limits = {"lower_limit": lower_limit} if lower_limit else {}
    return lab("albumin", value, "g/L", day, **limits)


def inr(value, day):
    return lab("inr", value, "1", day)


class TestLiver:
    def readings(self, *laboratory):
        return list(hepatic.hepatic(blood(*laboratory)))

    def one(self, *laboratory):
        """Whether the last reading triggers and has recovered."""
        reading = self.readings(*laboratory)[-1]
        return reading.triggers, reading.recovered

    @pytest.mark.parametrize(
        ("value", "expected"), [(21, (False, True)), (21.1, (False, False)), (63, (False, False)), (63.1, (True, False))]
    )
    def test_bilirubin_against_its_upper_limit(self, value, expected):
        assert self.one(bilirubin(value, "2026-02-02")) == expected
        assert self.one(bilirubin(10, "2026-01-12"), bilirubin(value, "2026-02-02")) == expected

    @pytest.mark.parametrize(("value", "expected"), [(33, (False, True)), (33.1, (False, False)), (63.1, (True, False))])
    def test_bilirubin_is_back_within_a_tenth_of_an_abnormal_baseline(self, value, expected):
        assert self.one(bilirubin(30, "2026-01-12"), bilirubin(value, "2026-02-02")) == expected

    def test_a_baseline_above_the_label_is_no_excuse(self):
        assert self.one(bilirubin(70, "2026-01-12"), bilirubin(70, "2026-02-02")) == (True, False)

    def test_bilirubin_without_a_limit_cannot_be_judged(self):
        reading = self.readings(bilirubin(10, "2026-01-12"), bilirubin(200, "2026-02-02", None))[0]
        assert (reading.triggers, reading.recovered, reading.observed) == (None, None, None)
        assert reading.threshold == LABEL["highest_bilirubin"]

    def test_values_of_before_the_course_are_not_read(self):
        assert self.readings(bilirubin(200, "2026-01-19"), albumin(20, "2026-01-19"), inr(3, "2026-01-19")) == []

    @pytest.mark.parametrize(
        ("grams", "ratio", "expected"),
        [
            (30, 3, (False, False)),
            (29.9, 1.5, (False, False)),
            (29.9, 1.51, (True, False)),
            (35, 1.5, (False, True)),
            (35, 1.51, (False, False)),
            (34.9, 1.5, (False, False)),
        ],
    )
    def test_albumin_with_inr(self, grams, ratio, expected):
        assert self.one(albumin(grams, "2026-02-02"), inr(ratio, "2026-02-02")) == expected

    def test_low_albumin_without_inr_cannot_be_judged(self):
        reading = self.readings(albumin(29.9, "2026-02-02"))[0]
        assert (reading.triggers, reading.recovered, reading.remark) == (None, False, "INR was not told")

    def test_normal_albumin_without_inr_triggers_nothing_and_is_no_proof_of_recovery(self):
        assert self.one(albumin(35, "2026-02-02")) == (False, False)
        assert self.one(albumin(35, "2026-02-02"), inr(1.1, "2026-02-02")) == (False, True)

    @pytest.mark.parametrize(("day", "triggers"), [("2026-02-02", True), ("2026-02-01", None)])
    def test_an_inr_is_carried_for_at_most_28_days(self, day, triggers):
        assert self.one(inr(2, day), albumin(29, "2026-03-02"))[0] is triggers

    @pytest.mark.parametrize(("day", "judged_on"), [("2026-02-02", ["02-02", "03-02"]), ("2026-02-01", ["02-01"])])
    def test_an_albumin_is_carried_for_at_most_28_days(self, day, judged_on):
        readings = self.readings(albumin(29, day), inr(2, "2026-03-02"))
        assert [str(each.on)[5:] for each in readings] == judged_on
        assert readings[-1].triggers is (True if len(judged_on) > 1 else None)

    def test_the_last_inr_until_the_day_counts(self):
        told = [inr(2, "2026-02-02"), inr(1.1, "2026-02-05"), albumin(29, "2026-02-05"), inr(2, "2026-02-09")]
        assert judged(self.readings(*told)) == [
            ("02-05", "liver_synthesis", False, False),
            ("02-09", "liver_synthesis", True, False),
        ]
        assert self.readings(*told)[0].remark == "INR 1.1 on 2026-02-05"

    def test_an_inr_alone_says_nothing(self):
        assert self.readings(inr(3, "2026-02-02")) == []

    def test_an_albumin_of_before_the_course_is_not_read_with_an_inr_of_it(self):
        assert self.readings(albumin(28, "2026-01-19"), inr(2, "2026-02-02")) == []

    @pytest.mark.parametrize(("grams", "back"), [(30.6, True), (30.5, False)])
    def test_albumin_is_back_within_a_tenth_of_its_baseline(self, grams, back):
        well = inr(1.1, "2026-02-02")
        assert self.one(albumin(34, "2026-01-12"), albumin(grams, "2026-02-02"), well) == (False, back)
        assert self.one(albumin(34, "2026-01-12", None), albumin(grams, "2026-02-02", None), well) == (False, back)

    def test_albumin_is_back_at_a_baseline_that_was_low_itself(self):
        before = (albumin(29, "2026-01-12"), inr(1.1, "2026-01-12"))
        assert self.one(*before, albumin(29, "2026-02-02"), inr(1.1, "2026-02-02")) == (False, True)
        assert self.one(*before, albumin(26, "2026-02-02"), inr(1.1, "2026-02-02")) == (False, False)
        assert self.one(before[0], albumin(29, "2026-02-02")) == (None, False)  # without INR nothing is known to be well

    def test_with_nothing_to_compare_with_not_low_is_all_that_is_known(self):
        assert self.one(albumin(30, "2026-02-02", None), inr(1.1, "2026-02-02")) == (False, True)
        assert self.one(albumin(29, "2026-02-02", None), inr(1.1, "2026-02-02")) == (False, False)
        assert self.one(albumin(30, "2026-02-02"), inr(1.1, "2026-02-02")) == (False, False)  # below the limit that was sent


class TestEnzymes:
    def readings(self, *laboratory):
        return other.enzymes(blood(*laboratory))

    def test_all_four_are_read_each_for_itself(self):
        told = [lab(name, 5000, "U/L", "2026-02-02", upper_limit=40) for name in ("alt", "alkaline_phosphatase")]
        before = [lab(name, 20, "U/L", "2026-01-12", upper_limit=40) for name in ("alt", "alkaline_phosphatase")]
        readings = self.readings(*told, *before)
        assert list(readings) == ["alt", "ast", "alkaline_phosphatase", "gamma_gt"]
        assert judged(readings["alt"]) == [("02-02", "alt", True, False)]
        assert judged(readings["alkaline_phosphatase"]) == [("02-02", "alkaline_phosphatase", True, False)]
        assert readings["ast"] == readings["gamma_gt"] == []

    @pytest.mark.parametrize(("value", "triggers"), [(200, False), (200.1, None)])
    def test_without_a_baseline_five_times_the_limit_is_all_that_can_be_excluded(self, value, triggers):
        assert self.readings(lab("alt", value, "U/L", "2026-02-02", upper_limit=40))["alt"][0].triggers is triggers


def event(day="2026-02-02", **more):
    return {"occurred_on": day, "kind": "adverse_event", **more}


class TestEvents:
    def readings(self, *told, until=date(2026, 3, 10)):
        return other.events(facts_of(events=list(told)).state.events, STARTED_ON, until)

    @pytest.mark.parametrize(
        ("told", "triggers"),
        [
            ({"grade": 3, "related": True}, True),
            ({"grade": 5, "related": True}, True),
            ({"grade": 2, "related": True}, False),
            ({"grade": 3, "related": False}, False),
            ({"grade": 3}, None),
            ({"grade": 2}, False),
            ({"related": True}, None),
            ({"related": False}, False),
            ({}, None),
            ({"detail": "hypersensitivity", "grade": 3}, True),
            ({"detail": "hypersensitivity", "grade": 2}, False),
            ({"detail": "hypersensitivity", "grade": 4, "related": False}, False),
            ({"detail": "hypersensitivity"}, None),
        ],
    )
    def test_grade_and_relation_decide(self, told, triggers):
        ((reading,),) = self.readings(event(**told)).values()
        assert reading.triggers is triggers
        assert reading.after_dose
        named = "hypersensitivity_grade" if "detail" in told else "other_grade"
        assert reading.threshold == LABEL[named]

    def test_what_was_told_is_said(self):
        def said(**told):
            ((reading,),) = self.readings(event(**told)).values()
            return reading.remark

        assert said(grade=3, related=True) == "grade 3, may be related to PRRT"
        assert said(grade=3, related=False) == "grade 3, not related to PRRT"
        assert said() == "grade not told, not told whether related to PRRT"

    def test_a_resolution_recovers_that_event_only(self):
        found = self.readings(event(detail="fatigue", resolved_on="2026-02-20"), event("2026-02-03", detail="fatigue"))
        assert [(str(each.on)[5:], each.criterion, each.recovered) for each in found["fatigue"]] == [
            ("02-02", "fatigue of 2026-02-02", None),
            ("02-20", "fatigue of 2026-02-02", True),
            ("02-03", "fatigue of 2026-02-03", None),
        ]

    def test_events_are_named_by_their_detail_else_by_their_kind_with_a_number(self):
        told = [
            event(detail="Spinal_Cord compression"),
            event("2026-02-03"),
            event("2026-02-04"),
            event("2026-02-05", kind="hormonal_crisis"),
        ]
        assert list(self.readings(*told[::-1])) == [
            "spinal cord compression",
            "adverse event (2)",
            "adverse event (3)",
            "hormonal crisis (4)",
        ]

    def test_the_order_in_which_events_are_told_is_irrelevant(self):
        told = [event(grade=3), event(grade=4), event(grade=3, related=True), event("2026-01-30")]
        assert self.readings(*told) == self.readings(*told[::-1])

    @pytest.mark.parametrize(
        ("day", "counts"), [("2026-01-18", False), ("2026-01-19", True), ("2026-03-01", True), ("2026-03-02", False)]
    )
    def test_events_count_from_the_day_of_the_first_cycle_until_the_end(self, day, counts):
        assert bool(self.readings(event(day), until=date(2026, 3, 1))) == counts

    @pytest.mark.parametrize("kind", ["transfusion", "progression"])
    def test_transfusion_and_progression_are_no_toxicity_of_their_own(self, kind):
        assert self.readings(event(kind=kind)) == {}

    def test_hypersensitivity_is_known_by_its_name(self):
        assert other.is_hypersensitivity("hypersensitivity reaction")
        assert not other.is_hypersensitivity("fatigue")
