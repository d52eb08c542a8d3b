"""What the algorithms about the engine itself share: they work with no engine at all."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingAlgorithm

from ...translation import tr
from ..kinds.listed import ListedAlgorithm


class EngineTool(ListedAlgorithm):
    """Base of the algorithms of the group "Engine"."""

    GROUP, GROUP_ID = tr("Engine"), "engine"
    ICON = "options"

    def flags(self) -> Any:
        """Not in batch: it is about this computer, not about data."""
        return super().flags() & ~QgsProcessingAlgorithm.Flag.FlagSupportsBatch
