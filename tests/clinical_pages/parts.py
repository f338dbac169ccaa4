"""What several pages have in common: tables of numbers, sources, and where to sign."""

from collections.abc import Iterable
from hashlib import sha256

from service.evidence import CRITERIA, SOURCES, Finding, Number, Parameter, Record
from tests.clinical_pages.markdown import bullets, code, doi_link, link, page, table, text, wrapped
from tests.clinical_pages.words import CERTAINTY, amount, counted, effect, interval

_ORIGIN = ("Source", "Place in the source", "Certainty", "Reviewed on")
_BLANK = "_" * 60


def behind(record: Record) -> list[Record]:
    """The criteria that the facts of a rule are computed by."""
    return [CRITERIA[name] for name in record.criteria]


def heading(record: Record, name: str, index: str) -> str:
    """What a page is about, how sure its numbers and those behind it are, and the way back."""
    others = [number for criteria in behind(record) for number in criteria.numbers]
    told = [f"{name}, reviewed on {record.reviewed_on}", f"On this page: {counted(record.numbers)}"]
    told += [f"In the criteria behind it: {counted(others)}"] if others else []
    return bullets([*told, link("All rules and criteria", index)])


def compared(numbers: Iterable[Parameter]) -> str:
    """The numbers that decide."""
    rows = [(_meaning(each), amount(each.value, each.unit), *_origin(each)) for each in numbers]
    return table(("What", "Value", *_ORIGIN), rows) if rows else "None of its own."


def cited(numbers: Iterable[Finding]) -> str:
    """The numbers that are shown beside an answer."""
    rows = [
        (
            _meaning(each),
            effect(each),
            interval(each),
            text(each.p or "not given"),
            "not given" if each.n is None else str(each.n),
            *_origin(each),
        )
        for each in numbers
    ]
    shown = table(("What", "Effect", "95 % CI", "P", "n", *_ORIGIN), rows)
    return f"They are shown beside an answer; nothing is compared with them.\n\n{shown}" if rows else "None."


def _meaning(number: Number) -> str:
    remark = f". {text(number.note)}" if number.note else ""
    return f"{text(number.meaning)} ({code(number.id)}){remark}"


def _origin(number: Number) -> tuple[str, ...]:
    return citation(number.source), text(number.locator), CERTAINTY[number.kind], str(number.reviewed_on)


def citation(source: str) -> str:
    """The citation, with a link if it has a DOI."""
    return doi_link(text(SOURCES[source].citation), SOURCES[source].doi)


def sources(names: Iterable[str]) -> str:
    """Each source once, with what a reader must know before she uses a figure of it."""
    return "\n\n".join(_source(name) for name in dict.fromkeys(names)) or "None of its own."


def _source(name: str) -> str:
    source = SOURCES[name]
    told = (
        f"Citation: {citation(name)}",
        f"Year: {source.year}",
        f"Design: {text(source.design_with(source.n))}",
        f"Population: {text(source.population)}",
        f"Limits: {text(source.limits)}",
    )
    return f"### {text(source.title)}\n\n{bullets(told)}"


def to_be_signed(*blocks: str) -> str:
    """A page with room to sign it; its digest tells whether a signed print is the page of today."""
    content = page(*blocks)
    digest = code(sha256(content.encode()).hexdigest()[:12])
    signing = f"The digest of this page is {digest}. It changes when anything on the page changes: then it is to be signed again."
    room = [("Role", _BLANK), ("Date", _BLANK), ("Agreed, or changes", _BLANK), ("", _BLANK), ("", _BLANK)]
    return page(content, "## Sign-off", wrapped(signing), table(("Reviewed by", _BLANK), room))
