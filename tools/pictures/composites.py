"""The same scene in three composites, side by side, as QGIS draws them: composites.py SCENE FOLDER_OF_STYLES PICTURE

Runs in QGIS's Python without a desktop. FOLDER_OF_STYLES holds a style per composite, written by `hsi colour --style`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qgis.core import QgsApplication, QgsMapRendererParallelJob, QgsMapSettings, QgsRasterLayer
from qgis.PyQt.QtCore import QRect, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QImage, QPainter

COMPOSITES = {
    "true_colour": "True colour",
    "near_infrared": "Near infrared",
    "short_wave_infrared": "Short-wave infrared",
}
EDGE, GAP, TITLE = 435, 16, 44


def drawn(scene: str, style: Path) -> QImage:
    layer = QgsRasterLayer(scene, "scene")
    message, loaded = layer.loadNamedStyle(str(style))
    if not loaded:
        raise SystemExit(f"The style {style} cannot be loaded: {message}")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(EDGE, EDGE))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def main(scene: str, styles: Path, picture: Path) -> None:
    width = len(COMPOSITES) * EDGE + (len(COMPOSITES) - 1) * GAP
    image = QImage(width, EDGE + TITLE, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    font = QFont("DejaVu Sans")
    font.setPixelSize(22)
    painter.setFont(font)
    for place, (name, title) in enumerate(COMPOSITES.items()):
        left = place * (EDGE + GAP)
        painter.drawImage(left, 0, drawn(scene, styles / f"{name}.qml"))
        painter.drawText(QRect(left, EDGE, EDGE, TITLE), Qt.AlignmentFlag.AlignCenter, title)
    painter.end()
    if not image.save(str(picture)):
        raise SystemExit(f"The picture {picture} cannot be written.")


if __name__ == "__main__":
    application = QgsApplication([], True)
    application.initQgis()
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    application.exitQgis()
