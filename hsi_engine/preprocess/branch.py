"""One way to reduce spectra: a normalisation of each spectrum, then a map that was fitted to a scene."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ..phrases import counted
from .linear import Floats
from .linear_reduction import LinearReduction
from .pca import PCA
from .spectra import Normalisation, RawBands, n_channels, normalise
from .standardisation import Standardisation

ReductionKind = Literal["bands", "decorrelated", "pca", "mnf", "raw"]
"""``bands``: every band, standardised; ``decorrelated``: all principal components of these; ``pca``, ``mnf``: a few
components; ``raw``: bands as they are, for a classifier that reduces them itself."""

Reduction = PCA | Standardisation | LinearReduction | RawBands

_PCA_ARRAYS = ("mean", "components", "explained_variance")


@dataclass(frozen=True, kw_only=True)
class ReductionSettings:
    """What a branch is to be.

    Parameters
    ----------
    kind, normalisation : as in :class:`Branch`.
    n_components : components of a PCA or MNF; None for ``bands`` and ``decorrelated``, which keep all.
    whiten : power to which the deviation of each component divides it: 0 leaves it as it is, 1 gives unit variance.
    second_bands : last bands that belong to a second raster, and that all of this leaves alone.
    keeps_second : whether these follow the components, each standardised.
    """

    kind: ReductionKind
    normalisation: Normalisation = "none"
    n_components: int | None = None
    whiten: float = 0.0
    second_bands: int = 0
    keeps_second: bool = True

    def __str__(self) -> str:
        names = {
            "bands": "standardised bands",
            "decorrelated": "decorrelated bands",
            "pca": f"{self.n_components} principal components",
            "mnf": f"{self.n_components} MNF components",
            "raw": "bands as they are",
        }
        partly = f", whitened by the power {self.whiten:g}" if self.whiten else ""
        whitened = ", whitened" if self.whiten == 1 else partly
        before = {"none": "", "brightness": "brightness-normalised ", "derivative": "first derivative, "}
        second = f" and {counted(self.second_bands, 'standardised band')} of the second raster"
        return f"{before[self.normalisation]}{names[self.kind]}{whitened}{second if self._has_second else ''}"

    @property
    def _has_second(self) -> bool:
        return self.second_bands > 0 and self.keeps_second


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A normalisation and a reduction.

    Parameters
    ----------
    n_bands : bands that are fed in.
    normalisation : see :func:`hsi_engine.preprocess.spectra.normalise`.
    reduction : fitted to normalised spectra.
    second_bands : last bands that belong to a second raster; they are no part of the spectra.
    second : what comes of them, after the components; None if they are left out or there are none.
    """

    n_bands: int
    normalisation: Normalisation = "none"
    reduction: Reduction
    second_bands: int = 0
    second: Standardisation | RawBands | None = None

    def __post_init__(self) -> None:
        if self.reduction.n_bands != n_channels(self.n_bands - self.second_bands, self.normalisation):
            raise ValueError(
                f"a reduction of {self.reduction.n_bands} channels does not fit {self.n_bands - self.second_bands} bands"
                f" with normalisation {self.normalisation!r}"
            )
        if self.second is not None and not self.second.n_bands == self.second_bands > 0:
            raise ValueError(f"{self.second.n_bands} bands do not fit a second raster of {self.second_bands}")

    @property
    def n_components(self) -> int:
        """Number of channels that come out."""
        return self.reduction.n_components + self.second_channels

    @property
    def second_channels(self) -> int:
        """The number of last channels that come from a second raster."""
        return 0 if self.second is None else self.second.n_components

    @property
    def empty(self) -> float:
        """What stands for a pixel without data: 0, the mean spectrum; NaN in bands as they are."""
        return RawBands.empty if isinstance(self.reduction, RawBands) else 0.0

    @property
    def of_scene(self) -> Branch:
        """The same for the scene alone."""
        return replace(self, n_bands=self.n_bands - self.second_bands, second_bands=0, second=None)

    @property
    def of_second(self) -> Branch | None:
        """The same for the second raster alone; None if it plays no part."""
        return None if self.second is None else Branch(n_bands=self.second_bands, reduction=self.second)

    @property
    def kind(self) -> ReductionKind:
        """What the reduction is."""
        if isinstance(self.reduction, LinearReduction):
            return self.reduction.kind
        if isinstance(self.reduction, RawBands):
            return "raw"
        return "pca" if isinstance(self.reduction, PCA) else "bands"

    @property
    def settings(self) -> ReductionSettings:
        """The settings that give such a branch."""
        return ReductionSettings(
            kind=self.kind,
            normalisation=self.normalisation,
            n_components=None if self.kind in ("bands", "decorrelated", "raw") else self.reduction.n_components,
            whiten=0.0 if isinstance(self.reduction, Standardisation | RawBands) else float(self.reduction.whiten),
            second_bands=self.second_bands,
            keeps_second=self.second is not None or not self.second_bands,
        )

    def apply(self, data: npt.NDArray[Any], valid: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Channels (channels, rows, cols) of spectra (bands, rows, cols); zero where not valid."""
        if not self.second_bands:
            return self.reduction.transform(normalise(data, self.normalisation), valid)
        own = self.n_bands - self.second_bands
        components = self.reduction.transform(normalise(data[:own], self.normalisation), valid)
        return (
            components
            if self.second is None
            else np.concatenate([components, self.second.transform(data[own:], valid)])
        )

    def to_json(self) -> dict[str, Any]:
        """Everything but the arrays."""
        record: dict[str, Any] = {"normalisation": self.normalisation, "reduction": self.kind}
        record |= {"n_bands": self.n_bands, "n_components": self.n_components}
        if not isinstance(self.reduction, Standardisation | RawBands):
            record["whiten"] = float(self.reduction.whiten)
        if isinstance(self.reduction, PCA):
            record |= {
                "total_variance": self.reduction.total_variance,
                "explained_variance_ratio": self.reduction.explained_variance_ratio.tolist(),
            }
        if self.second_bands:
            record |= {"second_bands": self.second_bands, "keeps_second": self.second is not None}
        return record

    def arrays(self) -> dict[str, Floats]:
        """The arrays of the reduction by name, float64; those of a second raster as ``second.<name>``."""
        second = self.second
        added = (
            {}
            if not isinstance(second, Standardisation)
            else {"second.mean": second.mean, "second.deviation": second.deviation}
        )
        return self._own_arrays() | added

    def _own_arrays(self) -> dict[str, Floats]:
        if isinstance(self.reduction, PCA):
            return {name: getattr(self.reduction, name) for name in _PCA_ARRAYS}
        if isinstance(self.reduction, LinearReduction):
            return {"mean": self.reduction.mean, "matrix": self.reduction.matrix}
        if isinstance(self.reduction, RawBands):
            return {}
        return {"mean": self.reduction.mean, "deviation": self.reduction.deviation}

    @classmethod
    def from_parts(cls, record: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Branch:
        """Put together again what :meth:`to_json` and :meth:`arrays` gave.

        Raises
        ------
        ValueError, TypeError, KeyError : parts are missing or do not fit together.
        """
        reduction: Reduction
        if record.get("total_variance") is not None:
            reduction = PCA(
                total_variance=record["total_variance"],
                whiten=bool(record["whiten"]),
                **{name: arrays[name] for name in _PCA_ARRAYS},
            )
        elif record["reduction"] != "bands":
            reduction = LinearReduction(
                kind=record["reduction"], whiten=record["whiten"], mean=arrays["mean"], matrix=arrays["matrix"]
            )
        else:
            reduction = Standardisation(mean=arrays["mean"], deviation=arrays["deviation"])
        second = None
        if record.get("keeps_second") and record.get("second_bands"):
            second = Standardisation(mean=arrays["second.mean"], deviation=arrays["second.deviation"])
        branch = cls(
            n_bands=record["n_bands"],
            normalisation=record["normalisation"],
            reduction=reduction,
            second_bands=record.get("second_bands") or 0,
            second=second,
        )
        if branch.n_components != record["n_components"]:
            raise ValueError(f"{record['n_components']} components are stated, {branch.n_components} are there")
        return branch
