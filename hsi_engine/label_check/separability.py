"""How well the spectra of two classes can be told apart, each class taken for a normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..pixels.samples import IndexArray
from ..spectrum.shrunk_covariance import row_blocks, row_slices

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
        found: FloatArray = np.empty((len(spectra), self.n_components))
        for some in row_slices(len(spectra), spectra.shape[1]):
            found[some] = (np.asarray(spectra[some], dtype=np.float64) - self.mean) @ self.axes
        return found


def members_of_classes(classes: IndexArray) -> dict[int, IndexArray]:
    """Indices of the pixels of each class that occurs, both rising; ``classes``: index of each pixel, (n,)."""
    order = np.argsort(classes, kind="stable")
    present, starts = np.unique(classes[order], return_index=True)
    return dict(zip(present.tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else {}


def _scatter(spectra: npt.NDArray[np.floating], members: IndexArray, mean: FloatArray) -> FloatArray:
    """Products of the deviations of some spectra from their mean, summed, (bands, bands)."""
    blocks = (block - mean for block in row_blocks(spectra, members))
    found: FloatArray = np.sum([block.T @ block for block in blocks], axis=0)
    return found


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
    members = members_of_classes(classes)
    means = np.stack([spectra[here].mean(axis=0, dtype=np.float64) for here in members.values()])
    mean = means.mean(axis=0)
    within, varying = np.zeros((spectra.shape[1],) * 2), 0
    for here, own in zip(members.values(), means, strict=True):
        if len(here) > 1:  # a single pixel does not show how a class varies
            within += _scatter(spectra, here, own) / (len(here) - 1)
            varying += 1
    within /= max(varying, 1)
    between = means - mean
    values, vectors = np.linalg.eigh(within + between.T @ between / len(members))
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
    log_dets = np.linalg.slogdet(covariance_a)[1] + np.linalg.slogdet(covariance_b)[1]
    return float(_jeffries_matusita(mean_a - mean_b, (covariance_a + covariance_b) / 2, log_dets))


def pair_distances(points: FloatArray, classes: IndexArray, n_classes: int) -> FloatArray:
    """Jeffries–Matusita distance of each pair of classes, symmetric (classes, classes); NaN for a class without points.

    Parameters
    ----------
    points : places in a :class:`SpectralSpace`, (n, components).
    """
    found = np.full((n_classes, n_classes), np.nan)
    members = members_of_classes(classes)
    if not members:
        return found
    numbers = np.array(list(members))
    means = np.stack([points[here].mean(axis=0) for here in members.values()])
    covariances = np.stack([shrunk_covariance(points[here]) for here in members.values()])
    log_dets = np.linalg.slogdet(covariances)[1]
    found[numbers, numbers] = 0.0
    for at in range(len(numbers) - 1):
        later = slice(at + 1, None)
        distances = _jeffries_matusita(
            means[at] - means[later], (covariances[at] + covariances[later]) / 2, log_dets[at] + log_dets[later]
        )
        found[numbers[at], numbers[later]] = found[numbers[later], numbers[at]] = distances
    return found


def _jeffries_matusita(differences: FloatArray, middles: FloatArray, log_dets: FloatArray) -> FloatArray:
    """Of several pairs: differences of the means, mean covariances, and both logarithms of determinants added."""
    solved = np.linalg.solve(middles, differences[..., None])[..., 0]
    apart = (differences * solved).sum(axis=-1) / 8
    found: FloatArray = 2 * -np.expm1(-(apart + (np.linalg.slogdet(middles)[1] - log_dets / 2) / 2))
    return found
