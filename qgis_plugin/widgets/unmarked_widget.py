"""QGIS's own widget under a label that does not say "[optional]".

Labels may be a layer or a raster, so QGIS has to accept a form without either of them. A run without both is refused, and
"optional" next to a field that nearly everyone has to fill in misleads. Parameters with a default may be missing in a model;
in a form they have a value.
"""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsProcessingGui
from qgis.PyQt.QtWidgets import QCheckBox, QLabel, QWidget

from .standard import is_batch, is_designer, standard_widget, widget_of_batch, widget_of_designer


class UnmarkedWidgetMaker:
    """Called by Processing like a class of widgets; only a form needs another label.

    Processing passes on what the metadata of the parameter says about the widget, such as its decimals; QGIS's own widget reads
    that there itself.
    """

    def __new__(cls, parameter: Any, dialog: Any, row: int = 0, col: int = 0, **_metadata: Any) -> Any:
        if is_designer(dialog):
            return widget_of_designer(parameter, dialog)
        if is_batch(dialog):
            return widget_of_batch(parameter, dialog)
        return UnmarkedWidget(parameter)


class UnmarkedWidget(QgsAbstractProcessingParameterWidgetWrapper):
    """Passes everything on to the widget of QGIS, but for the label."""

    def __init__(self, parameter: QgsProcessingParameterDefinition) -> None:
        super().__init__(parameter, QgsProcessingGui.WidgetType.Standard)
        self._plain = standard_widget(parameter)

    # Names given by QGIS.
    def createWidget(self) -> QWidget:
        widget = self._plain.createWrappedWidget(QgsProcessingContext())
        self._plain.widgetValueHasChanged.connect(self._changed)
        if isinstance(widget, QCheckBox):
            widget.setText(self.parameterDefinition().description())
        return widget

    def createLabel(self) -> QLabel | None:
        """None for a check box, which holds its text itself."""
        label = self._plain.createWrappedLabel()
        if label is not None:
            label.setText(self.parameterDefinition().description())
        return label

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        self._plain.setParameterValue(value, context)

    def widgetValue(self) -> Any:
        return self._plain.parameterValue()

    def setWidgetContext(self, context: Any) -> None:
        super().setWidgetContext(context)
        self._plain.setWidgetContext(context)

    def registerProcessingContextGenerator(self, generator: Any) -> None:
        super().registerProcessingContextGenerator(generator)
        self._plain.registerProcessingContextGenerator(generator)

    def postInitialize(self, wrappers: list[Any]) -> None:
        """Find the widgets that this one depends on, as a list of fields does on that of its layer."""
        super().postInitialize(wrappers)
        self._plain.postInitialize(wrappers)

    def _changed(self, _wrapper: Any) -> None:
        self.widgetValueHasChanged.emit(self)
