"""The widgets of QGIS itself, which those of the plugin wrap or leave alone."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingParameterDefinition
from qgis.gui import QgsGui, QgsProcessingGui

# What Processing calls the dialogs in which a step of a model is edited, and a batch is filled in.
_DESIGNER, _BATCH = "ModelerParametersDialog", "BatchAlgorithmDialog"


def is_designer(dialog: Any) -> bool:
    """Whether the widget is for a step of a model."""
    return type(dialog).__name__ == _DESIGNER


def is_batch(dialog: Any) -> bool:
    """Whether the widget is for a row of a batch."""
    return type(dialog).__name__ == _BATCH


def widget_of_designer(parameter: QgsProcessingParameterDefinition, dialog: Any) -> Any:
    """The widget of the model designer, which also offers inputs and expressions of the model."""
    registry = QgsGui.processingGuiRegistry()
    widget = registry.createModelerParameterWidget(dialog.model, dialog.childId, parameter, dialog.context)
    widget.setDialog(dialog)
    return widget


def widget_of_batch(parameter: QgsProcessingParameterDefinition, dialog: Any) -> Any:
    """The widget of a cell of a batch."""
    wrapper = standard_widget(parameter, QgsProcessingGui.WidgetType.Batch)
    wrapper.setDialog(dialog)
    return wrapper


def standard_widget(
    parameter: QgsProcessingParameterDefinition,
    kind: QgsProcessingGui.WidgetType = QgsProcessingGui.WidgetType.Standard,
) -> Any:
    """The widget of a form."""
    return QgsGui.processingGuiRegistry().createParameterWidgetWrapper(parameter, kind)
