"""The chooser of a model file, with a list of the models in the user's folder above it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingModelChildParameterSource,
    QgsProcessingParameterDefinition,
)
from qgis.gui import QgsAbstractProcessingParameterWidgetWrapper, QgsProcessingGui
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..engine.model_files import ModelFile, list_models
from ..engine.source import ready_made_models
from ..environment.current import models_folder
from ..plain_text import plain, shortened
from ..translation import counted, tr
from .standard import is_designer, standard_widget, widget_of_designer

_MOST_CLASSES = 4
# Of a name of a class in the list, and of all of them in a tip.
_NAME_LETTERS, _MOST_LETTERS = 60, 1000


class ModelWidgetMaker:
    """Called by Processing like a class of widgets; makes the one that suits the dialog.

    The model designer keeps its own, which also offers inputs and expressions of the model, with a button next to it.
    """

    def __new__(cls, parameter: Any, dialog: Any, row: int = 0, col: int = 0) -> Any:
        if is_designer(dialog):
            return with_button_of_models(widget_of_designer(parameter, dialog))
        return ModelWidget(parameter)


class ModelWidget(QgsAbstractProcessingParameterWidgetWrapper):
    """QGIS's own chooser of a file, whose value counts, and a list that fills it."""

    def __init__(self, parameter: QgsProcessingParameterDefinition) -> None:
        super().__init__(parameter, QgsProcessingGui.WidgetType.Standard)
        self._plain = standard_widget(parameter)
        self._list: QComboBox | None = None

    # Names given by QGIS.
    def createWidget(self) -> QWidget:
        chooser = self._plain.createWrappedWidget(QgsProcessingContext())
        self._plain.widgetValueHasChanged.connect(self._changed)
        folder, models = models_of_user()
        if not models:
            chooser.setToolTip(_no_list_text(folder))
            return chooser
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        self._list = models_list(models)
        self._list.setToolTip(_folder_text(folder))
        self._list.activated.connect(self._take)
        column.addWidget(self._list)
        column.addWidget(chooser)
        # Python objects that nobody holds are gone, and their slots with them.
        self._box, self._chooser = box, chooser
        return box

    def setWidgetValue(self, value: Any, context: QgsProcessingContext) -> None:
        self._plain.setParameterValue(value, context)
        self._show()

    def widgetValue(self) -> Any:
        return self._plain.parameterValue()

    def _take(self, number: int) -> None:
        path = None if self._list is None else self._list.itemData(number)
        if path:
            self._plain.setParameterValue(path, QgsProcessingContext())

    def _changed(self, wrapper: Any) -> None:
        self._show()
        self.widgetValueHasChanged.emit(self)

    def _show(self) -> None:
        """Let the list follow the file: its entry, or the first one for a file from elsewhere."""
        if self._list is not None:
            self._list.setCurrentIndex(max(0, self._list.findData(self._plain.parameterValue())))


def with_button_of_models(widget: Any) -> Any:
    """The widget of a step of a model, with a button that offers the user's models; what is chosen becomes its value."""
    folder, models = models_of_user()
    if not models:
        widget.setToolTip(_no_list_text(folder))
        return widget
    button = QToolButton(widget)
    button.setText(tr("My models"))
    button.setToolTip(_folder_text(folder))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(button)
    menu.setToolTipsVisible(True)
    for model in models:
        entry = menu.addAction(_line(model))
        entry.setToolTip(_tip(model))
        entry.setEnabled(not model.problem)
        chosen = QgsProcessingModelChildParameterSource.fromStaticValue(str(model.path))
        entry.triggered.connect(lambda _=False, chosen=chosen: widget.setWidgetValue(chosen))
    button.setMenu(menu)
    widget.layout().addWidget(button)
    return widget


def models_of_user() -> tuple[Path | None, list[ModelFile]]:
    """The folder that was chosen in the options, the models in it, and below them those that come with the plugin."""
    folder = models_folder()
    return folder, [*([] if folder is None else list_models(folder)), *list_models(ready_made_models())]


def models_list(models: list[ModelFile]) -> QComboBox:
    """A list with name, date and classes of each; what cannot be used is shown and says why, but cannot be chosen."""
    box = QComboBox()
    box.addItem(tr("Choose a model, or a file below"), "")
    for model in models:
        box.addItem(_line(model), str(model.path))
        number = box.count() - 1
        box.setItemData(number, _tip(model), Qt.ItemDataRole.ToolTipRole)
        if model.problem:
            box.model().item(number).setEnabled(False)
    # A long line is cut, instead of making the form wider.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(24)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box


def _line(model: ModelFile) -> str:
    if model.problem:
        return tr("{} – cannot be read").format(model.name)
    named = ", ".join(shortened(name, _NAME_LETTERS) for name in model.classes[:_MOST_CLASSES]) + (
        ", …" if len(model.classes) > _MOST_CLASSES else ""
    )
    example = model.path.parent == ready_made_models()
    return tr("{name} – {day}, {count}: {classes}").format(
        name=tr("{} (example)").format(model.name) if example else model.name,
        day=model.day,
        count=counted(len(model.classes), tr("class"), tr("classes")),
        classes=named,
    )


def _tip(model: ModelFile) -> str:
    if model.problem:
        return plain(f"{model.path}\n{model.problem}")
    accuracy = (
        tr("accuracy not known")
        if model.accuracy is None
        else tr("overall accuracy {:.1f} % of the tested pixels").format(100 * model.accuracy)
    )
    facts = [tr("Trained on {}").format(model.scene)] if model.scene else []
    return plain("\n".join([str(model.path), *facts, shortened(", ".join(model.classes), _MOST_LETTERS), accuracy]))


def _folder_text(folder: Path | None) -> str:
    if folder is None:
        return _no_list_text(folder)
    return tr("Models in {}. You choose the folder in the options of QGIS.").format(plain(str(folder)))


def _no_list_text(folder: Path | None) -> str:
    if folder is None:
        return tr("Choose a folder of models in the options of QGIS (HSI Classifier) to have them listed here.")
    return tr("There is no model in your folder of models, {}.").format(plain(str(folder)))
