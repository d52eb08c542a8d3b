"""Mean and deviation of the spectra of each class, gathered block by block and kept with a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# Enough for a chart; a model would be twice as large with all digits.
_DIGITS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassSpectrum:
    """The spectra of the labelled pixels of one class.

    Parameters
    ----------
    pixels : how many, 1 or more.
    mean, deviation : of each band, (bands,), in the unit of the scene; the deviation (n - 1) of a single pixel is 0.
    """

    pixels: int
    mean: FloatArray
    deviation: FloatArray

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values, rounded to six digits."""
        return {"pixels": self.pixels, "mean": _rounded(self.mean), "deviation": _rounded(self.deviation)}

    def take(self, bands: slice) -> ClassSpectrum:
        """The same for some of the bands."""
        return ClassSpectrum(pixels=self.pixels, mean=self.mean[bands], deviation=self.deviation[bands])


class SpectrumSums:
    """Adds up spectra by class value.

    Parameters
    ----------
    centre : a spectrum near all others, (bands,), such as the mean of the scene: sums of squares around it keep their digits.
    """

    def __init__(self, centre: FloatArray) -> None:
        self._centre = np.asarray(centre, dtype=np.float64)
        self._sums: dict[int, tuple[int, FloatArray, FloatArray]] = {}

    def add(self, values: npt.NDArray[Any], spectra: npt.NDArray[np.floating[Any]]) -> None:
        """Count pixels with the class values (n,) and the spectra (bands, n)."""
        for value in np.unique(values):
            own = spectra[:, values == value].astype(np.float64) - self._centre[:, None]
            count, total, squares = self._sums.get(int(value), (0, 0.0, 0.0))
            self._sums[int(value)] = (count + own.shape[1], total + own.sum(axis=1), squares + (own**2).sum(axis=1))

    def of(self, value: int) -> ClassSpectrum | None:
        """Mean and deviation of a class; None if it has no pixel."""
        if value not in self._sums:
            return None
        count, total, squares = self._sums[value]
        mean = total / count
        variance = np.maximum(squares - count * mean**2, 0.0) / max(1, count - 1)
        return ClassSpectrum(
            pixels=count, mean=mean + self._centre, deviation=np.sqrt(variance) if count > 1 else np.zeros_like(mean)
        )


def class_spectra_of_record(record: Any, *, classes: int, bands: int) -> tuple[ClassSpectrum | None, ...] | None:
    """What a model states of its classes, in the order of its legend; None if it states nothing of use.

    Parameters
    ----------
    record : what :meth:`ClassSpectrum.to_json` gave for each class, None for one without; nothing in it is taken for granted.
    """
    if not isinstance(record, Sequence) or isinstance(record, str) or len(record) != classes:
        return None
    try:
        found = tuple(None if one is None else _of_json(one, bands) for one in record)
    except (KeyError, TypeError, ValueError):
        return None
    return found if any(one is not None for one in found) else None


def _of_json(record: Mapping[str, Any], bands: int) -> ClassSpectrum:
    mean, deviation = (np.asarray(record[name], dtype=np.float64) for name in ("mean", "deviation"))
    pixels = int(record["pixels"])
    if mean.shape != (bands,) or deviation.shape != (bands,) or pixels < 1:
        raise ValueError("the spectrum of a class has another number of bands")
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all() and (deviation >= 0).all()):
        raise ValueError("the spectrum of a class holds impossible numbers")
    return ClassSpectrum(pixels=pixels, mean=mean, deviation=deviation)


def _rounded(values: FloatArray) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values]
