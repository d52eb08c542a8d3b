"""What the algorithms about the engine itself share: they work with no engine at all."""

from __future__ import annotations

from typing import Any, ClassVar

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QIcon

from ..documentation import help_url
from ..icons import icon
from ..translation import tr


class EngineTool(QgsProcessingAlgorithm):
    """Base of the algorithms of the group "Engine"; ID never changes, HELP is HTML."""

    ID: ClassVar[str]
    TITLE: ClassVar[str]
    TAGS: ClassVar[tuple[str, ...]] = ()
    SUMMARY: ClassVar[str]
    HELP: ClassVar[str]
    HELP_PAGE: ClassVar[str]

    def createInstance(self) -> EngineTool:
        return type(self)()

    def name(self) -> str:
        return self.ID

    def displayName(self) -> str:
        return self.TITLE

    def group(self) -> str:
        return tr("Engine")

    def groupId(self) -> str:
        return "engine"

    def tags(self) -> list[str]:
        return list(self.TAGS)

    def icon(self) -> QIcon:
        return icon("options")

    def shortDescription(self) -> str:
        return self.SUMMARY

    def shortHelpString(self) -> str:
        return self.HELP

    def helpUrl(self) -> str:
        return help_url(self.HELP_PAGE)

    def flags(self) -> Any:
        """Not in batch: it is about this computer, not about data."""
        return super().flags() & ~QgsProcessingAlgorithm.Flag.FlagSupportsBatch
