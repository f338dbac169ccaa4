"""matplotlib's SVG made fit to stand in a page.

No style that a content security policy would block, ids of its own, a title and a description; and whatever the text
of a patient says is text.
"""

import re
from xml.etree.ElementTree import Element, fromstring, tostring

FONTS = '"DejaVu Sans", Verdana, Arial, sans-serif'
# What matplotlib's style sheet says of every element; here it is inherited.
_INHERITED = {"stroke-linejoin": "round", "stroke-linecap": "butt", "font-family": FONTS}
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DROPPED = {"metadata", "style"}


def plain(text: str) -> str:
    """Text without the characters that XML does not know."""
    return _NOT_XML.sub(" ", text)


def inline(drawn: str, name: str, title: str, description: str) -> str:
    """The figure as an element for HTML. `name` stands before every id, so that several figures do not clash."""
    prefix = re.sub(r"[^A-Za-z0-9-]", "-", name)
    root = fromstring(drawn)  # noqa: S314  # matplotlib wrote it
    for element in list(root.iter()):
        element.tag = _local(element.tag)
        element.attrib = _attributes(element.attrib, prefix)
        for child in [child for child in element if _local(child.tag) in _DROPPED]:
            element.remove(child)
    _drop_other_ids(root, prefix)
    told = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": root.attrib["viewBox"], "role": "img"}
    root.attrib = told | {"aria-labelledby": f"{prefix}-title {prefix}-desc"} | _INHERITED
    root.insert(0, _told("title", f"{prefix}-title", title))
    root.insert(1, _told("desc", f"{prefix}-desc", description))
    return tostring(root, encoding="unicode")


def _told(tag: str, identifier: str, text: str) -> Element:
    element = Element(tag, {"id": identifier})
    element.text = plain(text)
    return element


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attributes(found: dict[str, str], prefix: str) -> dict[str, str]:
    """The same, styles as attributes, references to the new ids."""
    told = {_local(name): value for name, value in found.items()}
    told |= _declared(told.pop("style", ""))
    if told.get("href", "").startswith("#"):
        told["href"] = f"#{prefix}-{told['href'][1:]}"
    return {name: _REFERENCE.sub(rf"url(#{prefix}-\1)", value) for name, value in told.items()}


def _declared(style: str) -> dict[str, str]:
    """The declarations of a style as presentation attributes, without the fonts, which are those of the whole figure."""
    pairs = (declaration.split(":", 1) for declaration in style.split(";") if declaration.strip())
    told = {name.strip(): value.strip() for name, value in pairs}
    told.pop("font-family", None)
    return told


def _drop_other_ids(root: Element, prefix: str) -> None:
    """Keep, under the new name, the ids that something refers to."""
    values = [(name, value) for element in root.iter() for name, value in element.attrib.items()]
    wanted = {value[1:] for name, value in values if name == "href"}
    wanted |= {found for _, value in values for found in _REFERENCE.findall(value)}
    for element in root.iter():
        identifier = f"{prefix}-{element.attrib.pop('id', '')}"
        if identifier in wanted:
            element.set("id", identifier)
