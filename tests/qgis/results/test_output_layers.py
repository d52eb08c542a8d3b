"""Layers that a run loads arrive with their name, their style and an open legend."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsPalettedRasterRenderer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterRasterDestination,
    QgsProject,
    QgsRasterLayer,
    QgsSettings,
)

from qgis_plugin.engine.operations import LayerDescription, load_operations
from qgis_plugin.results import OutputLayer, add_results
from qgis_plugin.results.styling import STYLES

LEGEND = [{"value": 2, "name": "water", "color": "#0072b2"}, {"value": 5, "name": "hay & straw", "color": "#009e73"}]


def layer_of(operation: str, output: str) -> LayerDescription:
    found = load_operations()[operation].parameter(output).layer
    assert found is not None
    return found


CLASSES = layer_of("classify_scene", "output")


@pytest.fixture(scope="session")
def style_texts(engine_python: Path) -> dict[str, str]:
    """The styles as the engine writes them."""
    code = (
        "import json, sys; from hsi_engine.classes.legend import Legend; from hsi_engine.io.legends.style_files import qml, RampStyle;"
        "print(json.dumps({'class_map': qml(Legend.from_json(json.loads(sys.argv[1]))), 'confidence': RampStyle().qml()}))"
    )
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run([engine_python, "-c", code, json.dumps(LEGEND)], cwd=root, capture_output=True, check=True)
    return json.loads(done.stdout)


class Algorithm(QgsProcessingAlgorithm):
    """Copies a raster that was made before, in place of the engine."""

    layer: LayerDescription
    source: Path
    style = ""

    def initAlgorithm(self, configuration=None):
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", "Output"))

    def name(self):
        return "makes_a_raster"

    def displayName(self):
        return "Makes a raster"

    def group(self):
        return ""

    def groupId(self):
        return ""

    def createInstance(self):
        return type(self)()

    def processAlgorithm(self, parameters, context, feedback):
        self.destination = self.parameterAsOutputLayer(parameters, "OUTPUT", context)
        gdal.Translate(self.destination, str(self.source))
        if self.style:
            Path(self.destination).with_suffix(".qml").write_text(self.style, encoding="utf-8")
        return {"OUTPUT": self.destination}

    def postProcessAlgorithm(self, context, feedback):
        add_results(context, feedback, [OutputLayer("output", "Output", self.destination, self.layer)], "my scene")
        return {}


@pytest.fixture
def load(qgis_processing, qgis_iface, qgis_new_project, tmp_path, feedback):
    """Run an algorithm as QGIS does and return the layer that it loaded."""
    import processing

    def run(shown: LayerDescription, source: Path, style: str = "", name: str = "out.tif") -> QgsRasterLayer:
        made = type("Made", (Algorithm,), {"layer": shown, "source": source, "style": style})()
        made.initAlgorithm()
        # Nothing but what keeps itself alive may be needed when the layer is loaded.
        processing.runAndLoadResults(made, {"OUTPUT": str(tmp_path / name)}, feedback=feedback)
        (layer,) = QgsProject.instance().mapLayers().values()
        return layer

    return run


def test_a_class_map_has_exactly_its_classes(load, labels_path, style_texts, feedback):
    layer = load(CLASSES, labels_path, style_texts["class_map"])
    assert layer.name() == "my scene – classes"
    assert isinstance(layer.renderer(), QgsPalettedRasterRenderer)
    shown = [{"value": c.value, "name": c.label, "color": c.color.name()} for c in layer.renderer().classes()]
    assert shown == LEGEND
    assert QgsProject.instance().layerTreeRoot().findLayer(layer.id()).isExpanded()
    assert not feedback.warnings


def test_confidence_is_coloured_from_0_to_1(load, scene_path, style_texts):
    layer = load(layer_of("classify_scene", "confidence"), scene_path, style_texts["confidence"])
    assert layer.name() == "my scene – confidence"
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert (layer.renderer().classificationMin(), layer.renderer().classificationMax()) == (0, 1)


def test_probabilities_are_coloured_from_0_to_1(load, scene_path):
    layer = load(layer_of("classify_scene", "probabilities"), scene_path)
    assert layer.name() == "my scene – probabilities"
    assert (layer.renderer().classificationMin(), layer.renderer().classificationMax()) == (0, 1)
    ramp = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert (ramp[0].value, ramp[-1].value) == (0, 1)
    assert ramp[0].color.name() == "#440154"


def test_components_are_stretched_from_2_to_98_percent(load, scene_path):
    layer = load(layer_of("fit_pca", "output"), scene_path)
    renderer = layer.renderer()
    assert layer.name() == "my scene – components"
    assert renderer.type() == "multibandcolor"
    assert (renderer.redBand(), renderer.greenBand(), renderer.blueBand()) == (1, 2, 3)
    enhancement = renderer.redContrastEnhancement()
    low, high = layer.dataProvider().cumulativeCut(1, 0.02, 0.98)
    assert (enhancement.minimumValue(), enhancement.maximumValue()) == pytest.approx((low, high))
    assert low < high


def test_a_single_component_is_grey(load, labels_path):
    assert load(layer_of("fit_pca", "output"), labels_path).renderer().type() == "singlebandgray"


def test_a_map_without_its_style_is_said_and_kept(load, labels_path, feedback):
    layer = load(CLASSES, labels_path)
    assert layer.isValid()
    assert "style of layer 'my scene – classes' could not be loaded" in feedback.warnings[0]
    assert "The map itself is complete" in feedback.warnings[0]


class TestFilesThatStay:
    """QGIS has its own mind on the names of layers whose files are not temporary."""

    @pytest.fixture(autouse=True)
    def no_temporary_files(self, tmp_path, monkeypatch):
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setenv("TMPDIR", str(folder))

    def test_layers_are_named_after_the_scene(self, load, labels_path, style_texts):
        layer = load(CLASSES, labels_path, style_texts["class_map"], "fields.tif")
        assert layer.name() == "my scene – classes"

    @pytest.mark.parametrize("name", ["my scene – classes", "as I call it"])
    def test_a_layer_whose_file_is_written_again_keeps_its_name(self, load, labels_path, style_texts, name, feedback):
        first = load(CLASSES, labels_path, style_texts["class_map"], "fields.tif")
        first.setName(name)
        again = load(CLASSES, labels_path, style_texts["class_map"], "fields.tif")
        assert (again.id(), again.name()) == (first.id(), name)
        assert f"Layer '{name}' shows the new {again.source()}." in feedback.infos

    def test_or_after_their_files_for_those_who_chose_so(self, load, labels_path, style_texts):
        key = "Processing/Configuration/PREFER_FILENAME_AS_LAYER_NAME"
        QgsSettings().setValue(key, True)
        try:
            layer = load(CLASSES, labels_path, style_texts["class_map"], "fields.tif")
        finally:
            QgsSettings().remove(key)
        assert layer.name() == "fields"


def test_a_name_given_by_a_model_stays(labels_path, feedback, qgis_new_project):
    context, destination = QgsProcessingContext(), str(labels_path)
    details = QgsProcessingContext.LayerDetails("My own map", QgsProject.instance(), "OUTPUT")
    context.addLayerToLoadOnCompletion(destination, details)
    add_results(context, feedback, [OutputLayer("output", "Class map", destination, CLASSES)], "my scene")
    details = context.layerToLoadOnCompletionDetails(destination)
    assert details.name == "My own map"
    assert details.postProcessor() is not None


def test_an_operation_names_its_layer_in_its_own_words(labels_path, feedback, qgis_new_project):
    context, destination = QgsProcessingContext(), str(labels_path)
    details = QgsProcessingContext.LayerDetails("Cleaned map", QgsProject.instance(), "OUTPUT")
    context.addLayerToLoadOnCompletion(destination, details)
    raster = OutputLayer("output", "Cleaned map", destination, layer_of("clean_map", "output"))
    add_results(context, feedback, [raster], "my scene – classes")
    assert context.layerToLoadOnCompletionDetails(destination).name == "my scene – classes – cleaned"


def test_nothing_happens_to_outputs_that_are_not_loaded(labels_path, feedback, qgis_new_project):
    context = QgsProcessingContext()
    add_results(context, feedback, [OutputLayer("output", "Output", str(labels_path), CLASSES)], "my scene")
    assert context.layersToLoadOnCompletion() == {}
    assert feedback.everything == ""


def test_whatever_a_layer_shows_has_a_style():
    shown = {parameter.layer for operation in load_operations().values() for parameter in operation.outputs} - {None}
    assert len(shown) > 8
    assert {layer.content for layer in shown} <= set(STYLES)
