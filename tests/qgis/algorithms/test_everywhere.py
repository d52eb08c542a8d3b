"""Every algorithm of the catalogue as a step of a model and as a row of a batch; the quick ones run in a model."""

from __future__ import annotations

from inspect import signature
from pathlib import Path
from typing import Any

import processing
import pytest
from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
from qgis.core import (
    QgsApplication,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterDefinition,
    QgsProject,
)

from qgis_plugin.algorithms.catalogue import algorithms
from recording_feedback import RecordingFeedback

Source = QgsProcessingModelChildParameterSource
NAMES = sorted(algorithm.name() for algorithm in algorithms())
FOR_COMPUTER = {"set_up_engine", "engine_report"}
# Required in fact, though for QGIS a raster may take their place.
LABELS = ("LABELS", "REFERENCE")
RUN_IN_A_MODEL = {
    "scene_information": ("REPORT", ".html"),
    "model_information": ("REPORT", ".html"),
    "clean_map": ("OUTPUT", ".tif"),
    "sample_reference_points": ("OUTPUT", ".gpkg"),
    "colour_scene": ("STYLE", ".qml"),
    "check_labels": ("REPORT", ".html"),
}


def asked_for(algorithm: QgsProcessingAlgorithm) -> list[QgsProcessingParameterDefinition]:
    """Inputs that a person has to give."""
    optional = QgsProcessingParameterDefinition.Flag.FlagOptional
    return [
        d
        for d in algorithm.parameterDefinitions()
        if not d.isDestination()
        and (d.name() in LABELS or not (d.flags() & optional or d.checkValueIsAcceptable(d.defaultValue())))
    ]


def model_of(name: str, *, without: str = "", output: str = "") -> QgsProcessingModelAlgorithm:
    """A model of one step, which is given its inputs by the model and, as the designer does, all other values."""
    model = QgsProcessingModelAlgorithm("Mine", "test")
    child = QgsProcessingModelChildAlgorithm(f"hsi:{name}")
    child.setChildId("step")
    given = {d.name(): d for d in asked_for(child.algorithm()) if d.name() != without}
    for definition in given.values():
        kind = QgsApplication.processingRegistry().parameterType(definition.type())
        asked = kind.create(definition.name())
        asked.setDescription(definition.description())
        model.addModelParameter(asked, QgsProcessingModelParameter(definition.name()))
    for definition in child.algorithm().parameterDefinitions():
        if definition.name() in given:
            child.addParameterSources(definition.name(), [Source.fromModelParameter(definition.name())])
        elif not definition.isDestination() and definition.name() != without:
            child.addParameterSources(definition.name(), [Source.fromStaticValue(definition.defaultValue())])
    if output:
        final = QgsProcessingModelOutput(output)
        final.setChildId("step")
        final.setChildOutputName(output)
        child.setModelOutputs({output: final})
    model.addChildAlgorithm(child)
    return model


@pytest.mark.parametrize("name", NAMES)
def test_a_model_holds_it_and_survives_being_saved(provider: Any, name: str) -> None:
    model = model_of(name)
    assert model.validate() == (True, [])
    again = QgsProcessingModelAlgorithm()
    assert again.loadVariant(model.toVariant())
    assert again.validate() == (True, [])
    before, after = model.childAlgorithm("step"), again.childAlgorithm("step")
    assert after.algorithmId() == f"hsi:{name}"
    assert after.algorithm() is not None
    assert {key: [s.staticValue() for s in sources] for key, sources in after.parameterSources().items()} == {
        key: [s.staticValue() for s in sources] for key, sources in before.parameterSources().items()
    }
    assert {d.name() for d in again.parameterDefinitions()} == {d.name() for d in model.parameterDefinitions()}


@pytest.mark.parametrize("name", sorted(set(NAMES) - FOR_COMPUTER))
def test_a_model_without_an_input_of_it_is_refused(provider: Any, name: str) -> None:
    required = [d.name() for d in asked_for(provider.algorithm(name)) if d.name() not in LABELS]
    assert required
    valid, issues = model_of(name, without=required[0]).validate()
    assert not valid
    assert issues


@pytest.mark.parametrize("name", sorted(set(NAMES) - FOR_COMPUTER))
def test_a_row_of_a_batch_can_be_filled_in(
    provider: Any, qgis_iface: Any, scene_path: Path, labels_path: Path, polygons_path: Path, tmp_path: Path, name: str
) -> None:
    QgsProject.instance().clear()  # its layers would be proposed
    algorithm = provider.algorithm(name)
    assert algorithm.flags() & QgsProcessingAlgorithm.Flag.FlagSupportsBatch
    files = {"SCENE": scene_path, "SCENES": scene_path.parent, "MAP": labels_path, "MODEL": tmp_path / "m.hsimodel"}
    files |= dict.fromkeys(LABELS, polygons_path)
    dialog = BatchAlgorithmDialog(algorithm.create())
    panel, context = dialog.mainWidget(), QgsProcessingContext()
    wrappers = {w.parameterDefinition().name(): w for w in panel.wrappers[0] if w is not None}
    for definition in asked_for(algorithm):
        wrappers[definition.name()].setParameterValue(str(files[definition.name()]), context)
    for definition in algorithm.destinationParameterDefinitions():
        if not definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional:
            cell = panel.tblParameters.cellWidget(1, panel.parameter_to_column[definition.name()])
            cell.setValue(str(tmp_path / f"{definition.name()}.{definition.defaultFileExtension()}"))

    newer = {"context": context} if "context" in signature(panel.parametersForRow).parameters else {}  # QGIS 3.26
    row, is_complete = panel.parametersForRow(0, warnOnInvalid=True, **newer)

    assert is_complete
    assert algorithm.checkParameterValues(row, context) == (True, "")
    dialog.close()


def test_what_is_about_the_computer_has_no_batch(provider: Any) -> None:
    batch = QgsProcessingAlgorithm.Flag.FlagSupportsBatch
    assert {name for name in NAMES if not provider.algorithm(name).flags() & batch} == FOR_COMPUTER


@pytest.mark.parametrize("name", RUN_IN_A_MODEL)
def test_it_runs_as_a_step(
    world: Any, trained: dict[str, Any], mapped: dict[str, Any], tmp_path: Path, name: str
) -> None:
    output, ending = RUN_IN_A_MODEL[name]
    model = model_of(name, output=output)
    (result,) = [d.name() for d in model.destinationParameterDefinitions()]
    files = {
        "SCENE": world.scene,
        "LABELS": world.polygons,
        "MAP": mapped["OUTPUT"],
        "MODEL": trained["OUTPUT"],
        result: str(tmp_path / f"made{ending}"),
    }
    wanted = {d.name(): files[d.name()] for d in model.parameterDefinitions() if d.name() in files}

    found = processing.run(model, wanted, feedback=RecordingFeedback())

    assert found[result] == str(tmp_path / f"made{ending}")
    assert (tmp_path / f"made{ending}").stat().st_size > 200
