"""Rules and expressions of QGIS styles, as far as they say exactly which values of one field a class has."""

from __future__ import annotations

import re

_FIELD = r"(?:\"(?P<quoted>[^\"]+)\"|(?P<plain>[^\W\d]\w*))"
_VALUE = r"(?:'(?:[^']|'')*'|[+-]?\d+(?:\.\d+)?)"
_EQUALS = re.compile(rf"\s*{_FIELD}\s*(?:=|\bIS\b)\s*(?P<value>{_VALUE})\s*", re.IGNORECASE)
_IN = re.compile(rf"\s*{_FIELD}\s+IN\s*\((?P<values>\s*{_VALUE}\s*(?:,\s*{_VALUE}\s*)*)\)\s*", re.IGNORECASE)
_OR = re.compile(r"\s+OR\s+(?=(?:[^']*'[^']*')*[^']*$)", re.IGNORECASE)
# Conversions that leave a value as it is for a reader of classes.
_CONVERTED = re.compile(
    rf"\s*(?:to_int|to_real|to_string|trim|attribute)\s*\(\s*(?P<inner>{_FIELD}|'[^']+')\s*\)\s*", re.IGNORECASE
)


def field_of_expression(expression: str) -> str | None:
    """The field that an expression shows as it is, also as ``to_int("field")``; None for any other expression."""
    converted = _CONVERTED.fullmatch(expression)
    text = (converted["inner"] if converted else expression).strip()
    if converted and text.startswith("'"):
        return text.strip("'")
    if text.startswith('"') and text.endswith('"') and text.count('"') == 2:
        return text[1:-1]
    # The name of a field may hold anything but what makes an expression of it.
    return None if not text or re.search(r"[\"'()+*/=<>|]|\bCASE\b", text, re.IGNORECASE) else text


def values_of_filter(rule: str) -> tuple[str, tuple[str, ...]] | None:
    """Field and values of ``"crop" = 'oat'``, ``crop IN (1, 2)`` and such joined by OR; None for any other filter."""
    fields, values = set(), list[str]()
    for part in _OR.split(_without_brackets(rule)):
        part = _without_brackets(part)
        one, several = _EQUALS.fullmatch(part), _IN.fullmatch(part)
        match = one or several
        if match is None:
            return None
        fields.add(match["quoted"] or match["plain"])
        found = [match["value"]] if one else re.findall(_VALUE, match["values"])
        values += [_unquoted(value) for value in found]
    return (fields.pop(), tuple(dict.fromkeys(values))) if len(fields) == 1 else None


def _without_brackets(text: str) -> str:
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    return text


def _closes_at_end(text: str) -> bool:
    """True if the bracket that text begins with is closed by its last sign."""
    depth, quoted = 0, False
    for position, letter in enumerate(text):
        quoted ^= letter == "'"
        depth += 0 if quoted else (letter == "(") - (letter == ")")
        if depth == 0:
            return position == len(text) - 1
    return False


def _unquoted(value: str) -> str:
    return value[1:-1].replace("''", "'") if value.startswith("'") else value
