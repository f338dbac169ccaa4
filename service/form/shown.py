"""The way back: a document of the contract's shape as fields of the form, and the parts of it that the form cannot show.

What is not shown is found by filling the form and comparing what it makes with what came, so that nothing is dropped
without being named.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from service.form.field import FormField
from service.form.filled import MOST_ROWS, Filled, fits
from service.form.layout import ANALYTES, LIMITS, PARTS, ROWS, SINGLE_FIELDS, TABLE, Rows, rows_of
from service.form.texts import text_of

Sample = Mapping[str, Any]


def form_fields(document: Mapping[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The fields that show a document, and JSON pointers to what they do not show."""
    fields = dict(_singles(document, SINGLE_FIELDS, ""))
    told = document.get("told_in_part")
    in_part = told if isinstance(told, list) else []
    fields |= {part.told: "part" for part in PARTS if part.name in in_part}
    for path in dict.fromkeys(rows.path for rows in ROWS):
        entries = _at(document, path)
        if isinstance(entries, list):
            fields |= _list(entries, path, in_part)
    fields = {name: text for name, text in fields.items() if fits(name)}
    return fields, tuple(dict.fromkeys(_differences(_without_nothing(document), Filled(fields).document, "")))


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        document = document.get(step) if isinstance(document, Mapping) else None
    return document


def _singles(told: Any, fields: tuple[FormField, ...], prefix: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        text = text_of(_at(told, field.path))
        if text:
            yield f"{prefix}{field.name}", text


def _list(entries: list[Any], path: tuple[str, ...], in_part: list[Any]) -> dict[str, str]:
    """The fields of every row that fills a list."""
    rest, fields = entries, dict[str, str]()
    if path == (TABLE.name,):
        fields, rest = _table(entries)
    for rows in sorted(rows_of(path), key=lambda rows: not rows.says):
        mine = [entry for entry in rest if _says(entry, rows.says)]
        rest = [entry for entry in rest if not _says(entry, rows.says)]
        fields |= _rows(mine, rows, rows.name)
        if path != (TABLE.name,):
            fields |= _told(rows, rows.told, mine, in_part)
    return fields


def _told(rows: Rows, name: str, entries: list[Any], in_part: list[Any]) -> dict[str, str]:
    """What is said of a list as a whole."""
    answer = "part" if rows.part in in_part else rows.answers[-1]
    return {} if entries and answer == "none" else {name: answer}


def _says(entry: Any, what: Mapping[str, str]) -> bool:
    return all(_at(entry, (key,)) == value for key, value in what.items())


def _rows(entries: list[Any], rows: Rows, name: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for index, entry in enumerate(entries):
        key = _at(entry, (rows.keyed_by,)) if rows.keyed_by else index
        prefix = f"{name}.{key}."
        if rows.keyed_by:
            if key not in rows.keys or f"{prefix}present" in fields:
                continue
            fields[f"{prefix}present"] = "yes"
        fields |= dict(_singles(entry, rows.fields, prefix))
        for within in rows.within:
            inner = _at(entry, within.path)
            if isinstance(inner, list):
                fields |= _rows(inner, within, f"{prefix}{within.name}") | _told(within, f"{prefix}{within.told}", inner, [])
    return fields


def _table(entries: list[Any]) -> tuple[dict[str, str], list[Any]]:
    """The fields of the table, and the entries that do not fit: of another unit or limits, with a time, or a second one."""
    fields = {TABLE.told: "all"}
    fitting = {analyte: _of_one_kind(entries, analyte) for analyte in ANALYTES}
    days = sorted({sample["taken_on"] for samples in fitting.values() for sample in samples})[-MOST_ROWS:]
    placed: list[int] = []
    for analyte, samples in fitting.items():
        for sample in samples:
            column = days.index(sample["taken_on"]) if sample["taken_on"] in days else MOST_ROWS
            cell = f"{TABLE.name}.{analyte}.{column}"
            if fits(cell) and cell not in fields:
                told = {cell: sample["value"]} | {
                    f"{TABLE.name}.{analyte}.{member}": sample.get(member) for member in _OF_THE_ROW
                }
                fields |= {name: text for name, value in told.items() if (text := text_of(value))}
                placed.append(id(sample))
    fields |= {f"{TABLE.name}.days.{index}": day for index, day in enumerate(days)}
    return fields, [entry for entry in entries if id(entry) not in placed]


_OF_THE_ROW = ("unit", *LIMITS)


def _of_one_kind(entries: list[Any], analyte: str) -> list[Sample]:
    """The samples of an analyte with the unit and limits that most of them have."""
    mine = [entry for entry in entries if isinstance(entry, Mapping) and entry.get("analyte") == analyte and _is_plain(entry)]
    kinds = Counter(_kind(sample) for sample in mine)
    return [sample for sample in mine if _kind(sample) == kinds.most_common(1)[0][0]]


def _is_plain(sample: Sample) -> bool:
    day, value = sample.get("taken_on"), sample.get("value")
    return isinstance(day, str) and bool(day.strip()) and bool(text_of(value)) and sample.get("taken_at") is None


def _kind(sample: Sample) -> tuple[Any, ...]:
    return tuple(_hashable(sample.get(member)) for member in _OF_THE_ROW)


def _without_nothing(value: Any) -> Any:
    """A document without what says nothing."""
    if isinstance(value, Mapping):
        return {key: _without_nothing(each) for key, each in value.items() if each is not None}
    return [_without_nothing(each) for each in value] if isinstance(value, list) else value


def _differences(came: Any, made: Any, pointer: str) -> Iterator[str]:
    """Pointers to what one of the two documents says and the other does not. The order of entries says nothing."""
    if isinstance(came, Mapping) and isinstance(made, Mapping):
        for key in [*came, *(key for key in made if key not in came)]:
            step = f"{pointer}/{key}"
            if key in came and key in made:
                yield from _differences(came[key], made[key], step)
            elif made.get(key) != {}:  # the form always makes an object of the patient
                yield step
    elif isinstance(came, list) and isinstance(made, list):
        yield from _entries_missing(came, made, pointer)
    elif _hashable(came) != _hashable(made):
        yield pointer


def _entries_missing(came: list[Any], made: list[Any], pointer: str) -> list[str]:
    """Pointers to the entries that came and were not made; to the list if only more were made."""
    left = Counter(map(_hashable, made))
    missing: list[str] = []
    for index, entry in enumerate(came):
        left[_hashable(entry)] -= 1
        if left[_hashable(entry)] < 0:
            missing.append(f"{pointer}/{index}")
    return missing or [pointer] * any(number > 0 for number in left.values())


def _hashable(value: Any) -> Any:
    """A value that equals another only if both say the same; 1 is not true."""
    if isinstance(value, Mapping):
        return frozenset((key, _hashable(each)) for key, each in value.items())
    if isinstance(value, list):
        return tuple(map(_hashable, value))
    return (isinstance(value, bool), value)
