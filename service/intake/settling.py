"""What was read, held against the contract: whatever does not fit is left out, with our own refusal as the reason."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from pydantic import ValidationError

from service.patient.fields import RequestPart
from service.patient.reading import field_names, pointer, refused_field

Part = TypeVar("Part", bound=RequestPart)


@cache
def _required(model: type[RequestPart]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if field.is_required())


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that does not fit: where, that place in words, and our own words for it, which never hold a value."""

    location: tuple[int | str, ...]
    where: str
    message: str


def wrongs(error: ValidationError, names: list[str]) -> list[Wrong]:
    """Everything that does not fit; `names` are those of the contract that may be shown."""
    found = []
    for detail in error.errors(include_url=False, include_input=False):
        refusal = refused_field(
            pointer(detail["loc"], names), detail["loc"], detail["type"], detail["msg"], detail.get("ctx", {})
        )
        found.append(Wrong(detail["loc"], refusal.pointer.strip("/").replace("/", "."), refusal.message))
    return found


def settle(
    model: type[Part],
    told: Mapping[str, Any],
    refuse: Callable[[str], None],
    together: Collection[str] = (),
) -> Part | None:
    """The part without those optional fields that do not fit; None if a required one does not.

    Fields named in `together` are left out together. Each reason goes to `refuse`.
    """
    kept = dict(told)
    while True:
        try:
            return model.model_validate(kept)
        except ValidationError as error:
            found = wrongs(error, field_names(model))
        for each in found:
            refuse(f"{each.where} {each.message}".strip())
        wrong = {each.location[0] for each in found if each.location}
        if not wrong <= kept.keys() - _required(model) or len(wrong) == 0:
            return None
        if wrong & set(together):
            wrong |= set(together)
        kept = {name: value for name, value in kept.items() if name not in wrong}
