"""Logistic regression, as data."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import Field

from .architecture import Architecture, Options


class LogisticRegressionOptions(Options):
    """``regularisation`` is C, the inverse strength of the L2 penalty."""

    regularisation: float = Field(default=1.0, gt=0)


ARCHITECTURE = Architecture(
    name="logistic_regression",
    title="Logistic regression",
    reference="Cox (1958): The regression analysis of binary sequences. Fitted by scikit-learn, L2 penalty.",
    network="hsi_engine.models.estimators.linear:LinearClassifier",
    options=LogisticRegressionOptions,
    consumes="spectrum",
    fit="hsi_engine.training.estimators:fit_logistic_regression",
    suggested=MappingProxyType({"reduction": "bands", "patch_size": 1}),
    patch_sizes=(1, 1),
    simplicity=10,
)
