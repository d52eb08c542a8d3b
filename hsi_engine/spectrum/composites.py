"""Colour composites: which three bands of a scene are shown as red, green and blue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import SceneError
from .bands import BandTable

CompositeName = Literal["automatic", "true_colour", "near_infrared", "short_wave_infrared"]
RGB = tuple[int, int, int]

CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Wavelengths of a composite in nm for red, green and blue, and how far from them a band may lie."""

    targets_nm: tuple[float, float, float]
    tolerance_nm: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Composite:
    """A way to show a scene in colour: a title, and recipes of which the first that is possible is taken."""

    title: str
    recipes: tuple[Recipe, ...]
    meaning: str

    @property
    def needs(self) -> str:
        """The wavelengths of the usual recipe for a person: ``860, 650 and 550 nm``."""
        red, green, blue = self.recipes[0].targets_nm
        return f"{red:.0f}, {green:.0f} and {blue:.0f} nm"


def _recipe(*pairs: tuple[float, float]) -> Recipe:
    red, green, blue = pairs
    return Recipe(targets_nm=(red[0], green[0], blue[0]), tolerance_nm=(red[1], green[1], blue[1]))


# Near infrared, red and green: vegetation appears red, water dark, bare soil cyan to grey.
_NIR, _RED, _GREEN, _BLUE = (860.0, 70.0), (650.0, 40.0), (550.0, 40.0), (470.0, 40.0)
COMPOSITES: Mapping[str, Composite] = {
    "true_colour": Composite(
        title="True colour",
        recipes=(_recipe(_RED, _GREEN, _BLUE),),
        meaning="About what the eye sees.",
    ),
    "near_infrared": Composite(
        title="Near infrared",
        recipes=(_recipe(_NIR, _RED, _GREEN),),
        meaning="Vegetation is red, the denser the brighter; water is dark, built-up and bare ground cyan to grey.",
    ),
    "short_wave_infrared": Composite(
        title="Short-wave infrared",
        recipes=(
            _recipe((2200.0, 100.0), _NIR, _RED),
            _recipe((1650.0, 100.0), _NIR, _RED),
            # Cameras that begin at about 1000 nm.
            _recipe((2200.0, 100.0), (1650.0, 100.0), (1250.0, 100.0)),
            _recipe((1600.0, 100.0), (1250.0, 100.0), (1050.0, 60.0)),
        ),
        meaning="Vegetation is green, bare and dry ground pink to brown, water nearly black; haze hardly shows.",
    ),
}
FALSE_COLOUR_NM = COMPOSITES["near_infrared"].recipes[0].targets_nm


@dataclass(frozen=True, kw_only=True)
class ColourBands:
    """The bands of a composite.

    Parameters
    ----------
    composite : name in :data:`COMPOSITES`; ``spread_bands`` and ``grey`` if wavelengths do not decide.
    bands : 0-based, for red, green and blue; one band, if it is shown in grey.
    note : why it is not a composite by wavelength, or empty.
    """

    composite: str
    bands: tuple[int, ...]
    note: str = ""

    @property
    def title(self) -> str:
        """The composite for a person."""
        if self.composite in COMPOSITES:
            return COMPOSITES[self.composite].title
        if self.composite == "grey":
            return "Grey"
        return "Bands {}, {} and {}".format(*(band + 1 for band in self.bands))

    def describe(self, bands: BandTable) -> str:
        """The bands for a person: ``red band 47 (650.1 nm), green …``."""
        if len(self.bands) == 1:
            return f"grey {bands.label(self.bands[0])}"
        return ", ".join(f"{channel} {bands.label(i)}" for channel, i in zip(CHANNELS, self.bands, strict=True))


def nearest_bands(bands: BandTable, candidates: Sequence[int], targets_nm: Sequence[float]) -> tuple[int, ...]:
    """0-based band of ``candidates`` nearest to each wavelength; empty if none of them has a wavelength."""
    known = {i: w for i in candidates if (w := bands.wavelength_nm[i]) is not None}
    if not known:
        return ()
    return tuple(min(known, key=lambda i: abs(known[i] - target)) for target in targets_nm)


def spread_bands(candidates: Sequence[int]) -> RGB:
    """Bands at three quarters, half and one quarter of ``candidates``, for scenes without wavelengths."""
    red, green, blue = (candidates[round(share * (len(candidates) - 1))] for share in (0.75, 0.5, 0.25))
    return red, green, blue


def composite_bands(bands: BandTable, candidates: Sequence[int], name: str) -> tuple[int, ...]:
    """The three different bands of ``candidates`` that make the composite ``name``; empty if it is not possible."""
    for recipe in COMPOSITES[name].recipes:
        found = nearest_bands(bands, candidates, recipe.targets_nm)
        near = all(
            abs((bands.wavelength_nm[band] or 0.0) - target) <= tolerance
            for band, target, tolerance in zip(found, recipe.targets_nm, recipe.tolerance_nm, strict=False)
        )
        if near and len(set(found)) == len(CHANNELS):
            return found
    return ()


def choose_colour_bands(
    bands: BandTable,
    candidates: Sequence[int],
    name: CompositeName = "automatic",
    without_data: Callable[[Sequence[int]], set[int]] = lambda chosen: set(),
) -> ColourBands:
    """Choose the bands of a composite by wavelength.

    Parameters
    ----------
    candidates : 0-based bands to choose from, at least one; those that are flagged bad are usually left out.
    name : ``automatic`` takes the first of true colour, near infrared and short-wave infrared that is possible, and
        bands spread over the scene if none is.
    without_data : which of the chosen bands hold no data; the next nearest are then taken instead.

    Raises
    ------
    SceneError : the wavelengths of the scene do not allow the composite.
    ValueError : no candidate holds data.
    """
    left = list(candidates)
    while left:
        chosen = _choose(bands, left, name)
        empty = without_data(chosen.bands)
        if not empty:
            return chosen
        left = [band for band in left if band not in empty]
    raise ValueError(f"none of the {len(candidates)} candidates holds data")


def possible_composites(bands: BandTable, candidates: Sequence[int]) -> tuple[str, ...]:
    """Names of the composites that the wavelengths of ``candidates`` allow."""
    return tuple(name for name in COMPOSITES if composite_bands(bands, candidates, name))


def _choose(bands: BandTable, candidates: Sequence[int], name: CompositeName) -> ColourBands:
    possible = possible_composites(bands, candidates)
    if name != "automatic":
        if name not in possible:
            raise _refusal(bands, candidates, name, possible)
        return ColourBands(composite=name, bands=composite_bands(bands, candidates, name))
    if possible:
        return ColourBands(composite=possible[0], bands=composite_bands(bands, candidates, possible[0]))
    reason = _why_not_by_wavelength(bands, candidates)
    if len(candidates) < len(CHANNELS):
        return ColourBands(composite="grey", bands=(candidates[0],), note=f"{reason}; one band is shown in grey.")
    if len(candidates) == len(CHANNELS):
        return ColourBands(
            composite="spread_bands",
            bands=tuple(candidates),
            note=f"{reason}: its three bands are shown as red, green and blue in the order of the file.",
        )
    return ColourBands(
        composite="spread_bands",
        bands=spread_bands(candidates),
        note=f"{reason}: bands spread over the scene are shown, and the colours mean nothing.",
    )


def _why_not_by_wavelength(bands: BandTable, candidates: Sequence[int]) -> str:
    if len(candidates) < len(CHANNELS):
        return f"The scene has only {_counted(len(candidates))} to show"
    if any(bands.wavelength_nm[i] is not None for i in candidates):
        return f"No composite fits the wavelengths of the scene ({bands.select(candidates).describe()})"
    return "The scene states no wavelengths"


def _refusal(bands: BandTable, candidates: Sequence[int], name: str, possible: Sequence[str]) -> SceneError:
    wanted = COMPOSITES[name]
    if any(bands.wavelength_nm[i] is not None for i in candidates):
        others = " or ".join(f"“{COMPOSITES[other].title}”" for other in possible)
        return SceneError(
            f"The composite “{wanted.title}” needs bands near {wanted.needs}; the scene has"
            f" {bands.select(candidates).describe()} to choose from, and these are not among them.",
            code="composite",
            hint=f"Possible with this scene: {others}." if others else "Choose “Automatic”, which takes other bands.",
        )
    return SceneError(
        f"The composite “{wanted.title}” is chosen by wavelength, and the scene states none for the"
        f" {_counted(len(candidates))} that could be shown.",
        code="no_wavelengths",
        hint="Choose “Automatic”, which takes bands spread over the scene, or add wavelengths to the file.",
    )


def _counted(count: int) -> str:
    return f"{count} band{'' if count == 1 else 's'}"
