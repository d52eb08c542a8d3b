"""Names of classes: as they are kept, when two of them are the same, and which of them say nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u02b9\u2032\u00b4\u0060"), "'")
_NUMBER = re.compile(r"[+-]?\d{1,18}(?:\.0*)?")
# What programs and people call the pixels that are of no class, folded by name_key.
_NO_CLASS = frozenset(
    name
    for line in """
    unclassified, not classified, non classified, no class, none, null, nil, n/a, na, nan, nodata, no data, no-data
    unlabelled, unlabeled, no label, not labelled, not labeled, undefined, unknown, not known, unspecified, unassigned, missing
    missing data, invalid, ignore, ignored, void, empty, background, masked, masked out, outside, out of area, fill, fill value
    nicht klassifiziert, unklassifiziert, keine klasse, keine daten, ohne daten, hintergrund, unbekannt, undefiniert
    non classé, non classifié, sans classe, sans données, pas de données, fond, arrière-plan, inconnu, indéfini
    sin clasificar, no clasificado, sin clase, sin datos, fondo, desconocido, indefinido
    não classificado, sem classe, sem dados, desconhecido, fundo, non classificato, nessun dato, sfondo, sconosciuto
    """.strip().splitlines()
    for name in line.strip().split(", ")
)


def one_line(name: str) -> str:
    """The name on one line, single spaces between its words, accents composed, without what XML 1.0 does not allow."""
    return " ".join(unicodedata.normalize("NFC", _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", name)).split())


def shown_in_cell(text: str) -> str:
    """Text for a cell of a table that a spreadsheet opens: what it would compute gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def name_key(name: str) -> str:
    """Equal for names that a reader takes for the same: capitals, spaces and the form of accents do not count.

    An underscore counts as a space, all hyphens, dashes and minus signs are one, and so are all apostrophes, and letters of
    full width or in ligatures and those without. Characters without width (category Cf, such as a soft hyphen) do not count.
    """
    plain = unicodedata.normalize("NFKD", one_line(name.replace("_", " ").translate(_APOSTROPHES)))
    visible = "".join(_hyphen(c) for c in plain if unicodedata.category(c) != "Cf")
    folded = unicodedata.normalize("NFKD", visible.casefold())
    return " ".join(unicodedata.normalize("NFC", folded.replace("i\N{COMBINING DOT ABOVE}", "i")).split())


def _hyphen(letter: str) -> str:
    return "-" if letter == "\N{MINUS SIGN}" or unicodedata.category(letter) == "Pd" else letter


def is_named(value: int, name: str) -> bool:
    """False for a name that is empty or merely repeats the value, such as "7", "07" or "7.0" for 7."""
    text = name.strip()
    return bool(text) and not (_NUMBER.fullmatch(text) and int(text.partition(".")[0]) == value)


def means_no_class(name: str) -> bool:
    """True for a name that programs and people give to pixels of no class, and for one that is empty or 0."""
    key = name_key(name).strip("()[]<>*-\N{EN DASH}. ")
    first = re.split(r"[(/,;:]", key)[0].strip()
    return not is_named(0, key) or key in _NO_CLASS or first in _NO_CLASS


def repeated_names(names: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    """The values of each name that several values have, by the first spelling of the name; empty if there is none."""
    spelling: dict[str, str] = {}
    values: dict[str, list[int]] = {}
    for value, name in names:
        values.setdefault(name_key(name), []).append(value)
        spelling.setdefault(name_key(name), name)
    return {spelling[key]: found for key, found in values.items() if len(found) > 1}
