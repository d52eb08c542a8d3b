"""Colours of classes that have none: by what their names mean, else from a palette that keeps classes apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

# Colours that stay apart on a map and for most colour-blind readers: Okabe and Ito (2008) without
# black, then Kelly's (1965) order of maximum contrast for further classes.
_PALETTE = (
    "#e69f00 #56b4e9 #009e73 #f0e442 #0072b2 #d55e00 #cc79a7 #803e75 #a6bdd7 #c10020 #cea262 #817066"
    " #007d34 #f6768e #53377a #b32851 #7f180d #93aa00 #593315 #f13a13 #232c16 #ff8e00 #f4c800 #00538a"
).split()

# Shades of a meaning, the most typical first, and its words in English, German, French, Spanish, Italian, Portuguese, Dutch
# and Polish, without accents. A word of four letters or more is also found at either end of a compound: grassland, Laubwald.
_MEANINGS: tuple[tuple[str, str], ...] = (
    (
        "#2b6cb0 #63a4dd #174a7c #9cc9ee",
        "water lake river sea ocean pond stream canal wasser see fluss meer teich gewasser eau lac riviere mer etang agua"
        " rio mar lago acqua fiume mare zee meer rivier woda jezioro rzeka",
    ),
    (
        "#4fb3a5 #2f8075 #86cfc5",
        "wetland marsh swamp bog mangrove moor sumpf feuchtgebiet marais zone-humide humedal pantano palude bagno moeras",
    ),
    (
        "#1b6b2f #3f9142 #6fb36b #0f4a20",
        "forest woods woodland wood tree trees conifer coniferous deciduous pine spruce oak beech wald baum baume fichte kiefer"
        " buche eiche foret arbre arbres bosque arbol arboles foresta bosco albero alberi floresta arvore bos boom bomen las drzewa",
    ),
    (
        "#a3a847 #7d8231 #c4c97c",
        "shrub shrubs shrubland bush scrub heath strauch straucher gebusch heide arbuste arbustes buisson matorral arbusto cespuglio"
        " struik krzewy",
    ),
    (
        "#8fce5a #6fae3e #b5dd7f #4f8f2b",
        "grass meadow pasture lawn rangeland vegetation gras wiese weide rasen herbe prairie pelouse paturage hierba pasto pradera"
        " cesped erba prato pascolo grama pastagem weiland trawa laka",
    ),
    (
        "#f2c14e #e0a030 #d9d15b #c98f2d #f6dd8d #b8860b #e8d17a #a67c00",
        "crop crops cropland corn maize wheat barley rye oat oats rice soy soybean soybeans alfalfa hay potato potatoes rapeseed"
        " sunflower cotton sugarcane acker getreide weizen mais gerste roggen hafer raps kartoffel kartoffeln ble orge culture"
        " cultures colza cultivo trigo cebada arroz maiz coltura grano orzo riso cultura milho akker tarwe gerst pole pszenica",
    ),
    (
        "#8e6bbf #6a4a9c #b59adb",
        "vineyard vine orchard weinberg reben obstgarten vigne verger vinedo vigneto frutteto vinha",
    ),
    (
        "#b08a63 #8c6a4a #d2b48c #6f5a46",
        "soil bare sand rock rocks gravel clay boden offenboden fels kies ton sol nu sable roche suelo arena roca suolo sabbia"
        " roccia solo areia rocha bodem zand rots gleba piasek skala",
    ),
    (
        "#c0392b #e06666 #8e2a20 #e8a09a",
        "building buildings built builtup urban house houses roof roofs residential commercial industrial city town siedlung gebaude"
        " haus stadt dach dacher bati batiment batiments ville toit edificio edificios tejado edifici citta tetto cidade telhado gebouw"
        " gebouwen stad dak budynek budynki miasto dach",
    ),
    (
        "#7f7f7f #a9a9a9 #555555 #c9c9c9",
        "road roads street pavement asphalt concrete parking highway railway impervious strasse weg beton parkplatz route rue"
        " bitume carretera calle asfalto strada rua estrada straat droga ulica",
    ),
    (
        "#d6ecf5 #b3d8e8 #eef8fc",
        "snow ice glacier schnee eis gletscher neige glace nieve hielo neve ghiaccio gelo sneeuw ijs snieg",
    ),
    ("#f4f4f4 #e0e0e0", "cloud clouds wolke wolken nuage nuages nube nubes nuvola nuvem wolk chmura"),
    ("#3b3b4f #5c5c73", "shadow shade schatten ombre sombra ombra schaduw cien"),
)
_COMPOUND = 4
# Rounds of the palette until its shades are too dark to be told apart.
_SHADED = 8 * len(_PALETTE)
_COLOURS = 1 << 24
# Odd, so that no colour comes twice; the golden section of all colours, so that those after one another differ.
_SPREADING = 0x9E3779


def default_colour(position: int) -> str:
    """A colour ``#rrggbb`` for the class at ``position``; later rounds of the palette are darker."""
    base = _PALETTE[position % len(_PALETTE)]
    shade = 0.8 ** (position // len(_PALETTE))
    return "#" + "".join(f"{int(int(base[i : i + 2], 16) * shade):02x}" for i in (1, 3, 5))


def class_colours(names: Sequence[str], given: Mapping[int, str]) -> list[str]:
    """A colour ``#rrggbb`` for each name, no two alike unless one was given twice.

    Parameters
    ----------
    names : of the classes.
    given : colours that are settled, by position.
    """
    used = set(given.values())
    found = dict(given)
    for position, name in enumerate(names):
        if position not in found:
            found[position] = _first_free(_shades(name), used) or ""
            used.add(found[position])
    for position in range(len(names)):
        # Those without a meaning come last, so that they take no colour that means something.
        if not found[position]:
            found[position] = _first_free(_colours_from(position), used) or ""
            used.add(found[position])
    return [found[position] for position in range(len(names))]


def _colours_from(position: int) -> Iterator[str]:
    """Colours for the class at ``position``: the palette, then shades of it, then all others in an order that spreads them."""
    yield from map(default_colour, range(position, _SHADED))
    for number in range(position, position + _COLOURS):
        yield f"#{number * _SPREADING % _COLOURS:06x}"


def _first_free(colours: Iterable[str], used: Collection[str]) -> str | None:
    return next((colour for colour in colours if colour not in used), None)


def _shades(name: str) -> list[str]:
    """Shades of the first word of a name that has a meaning; none for a number or a code."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    tokens = re.findall(r"[a-z]+", "".join(c for c in plain if not unicodedata.combining(c)))
    for matches in (_is, _is_part):
        for token in tokens:
            for shades, words in _MEANINGS:
                if any(matches(token, word) for word in words.split()):
                    return shades.split()
    return []


def _is(token: str, word: str) -> bool:
    return token == word


def _is_part(token: str, word: str) -> bool:
    return len(word) >= _COMPOUND and (token.startswith(word) or token.endswith(word))
