"""Condition: the primary tumour, sites of spread, differentiation, a hormonal syndrome, pregnancy, MDS, what else is wrong.

A condition that is not there says nothing: no list becomes complete by being read here.
"""

from typing import get_args

from service.intake.concepts import codes_at, of_kind
from service.intake.concerns import MARROW_NEOPLASM, note_concern
from service.intake.gathering import Claim, Gathered, Origin, origin
from service.intake.members import text_at
from service.intake.moments import When, calendar_day, read_when, start_of
from service.intake.own_extension import told_by_extension
from service.intake.sources import Source, Sources
from service.patient.person import Comorbidity
from service.terminology.codes import Code
from service.vocabulary import MetastasisSite, PrimarySite

_METASTASIS_SITES = get_args(MetastasisSite)
_PRIMARY_SITES = get_args(PrimarySite)
_TUMOUR = ("metastasis", "secondary", "tumour", "primary", "differentiation", "functional_syndrome")
_KINDS = (*_TUMOUR, "comorbidity", "pregnancy", "may_be_pregnancy", MARROW_NEOPLASM)
_FIELDS = {"primary": "primary_site", "differentiation": "differentiation", "functional_syndrome": "functional_syndrome"}


def read_condition(source: Source, gathered: Gathered, sources: Sources) -> None:  # noqa: ARG001  # every reader has this shape
    """Add what a condition says."""
    when = start_of(source.resource, "onset")
    codes = [code for code in of_kind(codes_at(source.resource, "code"), *_KINDS) if code.means != "not_pregnant"]
    whole = told_by_extension(source.resource, "disease")
    if whole is not None:
        gathered.complete("disease", whole, origin(source.label, when))
    if not codes and whole is None:
        note_concern(source, gathered)
    for code in codes:
        _read(code, source, gathered, when)


def _read(code: Code, source: Source, gathered: Gathered, when: When | None) -> None:
    found = origin(source.label, when, code.code)
    match code.kind:
        case "metastasis":
            _add_site(code.means, source, gathered, found)
        case "secondary":
            sites = _body_sites(source, _METASTASIS_SITES)
            if len(sites) == 1:
                _add_site(sites[0], source, gathered, found)
            else:
                gathered.refuse(source.label, "does not say one site of spread that is read")
        case "tumour":
            _primary_by_body_site(source, gathered, found)
        case "pregnancy":
            gathered.pregnancies.append(Claim(True, found, when.on if when else None))
        case "may_be_pregnancy":
            gathered.refuse(source.label, "may be of a pregnancy, and does not say whether there is one")
            gathered.unclear_pregnancies.append(source.label)
        case "marrow_neoplasm":
            began = when or read_when(text_at(source.resource, "recordedDate"))
            gathered.marrow_neoplasms.append(Claim(code.means, found, calendar_day(began)))
        case "comorbidity":
            if code.means in gathered.comorbidities:
                gathered.refuse(source.label, "says again what another condition says")
            else:
                gathered.comorbidities.add(code.means)
                gathered.add("comorbidities", Comorbidity.model_validate({"kind": code.means}), found)
        case kind:
            gathered.claim("disease", _FIELDS[kind], Claim(code.means, found))


def _add_site(site: str, source: Source, gathered: Gathered, found: Origin) -> None:
    """One site of spread, however many conditions name it."""
    told = told_by_extension(source.resource, "metastases") or {}
    gathered.sites.setdefault(site, []).append((told, found))


def _primary_by_body_site(source: Source, gathered: Gathered, found: Origin) -> None:
    sites = _body_sites(source, _PRIMARY_SITES)
    if len(sites) == 1:
        gathered.claim("disease", "primary_site", Claim(sites[0], found))
    elif told_by_extension(source.resource, "disease") is None:
        gathered.refuse(source.label, "does not say one site of the primary tumour that is read")


def _body_sites(source: Source, words: tuple[str, ...]) -> list[str]:
    return [code.means for code in of_kind(codes_at(source.resource, "bodySite"), "body_site") if code.means in words]
