"""HTML of a template. Every value is escaped; a name that is not given is an error, never an empty place."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from service.presentation.numbers import amount, per_cent
from service.presentation.page.verdicts import answer_in_words, because
from service.presentation.words import words


def _months(value: float | None) -> str:
    told = words("assessment")
    return str(told["beyond"]) if value is None else f"{value:.0f} {told['per_month']}"


_TEMPLATES = Environment(
    loader=PackageLoader("service.presentation.page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals |= {
    "words": words,
    "because": because,
    "answer_in_words": answer_in_words,
    "per_cent": per_cent,
    "amount": amount,
    "months": _months,
}


def render(template: str, **values: Any) -> str:
    """The page of a template. Raises jinja2.UndefinedError for a name that is not given."""
    return _TEMPLATES.get_template(template).render(values)
