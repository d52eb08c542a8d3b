"""A vector parameter as the user filled it in: the layer, and which of its features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProperty,
    QgsVectorLayer,
)

from ...translation import tr


@dataclass(frozen=True)
class FeatureInput:
    """A vector layer and the features of it that are meant.

    Parameters
    ----------
    layer : lives on the main thread.
    selected_only : only its selected features.
    limit : no more features than this; -1 for all of them.
    expression : only features for which this QGIS expression is true; empty for all of them.
    """

    layer: QgsVectorLayer
    selected_only: bool = False
    limit: int = -1
    expression: str = ""

    @property
    def takes_all(self) -> bool:
        """Whether no feature of the layer is left out."""
        return not self.selected_only and self.limit < 0 and not self.expression


def feature_input(
    algorithm: QgsProcessingAlgorithm, parameters: Mapping[str, Any], name: str, context: QgsProcessingContext
) -> FeatureInput | None:
    """What parameter ``name``, a feature source or vector layer, stands for; None if it was left empty.

    Raises
    ------
    QgsProcessingException
        It was filled in, but names no vector layer that can be loaded.
    """
    value = parameters.get(name)
    definition = value if isinstance(value, QgsProcessingFeatureSourceDefinition) else None
    if definition is not None:
        value = definition.source
    if isinstance(value, QgsProperty):
        value = value.valueAsString(context.expressionContext())[0]
    if value is None or value == "":
        return None
    layer = algorithm.parameterAsVectorLayer({**parameters, name: value}, name, context)
    if layer is None:
        title = algorithm.parameterDefinition(name).description()
        raise QgsProcessingException(
            tr(
                "{title}: '{value}' is not a vector layer that can be loaded. "
                "Choose a layer of the project, or a file that exists."
            ).format(title=title, value=value.name() if hasattr(value, "name") else value)
        )
    if definition is None:
        return FeatureInput(layer)
    return FeatureInput(
        layer,
        selected_only=definition.selectedFeaturesOnly,
        limit=definition.featureLimit,
        # QGIS has filters in this place since 3.32.
        expression=getattr(definition, "filterExpression", ""),
    )
