"""The numbers: every clinical number of the service, once, with where it comes from."""

from service.evidence.book import CRITERIA, GRADINGS, RISK, SOURCES, load
from service.evidence.records import Consequence, Decision, Finding, Grading, Number, Parameter, Record, Source, Step, Term

__all__ = [
    "CRITERIA",
    "GRADINGS",
    "RISK",
    "SOURCES",
    "Consequence",
    "Decision",
    "Finding",
    "Grading",
    "Number",
    "Parameter",
    "Record",
    "Source",
    "Step",
    "Term",
    "load",
]
