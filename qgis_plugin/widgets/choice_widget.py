"""The list of a choice with readable labels, instead of the words of scripts that QGIS would show."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingParameterDefinition
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsProcessingGui
from qgis.PyQt.QtWidgets import QLabel, QWidget

from .standard import is_designer, standard_widget, widget_of_designer


class ChoiceWidgetMaker:
    """Called by Processing like a class of widgets; makes the one that suits the dialog.

    The model designer keeps its own, which also offers inputs and expressions of the model.
    """

    def __new__(
        cls, parameter: Any, dialog: Any, row: int = 0, col: int = 0, *, labels: list[str], nothing: str
    ) -> Any:
        if is_designer(dialog):
            return widget_of_designer(parameter, dialog)
        return ChoiceWidget(parameter, labels, nothing)


class ChoiceWidget(QgsAbstractProcessingParameterWidgetWrapper):
    """Shows ``labels`` for the options of an enumeration of words, and gives the words.

    List and label are those that QGIS makes, with other labels. A widget made in Python would not do: PyQt gives whoever asks
    this wrapper for its widget a second object for it and forgets the first, to which calls of Qt still go then.
    """

    def __init__(self, parameter: QgsProcessingParameterDefinition, labels: list[str], nothing: str) -> None:
        super().__init__(parameter, QgsProcessingGui.WidgetType.Standard)
        self._labels = dict(zip(parameter.options(), labels))
        self._nothing = nothing
        self._plain = standard_widget(parameter)

    # Names given by QGIS.
    def createWidget(self) -> QWidget:
        box = self._plain.createWrappedWidget(QgsProcessingContext())
        if not self._nothing and box.findData(None) >= 0:
            box.removeItem(box.findData(None))
        for number in range(box.count()):
            box.setItemText(number, self._labels.get(box.itemData(number), self._nothing))
        box.currentIndexChanged.connect(self._changed)
        return box

    def createLabel(self) -> QLabel:
        label = self._plain.createWrappedLabel()
        label.setText(self.parameterDefinition().description())  # without "optional": an entry says so
        return label

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        word = str(value).lower() if isinstance(value, bool) else value
        box = self.wrappedWidget()
        box.setCurrentIndex(max(0, box.findData(word)))

    def widgetValue(self) -> Any:
        return self.wrappedWidget().currentData()

    def _changed(self, number: int) -> None:
        self.widgetValueHasChanged.emit(self)
