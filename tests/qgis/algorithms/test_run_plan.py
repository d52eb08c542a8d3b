"""What a form, a batch row or a step of a model says reaches the engine as it was meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from qgis_plugin.algorithms.kinds.engine_algorithm import EngineAlgorithm
from qgis_plugin.engine.command_line import hsi_command
from qgis_plugin.engine.operations import OperationDescription, load_kinds, load_operations
from qgis_plugin.forms.limits import LARGEST_INTEGER
from qgis_plugin.forms.values import FormValues
from qgis_plugin.provider import HsiProvider
from qgis_plugin.runs.outputs import for_qgis, output_layers, read_outputs
from qgis_plugin.runs.plan import RunPlan, plan_run
from recording_feedback import RecordingFeedback

Plan = Callable[..., RunPlan]


@pytest.fixture
def plan(provider: HsiProvider, qgis_new_project: None) -> Plan:
    def make(name: str, **values: Any) -> RunPlan:
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        algorithm = provider.algorithm(name).create()
        return plan_run(algorithm.operation, FormValues(algorithm, values, context), Path("python"))

    return make


@pytest.fixture
def training(world: Any) -> dict[str, Any]:
    return {"SCENE": world.scene, "LABELS": world.polygons, "CLASS_FIELD": "class_name", "OUTPUT": "TEMPORARY_OUTPUT"}


class _OfKinds(EngineAlgorithm):
    """An operation made up of parameters of other ones, without what belongs to them there."""

    def __init__(self, **kinds: str) -> None:
        like = load_operations()["train_classifier"].parameter("labels")
        self._parameters = tuple(
            replace(like, name=name, kind=kind, about=load_kinds()[kind], required=False, nullable=True)
            for name, kind in kinds.items()
        )
        super().__init__()

    @property
    def operation(self) -> OperationDescription:
        return OperationDescription("made_up", "made-up", "Made up", "", "", "", True, self._parameters)


def test_an_operation_gets_what_it_has_parameters_for(qgis_new_project: None, world: Any, tmp_path: Path) -> None:
    algorithm = _OfKinds(places="vector", labels="labels")
    algorithm.initAlgorithm()
    values = {"PLACES": world.few, "LABELS": world.polygons}
    plan = plan_run(algorithm.operation, FormValues(algorithm, values, QgsProcessingContext()), Path("python"))

    assert (plan.scene_name, plan.scene_id) == ("", "")  # it reads no raster
    found = plan.materialise(tmp_path, RecordingFeedback())
    assert {name: Path(path).suffix for name, path in found.items()} == {"places": ".gpkg", "labels": ".gpkg"}


def test_what_is_not_given_keeps_the_engines_default(plan: Plan, training: dict[str, Any], tmp_path: Path) -> None:
    values = plan("train_classifier", **training).materialise(tmp_path, RecordingFeedback())

    command = hsi_command("train_classifier", values)

    given = {word.partition("=")[0] for word in command.split() if word.startswith("--")}
    assert given <= {"--scene", "--labels", "--layer", "--class-field", "--output"}


@pytest.mark.parametrize("nothing", [None, NULL, ""])
def test_a_number_that_is_not_set_stays_so(plan: Plan, training: dict[str, Any], nothing: Any) -> None:
    values = plan("train_classifier", **training, BLOCK_SIZE=nothing, PATIENCE=nothing, BANDS=nothing).values
    assert not values.keys() & {"block_size", "patience", "bands"}


def test_a_form_that_is_left_alone_sends_no_setting_of_a_method(
    plan: Plan, provider: HsiProvider, training: dict[str, Any]
) -> None:
    definitions = provider.algorithm("train_classifier").parameterDefinitions()
    untouched = {d.name(): d.defaultValue() for d in definitions if not d.isDestination()}

    made = plan("train_classifier", **{**untouched, **training})

    unset = {p.name for p in made.operation.parameters if p.nullable and p.default is None} - {"class_field"}
    assert {"whiten", "augment", "schedule", "epochs", "folds"} <= unset
    assert not made.values.keys() & unset
    assert made.warnings == []


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"WHITEN": True}, {"whiten": 1.0}),
        ({"WHITEN": False}, {"whiten": 0.0}),
        ({"WHITEN": "true"}, {"whiten": 1.0}),
        ({"WHITEN": 0.5}, {"whiten": 0.5}),
        ({"WHITEN": 1}, {"whiten": 1.0}),
        ({"AUGMENT": True, "BATCH_NORM": False}, {"augment": True, "batch_norm": False}),
        ({"AUGMENT": "true", "CLASS_WEIGHTS": "False"}, {"augment": True, "class_weights": False}),
        ({"AUGMENT": QgsProperty.fromExpression("1 = 1")}, {"augment": True}),
        ({"AUGMENT": None, "SCHEDULE": None, "EFFORT": None}, {"effort": "standard"}),
        ({"SCHEDULE": "step", "SPLIT": "random"}, {"schedule": "step", "split": "random"}),
    ],
)
def test_values_of_earlier_scripts_and_models(
    plan: Plan, training: dict[str, Any], given: dict[str, Any], sent: dict[str, Any]
) -> None:
    values = plan("train_classifier", **training, MODEL="hybridsn", **given).values

    assert values["model"] == "hybridsn"
    assert {name: values[name] for name in sent} == sent
    assert not values.keys() & ({name.lower() for name in given} - sent.keys())


def test_a_script_that_gives_settings_and_no_method_means_the_one_that_there_was(
    plan: Plan, training: dict[str, Any], tmp_path: Path
) -> None:
    made, feedback = plan("train_classifier", **training, EPOCHS=3), RecordingFeedback()

    assert made.materialise(tmp_path, feedback)["model"] == "hybridsn"
    assert feedback.warnings[0].startswith("Method is not given, but Epochs is, so HybridSN")
    assert plan("train_classifier", **training).values["model"] == "auto"


def test_values_keep_their_type_and_size(plan: Plan, training: dict[str, Any]) -> None:
    values = plan(
        "train_classifier",
        **training,
        SEED=LARGEST_INTEGER,
        BLOCK_SIZE="12",
        EPOCHS=QgsProperty.fromExpression("3 * 4"),
        LEARNING_RATE=0.0003,
        SPLIT="random",
        AUGMENT=False,
        BANDS=" 1-20, 400-900nm ",
    ).values

    assert (values["seed"], values["block_size"], values["epochs"]) == (LARGEST_INTEGER, 12, 12)
    assert all(type(values[name]) is int for name in ("seed", "block_size", "epochs"))
    assert (values["learning_rate"], values["split"], values["augment"]) == (0.0003, "random", False)
    assert values["bands"].strip() == "1-20, 400-900nm"


def test_outputs_of_the_form_are_those_of_the_engine(provider: HsiProvider, tmp_path: Path) -> None:
    wanted = str(tmp_path / "map.tif")
    context = QgsProcessingContext()
    algorithm = provider.algorithm("classify_scene").create()
    values = {"OUTPUT": QgsProcessingOutputLayerDefinition(wanted), "CONFIDENCE": "TEMPORARY_OUTPUT"}

    outputs = read_outputs(algorithm.operation, FormValues(algorithm, values, context)).paths

    assert outputs.keys() == {"output", "confidence"}
    assert outputs["output"] == wanted
    assert outputs["confidence"].endswith(".tif")
    assert for_qgis(outputs) == {"OUTPUT": wanted, "CONFIDENCE": outputs["confidence"]}
    layers = output_layers(algorithm.operation, outputs)
    assert [(one.name, one.layer.name, one.layer.shown) for one in layers] == [
        ("output", "classes", True),
        ("confidence", "confidence", False),
    ]


def test_a_map_is_cleaned_with_the_names_and_colours_that_its_layer_shows(
    plan: Plan, world: Any, tmp_path: Path
) -> None:
    layer = QgsRasterLayer(world.labels, "crops")
    entry = QgsPalettedRasterRenderer.Class(5, QColor("#112233"), "hay")
    layer.setRenderer(QgsPalettedRasterRenderer(layer.dataProvider(), 1, [entry]))
    QgsProject.instance().addMapLayer(layer)

    values = plan("clean_map", MAP=layer.id()).materialise(tmp_path, RecordingFeedback())

    legend = json.loads(Path(values["legend"]).read_text(encoding="utf-8"))
    assert legend == [{"value": 5, "name": "hay", "color": "#112233"}]
    own = tmp_path / "own.json"
    own.write_text("[]")
    values = plan("clean_map", MAP=layer.id(), LEGEND=str(own)).materialise(tmp_path, RecordingFeedback())
    assert values["legend"] == str(own)


def test_layers_of_the_project_are_known_by_their_names(plan: Plan, world: Any, training: dict[str, Any]) -> None:
    layer = QgsRasterLayer(world.scene, "Potsdam, May")
    QgsProject.instance().addMapLayer(layer)

    assert plan("train_classifier", **{**training, "SCENE": "Potsdam, May"}).scene_name == "Potsdam, May"
    assert plan("train_classifier", **{**training, "SCENE": layer.id()}).scene_name == "Potsdam, May"


def test_a_scene_whose_crs_was_removed_in_qgis_still_needs_labels_with_one(
    plan: Plan, world: Any, training: dict[str, Any]
) -> None:
    scene, labels = QgsRasterLayer(world.scene, "scene"), QgsVectorLayer(world.polygons, "fields")
    for layer in (scene, labels):
        layer.setCrs(QgsCoordinateReferenceSystem())
        QgsProject.instance().addMapLayer(layer)

    with pytest.raises(QgsProcessingException, match="'fields' has no CRS"):
        plan("train_classifier", **{**training, "SCENE": scene.id(), "LABELS": labels.id()})


def test_selected_features_become_a_file_of_their_own(
    plan: Plan, world: Any, training: dict[str, Any], tmp_path: Path
) -> None:
    layer = QgsVectorLayer(world.polygons, "fields")
    QgsProject.instance().addMapLayer(layer)
    layer.selectByExpression("class_name = 'soil'")
    definition = QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=True)

    values = plan("train_classifier", **{**training, "LABELS": definition}).materialise(tmp_path, RecordingFeedback())

    copy = QgsVectorLayer(values["labels"], "copy")
    assert Path(values["labels"]).parent == tmp_path
    assert copy.featureCount() == layer.selectedFeatureCount() > 0


def test_a_split_may_be_raster_or_vector(plan: Plan, world: Any, training: dict[str, Any], tmp_path: Path) -> None:
    raster = plan("train_classifier", **training, SPLIT_SOURCE=world.labels)
    vector = plan("train_classifier", **training, SPLIT_SOURCE=world.polygons, SPLIT_FIELD="class_id")

    assert raster.materialise(tmp_path, RecordingFeedback())["split_source"] == world.labels
    values = vector.materialise(tmp_path, RecordingFeedback())
    assert QgsVectorLayer(values["split_source"], "split").fields().indexOf("class_id") >= 0
    assert values["split_field"] == "class_id"


# ---------------------------------------------------------------- a part of the scene


@pytest.fixture
def mapping(world: Any, tmp_path: Path) -> dict[str, Any]:
    model = tmp_path / "m.hsimodel"
    model.write_bytes(b"")
    return {"SCENE": world.scene, "MODEL": str(model), "OUTPUT": "TEMPORARY_OUTPUT"}


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def test_an_extent_reaches_the_engine_in_its_order_and_in_the_crs_of_the_scene(
    plan: Plan, world: Any, mapping: dict[str, Any]
) -> None:
    whole = QgsRasterLayer(world.scene, "scene").extent()
    inner = QgsRectangle(whole.xMinimum() + 90, whole.yMinimum() + 60, whole.xMaximum() - 30, whole.yMaximum() - 120)
    crs = QgsCoordinateReferenceSystem("EPSG:32633")
    degrees = QgsCoordinateTransform(
        crs, QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
    ).transformBoundingBox(inner)
    order = [inner.xMinimum(), inner.yMinimum(), inner.xMaximum(), inner.yMaximum()]

    def sent(value: Any) -> list[float]:
        return _numbers(plan("classify_scene", **mapping, EXTENT=value).values["extent"])

    text = f"{inner.xMinimum()},{inner.xMaximum()},{inner.yMinimum()},{inner.yMaximum()}"
    assert sent(f"{text} [EPSG:32633]") == order
    assert sent(QgsReferencedRectangle(inner, crs)) == order
    found = sent(QgsReferencedRectangle(degrees, QgsCoordinateReferenceSystem("EPSG:4326")))
    # The box around a box that is turned by two degrees: somewhat larger on each side.
    beyond = [order[0] - found[0], order[1] - found[1], found[2] - order[2], found[3] - order[3]]
    assert all(0 <= metres < 150 for metres in beyond)
    assert sent(QgsRasterLayer(world.scene, "scene").source()) == [
        whole.xMinimum(),
        whole.yMinimum(),
        whole.xMaximum(),
        whole.yMaximum(),
    ]


@pytest.mark.parametrize("nothing", [None, NULL, ""])
def test_without_extent_and_mask_the_whole_scene_is_meant(plan: Plan, mapping: dict[str, Any], nothing: Any) -> None:
    made = plan("classify_scene", **mapping, EXTENT=nothing, MASK=nothing)
    assert "extent" not in made.values
    assert set(made.files) == {"scene"}


def test_an_extent_without_area_is_refused_in_words(plan: Plan, mapping: dict[str, Any]) -> None:
    with pytest.raises(QgsProcessingException, match=r"Extent: .* has no area in the CRS of the scene"):
        plan("classify_scene", **mapping, EXTENT="5,5,7,9 [EPSG:32633]")


def test_of_a_mask_only_the_selected_features_count_if_that_is_asked_for(
    plan: Plan, world: Any, mapping: dict[str, Any], tmp_path: Path
) -> None:
    layer = QgsVectorLayer(world.polygons, "mask", "ogr")
    QgsProject.instance().addMapLayer(layer)
    layer.selectByIds([2, 3])
    selected = QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=True)
    made = plan("classify_scene", **mapping, MASK=selected)
    copy = QgsVectorLayer(made.materialise(tmp_path, RecordingFeedback())["mask"], "copy", "ogr")
    geometries = [f.geometry().asWkt() for f in layer.selectedFeatures()]
    assert sorted(f.geometry().asWkt() for f in copy.getFeatures()) == sorted(geometries)
    whole = QgsProcessingFeatureSourceDefinition(layer.id(), selectedFeaturesOnly=False)
    assert (
        plan("classify_scene", **mapping, MASK=whole).materialise(tmp_path, RecordingFeedback())["mask"]
        == world.polygons
    )
    layer.removeSelection()
    with pytest.raises(QgsProcessingException, match="select"):
        plan("classify_scene", **mapping, MASK=selected)


@pytest.mark.parametrize("word", ["no", "off", "false", False, 0, "0"])
def test_check_boxes_that_a_script_fills_in_with_a_word_mean_it(plan: Plan, mapping: dict[str, Any], word: Any) -> None:
    made = plan("classify_scene", **mapping, COG=word, SMOOTH=word)
    assert (made.values["cog"], made.values["smooth"]) == (False, False)


def test_a_mask_may_be_raster_or_vector(plan: Plan, world: Any, mapping: dict[str, Any], tmp_path: Path) -> None:
    for mask in (world.labels, world.polygons):
        made = plan("classify_scene", **mapping, MASK=mask)
        assert made.materialise(tmp_path, RecordingFeedback())["mask"] == mask


def test_no_data_of_qgis_is_a_warning_for_whatever_counts_pixels(
    plan: Plan, training: dict[str, Any], world: Any, tmp_path: Path
) -> None:
    scene, classes = QgsRasterLayer(world.scene, "scene"), QgsRasterLayer(world.labels, "classes")
    for layer in (scene, classes):
        for band in range(1, layer.bandCount() + 1):
            layer.dataProvider().setUserNoDataValue(
                band, [QgsRasterRange(0, 0), QgsRasterRange(5, 5)][layer is scene :]
            )
    QgsProject.instance().addMapLayers([scene, classes])
    given = {**training, "SCENE": scene, "LABELS": None, "LABELS_RASTER": classes, "CLASS_FIELD": None}
    asked = [
        plan("train_classifier", **given),
        plan("train_classifier", **given, NODATA=5),
        plan("classify_scene", SCENE=scene, NODATA=4, MASK=classes, MODEL=world.scene, OUTPUT=str(tmp_path / "m.tif")),
        plan("assess_map", MAP=classes, REFERENCE_RASTER=classes),
    ]
    found = []
    for one in asked:
        told = RecordingFeedback()
        one.materialise(tmp_path, told)
        found.append([text.partition(":")[0] for text in told.warnings if "pixels with the value 5 count" in text])
        proposed = [text for text in told.warnings if "set “No data value” to 5" in text]
        assert len(proposed) == (1 if one is asked[0] else 0)
    assert found == [["Scene", "Labels"], ["Labels"], ["Scene", "Mask"], ["Class map", "Reference"]]
