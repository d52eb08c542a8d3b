"""The contents of the dock: which scene and model, and what was found of the pixel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsRasterLayer
from qgis.gui import QgsFileWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ...plain_text import shortened
from ...runs.wording import explained_sentences
from ...translation import tr
from ...widgets.model_widget import models_list, models_of_user
from .bars import ClassBars
from .chart import SpectrumChart

# Of a sentence, which may hold names of classes.
_MOST_LETTERS = 1000


class ExplainPanel(QWidget):
    """What the dock shows; :attr:`model` and :attr:`scene` are chosen in it."""

    def __init__(self) -> None:
        super().__init__()
        self.scenes, self.files = QgsMapLayerComboBox(), QgsFileWidget()
        self.scenes.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.files.setFilter(tr("Models (*.hsimodel *.onnx)"))
        self.files.setDialogTitle(tr("Model file"))
        self.list = self._list_of_models()
        self.pick = QPushButton(tr("Explain on click"))
        self.pick.setCheckable(True)
        self.page = QPushButton(tr("Open page"))
        self.page.setToolTip(tr("Write a page on this pixel, with a larger chart, and open it in the browser."))
        self.page.setEnabled(False)
        self.status, self.headline, self.sentences = QLabel(), QLabel(), QLabel()
        self.status.setObjectName("status")
        self.bars, self.chart = ClassBars(), SpectrumChart()
        self._lay_out()
        self.clear("")

    @property
    def scene(self) -> QgsRasterLayer | None:
        """The layer whose pixels are explained."""
        layer = self.scenes.currentLayer()
        return layer if isinstance(layer, QgsRasterLayer) else None

    @property
    def model(self) -> str:
        """Path of the model file; empty if none is chosen."""
        return str(self.files.filePath())

    def clear(self, status: str) -> None:
        """Show no pixel, and this sentence."""
        self.status.setText(shortened(status, _MOST_LETTERS))
        self.status.setVisible(bool(status))
        for widget in (self.headline, self.bars, self.sentences, self.chart):
            widget.hide()
        self.page.setEnabled(False)

    def show_explanation(self, found: Mapping[str, Any]) -> None:
        """Show what was found of a pixel."""
        place = tr("Row {}, column {}").format(found["row"], found["col"])
        self.status.setText(place)
        self.status.show()
        self.headline.setText(shortened(found["headline"], _MOST_LETTERS))
        font = self.headline.font()
        font.setBold(True)
        self.headline.setFont(font)
        self.bars.show_classes(found["classes"])
        lines = [*explained_sentences(found), *_nearest(found), *found["missing"], *found["notes"]]
        self.sentences.setText("\n".join(f"• {shortened(line, _MOST_LETTERS)}" for line in lines))
        self.chart.show_explanation(found)
        for widget in (self.headline, self.bars, self.sentences, self.chart):
            widget.show()
        self.page.setEnabled(True)

    def _list_of_models(self) -> QComboBox | None:
        _, models = models_of_user()
        if not models:
            return None
        box = models_list(models)
        box.activated.connect(lambda number: self.files.setFilePath(box.itemData(number) or self.model))
        self.files.fileChanged.connect(lambda path: box.setCurrentIndex(max(0, box.findData(path))))
        return box

    def _lay_out(self) -> None:
        whole, form = QVBoxLayout(self), QFormLayout()
        form.addRow(tr("Scene"), self.scenes)
        if self.list is not None:
            form.addRow(tr("Model"), self.list)
        form.addRow("" if self.list is not None else tr("Model"), self.files)
        whole.addLayout(form)
        row = QHBoxLayout()
        row.addWidget(self.pick, 1)
        row.addWidget(self.page)
        whole.addLayout(row)
        found = QWidget()
        column = QVBoxLayout(found)
        column.setContentsMargins(0, 0, 0, 0)
        for label in (self.status, self.headline, self.sentences):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            label.setTextFormat(Qt.TextFormat.PlainText)
        for widget in (self.status, self.headline, self.bars, self.chart, self.sentences):
            column.addWidget(widget)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(found)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.addWidget(area, 1)


def _nearest(found: Mapping[str, Any]) -> list[str]:
    """The nearest training pixels in one line."""
    named = [one for one in found["nearest"] if one["name"] is not None]
    if not named:
        return []
    texts = [f"{one['name']} ({one['distance']:.2f})" for one in named]
    return [tr("Nearest training pixels, with their distance: {}.").format(", ".join(texts))]
