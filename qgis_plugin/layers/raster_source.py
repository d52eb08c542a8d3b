"""Raster layers as files that the engine's own GDAL can open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProviderRegistry,
    QgsRasterDataProvider,
    QgsRasterLayer,
)

from ..paths import exists, file_name, shown_name
from ..translation import tr
from .files import FileOnDisk, PlannedFile, free_name, why_unreadable
from .raster_copy import RasterOrigin, copy_raster, driver_of, is_driver_of_engine, refer_to_raster

_PICTURE_SERVICES = ("wms", "arcgismapserver")
# No data values that a message lists.
_MOST_RANGES = 5
# The engine's process has neither the memory of this one nor its network settings and passwords.
_ONLY_HERE = (
    "/vsimem/",
    "/vsicurl",
    "/vsis3",
    "/vsigs",
    "/vsiaz",
    "/vsiadls",
    "/vsioss",
    "/vsiswift",
    "/vsiwebhdfs",
    "/vsihdfs",
)


@dataclass(frozen=True)
class NoDataOption:
    """The field of a form for a value that means no data: its label, and what it holds."""

    label: str
    value: float | None


def plan_raster(
    layer: QgsRasterLayer | None, title: str, *, zero_is_empty: bool = False, nodata: NoDataOption | None = None
) -> PlannedFile:
    """Plan how the engine gets at the pixels of a layer; call on the main thread.

    A plain file is used as it is. Archives, parts of container files and layers whose CRS was assigned in QGIS become
    a small temporary VRT that refers to them; what only QGIS can reach becomes a temporary GeoTIFF.

    Parameters
    ----------
    title : what the layer is for, such as "Scene"; begins each message.
    zero_is_empty : 0 means no class, or outside of a mask, so that it does not matter whether QGIS takes it for no data.
    nodata : the field of the form that can take a no data value; None if there is none.

    Raises
    ------
    QgsProcessingException
        There is no layer, it shows pictures of a web service, or its file is gone or cannot be opened.
    """
    if layer is None:
        raise QgsProcessingException(
            tr("{title}: no raster layer was given, or it cannot be loaded. Choose a layer or a raster file.").format(
                title=title
            )
        )
    if layer.providerType() != "gdal":
        raise QgsProcessingException(_refusal_of_service(layer, title))
    source = str(layer.source())
    name = file_name(source)
    problem = why_unreadable(name)
    if problem:
        raise QgsProcessingException(
            tr("{title}: the file of layer '{layer}' {problem}: {path}. Restore it, or choose another layer.").format(
                title=title, layer=layer.name(), problem=problem, path=name
            )
        )
    if not layer.isValid():
        raise QgsProcessingException(
            tr("{title}: layer '{layer}' ({source}) cannot be opened. Repair its data source, or remove it.").format(
                title=title, layer=layer.name(), source=shown_name(source)
            )
        )
    own, shown = layer.dataProvider().crs(), layer.crs()
    assigned = shown.isValid() and shown != own
    origin = RasterOrigin(
        title=title,
        layer=layer.name(),
        name=name,
        options=tuple(QgsProviderRegistry.instance().decodeUri("gdal", source).get("openOptions") or ()),
        crs=shown.toWkt() if assigned else None,
    )
    notes = _unlike_in_qgis(layer, title)
    return PlannedRaster(title, origin, tuple(notes), tuple(_unused_nodata(layer, title, zero_is_empty, nodata)))


@dataclass(frozen=True)
class PlannedRaster:
    """A raster layer that can be turned into a file; ``notes`` say what it is in QGIS and its file is not.

    ``warnings`` say so if other pixels count than in QGIS.
    """

    title: str
    origin: RasterOrigin
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def materialise(self, folder: Path, feedback: QgsProcessingFeedback) -> FileOnDisk:
        for note in self.notes:
            feedback.pushInfo(note)
        for warning in self.warnings:
            feedback.pushWarning(warning)
        origin, path = self.origin, Path(self.origin.name)
        driver = driver_of(origin)
        if origin.name.startswith(_ONLY_HERE) or not is_driver_of_engine(driver):
            target = free_name(folder, origin.layer, ".tif")
            feedback.pushInfo(
                tr("{title}: only QGIS can read layer '{layer}' ({driver}: {name}); it is copied to {target}.").format(
                    title=self.title, layer=origin.layer, driver=driver, name=shown_name(origin.name), target=target
                )
            )
            copy_raster(origin, target, feedback)
            return FileOnDisk(str(target))
        if exists(path) and not origin.options and origin.crs is None:
            return FileOnDisk(str(path.absolute()))
        target = free_name(folder, origin.layer, ".vrt")
        refer_to_raster(origin, target)
        feedback.pushInfo(
            tr("{title}: layer '{layer}' ({name}) is read through the temporary file {target}.").format(
                title=self.title, layer=origin.layer, name=shown_name(origin.name), target=target
            )
        )
        return FileOnDisk(str(target))


def _unlike_in_qgis(layer: QgsRasterLayer, title: str) -> list[str]:
    """What the layer is in QGIS and its file is not, as far as no other pixels count by it."""
    notes = []
    own, shown = layer.dataProvider().crs(), layer.crs()
    if shown.isValid() and shown != own:
        notes.append(
            tr("{title}: layer '{layer}' is used in {crs}, as set in QGIS; its file says {own}.").format(
                title=title,
                layer=layer.name(),
                crs=shown.userFriendlyIdentifier(),
                own=own.userFriendlyIdentifier() if own.isValid() else tr("nothing"),
            )
        )
    if own.isValid() and not shown.isValid():
        notes.append(
            tr(
                "{title}: layer '{layer}' has no CRS in QGIS, but its file says {own}, which is used."
                " If that is wrong, set the right CRS (Layer ▸ Set CRS of Layer(s))."  # words: ok
            ).format(title=title, layer=layer.name(), own=own.userFriendlyIdentifier())
        )
    return notes


def _unused_nodata(
    layer: QgsRasterLayer, title: str, zero_is_empty: bool, option: NoDataOption | None
) -> Iterator[str]:
    """Why other pixels count than in QGIS: no data values that are set there (Properties, Transparency), or switched off."""
    provider = layer.dataProvider()
    own = {band: _nodata_of_file(provider, band) for band in range(1, layer.bandCount() + 1)}
    empty = {0.0} if zero_is_empty else set[float]()
    set_here = {
        band: [r for r in _ranges(provider, band) if not (r[0] == r[1] and r[0] in empty | {value})]
        for band, value in own.items()
    }
    found = sorted({r for ranges in set_here.values() for r in ranges})
    in_all = found[0][0] if len(found) == 1 and found[0][0] == found[0][1] and all(set_here.values()) else None
    if found and not (option is not None and in_all is not None and option.value == in_all):
        advice = tr("To leave them out, export the layer to a GeoTIFF and list them there under “No data values”.")
        if option is not None and in_all is not None and option.value is None:
            advice = tr("To leave them out, set “{label}” to {value}.").format(
                label=option.label, value=f"{in_all:.10g}"
            )
        yield tr(
            "{title}: the no data values set in QGIS for layer '{layer}' are not used, only those of its file: unlike in QGIS,"
            " pixels with the value {values} count. {advice}"
        ).format(title=title, layer=layer.name(), values=", ".join(map(_in_words, found[:_MOST_RANGES])), advice=advice)
    if any(v is not None and v not in empty and not provider.useSourceNoDataValue(band) for band, v in own.items()):
        yield tr(
            "{title}: the no data value of the file of layer '{layer}' is switched off in QGIS, but is used: unlike in QGIS, its"
            " pixels do not count."
        ).format(title=title, layer=layer.name())


def _nodata_of_file(provider: QgsRasterDataProvider, band: int) -> float | None:
    return float(provider.sourceNoDataValue(band)) if provider.sourceHasNoDataValue(band) else None


def _ranges(provider: QgsRasterDataProvider, band: int) -> list[tuple[float, float]]:
    return [(found.min(), found.max()) for found in provider.userNoDataValues(band)]


def _in_words(found: tuple[float, float]) -> str:
    low, high = (f"{value:.10g}" for value in found)
    return low if low == high else tr("{low} to {high}").format(low=low, high=high)


def _refusal_of_service(layer: QgsRasterLayer, title: str) -> str:
    provider = layer.providerType()
    if provider in _PICTURE_SERVICES:
        text = tr(
            "{title}: layer '{layer}' is a web map (WMS, XYZ or similar). It has colours, but no pixel values that "
            "could be classified. Choose the raster file of the scene."
        )
    else:
        text = tr(
            "{title}: layer '{layer}' comes from '{provider}' and is not a raster file. First save it as a GeoTIFF "
            "(Export, Save As, raw data), then choose that file."
        )
    return text.format(title=title, layer=layer.name(), provider=provider)
