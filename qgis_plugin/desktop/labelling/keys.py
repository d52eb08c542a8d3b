"""Keys of labelling. They count in the dock, and in the canvas while its tool is the active one; other inputs keep theirs."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

from qgis.core import QgsPointXY
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapToolPan
from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence

# Digits are for the first nine classes, letters for others; N is for the next point without a label.
CLASS_KEYS = "123456789" + string.ascii_uppercase.replace("N", "")
CLASS, STEP, NEXT_UNLABELLED, CERTAINTY, COMMENT, UNDO, CLEAR = (
    "class",
    "step",
    "next unlabelled",
    "certainty",
    "comment",
    "undo",
    "clear",
)
Command = tuple[str, int]
_COMMANDS: dict[int, Command] = {
    int(Qt.Key.Key_Right): (STEP, 1),
    int(Qt.Key.Key_Return): (STEP, 1),
    int(Qt.Key.Key_Enter): (STEP, 1),
    int(Qt.Key.Key_Space): (STEP, 1),
    int(Qt.Key.Key_Left): (STEP, -1),
    int(Qt.Key.Key_N): (NEXT_UNLABELLED, 0),
    int(Qt.Key.Key_0): (CLEAR, 0),
    int(Qt.Key.Key_Backspace): (CLEAR, 0),
    int(Qt.Key.Key_Plus): (CERTAINTY, -1),
    int(Qt.Key.Key_Minus): (CERTAINTY, 1),
    int(Qt.Key.Key_F2): (COMMENT, 0),
    # Qt numbers letters and digits as their characters are.
    **{ord(key): (CLASS, number) for number, key in enumerate(CLASS_KEYS)},
}
_WITH_ANOTHER = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
# A mouse that moves less between press and release has clicked.
_CLICK_PX = 4


def command_of(event: QKeyEvent) -> Command | None:
    """What a key asks for; None if it is not one of those of labelling."""
    if event.matches(QKeySequence.StandardKey.Undo):
        return (UNDO, 0)
    return None if event.modifiers() & _WITH_ANOTHER else _COMMANDS.get(event.key())


class LabelKeys(QObject):
    """Filters the keys of the widgets it is installed on.

    Parameters
    ----------
    canvas : counts only while ``tool`` is its tool.
    takes : whether a command means something now; if not, QGIS gets the key.

    Attributes
    ----------
    pressed : a command and its number.
    """

    pressed = pyqtSignal(str, int)

    def __init__(self, canvas: QgsMapCanvas, tool: LabelTool, takes: Callable[[str, int], bool]) -> None:
        super().__init__()
        self._canvas, self._tool, self._takes = canvas, tool, takes

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Called by Qt before the widget gets an event."""
        if event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        # Lists and the comment pass on what they do not need, such as arrows.
        in_canvas, has_focus = watched == self._canvas, watched.hasFocus()
        if (in_canvas and self._canvas.mapTool() != self._tool) or not (in_canvas or has_focus):
            return False
        command = command_of(event)
        if command is None or not self._takes(*command):
            return False
        # Accepted as an override, the key is not a shortcut of QGIS and comes as a press.
        event.accept()
        if event.type() == QEvent.Type.KeyPress and not (event.isAutoRepeat() and command[0] != STEP):
            self.pressed.emit(*command)
        return True


class LabelTool(QgsMapToolPan):
    """Pans as the tool of QGIS does; a click picks a point.

    Attributes
    ----------
    clicked : the place in map coordinates, and how far a point may be from it.
    """

    clicked = pyqtSignal(QgsPointXY, float)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._pressed: Any = None

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        """Note where the mouse was pressed."""
        self._pressed = event.pos()
        super().canvasPressEvent(event)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Pick a point if the mouse has not moved since."""
        moved = None if self._pressed is None else (event.pos() - self._pressed).manhattanLength()
        if moved is not None and moved < _CLICK_PX and event.button() == Qt.MouseButton.LeftButton:
            # Not passed on: a click of the tool of QGIS centres the canvas.
            self.canvas().setCursor(Qt.CursorShape.OpenHandCursor)
            self.clicked.emit(self.toMapCoordinates(event.pos()), self.searchRadiusMU(self.canvas()))
            return
        super().canvasReleaseEvent(event)
