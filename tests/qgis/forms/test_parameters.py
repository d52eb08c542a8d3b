"""Every kind of the engine's parameters has its QGIS parameter, and the form says all that the engine says."""

from __future__ import annotations

from typing import Any

import pytest
from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingOutputFile,
    QgsProcessingOutputHtml,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProperty,
)

from qgis_plugin.engine.operations import OperationDescription, ParameterDescription, load_kinds, load_operations
from qgis_plugin.forms.old_values import read_truth
from qgis_plugin.forms.parameters import WIDGETS, qgis_parameters

CLASSES = {
    "scene": ["SceneInput"],
    "scenes": ["QgsProcessingParameterFile"],
    "raster": ["QgsProcessingParameterRasterLayer"],
    "vector": ["QgsProcessingParameterFeatureSource"],
    "labels": ["QgsProcessingParameterFeatureSource", "QgsProcessingParameterRasterLayer"],
    "layer": ["QgsProcessingParameterMapLayer"],
    "mask": ["QgsProcessingParameterMapLayer"],
    "model": ["QgsProcessingParameterFile"],
    "file": ["QgsProcessingParameterFile"],
    "field": ["QgsProcessingParameterField"],
    "hidden": [],
    "number": ["QgsProcessingParameterNumber"],
    "boolean": ["Truth"],
    "choice": ["QgsProcessingParameterEnum"],
    "text": ["QgsProcessingParameterString"],
    "extent": ["QgsProcessingParameterExtent"],
    "point": ["QgsProcessingParameterPoint"],
    "raster_out": ["QgsProcessingParameterRasterDestination"],
    "vector_out": ["QgsProcessingParameterVectorDestination"],
    "file_out": ["QgsProcessingParameterFileDestination"],
    "folder_out": ["QgsProcessingParameterFolderDestination"],
}
KINDS = load_kinds()
ADVANCED = QgsProcessingParameterDefinition.Flag.FlagAdvanced
OPTIONAL = QgsProcessingParameterDefinition.Flag.FlagOptional


def _parameter(kind: str, **changes: Any) -> ParameterDescription:
    values: dict[str, Any] = {
        "name": "thing",
        "title": "Thing",
        "description": "What it is.",
        "kind": kind,
        "type": KINDS[kind].type,
        "unit": None,
        "group": "Options",
        "advanced": False,
        "required": True,
        "nullable": False,
        "default": None,
        "choices": ("a", "b") if kind == "choice" else (),
        "choice_titles": {},
        "bounds": {},
        "odd": False,
        "of": None,
        "layer": None,
        "about": KINDS[kind],
    }
    return ParameterDescription(**{**values, **changes})


def _qgis(*parameters: ParameterDescription) -> list[QgsProcessingParameterDefinition]:
    return qgis_parameters(OperationDescription("o", "o", "O", "", "", "", True, parameters))


def _one(kind: str, **changes: Any) -> QgsProcessingParameterDefinition:
    (definition,) = _qgis(_parameter(kind, **changes))
    return definition


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_the_class_of_its_widget(kind: str) -> None:
    assert [type(definition).__name__ for definition in _qgis(_parameter(kind))] == CLASSES[KINDS[kind].widget]


def test_every_widget_that_the_engine_asks_for_is_known_and_used() -> None:
    assert {kind.widget for kind in KINDS.values()} == set(WIDGETS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].widget != "hidden"])
def test_what_may_be_left_out_is_optional_and_advanced_is_folded_away(kind: str) -> None:
    for definition in _qgis(_parameter(kind, required=False, nullable=True, advanced=True)):
        assert definition.flags() & OPTIONAL
        assert definition.flags() & ADVANCED
        assert definition.checkValueIsAcceptable(None)
    for definition in _qgis(_parameter(kind)):
        assert not definition.flags() & ADVANCED


def test_label_help_and_bounds() -> None:
    definition = _one(
        "integer", name="patch_size", title="Patch size", unit="px", default=15, odd=True, bounds={"ge": 3, "le": 99}
    )

    assert definition.name() == "PATCH_SIZE"
    assert definition.description() == "Patch size (px)"
    assert definition.help() == "What it is. Allowed: an odd number from 3 to 99. Default: 15 px."
    assert (definition.minimum(), definition.maximum(), definition.defaultValue()) == (3, 99, 15)
    assert definition.dataType() == QgsProcessingParameterNumber.Type.Integer
    assert not definition.checkValueIsAcceptable(2)
    assert definition.checkValueIsAcceptable(4)  # that it is even is said in words before a run


def test_help_calls_choices_as_the_form_does() -> None:
    definition = _one(
        "choice",
        choices=("mask", "keep"),
        choice_titles={"mask": "Mask clouds", "keep": "Keep all"},
        description="What to mask: clouds. mask: no data; keep: no mask: all.",
        default="mask",
    )
    assert definition.help() == (
        "What to mask: clouds. “Mask clouds”: no data; “Keep all”: no mask: all. "
        "In scripts: “Mask clouds” mask, “Keep all” keep. Default: mask."
    )


def test_help_does_not_list_dozens_of_names() -> None:
    choices = tuple(f"method_{number}" for number in range(28))
    titles = {choice: choice.title() for choice in choices}
    words = _one("choice", choices=choices, choice_titles=titles, default="method_0").help()
    assert words == (
        "What it is. In scripts: “Method_0” method_0, the others as the page of methods lists them. Default: method_0."
    )


def test_numbers_that_may_be_left_out_have_no_value() -> None:
    definition = _one("integer", required=False, nullable=True, bounds={"ge": 2})

    assert definition.defaultValue() is None
    assert not definition.checkValueIsAcceptable(1)


def test_a_real_number_keeps_its_digits() -> None:
    definition = _one("number", default=0.002, bounds={"gt": 0, "le": 1})

    assert definition.dataType() == QgsProcessingParameterNumber.Type.Double
    assert definition.defaultValue() == 0.002
    assert (definition.minimum(), definition.maximum()) == (0, 1)


def test_a_form_shows_shares_with_few_digits(provider: Any) -> None:
    from processing.gui.wrappers import WidgetWrapperFactory
    from qgis.gui import QgsDoubleSpinBox
    from qgis.PyQt.QtWidgets import QDialog

    shown, dialog = {}, QDialog()
    algorithm = provider.algorithm("train_classifier").create()
    for name in ("TRAIN_SHARE", "LEARNING_RATE"):
        wrapper = WidgetWrapperFactory.create_wrapper(algorithm.parameterDefinition(name), dialog)
        widget = wrapper.createWrappedWidget(QgsProcessingContext())
        (box,) = [widget, *widget.findChildren(QgsDoubleSpinBox)][-1:]
        shown[name] = box.decimals()
    assert shown == {"TRAIN_SHARE": 3, "LEARNING_RATE": 6}


def test_choices_are_words() -> None:
    definition = _one("choice", choices=("blocks", "random"), default="blocks")

    assert definition.usesStaticStrings()
    assert (definition.options(), definition.defaultValue()) == (["blocks", "random"], "blocks")
    assert not definition.checkValueIsAcceptable("polygons")


def test_a_truth_may_be_left_to_the_method() -> None:
    definition = _one("boolean", required=False, nullable=True)

    assert (definition.options(), definition.defaultValue()) == (["true", "false"], None)
    for accepted in (None, True, False, "true", "False", "yes"):  # a check box before: models hold True and False
        assert definition.checkValueIsAcceptable(accepted), accepted
    assert not definition.checkValueIsAcceptable("perhaps")


def test_a_check_box_takes_words_of_truth_only() -> None:
    definition = _one("boolean", name="cog", default=True, required=False)
    context = QgsProcessingContext()
    words = {True: (True, 1, "1", "true", " Yes", "on"), False: (False, 0, "0", "False", "NO", "off")}
    for truth, accepted in words.items():
        for value in accepted:
            assert definition.checkValueIsAcceptable(value), value
            assert read_truth(definition, {definition.name(): value}, context) is truth, value
    assert not definition.checkValueIsAcceptable("nein")
    assert read_truth(definition, {}, context) is True
    expression = {definition.name(): QgsProperty.fromExpression("1 = 2")}
    assert definition.checkValueIsAcceptable(expression[definition.name()])
    assert read_truth(definition, expression, context) is False


def test_whitening_takes_a_truth_as_it_did() -> None:
    definition = _one("number", name="whiten", required=False, nullable=True, bounds={"ge": 0, "le": 1})

    for accepted in (None, True, False, "true", 0.5, "0.5"):
        assert definition.checkValueIsAcceptable(accepted), accepted
    assert not definition.checkValueIsAcceptable(1.5)


def test_what_stands_first_stands_in_that_order_and_all_else_is_folded_away() -> None:
    parameters = [_parameter("choice", name=name) for name in ("a", "b", "c")]
    operation = OperationDescription("o", "o", "O", "", "", "", True, (*parameters, _parameter("model_out", name="d")))

    definitions = qgis_parameters(operation, visible=("C", "A"))

    assert [definition.name() for definition in definitions] == ["C", "A", "B", "D"]
    assert [bool(definition.flags() & ADVANCED) for definition in definitions] == [False, False, True, False]


def test_labels_are_one_of_two() -> None:
    features, raster = _qgis(_parameter("labels", name="labels", title="Labels"))

    assert (features.name(), raster.name()) == ("LABELS", "LABELS_RASTER")
    assert features.dataTypes() == [
        QgsProcessing.SourceType.TypeVectorPolygon,
        QgsProcessing.SourceType.TypeVectorPoint,
    ]
    assert (features.description(), raster.description()) == ("Training polygons or points", "Or a training raster")
    assert features.flags() & OPTIONAL
    assert raster.flags() & OPTIONAL


def test_fields_are_offered_from_their_layer() -> None:
    assert _one("field", of="labels").parentLayerParameterName() == "LABELS"


@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        ("model_out", "hsimodel"),
        ("report_out", "html"),
        ("style_out", "qml"),
        ("picture_out", "png"),
        ("json_out", "json"),
        ("csv_out", "csv"),
    ],
)
def test_files_get_their_ending(kind: str, suffix: str) -> None:
    definition = _one(kind)

    assert definition.defaultFileExtension() == suffix
    assert f"*.{suffix}" in definition.fileFilter()


def test_a_model_file_can_be_handed_on_and_a_report_is_shown() -> None:
    assert isinstance(_one("model_out").toOutputDefinition(), QgsProcessingOutputFile)
    assert isinstance(_one("report_out").toOutputDefinition(), QgsProcessingOutputHtml)


@pytest.mark.parametrize(("kind", "made"), [("report_out", True), ("json_out", False), ("raster_out", False)])
def test_only_a_report_is_written_unasked(kind: str, made: bool) -> None:
    assert _one(kind, required=False, nullable=True).createByDefault() is made


def test_devices_are_proposed_and_others_may_be_typed() -> None:
    definition = _one("text", name="device", default="auto")

    assert "cuda:0" in definition.metadata()["widget_wrapper"]["value_hints"]
    assert definition.checkValueIsAcceptable("cuda:7")
    assert "chosen in the QGIS options" in definition.help()


def test_help_speaks_of_what_the_form_shows() -> None:
    training = {d.name(): d.help() for d in qgis_parameters(load_operations()["train_and_classify"])}
    assert training["LABELS"].startswith("Places whose class you know.")
    assert training["LABELS_RASTER"].startswith("Raster of class values")
    assert training["MODEL"].startswith("Automatic compares")
    mapping = {d.name(): d.help() for d in qgis_parameters(load_operations()["classify_scene"])}
    assert mapping["MODEL"].startswith("Model file")


def test_every_parameter_of_the_engine_has_label_and_help() -> None:
    for operation in load_operations().values():
        for definition in qgis_parameters(operation):
            assert all([definition.description(), definition.help()]), (operation.name, definition.name())


def test_defaults_are_those_of_the_engine() -> None:
    for operation in load_operations().values():
        defaults = {definition.name(): definition.defaultValue() for definition in qgis_parameters(operation)}
        for parameter in operation.parameters:
            if parameter.kind not in ("labels", "layer"):
                assert defaults[parameter.name.upper()] == parameter.default, (operation.name, parameter.name)
