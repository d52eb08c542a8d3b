"""The plugin in QGIS: what it lists, what it takes away again, and what loading it costs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingOutputHtml, QgsProcessingParameterDefinition
from qgis.PyQt.QtCore import QUrl

from fake_desktop import Desktop
from qgis_plugin.environment.pythons.base_python import NEWEST, OLDEST
from qgis_plugin.plugin import HsiPlugin
from qgis_plugin.provider import HsiProvider

ROOT = Path(__file__).resolve().parents[2]
# Scripts and models of users name them: none may ever change.
ALGORITHMS = {
    "assess_map",
    "band_importance",
    "check_labels",
    "clean_map",
    "classify_scene",
    "classify_scenes",
    "colour_scene",
    "compare_models",
    "denoise_scene",
    "engine_report",
    "explain_pixel",
    "export_map",
    "export_model",
    "fit_pca",
    "import_scene",
    "model_information",
    "preview_map",
    "sample_reference_points",
    "scene_information",
    "set_up_engine",
    "suggest_labels",
    "train_and_classify",
    "train_classifier",
}


def test_algorithms_are_listed_by_their_names(provider: HsiProvider) -> None:
    assert provider.id() == "hsi"
    assert {algorithm.id() for algorithm in provider.algorithms()} == {f"hsi:{name}" for name in ALGORITHMS}


def test_algorithms_explain_themselves(provider: HsiProvider) -> None:
    for algorithm in provider.algorithms():
        assert all([algorithm.displayName(), algorithm.group(), algorithm.groupId()]), algorithm.id()
        assert algorithm.shortDescription().endswith("."), algorithm.id()
        assert len(algorithm.shortHelpString()) > 200, algorithm.id()
        assert not algorithm.icon().isNull(), algorithm.id()
        assert not algorithm.flags() & algorithm.Flag.FlagNoThreading, algorithm.id()
        assert algorithm.flags() & algorithm.Flag.FlagCanCancel, algorithm.id()


def test_only_geotiff_is_offered(provider: HsiProvider) -> None:
    assert provider.supportedOutputRasterLayerExtensions() == ["tif", "tiff"]
    assert provider.defaultRasterFileExtension() == "tif"
    assert not provider.icon().isNull()


def test_a_second_plugin_leaves_the_first_provider_alone(provider: HsiProvider) -> None:
    second = HsiPlugin(None)
    second.initProcessing()
    second.unload()

    assert QgsApplication.processingRegistry().providerById("hsi") is provider


def test_the_desktop_gets_a_page_of_options_and_a_menu_and_loses_them_again(provider: HsiProvider) -> None:
    desktop = Desktop()
    plugin = HsiPlugin(desktop)
    plugin.initGui()
    plugin.initGui()

    assert [factory.title() for factory in desktop.factories] == ["HSI Classifier"]
    assert {menu for menu, _ in desktop.menu} == {"HSI Classifier"}
    assert [entry.text() for entry in desktop.toolbar] == [
        "Preview here",
        "Train and classify…",
        "Explain clicked pixel",
        "Label reference points",
    ]
    assert len(desktop.layer_menu) == 4
    plugin.unload()
    assert desktop.factories == desktop.menu == desktop.toolbar == desktop.layer_menu == []


def test_the_help_of_every_algorithm_is_a_page_of_the_guide(provider: HsiProvider) -> None:
    for algorithm in provider.algorithms():
        page = Path(QUrl(algorithm.helpUrl()).toLocalFile())
        assert page.is_file(), algorithm.id()
        assert page.parent == ROOT / "docs" / "guide"


SCRIPT = """
import json, os, sys, time
from qgis.core import QgsApplication
from qgis.gui import QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QUrl
application = QgsApplication([], False)
application.initQgis()
before = set(sys.modules)
started = time.process_time()
from qgis_plugin import classFactory
plugin = classFactory(None)
plugin.initProcessing()
seconds = time.process_time() - started
registry = QgsApplication.processingRegistry()
names = [algorithm.name() for algorithm in registry.providerById("hsi").algorithms()]
loaded = sorted(set(sys.modules) - before)
plugin.initProcessing()
plugin.unload()
left = registry.providerById("hsi") is not None
print(json.dumps({"seconds": seconds, "names": names, "loaded": loaded, "left": left}), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def fresh_start() -> dict:
    """What a QGIS of its own says after it loaded the plugin as qgis_process does."""
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(answer.stdout.splitlines()[-1])


def test_a_full_load_leaves_the_engines_libraries_out(fresh_start: dict, measured: Callable[[str], None]) -> None:
    measured(f"loading the plugin: {1000 * fresh_start['seconds']:.0f} ms of the processor")
    assert set(fresh_start["names"]) == ALGORITHMS
    packages = {name.partition(".")[0] for name in fresh_start["loaded"]}
    assert not packages & {
        "torch",
        "rasterio",
        "hsi_engine",
        "numpy",
        "scipy",
        "pandas",
        "geopandas",
        "osgeo",
        "pydantic",
    }


def test_unload_takes_the_provider_away(fresh_start: dict) -> None:
    assert not fresh_start["left"]


def test_outputs_that_few_ask_for_come_last_in_a_form(provider: HsiProvider) -> None:
    flag = QgsProcessingParameterDefinition.Flag.FlagAdvanced
    hidden = QgsProcessingParameterDefinition.Flag.FlagHidden
    for algorithm in provider.algorithms():
        outputs = [one for one in algorithm.destinationParameterDefinitions() if not one.flags() & hidden]
        are_rare = [bool(one.flags() & flag) for one in outputs]
        assert are_rare == sorted(are_rare), algorithm.id()
    shown = provider.algorithm("train_and_classify").destinationParameterDefinitions()
    assert [one.description() for one in shown][:4] == ["Class map", "Confidence", "Model file", "Report"]


def test_related_tools_are_in_one_group(provider: HsiProvider) -> None:
    groups: dict[str, set[str]] = {}
    for algorithm in provider.algorithms():
        groups.setdefault(algorithm.group(), set()).add(algorithm.name())
    assert groups["Accuracy"] == {"assess_map", "band_importance", "compare_models", "sample_reference_points"}
    assert min(map(len, groups.values())) > 1, "a group for one tool helps nobody"


def test_help_names_what_the_forms_have(provider: HsiProvider) -> None:
    assert "<b>Explain clicked pixel</b>" in provider.algorithm("explain_pixel").shortHelpString()
    for name in ("train_classifier", "train_and_classify"):
        assert "The model is then trained on <b>all</b> labels." in provider.algorithm(name).shortHelpString()
    help_of_sets = provider.algorithm("train_and_classify").parameterDefinition("SET_SIZE").help()
    assert "below" not in help_of_sets
    assert "“Coverage” of Classify scene" in help_of_sets


def test_help_and_guide_on_the_engine_say_what_the_code_does(provider: HsiProvider) -> None:
    versions = f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
    wheels = "pip wheel -r requirements.txt -c constraints.txt -w"
    guide = (ROOT / "docs" / "guide" / "installing.md").read_text(encoding="utf-8")
    for text in (provider.algorithm("set_up_engine").shortHelpString(), guide):
        assert versions in text
        assert wheels in text
        assert "engine_source" in text


def test_the_results_viewer_tells_reports_apart(provider: HsiProvider) -> None:
    """It calls each page after the description of its output; the form goes on to ask for a "Report"."""
    found = {}
    for algorithm in provider.algorithms():
        for output in algorithm.outputDefinitions():
            if isinstance(output, QgsProcessingOutputHtml):
                found[algorithm.name()] = output.description()
                asked = algorithm.parameterDefinition(output.name())
                assert asked is None or asked.description() == "Report"
    assert found == {
        "train_and_classify": "Training report",
        "train_classifier": "Training report",
        "classify_scene": "Map report",
        "classify_scenes": "Summary of all scenes",
        "assess_map": "Accuracy report",
        "check_labels": "Label check",
        "compare_models": "Model comparison",
        "scene_information": "Scene page",
        "model_information": "Model page",
        "explain_pixel": "Pixel page",
        "band_importance": "Importance of bands",
        "engine_report": "Engine report",
    }
