"""The page itself: state of the engine, the device for new runs, and a button for each action."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsSettings
from qgis.gui import QgsFileWidget, QgsOptionsPageWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QLabel,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..engine.failures import EngineMissing
from ..engine.model_files import list_models
from ..engine.source import engine_version
from ..environment.current import DEVICE_SETTING, MODELS_SETTING, current_engine, engine_location
from ..environment.errors import SetUpError
from ..environment.records.removal import remove_environment
from ..paths import exists, expanded, is_folder
from ..plain_text import plain
from ..translation import tr
from .facts import fact_rows, headline

_DEVICES = ("auto", "cpu", "cuda", "mps")
_COLOURS = {
    "ready": "#2e7d32",
    "missing": "#b26a00",
    "interrupted": "#b26a00",
    "outdated": "#b26a00",
    "broken": "#b3261e",
}


class HsiOptionsPage(QgsOptionsPageWidget):
    """Shown by QGIS under Settings > Options > HSI Classifier."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = QLabel()
        self._message = QLabel()
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._facts = QFormLayout()
        self._device = QComboBox()
        self._device.setEditable(True)  # cuda:1 and the like
        self._device.addItems(_DEVICES)
        self._device.setCurrentText(str(QgsSettings().value(DEVICE_SETTING, "") or _DEVICES[0]))
        self.models = QgsFileWidget()
        self.models.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.models.setDialogTitle(tr("Folder of models"))
        self.models.setFilePath(str(QgsSettings().value(MODELS_SETTING, "") or ""))
        self.models.fileChanged.connect(self._count_models)
        self._models_note = QLabel()
        self._models_note.setWordWrap(True)
        self._models_note.setTextFormat(Qt.TextFormat.PlainText)
        self.set_up = QPushButton(tr("Set up or repair…"))
        self.use_existing = QPushButton(tr("Use an existing Python…"))
        self.report = QPushButton(tr("Report…"))
        self.remove = QPushButton(tr("Remove environment…"))
        self.set_up.clicked.connect(lambda: self._run("hsi:set_up_engine", {}))
        self.use_existing.clicked.connect(self._choose_python)
        self.report.clicked.connect(lambda: self._run("hsi:engine_report", {}))
        self.remove.clicked.connect(self._ask_and_remove)
        self._count_models(self.models.filePath())
        self._lay_out()
        self.refresh()

    def apply(self) -> None:
        """Called by QGIS when the user presses OK."""
        device = self._device.currentText().strip()
        QgsSettings().setValue(DEVICE_SETTING, "" if device == _DEVICES[0] else device)
        QgsSettings().setValue(MODELS_SETTING, self.models.filePath().strip())

    def refresh(self) -> None:
        """Show what is now."""
        location = engine_location()
        while self._facts.rowCount():
            self._facts.removeRow(0)
        try:
            state = current_engine()
        except EngineMissing as incomplete:
            self._show("broken", tr("The plugin is not complete"), str(incomplete))
            return
        self._show(state.kind, headline(state), state.message)
        for title, text in fact_rows(state, location, engine_version()):
            self._facts.addRow(tr("{}:").format(title), _selectable(text))
        self.remove.setEnabled(exists(location.environment) or exists(location.marker))

    def _show(self, kind: str, title: str, message: str) -> None:
        self._state.setText(title)
        self._state.setStyleSheet(f"font-weight: bold; font-size: 14pt; color: {_COLOURS[kind]}")
        self._message.setText(message)

    def _lay_out(self) -> None:
        engine = QGroupBox(tr("Engine"))
        column = QVBoxLayout(engine)
        column.addWidget(self._state)
        column.addWidget(self._message)
        column.addLayout(self._facts)
        buttons = QGridLayout()
        for index, button in enumerate((self.set_up, self.use_existing, self.report, self.remove)):
            buttons.addWidget(button, index // 2, index % 2)
        column.addLayout(buttons)
        runs = QGroupBox(tr("New runs"))
        form = QFormLayout(runs)
        form.addRow(tr("Device:"), self._device)
        note = QLabel(tr("Used if a form says “auto”. auto uses a GPU if there is one; cuda:1 is the second GPU."))
        note.setWordWrap(True)
        form.addRow(note)
        form.addRow(tr("Folder of models:"), self.models)
        form.addRow(self._models_note)
        page = QVBoxLayout(self)
        page.addWidget(engine)
        page.addWidget(runs)
        page.addStretch(1)

    def _count_models(self, path: str) -> None:
        """Say how many models the chosen folder holds."""
        folder = expanded(path.strip())
        if not path.strip():
            text = tr("Forms list the models of this folder wherever a model file is asked for.")
        elif not is_folder(folder):
            text = tr("There is no such folder.")
        else:
            models = list_models(folder)
            broken = [model.name for model in models if model.problem]
            text = tr("{} models, listed wherever a model file is asked for.").format(len(models) - len(broken))
            if len(models) - len(broken) == 1:
                text = tr("1 model, listed wherever a model file is asked for.")
            if broken:
                text += " " + tr("Cannot be read: {}.").format(", ".join(broken[:5]) + (", …" if broken[5:] else ""))
        self._models_note.setText(text)

    def _run(self, algorithm: str, parameters: dict[str, Any]) -> None:
        """Open the dialog of an algorithm, and show afterwards what has changed."""
        import processing

        processing.execAlgorithmDialog(algorithm, parameters)
        self.refresh()

    def _choose_python(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("An existing Python with the engine's packages"))
        if path:
            self._run("hsi:set_up_engine", {"EXISTING_PYTHON": path})

    def _ask_and_remove(self) -> None:
        location = engine_location()
        question = tr(
            "Remove the engine's environment in {}? Algorithms cannot run until it is set up again. Models, maps and "
            "reports are kept."
        ).format(plain(str(location.folder)))
        yes = QMessageBox.StandardButton.Yes
        if QMessageBox.question(self, tr("Remove environment"), question) != yes:
            return
        try:
            remove_environment(location)
        except SetUpError as error:
            QMessageBox.warning(self, tr("Remove environment"), plain(str(error)))
        self.refresh()


def _selectable(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
