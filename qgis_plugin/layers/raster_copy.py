"""Rasters under another name: a VRT that refers to them, or a GeoTIFF with their pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingException, QgsProcessingFeedback

from ..paths import is_text, shown_name
from ..translation import tr
from .files import COPYING_PERCENT

# GDAL drivers that the engine's GDAL has in every build, for local files.
_ENGINE_DRIVERS = frozenset(
    """
    AAIGrid BMP COG EHdr ENVI ERS GPKG GTiff HDF5 HDF5Image HFA ISIS2 ISIS3 JP2OpenJPEG JPEG MFF MRF NITF PCIDSK PDS
    PDS4 PNG RMF SAGA SENTINEL2 SRTMHGT USGSDEM VRT netCDF
    """.split()
)
_WRITTEN_BY_QGIS = (".aux.xml", ".ovr")
# Facts about bands that translating leaves behind.
_FURTHER_DOMAINS = ("ENVI", "IMAGERY")


@dataclass(frozen=True)
class RasterOrigin:
    """The source of the pixels of a layer.

    Parameters
    ----------
    title : what the layer is for; ``layer`` its name in QGIS.
    name : file, or name that GDAL resolves.
    options : options for opening it, ``KEY=VALUE``.
    crs : WKT of the CRS that was assigned in QGIS; None if it is that of the file.
    """

    title: str
    layer: str
    name: str
    options: tuple[str, ...] = ()
    crs: str | None = None


def driver_of(origin: RasterOrigin) -> str:
    """Short name of the GDAL driver that opens it.

    Raises
    ------
    QgsProcessingException
        GDAL cannot open it.
    """
    dataset = _open(origin)
    return str(dataset.GetDriver().ShortName)


def state_of(origin: RasterOrigin) -> tuple[tuple[str, int, int], ...]:
    """Path, size and time of change of each file it is read from; empty if that cannot be told, as for a database.

    Statistics and overviews, which QGIS itself writes while a layer is looked at, are not counted.

    Raises
    ------
    QgsProcessingException
        GDAL cannot open it.
    """
    from osgeo import gdal

    names = [name for name in _open(origin).GetFileList() or () if not name.endswith(_WRITTEN_BY_QGIS)]
    found = {name: gdal.VSIStatL(name) for name in names}
    if any(state is None for state in found.values()):
        return ()
    return tuple((name, int(state.size), int(state.mtime)) for name, state in found.items())


def is_driver_of_engine(driver: str) -> bool:
    """Whether the engine's GDAL opens local files of this driver, too."""
    return driver in _ENGINE_DRIVERS


def refer_to_raster(origin: RasterOrigin, target: Path) -> None:
    """Write a VRT that refers to the pixels and repeats all facts about the bands.

    Raises
    ------
    QgsProcessingException
        The raster cannot be opened, or the VRT cannot be written.
    """
    _translate(replace(origin, crs=None) if is_text(origin.name) else origin, target, driver="VRT", creation=[])
    if is_text(origin.name) and origin.crs is not None:
        # A VRT with another CRS would name the text as its source, which is no name of a file.
        written = _open(replace(origin, name=str(target), options=()), update=True)
        written.SetProjection(origin.crs)
        written.FlushCache()


def copy_raster(origin: RasterOrigin, target: Path, feedback: QgsProcessingFeedback) -> None:
    """Copy pixels and all facts about the bands to a GeoTIFF, with progress from 0 to COPYING_PERCENT.

    Raises
    ------
    QgsProcessingException
        The raster cannot be opened or read, the copy cannot be written, or the user cancelled.
    """

    def advance(fraction: float, _message: str, _data: Any) -> int:
        feedback.setProgress(COPYING_PERCENT * fraction)
        return 0 if feedback.isCanceled() else 1

    try:
        _translate(origin, target, driver="GTiff", creation=["BIGTIFF=IF_SAFER"], callback=advance)
    except QgsProcessingException:
        target.unlink(missing_ok=True)
        if feedback.isCanceled():
            raise QgsProcessingException(
                tr("{title}: copying layer '{layer}' was cancelled.").format(title=origin.title, layer=origin.layer)
            ) from None
        raise


def _translate(origin: RasterOrigin, target: Path, *, driver: str, creation: list[str], callback: Any = None) -> None:
    from osgeo import gdal

    source = _open(origin)
    options = gdal.TranslateOptions(
        format=driver, outputSRS=origin.crs, creationOptions=creation, callback=callback, strict=False
    )
    gdal.ErrorReset()
    try:
        copy = gdal.Translate(str(target), source, options=options)
        if copy is not None:
            _repeat_facts(source, copy)
            copy.FlushCache()
        reason = gdal.GetLastErrorMsg() if copy is None or gdal.GetLastErrorType() >= gdal.CE_Failure else ""
    except RuntimeError as error:  # if another plugin switched GDAL's exceptions on
        copy, reason = None, str(error)
    if copy is None or reason:
        raise QgsProcessingException(
            tr(
                "{title}: layer '{layer}' cannot be copied to {target}: {reason}. "
                "Check that the disk has room and that the layer can be read to its end."
            ).format(title=origin.title, layer=origin.layer, target=target, reason=reason or tr("no reason was given"))
        )


def _repeat_facts(source: Any, copy: Any) -> None:
    for domain in _FURTHER_DOMAINS:
        pairs = [(source, copy)]
        pairs += [(source.GetRasterBand(i), copy.GetRasterBand(i)) for i in range(1, source.RasterCount + 1)]
        for origin, result in pairs:
            facts = origin.GetMetadata(domain)
            if facts:
                result.SetMetadata(facts, domain)


def _open(origin: RasterOrigin, *, update: bool = False) -> Any:
    from osgeo import gdal

    gdal.ErrorReset()
    flags = gdal.OF_RASTER | (gdal.OF_UPDATE if update else 0)
    try:
        dataset = gdal.OpenEx(origin.name, flags, open_options=list(origin.options))
        reason = gdal.GetLastErrorMsg()
    except RuntimeError as error:  # if another plugin switched GDAL's exceptions on
        dataset, reason = None, str(error)
    if dataset is None:
        raise QgsProcessingException(
            tr("{title}: layer '{layer}' ({name}) cannot be opened: {reason}. Choose another layer.").format(
                title=origin.title,
                layer=origin.layer,
                name=shown_name(origin.name),
                reason=reason or tr("no reason was given"),
            )
        )
    return dataset
