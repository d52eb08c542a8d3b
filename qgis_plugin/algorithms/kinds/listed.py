"""How an algorithm is listed in the toolbox, and the place of its help."""

from __future__ import annotations

from typing import ClassVar

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QIcon

from ...documentation import help_url
from ...icons import icon


class ListedAlgorithm(QgsProcessingAlgorithm):
    """An algorithm that states in its class what QGIS asks its methods for; its name never changes.

    TAGS, ICON : how the toolbox lists it.
    HELP : the help next to the form in HTML.
    HELP_PAGE : page of the user guide.
    """

    TAGS: ClassVar[tuple[str, ...]] = ()
    ICON: ClassVar[str] = "provider"
    HELP: ClassVar[str] = ""
    HELP_PAGE: ClassVar[str] = "README"

    def createInstance(self) -> ListedAlgorithm:
        return type(self)()

    def tags(self) -> list[str]:
        return list(self.TAGS)

    def icon(self) -> QIcon:
        return icon(self.ICON)

    def shortHelpString(self) -> str:
        return self.HELP

    def helpUrl(self) -> str:
        return help_url(self.HELP_PAGE)
