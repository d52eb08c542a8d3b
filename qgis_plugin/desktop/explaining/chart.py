"""The spectrum of the pixel over mean ± standard deviation of classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QTextOption
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from ...plain_text import plain
from ...translation import tr

_MOST_CLASSES = 3
_RIGHT, _TOP, _BOTTOM, _SPACE = 8, 8, 34, 6
# A stretch between bands so much longer than the usual step holds bands that the model does not use.
_GAP_STEPS = 4
# Bands that reach far beyond all others, as next to an absorption of the air, do not decide the height of the chart.
_USUAL = 0.97
# Where numbers stand at the side, as shares of the height.
_TICKS = (0.0, 0.5, 1.0)


def _short(value: float) -> str:
    """Three digits; larger numbers as people write them."""
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"


class SpectrumChart(QWidget):
    """A chart without controls; the page of the pixel has a larger one."""

    def __init__(self) -> None:
        super().__init__()
        self._bands: list[Mapping[str, Any]] = []
        self._curves: list[tuple[str, QColor, list[float], list[float]]] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_explanation(self, found: Mapping[str, Any] | None) -> None:
        """The spectrum and the classes of an explanation; None clears the chart."""
        self._bands, self._curves = [], []
        if found is not None:
            self._bands = found["bands"]
            spectra = {one["value"]: one for one in found["class_spectra"]}
            known = [one for one in found["classes"] if one["value"] in spectra]
            for one in known[:_MOST_CLASSES]:
                own = spectra[one["value"]]
                self._curves.append((one["name"], QColor(one["color"]), own["mean"], own["deviation"]))
        names = ", ".join(name for name, *_ in self._curves)
        self.setToolTip(
            tr("Black: this pixel. In colour: mean ± standard deviation of {}.").format(plain(names)) if names else ""
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Called by Qt."""
        return QSize(300, 190)

    def minimumSizeHint(self) -> QSize:
        """Called by Qt."""
        return QSize(160, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Called by Qt."""
        if not self._bands:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self._places()
        low, high = self._limits()
        numbers = [_short(low + share * (high - low)) for share in _TICKS]
        left = max(self.fontMetrics().boundingRect(number).width() for number in numbers) + 2 * _SPACE
        frame = QRectF(left, _TOP, max(20, self.width() - left - _RIGHT), max(20, self.height() - _TOP - _BOTTOM))
        plot = _Plot(frame, (min(x), max(x)), (low, high), self._parts(x))
        painter.fillRect(frame, QColor("white"))
        painter.setClipRect(frame)
        for number, (_, colour, mean, deviation) in reversed(list(enumerate(self._curves))):
            plot.band(painter, x, mean, deviation, colour, 90 if number == 0 else 45)
            plot.line(painter, x, mean, QPen(colour, 1.6))
        plot.line(painter, x, [band["value"] for band in self._bands], QPen(QColor("#1f2328"), 1.8))
        painter.setClipping(False)
        self._draw_axes(painter, frame, x, numbers)
        painter.end()

    def _places(self) -> list[float]:
        wavelengths = [band["wavelength_nm"] for band in self._bands]
        if all(value is not None for value in wavelengths):
            return wavelengths
        return [float(band["number"]) for band in self._bands]

    def _limits(self) -> tuple[float, float]:
        lows, highs = [], []
        for at, band in enumerate(self._bands):
            around = [band["value"]]
            for _, _, mean, deviation in self._curves:
                around += [mean[at] - deviation[at], mean[at] + deviation[at]]
            lows.append(min(around))
            highs.append(max(around))
        low, high = min(lows), max(highs)
        usual = sorted(highs)[min(len(highs) - 1, math.floor(_USUAL * len(highs)))]
        if high - low > 1.5 * (usual - low) > 0:
            high = low + 1.1 * (usual - low)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    @staticmethod
    def _parts(x: Sequence[float]) -> list[range]:
        """Runs of bands without a gap between them; the bands are taken to be in order."""
        steps = sorted(abs(b - a) for a, b in zip(x, x[1:]))
        usual = steps[len(steps) // 2] if steps else 1.0
        ends = [at + 1 for at, (a, b) in enumerate(zip(x, x[1:])) if abs(b - a) > _GAP_STEPS * usual or b < a]
        return [range(first, end) for first, end in zip([0, *ends], [*ends, len(x)])]

    def _draw_axes(self, painter: QPainter, frame: QRectF, x: Sequence[float], numbers: Sequence[str]) -> None:
        ink = self.palette().text().color()
        painter.setPen(QPen(QColor("#6b7280"), 1))
        painter.drawRect(frame)
        painter.setPen(ink)
        height = self.fontMetrics().height()
        beside = QTextOption(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        beside.setWrapMode(QTextOption.WrapMode.NoWrap)
        for share, number in zip(_TICKS, numbers):
            y = frame.bottom() - share * frame.height()
            top = min(max(0.0, y - height / 2), self.height() - height)
            painter.drawText(QRectF(0, top, frame.left() - _SPACE, height), number, beside)
        below = QRectF(frame.left(), frame.bottom() + 2, frame.width(), height)
        painter.drawText(below, f"{min(x):.0f}", QTextOption(Qt.AlignmentFlag.AlignLeft))
        painter.drawText(below, f"{max(x):.0f}", QTextOption(Qt.AlignmentFlag.AlignRight))
        nm = self._bands[0]["wavelength_nm"] is not None and x[0] == self._bands[0]["wavelength_nm"]
        title = tr("wavelength (nm)") if nm else tr("band number")
        painter.drawText(below, title, QTextOption(Qt.AlignmentFlag.AlignHCenter))


class _Plot:
    """Draws curves of values over places into a frame, in parts."""

    def __init__(
        self, frame: QRectF, across: tuple[float, float], up: tuple[float, float], parts: Sequence[range]
    ) -> None:
        self._frame, self._across, self._up, self._parts = frame, across, up, parts

    def line(self, painter: QPainter, x: Sequence[float], y: Sequence[float], pen: QPen) -> None:
        painter.setPen(pen)
        for part in self._parts:
            points = [self._at(x[at], y[at]) for at in part]
            if len(points) == 1:
                painter.drawEllipse(points[0], 2, 2)
            else:
                painter.drawPolyline(QPolygonF(points))

    def band(
        self,
        painter: QPainter,
        x: Sequence[float],
        mean: Sequence[float],
        deviation: Sequence[float],
        colour: QColor,
        alpha: int,
    ) -> None:
        fill = QColor(colour)
        fill.setAlpha(alpha)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        for part in self._parts:
            upper = [self._at(x[at], mean[at] + deviation[at]) for at in part]
            lower = [self._at(x[at], mean[at] - deviation[at]) for at in reversed(part)]
            painter.drawPolygon(QPolygonF([*upper, *lower]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _at(self, x: float, y: float) -> QPointF:
        across, up = self._across[1] - self._across[0] or 1.0, self._up[1] - self._up[0]
        return QPointF(
            self._frame.left() + (x - self._across[0]) / across * self._frame.width(),
            self._frame.bottom() - (y - self._up[0]) / up * self._frame.height(),
        )
