"""What the algorithms about the engine itself share: they work with no engine at all."""

from __future__ import annotations

from typing import Any, ClassVar

from qgis.core import QgsProcessingAlgorithm

from ...translation import tr
from ..kinds.listed import ListedAlgorithm


class EngineTool(ListedAlgorithm):
    """Base of the algorithms of the group "Engine".

    ID, TITLE, SUMMARY : how the toolbox lists it.
    """

    ID: ClassVar[str]
    TITLE: ClassVar[str]
    SUMMARY: ClassVar[str]
    ICON = "options"

    def name(self) -> str:
        return self.ID

    def displayName(self) -> str:
        return self.TITLE

    def group(self) -> str:
        return tr("Engine")

    def groupId(self) -> str:
        return "engine"

    def shortDescription(self) -> str:
        return self.SUMMARY

    def flags(self) -> Any:
        """Not in batch: it is about this computer, not about data."""
        return super().flags() & ~QgsProcessingAlgorithm.Flag.FlagSupportsBatch
