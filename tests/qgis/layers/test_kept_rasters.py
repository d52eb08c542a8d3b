"""A scene that is no plain file is copied once for many previews, and again only when it has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingException, QgsRasterLayer

from qgis_plugin.layers import KeptRasters, plan_raster, raster_source
from recording_feedback import RecordingFeedback

Materialise = Callable[[QgsRasterLayer], Path]


@pytest.fixture
def kept() -> Iterator[KeptRasters]:
    rasters = KeptRasters()
    yield rasters
    rasters.clear()


@pytest.fixture
def file_of(kept: KeptRasters, tmp_path: Path, feedback: RecordingFeedback) -> Materialise:
    return lambda layer: Path(kept.materialise(plan_raster(layer, "Scene"), tmp_path, feedback).path)


@pytest.fixture
def in_memory(scene_path: Path) -> Iterator[Callable[..., QgsRasterLayer]]:
    """``in_memory("a", bands=3)``: a layer whose pixels only QGIS can reach."""
    names: list[str] = []

    def make(name: str, bands: int = 12) -> QgsRasterLayer:
        path = f"/vsimem/{name}.tif"
        gdal.Translate(path, str(scene_path), bandList=list(range(1, bands + 1)))
        names.append(path)
        return QgsRasterLayer(path, name)

    yield make
    for path in set(names):
        gdal.Unlink(path)


def test_it_is_copied_once(
    in_memory: Callable[..., QgsRasterLayer], file_of: Materialise, feedback: RecordingFeedback, tmp_path: Path
) -> None:
    first, written = file_of(in_memory("lake")), gdal.VSIStatL("/vsimem/lake.tif").mtime
    second = file_of(QgsRasterLayer("/vsimem/lake.tif", "lake"))
    assert first == second
    assert gdal.Open(str(first)).RasterCount == 12
    assert written == gdal.VSIStatL("/vsimem/lake.tif").mtime
    assert sum("it is copied to" in text for text in feedback.infos) == 1
    assert feedback.infos[-1] == "The copy of layer 'lake' is used again."
    assert not list(tmp_path.glob("*.vrt"))


def test_a_change_of_the_pixels_or_of_the_crs_makes_another_copy(
    in_memory: Callable[..., QgsRasterLayer], file_of: Materialise
) -> None:
    first = file_of(in_memory("lake"))
    second = file_of(in_memory("lake", bands=7))
    assert second != first
    assert gdal.Open(str(second)).RasterCount == 7
    moved = QgsRasterLayer("/vsimem/lake.tif", "lake")
    moved.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    assert gdal.Open(str(file_of(moved))).GetSpatialRef().GetAuthorityCode(None) == "32634"


def test_what_refers_to_a_file_is_kept_too(scene_path: Path, file_of: Materialise) -> None:
    layer = QgsRasterLayer(str(scene_path), "scene")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    assert file_of(layer) == file_of(layer)
    assert file_of(layer).suffix == ".vrt"


def test_two_are_kept_and_none_at_the_end(
    in_memory: Callable[..., QgsRasterLayer], file_of: Materialise, kept: KeptRasters
) -> None:
    copies = [file_of(in_memory(name)) for name in ("a", "b", "c")]
    assert [copy.exists() for copy in copies] == [False, True, True]
    kept.clear()
    assert not any(copy.parent.exists() for copy in copies)
    assert file_of(QgsRasterLayer("/vsimem/c.tif", "c")).exists()


def test_a_plain_file_is_used_as_it_is(scene_path: Path, file_of: Materialise) -> None:
    assert file_of(QgsRasterLayer(str(scene_path), "scene")) == scene_path
    assert list(scene_path.parent.glob("*.[tv]??")) == [scene_path]


def test_a_copy_that_fails_leaves_nothing(
    in_memory: Callable[..., QgsRasterLayer], file_of: Materialise, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, folders = in_memory("lake"), []

    def fail(origin: object, target: Path, feedback: object) -> None:
        folders.append(target.parent)
        target.write_bytes(b"half")
        raise QgsProcessingException("disk full")

    monkeypatch.setattr(raster_source, "copy_raster", fail)
    with pytest.raises(QgsProcessingException, match="disk full"):
        file_of(layer)
    assert [folder.exists() for folder in folders] == [False]
