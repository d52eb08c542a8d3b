"""What stands in the file for the engine is what the layer shows: the same features, fields and places."""

from __future__ import annotations

import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsField,
    QgsGeometry,
    QgsJsonExporter,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsVectorLayer,
    QgsVectorLayerJoinInfo,
)

import gdal_scenes
from qgis_plugin.layers import FeatureInput, plan_vector
from qgis_plugin.layers.features.field_types import INTEGER

# Pixels of one field of the small scene, and fields of each class.
FIELD_PX = 10 * 8
FIELDS = {2: 6, 5: 5, 11: 5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "job"
    path.mkdir()
    return path


@pytest.fixture
def layer(polygons_path: Path) -> QgsVectorLayer:
    return QgsVectorLayer(str(polygons_path), "fields")


def labelled_pixels(path: str, layer_name: str | None, scene: Path, attribute: str = "class_id") -> dict[int, int]:
    """Pixels of ``scene`` whose centres lie in the features of a file, by class value."""
    source = gdal.OpenEx(path, gdal.OF_VECTOR)
    layer = source.GetLayerByName(layer_name) if layer_name else source.GetLayer(0)
    raster = gdal.GetDriverByName("MEM").CreateCopy("", gdal.Translate("", str(scene), format="MEM", bandList=[1]))
    band = raster.GetRasterBand(1)
    band.WriteArray(np.zeros((band.YSize, band.XSize)))
    if not layer.GetSpatialRef().IsSame(raster.GetSpatialRef()):
        source = gdal.VectorTranslate("", source, format="Memory", dstSRS=raster.GetProjection(), reproject=True)
        layer = source.GetLayer(0)
    gdal.RasterizeLayer(raster, [1], layer, options=[f"ATTRIBUTE={attribute}"])
    values, counts = np.unique(band.ReadAsArray(), return_counts=True)
    return {int(value): int(count) for value, count in zip(values, counts, strict=True) if value}


def written(path: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(path)
    assert layer.isValid()
    return layer


def all_pixels() -> dict[int, int]:
    values, counts = np.unique(gdal_scenes.labelled(), return_counts=True)
    return {int(value): int(count) for value, count in zip(values, counts, strict=True) if value}


def test_the_count_of_the_whole_file_is_what_the_scene_says(layer, folder, feedback, scene_path):
    file = plan_vector(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert file.path == layer.source()
    assert not list(folder.iterdir())
    assert labelled_pixels(file.path, file.layer, scene_path) == all_pixels()


@pytest.fixture
def alike(layer: QgsVectorLayer) -> QgsVectorLayer:
    """A temporary layer with three fields whose names differ in case alone, and one called as a second of them might be."""
    fields = "&".join(f"field={name}" for name in ("Class:string", "class:integer", "CLASS:string", "class_2:string"))
    memory = QgsVectorLayer(f"Polygon?crs=EPSG:32633&{fields}", "drawn", "memory")
    features = []
    for found in layer.getFeatures():
        feature = QgsFeature(memory.fields())
        feature.setGeometry(found.geometry())
        feature.setAttributes([found["class_name"], found["class_id"], "other", "own"])
        features.append(feature)
    memory.dataProvider().addFeatures(features)
    return memory


@pytest.mark.parametrize(
    ("kept", "names"),
    [
        ((), ["Class", "class_3", "CLASS_4", "class_2"]),
        (("class",), ["class", "Class_3", "CLASS_4", "class_2"]),
    ],
)
def test_fields_that_differ_in_case_alone(alike, folder, feedback, kept, names):
    file = plan_vector(FeatureInput(alike), "Labels", kept=kept).materialise(folder, feedback)
    copy = written(file.path)
    assert [name for name in copy.fields().names() if name not in ("fid", "_fid")] == names
    (first,) = list(copy.getFeatures())[:1]
    source = next(alike.getFeatures())
    assert first[names[0]] == source["class" if kept else "Class"]
    assert [first[names[2]], first["class_2"]] == ["other", "own"]


@pytest.mark.parametrize("field", ["Class", "class"])
def test_only_the_field_that_is_read_is_copied_of_those_that_differ_in_case(alike, folder, feedback, field):
    file = plan_vector(FeatureInput(alike), "Labels", fields=[field]).materialise(folder, feedback)
    copy = written(file.path)
    assert [name for name in copy.fields().names() if name != "fid"] == [field]
    assert next(copy.getFeatures())[field] == next(alike.getFeatures())[field]


def test_two_fields_that_are_read_and_differ_in_case_alone_are_refused(alike):
    with pytest.raises(
        QgsProcessingException,
        match=r"Labels: fields 'Class' and 'class' of layer 'drawn' differ in upper and lower case alone, which the temporary file"
        r" for the run cannot hold\. Rename one of them",
    ):
        plan_vector(FeatureInput(alike), "Labels", fields=["Class", "class"])


def test_a_memory_layer(layer, folder, feedback, scene_path):
    memory = QgsVectorLayer("Polygon?crs=EPSG:32633&field=class_id:integer", "drawn", "memory")
    features = []
    for feature in layer.getFeatures():
        drawn = QgsFeature(memory.fields())
        drawn.setAttribute("class_id", feature["class_id"])
        drawn.setGeometry(feature.geometry())
        features.append(drawn)
    memory.dataProvider().addFeatures(features)
    file = plan_vector(FeatureInput(memory), "Labels").materialise(folder, feedback)
    assert labelled_pixels(file.path, file.layer, scene_path) == all_pixels()
    assert "16 features of layer 'drawn' copied to" in feedback.everything


def test_selected_features_only(layer, folder, feedback, scene_path):
    layer.selectByExpression('"class_id" = 5')
    file = plan_vector(FeatureInput(layer, selected_only=True), "Labels").materialise(folder, feedback)
    assert labelled_pixels(file.path, file.layer, scene_path) == {5: FIELDS[5] * FIELD_PX}


def test_selected_features_that_pass_a_filter_of_processing(layer, folder, feedback, scene_path):
    layer.selectByExpression('"class_id" in (5, 11)')
    given = FeatureInput(layer, selected_only=True, expression="\"class_name\" <> 'soil'", limit=2)
    file = plan_vector(given, "Labels", fields=["class_id"]).materialise(folder, feedback)
    assert labelled_pixels(file.path, file.layer, scene_path) == {5: 2 * FIELD_PX}


def test_a_filtered_layer(layer, folder, feedback, scene_path):
    layer.setSubsetString('"class_id" <> 2')
    file = plan_vector(FeatureInput(layer), "Labels").materialise(folder, feedback)
    expected = {value: count * FIELD_PX for value, count in FIELDS.items() if value != 2}
    assert labelled_pixels(file.path, file.layer, scene_path) == expected
    assert "because the layer has a filter" in feedback.everything


def test_a_layer_in_an_archive(polygons_path, folder, feedback, scene_path):
    archive = folder / "polygons.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(polygons_path, "polygons.gpkg")
    layer = QgsVectorLayer(f"/vsizip/{archive}/polygons.gpkg", "packed")
    file = plan_vector(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert file.path == str(folder / "packed.gpkg")
    assert labelled_pixels(file.path, None, scene_path) == all_pixels()


def test_the_copy_is_written_on_another_thread(layer, folder, feedback, scene_path):
    layer.startEditing()
    layer.deleteFeatures([f.id() for f in layer.getFeatures() if f["class_id"] == 11])
    planned = plan_vector(FeatureInput(layer), "Labels")
    with ThreadPoolExecutor(1) as pool:
        file = pool.submit(planned.materialise, folder, QgsProcessingFeedback(False)).result()
    assert set(labelled_pixels(file.path, None, scene_path)) == {2, 5}
    layer.rollBack()


class TestSeveralLayersInOneFile:
    @pytest.fixture
    def path(self, polygons_path):
        gdal_scenes.write_polygons(polygons_path, rows=22, layer="upper half", append=True)
        return polygons_path

    def test_the_layer_is_named_where_the_engine_takes_a_name(self, path, folder, feedback, scene_path):
        layer = QgsVectorLayer(f"{path}|layername=upper half", "upper")
        file = plan_vector(FeatureInput(layer), "Labels", can_name_layer=True).materialise(folder, feedback)
        assert (file.path, file.layer) == (str(path), "upper half")
        assert sum(labelled_pixels(file.path, file.layer, scene_path).values()) == 8 * FIELD_PX

    @pytest.mark.parametrize(("addition", "name"), [("", "polygons"), ("|layerid=1", "upper half")])
    def test_a_layer_without_its_name_is_named_too(self, path, folder, feedback, addition, name):
        file = plan_vector(FeatureInput(QgsVectorLayer(f"{path}{addition}")), "Labels", can_name_layer=True)
        assert file.materialise(folder, feedback).layer == name

    def test_the_layer_is_copied_elsewhere(self, path, folder, feedback, scene_path):
        layer = QgsVectorLayer(f"{path}|layername=upper half", "upper")
        file = plan_vector(FeatureInput(layer), "Split").materialise(folder, feedback)
        assert file.path == str(folder / "upper.gpkg")
        assert sum(labelled_pixels(file.path, None, scene_path).values()) == 8 * FIELD_PX


def test_labels_in_another_crs_keep_it(tmp_path, folder, feedback, scene_path):
    path = gdal_scenes.write_polygons(tmp_path / "degrees.gpkg", epsg=4326)
    layer = QgsVectorLayer(str(path), "degrees")
    layer.selectAll()
    file = plan_vector(FeatureInput(layer, selected_only=True), "Labels").materialise(folder, feedback)
    assert written(file.path).crs().authid() == "EPSG:4326"
    assert labelled_pixels(file.path, None, scene_path) == all_pixels()


def test_a_crs_set_in_qgis_counts(layer, folder, feedback):
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32634"))
    file = plan_vector(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert written(file.path).crs().authid() == "EPSG:32634"
    assert "because its CRS was assigned in QGIS" in feedback.everything


def test_edits_that_are_not_saved_count(layer, folder, feedback, scene_path):
    layer.startEditing()
    layer.deleteFeatures([f.id() for f in layer.getFeatures() if f["class_id"] == 2])
    file = plan_vector(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert 2 not in labelled_pixels(file.path, file.layer, scene_path)
    layer.rollBack()


def test_a_virtual_field(layer, folder, feedback, scene_path):
    layer.addExpressionField('"class_id" + 20', QgsField("shifted", INTEGER))
    file = plan_vector(FeatureInput(layer), "Labels", fields=["shifted"]).materialise(folder, feedback)
    assert set(labelled_pixels(file.path, None, scene_path, "shifted")) == {22, 25, 31}
    # A virtual field that is not read is no reason for a copy.
    assert plan_vector(FeatureInput(layer), "Labels", fields=["class_id"]).materialise(folder, feedback).path == (
        layer.source()
    )


def test_a_joined_field(layer, folder, feedback, qgis_new_project):
    from qgis.core import QgsProject

    table = QgsVectorLayer("NoGeometry?field=class_id:integer&field=use:string", "uses", "memory")
    row = QgsFeature(table.fields())
    row.setAttributes([5, "hay"])
    table.dataProvider().addFeature(row)
    QgsProject.instance().addMapLayers([table, layer])
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(table)
    join.setJoinFieldName("class_id")
    join.setTargetFieldName("class_id")
    layer.addJoin(join)
    file = plan_vector(FeatureInput(layer), "Labels", fields=["uses_use"]).materialise(folder, feedback)
    uses = [feature["uses_use"] or None for feature in written(file.path).getFeatures()]
    assert (uses.count("hay"), uses.count(None)) == (FIELDS[5], FIELDS[2] + FIELDS[11])


def test_fields_called_like_those_of_a_geopackage_stay(folder, feedback):
    memory = QgsVectorLayer("Point?crs=EPSG:32633&field=fid:string&field=geom:string", "odd", "memory")
    point = QgsFeature(memory.fields())
    point.setAttributes(["a", "b"])
    point.setGeometry(QgsGeometry.fromWkt("Point (1 2)"))
    memory.dataProvider().addFeature(point)
    file = plan_vector(FeatureInput(memory), "Labels").materialise(folder, feedback)
    (feature,) = written(file.path).getFeatures()
    assert (feature["fid"], feature["geom"]) == ("a", "b")
    assert feature.geometry().asWkt() == "Point (1 2)"


def test_the_feature_id_can_be_a_class(layer, folder, feedback):
    file = plan_vector(FeatureInput(layer), "Labels", fields=["fid"]).materialise(folder, feedback)
    assert sorted(feature["fid"] for feature in written(file.path).getFeatures()) == list(range(1, 17))
    assert "because the feature ID is used as a field" in feedback.everything


def test_curves_become_polygons(folder, feedback):
    memory = QgsVectorLayer("CurvePolygon?crs=EPSG:32633&field=class_id:integer", "round", "memory")
    circle = QgsFeature(memory.fields())
    circle.setGeometry(QgsGeometry.fromWkt("CurvePolygon (CircularString (0 0, 1 1, 2 0, 1 -1, 0 0))"))
    memory.dataProvider().addFeature(circle)
    file = plan_vector(FeatureInput(memory), "Labels").materialise(folder, feedback)
    (feature,) = written(file.path).getFeatures()
    assert feature.geometry().asWkt().startswith("Polygon")
    assert feature.geometry().area() == pytest.approx(np.pi, rel=0.01)


def test_a_cancel_ends_the_copy(layer, folder, feedback):
    layer.selectAll()
    planned = plan_vector(FeatureInput(layer, selected_only=True), "Labels")
    feedback.progressChanged.connect(lambda _: feedback.cancel())
    with pytest.raises(QgsProcessingException, match="Labels: reading layer 'fields' was cancelled"):
        planned.materialise(folder, feedback)
    assert len(feedback.progress_values) == 1


def test_a_folder_that_cannot_be_written(layer, folder, feedback):
    layer.selectAll()
    planned = plan_vector(FeatureInput(layer, selected_only=True), "Labels")
    with pytest.raises(QgsProcessingException, match=r"'fields' cannot be written to .*missing.*disk has room"):
        planned.materialise(folder / "missing", feedback)


class TestRefusals:
    def test_no_layer(self):
        with pytest.raises(QgsProcessingException, match=r"Labels: no layer was given\. Choose a layer with polygons"):
            plan_vector(None, "Labels")

    def test_an_invalid_layer(self):
        with pytest.raises(QgsProcessingException, match="'gone' cannot be opened: its file or database is missing"):
            plan_vector(FeatureInput(QgsVectorLayer("missing.gpkg", "gone")), "Labels")

    @pytest.mark.parametrize(
        ("source", "words"),
        [
            ("LineString?crs=EPSG:32633", "holds lines; polygons or points are needed"),
            ("NoGeometry", "is a table without geometry"),
            ("Polygon?crs=EPSG:32633", "holds no features. Draw some"),
        ],
    )
    def test_nothing_that_could_label_a_pixel(self, source, words):
        with pytest.raises(QgsProcessingException, match=f"Labels: layer 'empty' {words}"):
            plan_vector(FeatureInput(QgsVectorLayer(source, "empty", "memory")), "Labels")

    def test_nothing_selected(self, layer):
        with pytest.raises(QgsProcessingException, match="no feature of layer 'fields' is selected"):
            plan_vector(FeatureInput(layer, selected_only=True), "Labels")

    def test_a_filter_that_lets_nothing_through(self, layer):
        layer.setSubsetString('"class_id" = 99')
        with pytest.raises(QgsProcessingException, match="the filter of layer 'fields' excludes all features"):
            plan_vector(FeatureInput(layer), "Labels")

    def test_a_filter_of_processing_that_lets_nothing_through(self, layer, folder, feedback):
        planned = plan_vector(FeatureInput(layer, expression='"class_id" = 99'), "Labels")
        with pytest.raises(QgsProcessingException, match="no feature of layer 'fields' passes its filter"):
            planned.materialise(folder, feedback)

    def test_a_missing_field_lists_those_there_are(self, layer):
        with pytest.raises(QgsProcessingException, match=r"has no field 'kind'. Its fields are: .*class_name \(String"):
            plan_vector(FeatureInput(layer), "Labels", fields=["kind"])

    def test_no_crs_unless_the_scene_has_none(self, layer, folder, feedback):
        layer.setCrs(QgsCoordinateReferenceSystem())
        with pytest.raises(QgsProcessingException, match="has no CRS"):
            plan_vector(FeatureInput(layer), "Labels")
        file = plan_vector(FeatureInput(layer), "Labels", needs_crs=False).materialise(folder, feedback)
        assert written(file.path).featureCount() == 16
        assert "because its CRS was removed in QGIS" in feedback.everything


def test_a_layer_whose_file_was_deleted_is_refused_by_that(layer, polygons_path):
    polygons_path.unlink()
    with pytest.raises(QgsProcessingException, match="Labels: the file of layer 'fields' no longer exists"):
        plan_vector(FeatureInput(layer), "Labels")


def test_a_layer_whose_source_is_text_is_copied(polygons_path, folder, feedback):
    """QGIS opens GeoJSON text as a layer; it is no name of a file, and longer than any."""
    file = QgsVectorLayer(str(polygons_path), "file")
    text = QgsJsonExporter(file).exportFeatures(list(file.getFeatures()))
    assert len(text) > 4096
    layer = QgsVectorLayer(text, "text", "ogr")
    assert layer.isValid()
    found = plan_vector(FeatureInput(layer), "Labels").materialise(folder, feedback)
    assert written(found.path).featureCount() == 16
    assert "because the layer is not a plain file" in feedback.everything
    assert len(feedback.everything) < 500
