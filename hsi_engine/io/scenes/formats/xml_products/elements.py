"""The metadata of a product: an XML file from strangers, read without what XML can do besides holding text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .....errors import SceneError
from .....foreign.numbers import finite_number
from .....foreign.text import ForeignTextError
from .....foreign.xml_text import parse_xml

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FIRST_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
# What stands before the root element: a declaration, and comments of programs that wrote it.
START_BYTES = 1 << 16
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def root_name(start: bytes) -> str:
    """The name of the root element in lower case, from the first bytes of a file; empty if it is not XML."""
    encoding = "utf-16" if start.startswith(_UTF_16) else "utf-8"
    text = start[:START_BYTES].decode(encoding, errors="replace").lstrip("\ufeff \t\r\n")
    found = _FIRST_ELEMENT.search(_COMMENT.sub("", text)) if text.startswith("<") else None
    return "" if found is None else found.group(1).lower()


@dataclass(frozen=True)
class Node:
    """An element of the metadata.

    Names are compared without regard to case and namespace. A path such as ``specific/bandCharacterisation`` names children
    of children.

    Parameters
    ----------
    element : of ``xml.etree``.
    file : the file as a person names it, for messages.
    place : the path from the root, for messages.
    """

    element: Any
    file: str
    place: str = ""

    def children(self, name: str) -> list[Node]:
        """All children of a name, in the order of the file."""
        return [self._child(child, name) for child in self.element if _local(child) == name.lower()]

    def find(self, path: str) -> Node | None:
        """The first element that a path names; None if there is none."""
        return next(self._all(path), None)

    def need(self, path: str) -> Node:
        """As :meth:`find`. Raises SceneError if there is none."""
        found = self.find(path)
        if found is None:
            raise self.wrong(f"the element {path!r} is expected in it, and is missing")
        return found

    def text(self, path: str) -> str:
        """The text of the first element that a path names; empty if there is none."""
        found = self.find(path)
        return "" if found is None else " ".join((found.element.text or "").split())

    def number(self, path: str) -> float:
        """The number that an element holds. Raises SceneError if it is missing or not a finite number."""
        text = self.need(path).text_here()
        value = finite_number(text)
        if value is None:
            raise self.wrong(f"expected a number as {path!r}, found {text[:40]!r}")
        return value

    def text_here(self) -> str:
        """The text of this element."""
        return " ".join((self.element.text or "").split())

    def attribute(self, name: str) -> str:
        """The text of an attribute; empty if there is none."""
        values = (value for key, value in self.element.attrib.items() if key.rpartition("}")[2].lower() == name.lower())
        return str(next(values, "")).strip()

    def wrong(self, what: str) -> SceneError:
        """The error that this element is not as it has to be."""
        where = f" in {self.place}" if self.place else ""
        return SceneError(
            f"The metadata {self.file} cannot be used{where}: {what}.",
            code="metadata",
            hint="Copy or download the product again; if it is complete, this version of the product is not known here.",
        )

    def _all(self, path: str) -> Iterator[Node]:
        name, _, rest = path.partition("/")
        for child in self.children(name):
            if rest:
                yield from child._all(rest)
            else:
                yield child

    def _child(self, element: Any, name: str) -> Node:
        number = element.attrib.get("number")
        shown = f"{name} {number[:12]}" if number else name
        return Node(element, self.file, f"{self.place}/{shown}" if self.place else shown)


def parse_metadata(content: bytes, file: str) -> Node:
    """The root element of an XML file.

    Raises
    ------
    SceneError : it is not well-formed, declares entities, or is larger than any such file is.
    """
    try:
        return Node(parse_xml(content), file)
    except ForeignTextError as error:
        raise SceneError(
            f"The metadata {file} is truncated or damaged: {error}.",
            code="metadata",
            hint="Copy or download the product again.",
        ) from error


def _local(element: Any) -> str:
    """The name of an element in lower case without its namespace; empty for a comment."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
