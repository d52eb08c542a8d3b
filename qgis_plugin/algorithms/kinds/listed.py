"""How an algorithm is listed in the toolbox, and the place of its help."""

from __future__ import annotations

from typing import ClassVar

from qgis.core import QgsProcessingAlgorithm
from qgis.PyQt.QtGui import QIcon

from ...documentation import help_url
from ...icons import icon


class ListedAlgorithm(QgsProcessingAlgorithm):
    """An algorithm that states in its class what QGIS asks its methods for.

    ID, TITLE, GROUP, GROUP_ID, TAGS, ICON : how the toolbox lists it; ID and GROUP_ID never change.
    SUMMARY, HELP : one sentence, and the help next to the form in HTML.
    HELP_PAGE : page of the user guide.
    """

    ID: ClassVar[str]
    TITLE: ClassVar[str]
    GROUP: ClassVar[str]
    GROUP_ID: ClassVar[str]
    TAGS: ClassVar[tuple[str, ...]] = ()
    ICON: ClassVar[str] = "provider"
    SUMMARY: ClassVar[str]
    HELP: ClassVar[str]
    HELP_PAGE: ClassVar[str]

    def createInstance(self) -> ListedAlgorithm:
        return type(self)()

    def name(self) -> str:
        return self.ID

    def displayName(self) -> str:
        return self.TITLE

    def group(self) -> str:
        return self.GROUP

    def groupId(self) -> str:
        return self.GROUP_ID

    def tags(self) -> list[str]:
        return list(self.TAGS)

    def icon(self) -> QIcon:
        return icon(self.ICON)

    def shortDescription(self) -> str:
        return self.SUMMARY

    def shortHelpString(self) -> str:
        return self.HELP

    def helpUrl(self) -> str:
        return help_url(self.HELP_PAGE)
