"""Linear discriminant analysis, as data."""

from __future__ import annotations

from types import MappingProxyType

from .architecture import Architecture, Options


class LdaOptions(Options):
    """Nothing may vary: the shrinkage follows from the data."""


ARCHITECTURE = Architecture(
    name="lda",
    title="Shrinkage LDA",
    reference=(
        "Fisher (1936): The use of multiple measurements in taxonomic problems; shrinkage of Ledoit and Wolf (2004)."
        " Fitted by scikit-learn."
    ),
    network="hsi_engine.models.estimators.linear:LinearClassifier",
    options=LdaOptions,
    consumes="spectrum",
    fit="hsi_engine.training.estimators:fit_lda",
    suggested=MappingProxyType({"reduction": "bands", "patch_size": 1}),
    patch_sizes=(1, 1),
    simplicity=11,
)
