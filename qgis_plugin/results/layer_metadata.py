"""Metadata of the layer of a class map: what made it, how accurate that is, and where report and model are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsAbstractMetadataBase, QgsMapLayer
from qgis.PyQt.QtCore import QDateTime, QUrl

from ..plain_text import plain
from ..translation import tr

_LINES = (
    ("scene", tr("Scene")),
    ("method", tr("Method")),
    ("trained_on", tr("Model trained on")),
    ("labels", tr("Labels")),
    ("accuracy", tr("Accuracy")),
    ("software", tr("Made with")),
)

# Of one line, such as the names of all classes.
_MOST_LETTERS = 20_000


@dataclass(frozen=True)
class MapFacts:
    """What is known of a class map.

    Attributes
    ----------
    description : as the engine gives it with its result
    links : files that belong to the map, by what they are
    """

    description: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


def describe_layer(layer: QgsMapLayer, facts: MapFacts) -> None:
    """Set the metadata of ``layer``; what its file states otherwise, such as CRS and extent, stays.

    QGIS shows title, abstract and the like as markup in one place and as text in another.
    """
    found = {name: plain(text, _MOST_LETTERS) for name, text in facts.description.items()}
    if not found:
        return
    now = QDateTime.currentDateTime()
    metadata = layer.metadata()
    metadata.setType("dataset")
    metadata.setTitle(found.get("title", plain(layer.name())))
    lines = [tr("Made on {}.").format(now.toString("yyyy-MM-dd HH:mm"))]
    lines += [f"{title}: {found[name]}" for name, title in _LINES if found.get(name)]
    metadata.setAbstract("\n".join(lines))
    if found.get("classes"):
        metadata.setKeywords({tr("classes"): found["classes"].split(", ")})
    metadata.setHistory([f"{now.toString('yyyy-MM-dd HH:mm')}: {metadata.title()}, {found.get('method', '')}"])
    metadata.setLinks([_link(title, path) for title, path in facts.links.items()])
    layer.setMetadata(metadata)
    # Shown when the pointer rests on the layer.
    properties = layer.serverProperties() if hasattr(layer, "serverProperties") else None
    described: Any = properties if hasattr(properties, "setAbstract") else layer  # moved there in QGIS 3.38
    described.setAbstract(metadata.abstract())


def _link(title: str, path: str) -> QgsAbstractMetadataBase.Link:
    link = QgsAbstractMetadataBase.Link(title, "file", bytes(QUrl.fromLocalFile(path).toEncoded()).decode("ascii"))
    link.description = plain(path)
    return link
