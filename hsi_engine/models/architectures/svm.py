"""Support vector machine, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class SvmOptions(Options):
    """What may vary in the SVM.

    ``regularisation`` (C) and ``gamma`` are chosen by folds of the training samples if None; ``gamma`` is per channel:
    it is divided by the number of channels. ``support_vectors`` is what the fit found.
    """

    regularisation: float | None = Field(default=None, gt=0)
    gamma: float | None = Field(default=None, gt=0)
    support_vectors: int = Field(default=1, ge=1, le=1_000_000)


ARCHITECTURE = Architecture(
    name="svm",
    title="SVM (RBF kernel)",
    reference="Cortes and Vapnik (1995): Support-vector networks. Fitted by scikit-learn (libsvm), one against one.",
    network="hsi_engine.models.estimators.svm:SvmClassifier",
    options=SvmOptions,
    consumes="spectrum",
    fit="hsi_engine.training.estimators:fit_svm",
    variants=MappingProxyType({"default": {"support_vectors": 24}}),
    suggested=MappingProxyType({"reduction": "bands", "patch_size": 1}),
    patch_sizes=(1, 1),
    simplicity=20,
)
