"""The probabilities of the classes as small bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qgis.PyQt.QtCore import QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QTextOption
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from ...plain_text import plain
from ...translation import tr

_MOST = 8
_ROW_EMS, _NAME_SHARE, _NUMBER_TEXT = 1.5, 0.42, "100.0 %  ✓"


class ClassBars(QWidget):
    """A row per class: its name, a bar in its colour, the probability, and a tick if it is in the prediction set."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[Mapping[str, Any]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_classes(self, classes: Sequence[Mapping[str, Any]]) -> None:
        """The most probable classes of an explanation; none clears the bars."""
        self._rows = list(classes[:_MOST])
        lines = [f"{one['name']}: {_text(one)}" for one in classes]
        if any(one["in_set"] for one in classes):
            lines.append(tr("✓: in the prediction set"))
        self.setToolTip(plain("\n".join(lines)))
        self.updateGeometry()
        self.update()

    @property
    def texts(self) -> list[str]:
        """What is shown, for people who do not see the bars: "tree: 24.1 %  ✓"."""
        return [f"{one['name']}: {_text(one)}" for one in self._rows]

    def sizeHint(self) -> QSize:
        """Called by Qt."""
        return QSize(240, round(len(self._rows) * self._row_height()))

    def minimumSizeHint(self) -> QSize:
        """Called by Qt."""
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Called by Qt."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics, height = self.fontMetrics(), self._row_height()
        numbers = metrics.boundingRect(_NUMBER_TEXT).width() + 6
        names = _NAME_SHARE * self.width()
        room = max(10.0, self.width() - names - numbers - 8)
        ink = self.palette().text().color()
        for number, one in enumerate(self._rows):
            top = number * height
            shown = metrics.elidedText(one["name"], Qt.TextElideMode.ElideRight, int(names) - 6)
            painter.setPen(ink)
            painter.drawText(QRectF(0, top, names, height), shown, _on_line())
            bar = QRectF(names, top + 0.22 * height, room, 0.56 * height)
            painter.fillRect(bar, QColor(128, 128, 128, 40))
            filled = QRectF(bar.left(), bar.top(), room * one["probability"], bar.height())
            painter.fillRect(filled, QColor(one["color"]))
            painter.setPen(QColor(0, 0, 0, 90))
            painter.drawRect(filled)
            painter.setPen(ink)
            right = QRectF(self.width() - numbers, top, numbers, height)
            painter.drawText(right, _text(one), _on_line())
        painter.end()

    def _row_height(self) -> float:
        return _ROW_EMS * float(self.fontMetrics().height())


def _on_line() -> QTextOption:
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    return option


def _text(one: Mapping[str, Any]) -> str:
    number = tr("{:.1f} %").format(100 * one["probability"])
    return f"{number}  ✓" if one["in_set"] else number
