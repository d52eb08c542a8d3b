"""The list of a choice with readable labels, where QGIS itself would show the words of scripts."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsGui, QgsProcessingGui
from qgis.PyQt.QtWidgets import QComboBox, QLabel, QWidget

# What Processing calls the dialog in which a step of a model is edited.
_MODELER = "ModelerParametersDialog"


class ChoiceWidgetMaker:
    """Called by Processing like a class of widgets; makes the one that suits the dialog.

    The model designer keeps its own, which also offers inputs and expressions of the model.
    """

    def __new__(
        cls, parameter: Any, dialog: Any, row: int = 0, col: int = 0, *, labels: list[str], nothing: str
    ) -> Any:
        if type(dialog).__name__ == _MODELER:
            registry = QgsGui.processingGuiRegistry()
            widget = registry.createModelerParameterWidget(dialog.model, dialog.childId, parameter, dialog.context)
            widget.setDialog(dialog)
            return widget
        return ChoiceWidget(parameter, labels, nothing)


class ChoiceWidget(QgsAbstractProcessingParameterWidgetWrapper):
    """Shows ``labels`` for the options of an enumeration of words, and gives the words."""

    def __init__(self, parameter: QgsProcessingParameterDefinition, labels: list[str], nothing: str) -> None:
        super().__init__(parameter, QgsProcessingGui.WidgetType.Standard)
        self._labels = labels
        self._nothing = nothing

    # Names given by QGIS.
    def createWidget(self) -> QWidget:
        box = QComboBox()
        if self._nothing:
            box.addItem(self._nothing, None)
        for word, label in zip(self.parameterDefinition().options(), self._labels):
            box.addItem(label, word)
        box.setToolTip(self.parameterDefinition().toolTip())
        box.currentIndexChanged.connect(lambda index: self.widgetValueHasChanged.emit(self))
        # No reference is kept: PyQt hands QGIS's callers a new object for the same box, and the old one is dead then.
        return box

    def createLabel(self) -> QLabel:
        label = QLabel(self.parameterDefinition().description())
        label.setToolTip(self.parameterDefinition().toolTip())
        return label

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        word = str(value).lower() if isinstance(value, bool) else value
        box = self.wrappedWidget()
        box.setCurrentIndex(max(0, box.findData(word)))

    def widgetValue(self) -> Any:
        return self.wrappedWidget().currentData()
