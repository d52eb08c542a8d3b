"""The group "HSI Classifier" of the Processing toolbox."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .icons import icon, icon_path
from .translation import tr

PROVIDER_ID = "hsi"


class HsiProvider(QgsProcessingProvider):
    """All algorithms of the plugin; they are listed whether or not an engine is set up."""

    def id(self) -> str:
        return PROVIDER_ID

    def name(self) -> str:
        return tr("HSI Classifier")

    def longName(self) -> str:
        return tr("HSI Classifier: classification of hyperspectral scenes")

    def icon(self) -> QIcon:
        return icon("provider")

    def svgIconPath(self) -> str:
        return icon_path("provider")

    def loadAlgorithms(self) -> None:
        from .algorithms.catalogue import algorithms

        for algorithm in algorithms():
            self.addAlgorithm(algorithm)

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """The engine writes GeoTIFF, and nothing else."""
        return ["tif", "tiff"]

    def defaultRasterFileExtension(self, hasGdal: bool = True) -> str:  # noqa: N803 - name in QGIS
        return "tif"

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        """The engine writes GeoPackages, and nothing else."""
        return ["gpkg"]

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:  # noqa: N803 - name in QGIS
        return "gpkg"

    def supportsNonFileBasedOutput(self) -> bool:
        return False
