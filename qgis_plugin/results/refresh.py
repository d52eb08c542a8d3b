"""Layers of the project whose files a job writes again."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from qgis.core import QgsMapLayer, QgsProcessingFeedback, QgsProject, QgsRasterLayer, QgsVectorLayer

from ..paths import comparable, file_name
from ..translation import tr


def refresh_overwritten(project: QgsProject, destination: str, feedback: QgsProcessingFeedback) -> None:
    """Let the layers that show ``destination`` show what is in it now; call on the main thread."""
    for layer in layers_of(project, destination):
        layer.dataProvider().reloadData()
        layer.reload()
        _, styled = layer.loadDefaultStyle()
        layer.triggerRepaint()
        feedback.pushInfo(
            tr("Layer '{layer}' shows the new {path}.").format(layer=layer.name(), path=destination)
            if styled
            else tr("Layer '{layer}' shows the new {path} in the style it had.").format(
                layer=layer.name(), path=destination
            )
        )


def refuse_open_outputs(
    project: QgsProject, destinations: Iterable[str], *, locks_open_files: bool = os.name == "nt"
) -> str | None:
    """Why an output cannot be replaced, for ``checkParameterValues``; None if all can.

    Parameters
    ----------
    locks_open_files : True on systems, such as Windows, that do not replace a file while a program has it open.
    """
    if not locks_open_files:
        return None
    for destination in destinations:
        layers = layers_of(project, destination)
        if layers:
            return tr(
                "The output {path} is open as layer '{layer}', and Windows cannot replace open files."
                " Remove the layer from the project first, or choose another name for the output."
            ).format(path=destination, layer=layers[0].name())
    return None


def refuse_unsaved_edits(project: QgsProject, outputs: Mapping[str, str]) -> str | None:
    """Why an output may not replace a file now: a layer that shows it has edits that QGIS would save into the new file.

    QGIS keeps edits by the number of a feature, which is another feature in the new file.

    Parameters
    ----------
    outputs : paths by the titles of the form.

    Returns
    -------
    A sentence for ``checkParameterValues``; None if no layer of ``project`` has such edits.
    """
    for title, path in outputs.items():
        for layer in layers_of(project, path):
            if isinstance(layer, QgsVectorLayer) and layer.isModified():
                return tr(
                    "{title}: layer '{layer}' shows {path} and has unsaved edits, which would go to other features of the"
                    " new file. Save or discard the edits of the layer, or choose another name for the output."
                ).format(title=title, layer=layer.name(), path=path)
    return None


def layers_of(project: QgsProject, destination: str) -> list[QgsMapLayer]:
    """The layers of a project that show the file ``destination``."""
    wanted = comparable(destination)
    return [
        layer
        for layer in project.mapLayers().values()
        if isinstance(layer, (QgsRasterLayer, QgsVectorLayer))
        and layer.providerType() in ("gdal", "ogr")
        and comparable(file_name(layer.source())) == wanted
    ]
