"""Opening one layer of a vector file, and explaining why it cannot be opened."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyogrio
from pandas.api import types
from pyogrio.errors import DataLayerError, DataSourceError, GeometryError

from ...errors import LabelError, SceneError
from ..files.dbf_encoding import DbfTexts, dbf_texts
from ..files.isolation.formats import VECTORS, check_format
from ..files.isolation.source import check_source
from ..files.sidecars import beside
from ..files.source_names import is_gdal_name, vector_name
from ..rasters.matlab_files.files import is_matlab
from ..rasters.open_raster import opens_as_raster
from .stated_crs import text_of_prj
from .surfaces import declared_surface, with_surfaces

if TYPE_CHECKING:
    import geopandas
    import pandas as pd


_GEOMETRY = "geometry of the feature"
_NOT_JSON = re.compile(r"Could not parse column '(.*)' as JSON")
_OPEN_RING = "Non closed ring"
"""GDAL's remark on geometries that are in ``unread`` then, with advice for its own readers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VectorLayer:
    """The features of one layer, as they stand in the file.

    Parameters
    ----------
    path : the file; ``name`` the layer in it.
    frame : one row a feature, in the order of the file.
    unread : what the geometries are that nothing here can use (``compoundcurve``, ``polygon whose outline is not closed``), by the
        number of the row, counted from 0; the geometry is None there.
    notes : what GDAL had to change while reading.
    """

    path: Path
    name: str
    frame: geopandas.GeoDataFrame
    unread: dict[int, str]
    notes: tuple[str, ...]

    @property
    def place(self) -> str:
        """File and layer for messages."""
        return f"{self.path.name}, layer {self.name}" if self.name != self.path.stem else self.path.name

    @property
    def fields(self) -> list[str]:
        """Names of the attributes, without the geometry."""
        return [str(c) for c in self.frame.columns if c != self.frame.geometry.name]

    def describe_fields(self) -> str:
        """The attributes and their types: ``class_id (integer), class_name (text)``."""
        return ", ".join(f"{name} ({field_type(self.frame[name])})" for name in self.fields) or "none"


def _check_isolated(path: Path) -> None:
    try:
        check_source(path)
    except SceneError as error:
        raise LabelError(error.message, code=error.code.partition(".")[2], hint=error.hint) from error


def field_type(column: pd.Series) -> str:
    """integer, real, boolean, date or text."""
    tests = (
        ("boolean", types.is_bool_dtype),
        ("integer", types.is_integer_dtype),
        ("real", types.is_float_dtype),
        ("date", types.is_datetime64_any_dtype),
    )
    return next((name for name, test in tests if test(column)), "text")


def layer_names(path: Path) -> list[str] | None:
    """Layers with a geometry; None if the file is of no vector format, or has no layer and is a raster as well.

    Raises
    ------
    LabelError : it is of a vector format, but damaged or incomplete, or :func:`.check_source` refuses it.
    """
    _check_isolated(path)
    if is_matlab(path):  # GDAL takes some of them for its own
        return None
    try:
        names = [str(name) for name, geometry in pyogrio.list_layers(vector_name(path)) if geometry is not None]
    except DataSourceError as error:
        # Some vector drivers take a raster for theirs, such as a PCRaster .map, and then fail.
        if "not recognized" in str(error) or is_gdal_name(path) or opens_as_raster(path):
            return None
        raise _unreadable(f"{path}", error) from error
    except GeometryError as error:
        raise _unusable_kind(path, error) from error
    except (DataLayerError, UnicodeDecodeError) as error:
        raise _unreadable(f"The list of layers of {path}", error) from error
    return None if not names and not path.is_dir() and opens_as_raster(path) else names


def read_layer(path: Path, layer: str | None) -> VectorLayer:
    """Read a layer with all its attributes.

    Parameters
    ----------
    layer : its name; may be None if the file has only one.

    Raises
    ------
    LabelError : the layer is missing, not named although there are several, empty, or cannot be read.
    """
    name = _choose(path, layer, layer_names(path) or [])
    encoding, notes = _encoding(path, name)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = _read_frame(path, name, encoding)
            if frame.empty:
                raise LabelError(
                    f"Layer {name} of {path} holds no features.",
                    code="empty",
                    hint="Draw and save some labels, or choose another layer.",
                )
            frame, unread, surfaces = with_surfaces(frame, path, name)
    except (RuntimeError, ValueError, UnboundLocalError) as error:  # those of pyogrio and pyproj, and of text
        # pyogrio stumbles over a CRS that GDAL has read and cannot write again.
        if type(error).__name__ in ("CRSError", "UnboundLocalError"):
            raise _crs_error(path, name, error) from error
        raise _unreadable(f"Layer {name} of {path}", error) from error
    return VectorLayer(
        path=path,
        name=name,
        frame=frame,
        unread=unread,
        notes=(*_told(caught), *notes, *surfaces),
    )


def _told(caught: Sequence[warnings.WarningMessage]) -> list[str]:
    """What GDAL and its reader warned of, as sentences, each once."""
    silent = DeprecationWarning | PendingDeprecationWarning
    said = dict.fromkeys(str(w.message) for w in caught if not issubclass(w.category, silent))
    notes = []
    for text in said:
        if (field := _NOT_JSON.match(text)) is not None:
            notes.append(
                f"Field '{field[1]}' is declared to hold JSON, but its entries are not JSON; they are read as text."
            )
        elif _OPEN_RING not in text:
            notes.append(f"GDAL says: {text.rstrip('.')}.")
    return notes


def _read_frame(path: Path, name: str, encoding: str | None) -> geopandas.GeoDataFrame:
    """The layer; a field that is called as geopandas calls the geometry is read for itself, as it would be lost."""
    info = pyogrio.read_info(vector_name(path), layer=name, encoding=encoding)
    check_format(str(info["driver"]), str(path), VECTORS)
    # A GeoPackage says how many features it holds, and GDAL reads no more; with a filter it counts them itself.
    options: dict[str, Any] = {"layer": name, "where": "1 = 1" if info["driver"] == "GPKG" else None}
    if "geometry" not in info["fields"]:
        return pyogrio.read_dataframe(vector_name(path), encoding=encoding, on_invalid="ignore", **options)
    import geopandas

    fields = pyogrio.read_dataframe(vector_name(path), encoding=encoding, read_geometry=False, **options)
    places = pyogrio.read_dataframe(vector_name(path), columns=[], on_invalid="ignore", **options)
    return geopandas.GeoDataFrame(fields.assign(**{_GEOMETRY: places.geometry}), geometry=_GEOMETRY, crs=places.crs)


def _encoding(path: Path, name: str) -> tuple[str | None, tuple[str, ...]]:
    """The encoding of a shapefile that does not state it, and a note."""
    shapefile = path / f"{name}.shp" if path.is_dir() else path
    table = beside(shapefile, (f"{shapefile.stem}.dbf",)) if shapefile.suffix.lower() == ".shp" else None
    found = DbfTexts() if table is None else dbf_texts(table)
    return found.encoding, (found.note,) if found.note else ()


def _choose(path: Path, layer: str | None, names: list[str]) -> str:
    if not names:
        raise LabelError(
            f"{path} holds no layer with geometries.",
            code="no_geometry",
            hint="Labels are polygons or points; a table has no geometry. Turn a table of coordinates into points first (QGIS: Add"
            " Delimited Text Layer), and save them as a GeoPackage.",
        )
    listed = ", ".join(names)
    if layer is None:
        if len(names) > 1:
            raise LabelError(
                f"{path} holds {len(names)} layers, and none was chosen: {listed}.",
                code="layer_ambiguous",
                hint="Choose the layer that holds the labels.",
            )
        return names[0]
    if layer not in names:
        raise LabelError(
            f"{path} has no layer '{layer}' with geometries; found: {listed}.",
            code="layer_missing",
            hint="Choose one of these layers.",
        )
    return layer


def _crs_error(path: Path, name: str, error: Exception) -> LabelError:
    prj = text_of_prj(path)
    return LabelError(
        f"Layer {name} of {path} states a CRS that cannot be understood ({f'.prj: {prj}' if prj else error}).",
        code="crs_unreadable",
        hint="Assign the CRS the labels were drawn in (QGIS: Assign projection; ogr2ogr -a_srs), or replace the .prj file.",
    )


def _unusable_kind(path: Path, error: GeometryError) -> LabelError:
    """GDAL's list of layers ends at a layer whose features are declared to be of a kind that pyogrio does not know."""
    kind = declared_surface(str(error))
    if not kind:
        return _unreadable(f"The list of layers of {path}", error)
    return LabelError(
        f"{path} has a layer that is declared to hold geometries of the kind {kind}; labels and masks are polygons or points.",
        code="geometry_kind",
        hint="Save the layer as polygons: ogr2ogr -nlt MULTIPOLYGON polygons.gpkg, followed by the name of this file; or in QGIS:"
        " Export, Save Features As, geometry type Polygon. If another layer holds the labels, save that one to a"
        " separate file.",
    )


def _unreadable(what: str, error: Exception) -> LabelError:
    hint = "Check that the file opens in a GIS, or save it again as a GeoPackage."
    if isinstance(error, UnicodeDecodeError):
        hint = (
            "Its text is not in the encoding it states. Save it again in UTF-8, or correct its .cpg file if it has one."
        )
    if ".shx" in str(error):
        hint = "A shapefile consists of several files: copy .shp, .shx, .dbf and .prj together."
    return LabelError(f"{what} cannot be read: {error}", code="unreadable", hint=hint)
