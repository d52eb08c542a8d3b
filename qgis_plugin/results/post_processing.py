"""The step after a layer was loaded: style it and open its legend."""

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
from .styling import Style


class StyledOutput(QgsProcessingLayerPostProcessorInterface):
    """Gives one loaded layer its style; ``done`` afterwards."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self.done = False
        self._style = style

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
                _expand_legend(layer, context.project() or QgsProject.instance())
        except Exception as error:
            feedback.pushWarning(
                tr("Layer '{layer}' could not be styled ({error}). Its file is complete.").format(
                    layer=layer.name(), error=error
                )
            )


def _expand_legend(layer: QgsMapLayer, project: QgsProject) -> None:
    node = project.layerTreeRoot().findLayer(layer.id())
    if node is not None:
        # QGIS 3.22 leaves the legend of a styled layer folded unless the state changes.
        node.setExpanded(False)
        node.setExpanded(True)
