"""What may be a cycle and was not read: while there is any, the radiopharmaceuticals are told only in part."""

import re
from collections.abc import Iterable
from datetime import date

from service.intake.concepts import codes_at, of_kind
from service.intake.gathering import Entry, Gathered, PossibleCycle
from service.intake.medications import may_be_radiopharmaceutical
from service.intake.members import entries_at, text_at
from service.intake.moments import calendar_day, start_of
from service.intake.own_extension import told_by_extension
from service.intake.sources import Source, Sources
from service.patient.treatment import Treatment
from service.terminology.codes import is_another_procedure

UNNAMED = "unnamed_radiopharmaceutical"
ANOTHER = "another_procedure"
RADIOPHARMACEUTICAL = "radiopharmaceutical"


MAY_BE_CYCLE = "may be a cycle of PRRT: neither its code nor its words say that it is none"
_OF_RADIATION = re.compile(
    r"lut[eéh]|lu[\s-]*177|177|dota|octreo|edotreo|prrt|pept|recept|rezept|radio(?!gra)|radia|nuclid|nuklid|nucle|nukle|isotop|brachy|"
    r"sirt|[gm]bq|curie|\bmci\b|mibg|guane|yttrium|iod",
    re.IGNORECASE,
)
_OF_ANY_TREATMENT = re.compile(
    r"therap|thérap|terap|treat|trait|trata|behandl|infus|inje|inye|perfus|administ|verabr|gabe|dose|dosis|cycle|zyklus|ciclo|"
    r"course|kur\b|session|sitzung|procedure|prozedur|intervention|eingriff|other|unknown|activity|medic",
    re.IGNORECASE,
)
_ANOTHER = re.compile(
    r"ectomy|ektomie|plasty|plastik|scopy|skopie|stomy|tomy\b|replacement|implant|wound|suture|dressing|biops|vaccin|immuni[sz]|"
    r"physical|physio|occupational|speech|psycho|counsel|educat|screening|assessment|dental|dialys|transfus|x-?ray|ultraso|"
    r"echocard|\becg\b|\bmri\b|tomograph|review|reconcil|chemo|laser|massage",
    re.IGNORECASE,
)
_TAG = re.compile(r"\((procedure|regime/therapy)\)")  # which SNOMED CT writes at the end of a name
_A_WORD = re.compile(r"[a-z]{4}", re.IGNORECASE)


def note_possible_cycle(source: Source, gathered: Gathered, sources: Sources) -> None:
    """Remember a resource that was not read, if it may be the record of a cycle."""
    match source.kind:
        case "MedicationAdministration" if may_be_radiopharmaceutical(source, sources):
            on = calendar_day(start_of(source.resource, "effective"))
            gathered.possible_cycles.append(PossibleCycle(on, by_procedure=False))
        case "Procedure" if may_be_radiopharmaceutical_therapy(source):
            on = calendar_day(start_of(source.resource, "performed"))
            gathered.possible_cycles.append(PossibleCycle(on, by_procedure=True))


def may_be_radiopharmaceutical_therapy(source: Source) -> bool:
    """Whether a procedure is therapy with a radiopharmaceutical, or cannot be told from it.

    It is another one if its code, its category or its words say so. Its day says nothing: cycles given elsewhere are older.
    Doubt: words that name neither radiation nor a treatment are believed, so a cycle that is recorded as "Day ward" is lost.
    """
    codes = codes_at(source.resource, "code")
    if codes:
        return bool(of_kind(codes, RADIOPHARMACEUTICAL, UNNAMED))
    told = told_by_extension(source.resource, "treatments") or {}
    if told.get("kind", RADIOPHARMACEUTICAL) != RADIOPHARMACEUTICAL or of_kind(codes_at(source.resource, "category"), ANOTHER):
        return False
    codings = entries_at(source.resource, "code", "coding")
    if any(is_another_procedure(text_at(each, "system") or "", text_at(each, "code") or "") for each in codings):
        return False
    told_words = (text_at(source.resource, "code", "text"), *(text_at(each, "display") for each in codings))
    return not _names_another(" ".join(_TAG.sub("", word) for word in told_words if word))


def _names_another(words: str) -> bool:
    """Whether words name a procedure that is surely none with a radiopharmaceutical."""
    if not _A_WORD.search(words) or _OF_RADIATION.search(words):
        return False
    return bool(_ANOTHER.search(words)) or not _OF_ANY_TREATMENT.search(words)


def may_lack_cycles(gathered: Gathered, treatments: Iterable[Entry], as_of: date) -> bool:
    """Whether something from before the end of `as_of` may be a cycle that is not among the treatments.

    A procedure on the day of a treatment with radiation from within is the record of that treatment.
    """
    days = {each.given_on.isoformat() for each in _of_kinds(treatments, RADIOPHARMACEUTICAL, "sirt")}
    return any(
        each.on is None or (each.on <= as_of.isoformat() and not (each.by_procedure and each.on in days))
        for each in gathered.possible_cycles
    )


def radiopharmaceuticals(treatments: Iterable[Entry]) -> list[Treatment]:
    """The radiopharmaceuticals among the entries of the treatments."""
    return _of_kinds(treatments, RADIOPHARMACEUTICAL)


def last_dose(treatments: Iterable[Entry], as_of: date) -> date | None:
    """The day of the last radiopharmaceutical that was given on or before `as_of`."""
    return max((each.given_on for each in radiopharmaceuticals(treatments) if each.given_on <= as_of), default=None)


def _of_kinds(treatments: Iterable[Entry], *kinds: str) -> list[Treatment]:
    given = (entry.part for entry in treatments)
    return [each for each in given if isinstance(each, Treatment) and each.kind in kinds]
