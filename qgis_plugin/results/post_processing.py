"""The step after a layer was loaded: style it and put it in its place."""

from __future__ import annotations

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ..translation import tr
from .layer_metadata import MapFacts, describe_layer
from .stacking import Stack
from .styling import Style


class StyledOutput(QgsProcessingLayerPostProcessorInterface):
    """Gives one loaded layer its style and its place; ``done`` afterwards.

    Parameters
    ----------
    stack, rank : the layers of the run, and the place among them; 0 lies on top.
    facts : for the metadata of a class map; None for other layers.
    """

    def __init__(self, style: Style, stack: Stack, rank: int, facts: MapFacts | None = None) -> None:
        super().__init__()
        self.done = False
        self._style = style
        self._stack = stack
        self._rank = rank
        self._facts = facts

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Style the layer; what fails is said in the log, as an exception here would end QGIS."""
        self.done = True
        try:
            if isinstance(layer, (QgsRasterLayer, QgsVectorLayer)) and layer.isValid():
                problem = self._style(layer)
                if problem:
                    feedback.pushWarning(problem)
                if self._facts is not None:
                    describe_layer(layer, self._facts)
                self._stack.add(layer, self._rank, context.project() or QgsProject.instance())
        except Exception as error:
            feedback.pushWarning(
                tr("Layer '{layer}' could not be styled ({error}). Its file is complete.").format(
                    layer=layer.name(), error=error
                )
            )
