"""XML from strangers, read without what XML can do besides holding text."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405 - defusedxml parses

from .text import ForeignTextError, shown

MOST_BYTES = 64 << 20
"""Of a file; the largest that are known, metadata of products, are below 5 MB."""
MOST_LEVELS = 200
"""Of elements within each other; styles of QGIS have some thirty."""

# Python's parser asks its codecs for any other encoding, also for those that are none of text, and fails in as many ways.
_ENCODINGS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-\d{1,2}|latin-?1|windows-125\d|cp125\d", re.IGNORECASE
)
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"'>]*)[\"']")


def parse_xml(content: bytes | str) -> Element:
    """The root element of a document.

    Raises
    ------
    ForeignTextError : it is not well-formed, larger or deeper nested than any such file is, declares entities or an
        encoding that is not read.
    """
    if len(content) > MOST_BYTES:
        raise ForeignTextError(f"it has {len(content) / 1e6:.0f} MB; at most {MOST_BYTES >> 20} MB are read")
    if isinstance(content, bytes) and (declared := _DECLARED.match(content)) is not None:
        name = declared.group(1).decode("ascii", "replace")
        if not _ENCODINGS.fullmatch(name):
            raise ForeignTextError(f"it declares the encoding {shown(name)!r}, which is not read; expected is UTF-8")
    # Here and not above: most jobs read no XML.
    from defusedxml.common import DefusedXmlException

    try:
        parser = _parser()
        parser.feed(content)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise ForeignTextError("it declares entities or refers to other files, which is not read") from error
    except ForeignTextError:
        raise
    # ParseError of what is not XML; the others of its letters.
    except (ParseError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise ForeignTextError(f"it is not XML ({shown(error)})") from error
    return root


def _parser() -> Any:
    from defusedxml.ElementTree import DefusedXMLParser

    return DefusedXMLParser(target=_ShallowTree(), forbid_dtd=False, forbid_entities=True, forbid_external=True)


class _ShallowTree(TreeBuilder):
    """Builds a tree of not too many levels."""

    _level = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self._level += 1
        if self._level > MOST_LEVELS:
            raise ForeignTextError(f"its elements are nested more than {MOST_LEVELS} levels deep")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._level -= 1
        return super().end(tag)
