"""The bands of a scene: what they are called, where they lie in the spectrum and which are flagged bad.

Bands are counted from 0 in Python; everything a person reads or writes counts them from 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import MismatchError, SceneError

# Two products of one sensor state the same band to within rounding (three decimals of a micrometre).
_TOLERANCE_FLOOR_NM = 1.0
_LISTED = 8


@dataclass(frozen=True, kw_only=True)
class BandTable:
    """One entry per band, in the order of the file.

    Parameters
    ----------
    names : those in the file, or ``Band 12``.
    wavelength_nm : centre of each band in nm; None if unknown.
    fwhm_nm : full width at half maximum in nm; None if unknown.
    good : False if the file flags the band as bad (ENVI calls this list ``bbl``).
    """

    names: tuple[str, ...]
    wavelength_nm: tuple[float | None, ...]
    fwhm_nm: tuple[float | None, ...]
    good: tuple[bool, ...]

    def __post_init__(self) -> None:
        lengths = {len(self.names), len(self.wavelength_nm), len(self.fwhm_nm), len(self.good)}
        if len(lengths) != 1:
            raise ValueError(f"the columns of a band table differ in length: {sorted(lengths)}")
        for value in (*self.wavelength_nm, *self.fwhm_nm):
            if value is not None and not (math.isfinite(value) and value > 0):
                raise ValueError(f"wavelengths and widths must be positive numbers or None, not {value}")

    def __len__(self) -> int:
        return len(self.names)

    @property
    def has_wavelengths(self) -> bool:
        """Whether the wavelength of every band that is not flagged bad is known."""
        known = [w is not None for w, good in zip(self.wavelength_nm, self.good, strict=True) if good]
        return bool(known) and all(known)

    @property
    def good_indices(self) -> tuple[int, ...]:
        """0-based indices of the bands that the file does not flag as bad."""
        return tuple(i for i, good in enumerate(self.good) if good)

    def select(self, indices: Sequence[int]) -> BandTable:
        """The bands at 0-based ``indices``, in that order."""
        return BandTable(
            names=tuple(self.names[i] for i in indices),
            wavelength_nm=tuple(self.wavelength_nm[i] for i in indices),
            fwhm_nm=tuple(self.fwhm_nm[i] for i in indices),
            good=tuple(self.good[i] for i in indices),
        )

    def label(self, index: int) -> str:
        """A band for a person: ``band 131 (1343.2 nm)``."""
        wavelength = self.wavelength_nm[index]
        return f"band {index + 1}" + (f" ({wavelength:.1f} nm)" if wavelength is not None else "")

    def tolerance_nm(self, index: int) -> float:
        """How far from its wavelength a band may lie and still be taken for the same, in nm.

        Half the band's width or half the distance to its nearest neighbour, whichever is smaller, so that a
        band is never taken for the next one; at least 1 nm.
        """
        own = self.wavelength_nm[index]
        if own is None:
            raise ValueError(f"the wavelength of band {index + 1} is not known")
        widths = [abs(w - own) for i, w in enumerate(self.wavelength_nm) if w is not None and i != index]
        fwhm = self.fwhm_nm[index]
        if fwhm is not None:
            widths.append(fwhm)
        return max(_TOLERANCE_FLOOR_NM, min(widths) / 2 if widths else 0.0)

    def match(self, other: BandTable, tolerance_nm: float | None = None) -> tuple[int, ...]:
        """Find each band of this table in another one.

        By wavelength if both tables state all of theirs: the nearest band within the tolerance, each used once; a good
        band goes before one that is not, which may be that of another detector at the same wavelength. Else by position,
        which needs the same number of bands.

        Parameters
        ----------
        other : the table to look in, such as that of a new scene.
        tolerance_nm : in nm; None uses :meth:`tolerance_nm` of each band.

        Returns
        -------
        0-based index in ``other`` of each band of this table.

        Raises
        ------
        MismatchError : naming the bands that are missing, or both counts.
        """
        if not (self.has_wavelengths and other.has_wavelengths):
            return self._match_by_count(other)
        # Once for each band: it looks at all others.
        near = [
            None if own is None else self.tolerance_nm(i) if tolerance_nm is None else tolerance_nm
            for i, own in enumerate(self.wavelength_nm)
        ]
        pairs = sorted(
            (not other.good[j], abs(theirs - ours), i, j)
            for i, (ours, limit) in enumerate(zip(self.wavelength_nm, near, strict=True))
            for j, theirs in enumerate(other.wavelength_nm)
            if ours is not None and limit is not None and theirs is not None and abs(theirs - ours) <= limit
        )
        found: dict[int, int] = {}
        used: set[int] = set()
        for _, _, i, j in pairs:
            if i not in found and j not in used:
                found[i] = j
                used.add(j)
        missing = [i for i in range(len(self)) if i not in found]
        if missing:
            taken = {i: j for _, _, i, j in reversed(pairs) if i in missing}
            raise MismatchError(
                f"{len(missing)} of the {len(self)} bands that are needed {'is' if len(missing) == 1 else 'are'} missing: "
                f"{self._listed(missing)}. Found: {other.describe()}.{self._taken(other, taken, found)}",
                code="bands_missing",
                hint="Use a scene from the same sensor with the same bands, or train a model on bands that both have.",
            )
        return tuple(found[i] for i in range(len(self)))

    def describe(self) -> str:
        """The table in a few words: ``224 bands from 418.2 to 2445.5 nm``."""
        known = [w for w in self.wavelength_nm if w is not None]
        count = f"{len(self)} band{'s' if len(self) != 1 else ''}"
        if not known:
            return f"{count} without wavelengths"
        return f"{count} from {min(known):.1f} to {max(known):.1f} nm"

    def to_json(self) -> dict[str, Any]:
        """The table as lists by column, unknown values as null."""
        return {column: list(values) for column, values in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Any) -> BandTable:
        """Read what :meth:`to_json` wrote. Raises SceneError if ``data`` is something else."""
        try:
            return cls(
                names=tuple(str(n) for n in data["names"]),
                wavelength_nm=tuple(None if w is None else float(w) for w in data["wavelength_nm"]),
                fwhm_nm=tuple(None if w is None else float(w) for w in data["fwhm_nm"]),
                good=tuple(bool(g) for g in data["good"]),
            )
        except (TypeError, KeyError, ValueError) as error:
            raise SceneError(
                "A band table must be an object with names, wavelength_nm, fwhm_nm and good, all of one length.",
                code="bands_format",
            ) from error

    def _match_by_count(self, other: BandTable) -> tuple[int, ...]:
        if len(self) != len(other):
            raise MismatchError(
                f"{len(self)} {'band is' if len(self) == 1 else 'bands are'} needed and {len(other)} {'was' if len(other) == 1 else 'were'} found. Bands can only be matched by wavelength "
                f"if both sides state wavelengths. Needed: {self.describe()}, found {other.describe()}.",
                code="band_count",
                hint="Use a scene with the same bands, or add wavelengths to the file.",
            )
        return tuple(range(len(self)))

    def _taken(self, other: BandTable, taken: Mapping[int, int], found: Mapping[int, int]) -> str:
        """Why a band that lies near a missing one does not stand for it: each is used once. ``taken``: missing band to near band."""
        if not taken:
            return ""
        i, j = next(iter(sorted(taken.items())))
        by = next(own for own, theirs in found.items() if theirs == j)
        more = f" So it is for {len(taken) - 1} more." if len(taken) > 1 else ""
        return (
            f" Each band is used once: {other.label(j)} of what was found is the nearest to {self.label(i)}, but stands for"
            f" {self.label(by)} already.{more}"
        )

    def _listed(self, indices: Sequence[int]) -> str:
        shown = ", ".join(self.label(i) for i in indices[:_LISTED])
        return shown + (f" and {len(indices) - _LISTED} more" if len(indices) > _LISTED else "")


def named_bands(indices: Iterable[int]) -> str:
    """0-based indices with their noun: ``band 7``, ``bands 1–3``."""
    found = set(indices)
    return f"band{'' if len(found) == 1 else 's'} {band_numbers(found)}"


def band_numbers(indices: Iterable[int]) -> str:
    """0-based indices as 1-based numbers for a person, runs joined: ``1–3, 7, 130–135``."""
    ordered = sorted(set(indices))
    runs: list[list[int]] = []
    for index in ordered:
        if runs and index == runs[-1][-1] + 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ", ".join(f"{run[0] + 1}" if len(run) == 1 else f"{run[0] + 1}–{run[-1] + 1}" for run in runs)
