"""How well the spectra of two classes can be told apart, each class taken for a normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray

FloatArray = npt.NDArray[np.float64]

MOST_COMPONENTS = 10
_VARIANCE = 0.999
# Added to the within-class covariance, as a share of its mean variance: bands that repeat each other have none.
_RIDGE = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class SpectralSpace:
    """A few principal components of labelled pixels, scaled so that the classes vary by 1 in each on average.

    Parameters
    ----------
    mean : spectrum that is subtracted, (bands,).
    axes : (bands, components); a spectrum minus the mean, times these, is its place in the space.
    explained : share of the variance of the labelled pixels in these components, 0 to 1.
    """

    mean: FloatArray
    axes: FloatArray
    explained: float

    @property
    def n_components(self) -> int:
        return int(self.axes.shape[1])

    def project(self, spectra: npt.NDArray[np.floating]) -> FloatArray:
        """Places (n, components) of spectra (n, bands)."""
        return (np.asarray(spectra, dtype=np.float64) - self.mean) @ self.axes


def fit_space(
    spectra: npt.NDArray[np.floating], classes: IndexArray, *, most_components: int = MOST_COMPONENTS
) -> SpectralSpace:
    """The components with 99.9 % of the variance, each class counting the same, at most ``most_components``.

    Within them, spectra are whitened by the covariance within the classes.

    Parameters
    ----------
    spectra : (n, bands), n at least 2.
    classes : class index of each, (n,).
    """
    present = np.unique(classes)
    means = np.stack([spectra[classes == c].mean(axis=0, dtype=np.float64) for c in present])
    mean = means.mean(axis=0)
    within, varying = np.zeros((spectra.shape[1],) * 2), 0
    for c, own in zip(present, means, strict=True):
        centred = spectra[classes == c].astype(np.float64) - own
        if len(centred) > 1:  # a single pixel does not show how a class varies
            within += centred.T @ centred / (len(centred) - 1)
            varying += 1
    within /= max(varying, 1)
    between = means - mean
    values, vectors = np.linalg.eigh(within + between.T @ between / len(present))
    values, vectors = np.maximum(values[::-1], 0), vectors[:, ::-1]
    total = values.sum()
    enough = int(np.searchsorted(np.cumsum(values), _VARIANCE * total)) + 1 if total > 0 else 1
    # More dimensions than pixels to describe a class in would only make classes look apart.
    k = max(1, min(enough, most_components, len(values), len(spectra) - 1))
    vectors = vectors[:, :k]
    inner = vectors.T @ within @ vectors
    inner += np.eye(k) * max(_RIDGE * total / k, np.finfo(np.float64).tiny)
    scale, turn = np.linalg.eigh(inner)
    axes = vectors @ turn / np.sqrt(scale)
    return SpectralSpace(mean=mean, axes=axes, explained=float(values[:k].sum() / total) if total > 0 else 1.0)


def shrunk_covariance(points: FloatArray) -> FloatArray:
    """Covariance of whitened points (n, components), drawn towards the one common to all classes.

    In a :class:`SpectralSpace` the common covariance is the identity. It counts as much as ``components + 1`` pixels,
    so that a class of a few pixels gets it and a class of hundreds keeps its own (regularised discriminant analysis,
    Friedman 1989).
    """
    n, k = points.shape
    centred = points - points.mean(axis=0)
    weight = k + 1
    covariance: FloatArray = (centred.T @ centred + weight * np.eye(k)) / (max(n - 1, 0) + weight)
    return covariance


def jeffries_matusita(
    mean_a: FloatArray, covariance_a: FloatArray, mean_b: FloatArray, covariance_b: FloatArray
) -> float:
    """Jeffries–Matusita distance of two normal distributions: 0 for the same one, 2 for ones that share nothing.

    ``2 (1 - exp(-B))`` with the Bhattacharyya distance B (Swain and Davis 1978; Richards 2013, chapter 10).

    Parameters
    ----------
    mean_a, mean_b : (components,). covariance_a, covariance_b : (components, components), positive definite.
    """
    difference = mean_a - mean_b
    middle = (covariance_a + covariance_b) / 2
    log_dets = [float(np.linalg.slogdet(c)[1]) for c in (middle, covariance_a, covariance_b)]
    apart = float(difference @ np.linalg.solve(middle, difference)) / 8
    return 2 * -float(np.expm1(-(apart + (log_dets[0] - (log_dets[1] + log_dets[2]) / 2) / 2)))


def pair_distances(points: FloatArray, classes: IndexArray, n_classes: int) -> FloatArray:
    """Jeffries–Matusita distance of each pair of classes, symmetric (classes, classes); NaN for a class without points.

    Parameters
    ----------
    points : places in a :class:`SpectralSpace`, (n, components).
    """
    found = np.full((n_classes, n_classes), np.nan)
    normals = {
        int(c): (points[classes == c].mean(axis=0), shrunk_covariance(points[classes == c])) for c in np.unique(classes)
    }
    for a, (mean_a, covariance_a) in normals.items():
        found[a, a] = 0.0
        for b, (mean_b, covariance_b) in normals.items():
            if b > a:
                found[a, b] = found[b, a] = jeffries_matusita(mean_a, covariance_a, mean_b, covariance_b)
    return found
