"""The contents of the dock: widgets that report what was pressed, and show what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...plain_text import shortened
from ...translation import tr
from .classes import PointClass
from .keys import CLASS_KEYS

_SWATCH_PX = 14
# Of a name on a button.
_MOST_LETTERS = 100


class LabelPanel(QWidget):
    """What the dock shows. It takes the keys itself: only lists and the comment can be entered.

    Attributes
    ----------
    class_chosen, certainty_chosen : number of the button that was pressed.
    stepped : by how many points.
    """

    class_chosen = pyqtSignal(int)
    certainty_chosen = pyqtSignal(int)
    stepped = pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.layers, self.fields = QgsMapLayerComboBox(), QComboBox()
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PointLayer)
        self.fields.setToolTip(tr("The field that the classes are written into. Each interpreter has a separate one."))
        self.only_selected = QCheckBox(tr("Only the selected points"))
        self.progress, self.bar, self.point = QLabel(), QProgressBar(), QLabel()
        self.progress.setObjectName("progress")
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(8)
        self.previous = _button(tr("◀ Previous"), tr("Left arrow"))
        self.next = _button(tr("Next ▶"), tr("Right arrow, space or Enter"))
        self.next_unlabelled = _button(tr("Next unlabelled"), tr("N"))
        self.clear = _button(tr("0  Clear"), tr("0 or Backspace: take the class away again"))
        self.add_class = _button(tr("Add class…"), tr("Add a class to the list of this field"))
        self.undo = _button(tr("Undo"), tr("Ctrl+Z, also after labels were saved"))
        self.zoom = _button(tr("Zoom to point"), tr("Back to the first scale: about 15 pixels of the map"))
        self.in_map = _button(
            tr("Keys in the map"), tr("The tool with which keys count in the map and a click picks a point")
        )
        self.in_map.setCheckable(True)
        self.onward = QCheckBox(tr("Go to the next unlabelled point after a class"))
        self.comment, self.status, self.note = _Comment(), QLabel(), QLabel()
        self.comment.setPlaceholderText(tr("Comment: F2 to write, Enter when done"))
        self.class_buttons: list[QPushButton] = []
        self.certainty_buttons: list[QToolButton] = []
        for box in (self.only_selected, self.onward):
            box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for label in (self.status, self.note):
            label.setWordWrap(True)
        for label in (self.status, self.note, self.point):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self.previous.clicked.connect(lambda _=False: self.stepped.emit(-1))
        self.next.clicked.connect(lambda _=False: self.stepped.emit(1))

    def _lay_out(self) -> None:
        whole, form = QVBoxLayout(self), QFormLayout()
        form.addRow(tr("Points"), self.layers)
        form.addRow(tr("Label into field"), self.fields)
        whole.addLayout(form)
        whole.addWidget(self.only_selected)
        whole.addWidget(self.progress)
        whole.addWidget(self.bar)
        whole.addWidget(self.point)
        whole.addLayout(_row(self.previous, self.next, self.next_unlabelled))
        self._classes = QVBoxLayout()
        self._classes.setSpacing(1)
        inner, area = QWidget(), QScrollArea()
        self._classes.setContentsMargins(0, 0, 0, 0)
        inner.setLayout(self._classes)
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole.addWidget(area, 1)
        whole.addLayout(_row(self.clear, self.add_class))
        self._certainties = QHBoxLayout()
        whole.addLayout(self._certainties)
        whole.addWidget(self.comment)
        whole.addWidget(self.onward)
        whole.addLayout(_row(self.undo, self.zoom, self.in_map))
        whole.addWidget(self.status)
        whole.addWidget(self.note)

    def offer_classes(self, classes: Sequence[PointClass]) -> None:
        """A button for each class, with its key and colour."""
        _empty(self._classes)
        self.class_buttons = []
        for number, item in enumerate(classes):
            key = CLASS_KEYS[number] if number < len(CLASS_KEYS) else " "
            # An ampersand would be taken for the mark of a shortcut.
            button = QPushButton(
                _swatch(item.colour), f"{key}  {shortened(item.name, _MOST_LETTERS)}".replace("&", "&&")
            )
            button.setStyleSheet("QPushButton { text-align: left; padding: 1px 6px; }")
            button.clicked.connect(lambda _=False, chosen=number: self.class_chosen.emit(chosen))
            _prepare(button)
            button.setCheckable(True)
            self.class_buttons.append(button)
            self._classes.addWidget(button)
        self._classes.addStretch(1)

    def offer_certainties(self, words: Sequence[str]) -> None:
        """A button for each certainty; none if the layer has no field for it."""
        _empty(self._certainties)
        self.certainty_buttons = []
        for number, word in enumerate(words):
            button = QToolButton()
            button.setText(shortened(word, _MOST_LETTERS).replace("&", "&&"))
            button.setToolTip(tr("+ and − change it"))
            button.clicked.connect(lambda _=False, chosen=number: self.certainty_chosen.emit(chosen))
            _prepare(button)
            button.setCheckable(True)
            self.certainty_buttons.append(button)
            self._certainties.addWidget(button)
        self._certainties.addStretch(1)

    def show_point(self, class_number: int | None, certainty_number: int | None, comment: str) -> None:
        """What the current point has; None if that is nothing, or not in the lists."""
        for chosen, buttons in ((class_number, self.class_buttons), (certainty_number, self.certainty_buttons)):
            for number, button in enumerate(buttons):
                button.setChecked(number == chosen)
        # What is being typed is not lost when labels are saved meanwhile.
        if not self.comment.isModified() and self.comment.text() != comment:
            self.comment.setText(comment)

    def enable(self, *, browsing: bool, labelling: bool) -> None:
        """Switch on what can be used: whether there is a point to go to, and whether it can be changed."""
        for button in (self.previous, self.next, self.next_unlabelled, self.zoom):
            button.setEnabled(browsing)
        changing = (*self.class_buttons, *self.certainty_buttons, self.clear, self.comment, self.undo)
        for widget in changing:
            widget.setEnabled(browsing and labelling)
        self.add_class.setEnabled(labelling)


class _Comment(QLineEdit):
    """A line that gives the focus back to the panel, and keeps the key that does so."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            event.accept()
            self.parentWidget().setFocus()
        else:
            super().keyPressEvent(event)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    _prepare(button)
    return button


def _prepare(button: Any) -> None:
    # With the focus it would take space and arrows, and lose it to the next one when it is switched off.
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


def _empty(layout: Any) -> None:
    while layout.count():
        widget = layout.takeAt(0).widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(_SWATCH_PX, _SWATCH_PX)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
