"""Raster layers become files that the engine's GDAL opens, with all that is known of their bands."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRasterRange,
)

from qgis_plugin.engine.client import run_operation
from qgis_plugin.layers import NoDataOption, plan_raster
from qgis_plugin.layers.files import COPYING_PERCENT
from qgis_plugin.layers.reach import stays_here
from qgis_plugin.results.refresh import layers_of
from recording_feedback import RecordingFeedback


class Quiet:
    """A listener that keeps nothing."""

    def progress(self, fraction, message): ...

    def log(self, level, message): ...

    def metric(self, name, value, step): ...

    def artifact(self, kind, path): ...

    def is_cancelled(self):
        return False


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "job"
    path.mkdir()
    return path


def facts(path: str) -> dict:
    """What a classification needs to know of a raster."""
    dataset = gdal.Open(path)
    bands = [dataset.GetRasterBand(i + 1) for i in range(dataset.RasterCount)]
    return {
        "size": (dataset.RasterXSize, dataset.RasterYSize, dataset.RasterCount),
        "transform": dataset.GetGeoTransform(),
        "wavelengths": [band.GetMetadataItem("wavelength") for band in bands],
        "scaling": [(band.GetScale(), band.GetOffset(), band.GetNoDataValue()) for band in bands],
        "checksums": [band.Checksum() for band in bands],
    }


def test_a_plain_file_is_used_as_it_is(scene_path, folder, feedback):
    file = plan_raster(QgsRasterLayer(str(scene_path)), "Scene").materialise(folder, feedback)
    assert (file.path, file.layer) == (str(scene_path), None)
    assert not list(folder.iterdir())


def test_a_crs_set_in_qgis_counts_and_is_said(scene_path, folder, feedback):
    layer = QgsRasterLayer(str(scene_path), "my scene")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    file = plan_raster(layer, "Scene").materialise(folder, feedback)
    assert facts(file.path) == facts(str(scene_path))
    assert gdal.Open(file.path).GetSpatialRef().GetAuthorityCode(None) == "32634"
    assert "'my scene' is used in EPSG:32634" in feedback.everything
    assert "its file says EPSG:32633" in feedback.everything


def test_a_file_without_crs_gets_the_one_set_in_qgis(make_scene, folder, feedback):
    layer = QgsRasterLayer(str(make_scene(epsg=None)), "bare")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32633"))
    file = plan_raster(layer, "Scene").materialise(folder, feedback)
    assert gdal.Open(file.path).GetSpatialRef().GetAuthorityCode(None) == "32633"
    assert "its file says nothing" in feedback.everything


def test_a_crs_removed_in_qgis_is_that_of_the_file_and_said(scene_path, folder, feedback):
    layer = QgsRasterLayer(str(scene_path), "my scene")
    layer.setCrs(QgsCoordinateReferenceSystem())
    assert plan_raster(layer, "Scene").materialise(folder, feedback).path == str(scene_path)
    assert "'my scene' has no CRS in QGIS, but its file says EPSG:32633" in feedback.everything
    assert "set the right CRS" in feedback.everything


def test_a_scene_that_never_had_a_crs_is_no_news(make_scene, folder, feedback):
    plan_raster(QgsRasterLayer(str(make_scene(epsg=None)), "bare"), "Scene").materialise(folder, feedback)
    assert feedback.everything == ""


class TestNoDataSetInQgis:
    def said(self, layer, folder, **given):
        told = RecordingFeedback()
        plan_raster(layer, "Scene", **given).materialise(folder, told)
        assert not [text for text in told.infos if "no data" in text]
        return told.warnings

    def test_is_not_used_and_a_warning(self, scene_path, folder):
        layer = QgsRasterLayer(str(scene_path), "my scene")
        assert self.said(layer, folder) == []
        layer.dataProvider().setUserNoDataValue(3, [QgsRasterRange(0, 5)])
        layer.dataProvider().setUserNoDataValue(4, [QgsRasterRange(7, 7)])
        (warning,) = self.said(layer, folder, nodata=NoDataOption("No data value", None))
        assert warning == (
            "Scene: the no data values set in QGIS for layer 'my scene' are not used, only those of its file: unlike in QGIS,"
            " pixels with the value 0 to 5, 7 count. To leave them out, export the layer to a GeoTIFF and list them there under “No data values”."
        )

    def test_may_be_that_of_the_form(self, scene_path, folder):
        layer = QgsRasterLayer(str(scene_path), "my scene")
        for band in range(1, layer.bandCount() + 1):
            layer.dataProvider().setUserNoDataValue(band, [QgsRasterRange(7, 7)])
        (warning,) = self.said(layer, folder, nodata=NoDataOption("No data value", None))
        assert warning.endswith("pixels with the value 7 count. To leave them out, set “No data value” to 7.")
        assert self.said(layer, folder, nodata=NoDataOption("No data value", 7.0)) == []
        (warning,) = self.said(layer, folder, nodata=NoDataOption("No data value", 8.0))
        assert warning.endswith("list them there under “No data values”.")

    def test_is_no_news_if_the_file_says_so(self, scene_path, folder):
        layer = QgsRasterLayer(str(scene_path), "my scene")
        provider = layer.dataProvider()
        assert provider.sourceHasNoDataValue(1)
        own = provider.sourceNoDataValue(1)
        provider.setUserNoDataValue(1, [QgsRasterRange(own, own)])
        assert self.said(layer, folder) == []
        provider.setUseSourceNoDataValue(1, False)
        (warning,) = self.said(layer, folder)
        assert "the no data value of the file of layer 'my scene' is switched off in QGIS, but is used" in warning

    def test_of_0_is_no_news_where_0_means_nothing(self, labels_path, folder):
        layer = QgsRasterLayer(str(labels_path), "classes")
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0, 0)])
        assert self.said(layer, folder, zero_is_empty=True) == []
        layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(0, 0), QgsRasterRange(5, 5)])
        (warning,) = self.said(layer, folder, zero_is_empty=True)
        assert "pixels with the value 5 count" in warning


def test_the_engine_reads_a_scene_in_an_archive(scene_path, folder, feedback, engine_python):
    with zipfile.ZipFile(folder / "scene.zip", "w") as archive:
        archive.write(scene_path, "deep/scene.tif")
    layer = QgsRasterLayer(f"/vsizip/{folder}/scene.zip/deep/scene.tif", "packed")
    assert layer.isValid()
    file = plan_raster(layer, "Scene").materialise(folder, feedback)
    assert file.path.endswith(".vrt")
    through_file = run_operation(engine_python, "inspect_scene", {"scene": file.path}, Quiet())
    plain = run_operation(engine_python, "inspect_scene", {"scene": str(scene_path)}, Quiet())
    assert through_file["bands"] == plain["bands"]
    assert any(band["wavelength_nm"] for band in plain["bands"])


def test_one_raster_of_several_in_a_geopackage(labels_path, folder, feedback):
    container = folder / "rasters.gpkg"
    for table in ("first", "second"):
        gdal.Translate(
            str(container),
            str(labels_path),
            format="GPKG",
            creationOptions=[f"RASTER_TABLE={table}", "APPEND_SUBDATASET=YES"],
        )
    layer = QgsRasterLayer(f"GPKG:{container}:second", "second")
    assert layer.isValid()
    file = plan_raster(layer, "Labels").materialise(folder, feedback)
    assert file.path == str(folder / "second.vrt")
    assert facts(file.path)["checksums"] == facts(f"GPKG:{container}:second")["checksums"]


def test_some_bands_of_a_file(scene_path, folder, feedback):
    layer = QgsRasterLayer(f"vrt://{scene_path}?bands=2,5,7", "three bands")
    assert layer.isValid()
    file = plan_raster(layer, "Scene").materialise(folder, feedback)
    whole, part = facts(str(scene_path)), facts(file.path)
    assert part["checksums"] == [whole["checksums"][i] for i in (1, 4, 6)]
    assert part["wavelengths"] == [whole["wavelengths"][i] for i in (1, 4, 6)]


def test_the_header_of_an_envi_file_travels_with_it(scene_path, folder, feedback):
    gdal.Translate(str(folder / "scene.bsq"), str(scene_path), format="ENVI")
    (folder / "scene.bsq.aux.xml").unlink()
    header = folder / "scene.hdr"
    widths, good = "fwhm = {" + ", ".join(["6.5"] * 12) + "}\n", "bbl = {0, " + ", ".join(["1"] * 11) + "}\n"
    header.write_text(header.read_text() + widths + good)
    layer = QgsRasterLayer(str(folder / "scene.bsq"), "envi")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    file = plan_raster(layer, "Scene").materialise(folder, feedback)
    copied = gdal.Open(file.path).GetMetadata("ENVI")
    assert copied["bbl"].startswith("{0, 1")
    assert "6.5" in copied["fwhm"]


class TestWhatOnlyQgisReads:
    @pytest.fixture
    def layer(self, scene_path):
        gdal.FileFromMemBuffer("/vsimem/scene.tif", scene_path.read_bytes())
        yield QgsRasterLayer("/vsimem/scene.tif", "in memory")
        gdal.Unlink("/vsimem/scene.tif")

    def test_is_copied_with_its_metadata(self, layer, scene_path, folder, feedback):
        file = plan_raster(layer, "Scene").materialise(folder, feedback)
        assert file.path == str(folder / "in_memory.tif")
        assert facts(file.path) == facts(str(scene_path))
        assert "only QGIS can read layer 'in memory'" in feedback.everything
        assert feedback.progress_values[-1] == COPYING_PERCENT

    def test_leaves_nothing_when_cancelled(self, layer, folder, feedback):
        planned = plan_raster(layer, "Scene")
        feedback.progressChanged.connect(lambda _: feedback.cancel())
        with pytest.raises(QgsProcessingException, match="Scene: copying layer 'in memory' was cancelled"):
            planned.materialise(folder, feedback)
        assert not list(folder.iterdir())

    def test_says_when_it_cannot_be_written(self, layer, folder, feedback):
        planned = plan_raster(layer, "Scene")
        with pytest.raises(QgsProcessingException, match=r"'in memory' cannot be copied to .*missing.*disk has room"):
            planned.materialise(folder / "missing", feedback)


class TestRefusals:
    def test_no_layer(self):
        with pytest.raises(QgsProcessingException, match="Scene: no raster layer was given, or it cannot be loaded"):
            plan_raster(None, "Scene")

    def test_a_picture_service(self):
        layer = QgsRasterLayer("type=xyz&url=http://localhost/{z}/{x}/{y}.png", "street map", "wms")
        with pytest.raises(QgsProcessingException, match=r"'street map' is a web map .* no pixel values"):
            plan_raster(layer, "Scene")

    def test_a_coverage_service(self):
        layer = QgsRasterLayer("url=http://localhost&identifier=dem", "coverage", "wcs")
        with pytest.raises(
            QgsProcessingException, match=r"comes from 'wcs' and is not a raster file\. First save it as a GeoTIFF"
        ):
            plan_raster(layer, "Scene")

    def test_a_file_that_is_gone(self, scene_path):
        layer = QgsRasterLayer(str(scene_path), "my scene")
        scene_path.unlink()
        with pytest.raises(QgsProcessingException, match=r"file of layer 'my scene' no longer exists: .*scene.tif"):
            plan_raster(layer, "Scene")

    def test_a_file_that_is_no_raster(self, tmp_path):
        path = tmp_path / "notes.tif"
        path.write_text("not a raster")
        with pytest.raises(QgsProcessingException, match=r"layer 'notes' .* cannot be opened. Repair its data source"):
            plan_raster(QgsRasterLayer(str(path), "notes"), "Scene")


@pytest.fixture
def text_of_vrt(scene_path):
    """A VRT that is the source of a layer itself, as its text; it holds a |."""
    gdal.Translate("/vsimem/text.vrt", str(scene_path), format="VRT", metadataOptions=["NOTE=a|b"])
    file = gdal.VSIFOpenL("/vsimem/text.vrt", "rb")
    text = gdal.VSIFReadL(1, 10**6, file).decode()
    gdal.VSIFCloseL(file)
    gdal.Unlink("/vsimem/text.vrt")
    assert len(text) > 4096
    assert "a|b" in text
    return text


class TestALayerWhoseSourceIsText:
    def test_is_written_to_a_file(self, text_of_vrt, scene_path, folder, feedback):
        file = plan_raster(QgsRasterLayer(text_of_vrt, "text"), "Scene").materialise(folder, feedback)
        assert file.path == str(folder / "text.vrt")
        assert facts(file.path) == facts(str(scene_path))
        assert "Scene: layer 'text' (<VRTDataset" in feedback.everything
        assert len(feedback.everything) < 500

    def test_keeps_a_crs_that_was_assigned(self, text_of_vrt, scene_path, folder, feedback):
        layer = QgsRasterLayer(text_of_vrt, "text")
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32632"))
        file = plan_raster(layer, "Scene").materialise(folder, feedback)
        assert "<SourceFilename" in Path(file.path).read_text()
        assert "&lt;" not in Path(file.path).read_text()
        dataset = gdal.Open(file.path)
        assert "zone 32N" in dataset.GetProjection()
        assert (dataset.ReadAsArray() == gdal.Open(str(scene_path)).ReadAsArray()).all()

    def test_that_cannot_be_opened_is_not_repeated_in_full(self):
        text = "<VRTDataset>" + "x" * 5000
        with pytest.raises(QgsProcessingException, match=r"layer 'text' \(<VRTDataset>x+…\) cannot be opened"):
            plan_raster(QgsRasterLayer(text, "text"), "Scene")


def test_a_name_with_a_bar(scene_path, folder, feedback):
    path = scene_path.with_name("a|b.tif")
    path.write_bytes(scene_path.read_bytes())
    layer = QgsRasterLayer(str(path), "bar")
    assert plan_raster(layer, "Scene").materialise(folder, feedback).path == str(path)
    assert stays_here(layer)
    assert layers_of_shown(layer, str(path)) == [layer]


def layers_of_shown(layer, path):
    project = QgsProject()
    project.addMapLayer(layer, False)
    found = layers_of(project, path)
    project.takeMapLayer(layer)
    return found
