from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import fake_operations
import hsi_engine
from hsi_engine.errors import ParameterError
from hsi_engine.operations.catalogue import CATALOGUE, Catalogue
from hsi_engine.operations.definition.base import Operation, OperationParams, OperationResult, parameter
from hsi_engine.operations.definition.describe import describe, describe_operation
from hsi_engine.operations.definition.function import make_function
from hsi_engine.operations.definition.parameter_spec import parameter_specs
from hsi_engine.reporting import Reporter


def test_an_unknown_operation_names_the_nearest() -> None:
    with pytest.raises(ParameterError, match=r"no operation 'clasify_scene'\. Did you mean classify_scene"):
        CATALOGUE["clasify_scene"]


def test_a_module_that_holds_another_operation_is_a_mistake_of_the_programmer() -> None:
    catalogue = Catalogue({"other": "hsi_engine.operations.classify_scene.operation"}, {"other": "classify"})
    with pytest.raises(TypeError, match="does not hold the operation 'other'"):
        catalogue["other"]


def test_a_command_that_the_catalogue_does_not_know_is_a_mistake_of_the_programmer() -> None:
    catalogue = Catalogue({"classify_scene": "hsi_engine.operations.classify_scene.operation"}, {"classify_scene": "c"})
    with pytest.raises(TypeError, match="does not know that 'classify' is the command of 'classify_scene'"):
        catalogue["classify_scene"]


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_an_operation_is_found_by_its_command(name: str) -> None:
    assert CATALOGUE.with_command(CATALOGUE[name].command) is CATALOGUE[name]
    assert CATALOGUE.with_command(f"{name}!") is None


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_an_operation_is_described_well(name: str) -> None:
    operation = CATALOGUE[name]
    assert operation.title
    assert operation.group
    assert operation.summary.endswith(".")
    assert operation.example.startswith(f"hsi {operation.command} ")
    for spec in parameter_specs(operation.params).values():
        assert spec.title[0].isupper(), spec.name
        assert spec.description.endswith("."), spec.name
        assert "\n" not in spec.description, spec.name
        if spec.is_output:
            assert spec.type == "path", spec.name


def test_commands_are_distinct() -> None:
    commands = [operation.command for operation in CATALOGUE.values()]
    assert len(set(commands)) == len(commands)
    expected = {
        "assess",
        "check",
        "check-labels",
        "classify",
        "classify-many",
        "clean",
        "colour",
        "compare",
        "demo",
        "denoise",
        "import",
        "explain",
        "export-map",
        "export-model",
        "importance",
        "info",
        "map",
        "model-info",
        "pca",
        "preview",
        "sample",
        "suggest-labels",
        "train",
    }
    assert set(commands) == expected


def test_the_description_is_json_and_complete() -> None:
    document = json.loads(json.dumps(describe(CATALOGUE.values()), allow_nan=False))
    assert [operation["name"] for operation in document["operations"]] == list(CATALOGUE)


def test_a_parameter_is_described_once_and_completely() -> None:
    described = describe_operation(fake_operations.ECHO)
    size = next(p for p in described["parameters"] if p["name"] == "size")
    assert size == {
        "name": "size",
        "title": "Size",
        "description": "Edge.",
        "kind": "integer",
        "of": None,
        "type": "integer",
        "unit": "px",
        "group": "Options",
        "layer": None,
        "advanced": False,
        "required": False,
        "nullable": False,
        "default": 5,
        "choices": [],
        "choice_titles": {},
        "bounds": {"ge": 3, "le": 9},
        "odd": True,
    }
    assert [p["name"] for p in described["parameters"]] == list(fake_operations.EchoParams.model_fields)
    assert describe_operation(fake_operations.BLOCK)["outputs"] == [
        {"name": "output", "title": "Output", "kind": "raster_out", "required": True}
    ]


def test_reserved_names_cannot_be_parameters() -> None:
    class Params(OperationParams):
        quiet: bool = parameter(False, title="Quiet", description="Say less.", kind="boolean")

    with pytest.raises(TypeError, match="quiet"):
        operation_with(Params)


@pytest.mark.parametrize(
    ("kind", "of", "words"),
    [
        ("field", None, "'part' must say of which file"),
        ("text", "file", "'part' must say of which file"),
        ("field", "other", "'part' is a part of 'other', which is no file"),
        ("field", "part", "'part' is a part of 'part', which is no file"),
    ],
)
def test_a_part_belongs_to_a_file_of_the_same_operation(kind: Any, of: str | None, words: str) -> None:
    class Params(OperationParams):
        file: Path = parameter(title="File", description="A file.", kind="labels")
        part: str | None = parameter(None, title="Part", description="A part of it.", kind=kind, of=of)

    with pytest.raises(TypeError, match=words):
        operation_with(Params)


def test_a_kind_that_is_not_in_the_table_is_refused() -> None:
    class Params(OperationParams):
        file: Path = parameter(title="File", description="A file.", kind="parchment")

    with pytest.raises(TypeError, match="'file' of Params is of the unknown kind 'parchment'"):
        operation_with(Params)


def test_a_parameter_is_of_the_type_of_its_kind() -> None:
    class Params(OperationParams):
        file: str = parameter(title="File", description="A file.", kind="scene")

    with pytest.raises(TypeError, match="'file' is of the kind 'scene', a value of which is path"):
        parameter_specs(Params)


def operation_with(params: type[OperationParams], run: str = "x:run") -> Operation[Any, Any]:
    return Operation(
        name="x",
        command="x",
        title="X",
        summary="X.",
        group="X",
        params=params,
        result=OperationResult,
        run=run,
    )


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_the_run_of_an_operation_takes_its_parameters_and_returns_its_result(name: str) -> None:
    operation = CATALOGUE[name]
    types = get_type_hints(operation.load_run())
    assert list(types.values()) == [operation.params, Reporter, operation.result]


@pytest.mark.parametrize("run", ["hsi_engine.version:VERSION", "hsi_engine.version:run", "hsi_engine.version"])
def test_a_run_that_is_no_function_is_a_mistake_of_the_programmer(run: str) -> None:
    with pytest.raises(TypeError, match=f"x: '{run}' is no function"):
        operation_with(OperationParams, run).load_run()


def test_the_package_lists_what_it_offers_and_nothing_else() -> None:
    offered = [name for name in dir(hsi_engine) if not name.startswith("__")]
    assert {*CATALOGUE, "HsiError", "read_bundle", "Legend"} <= set(offered)
    assert not {"Any", "annotations", "importlib", "VERSION"} & set(offered)
    assert all(hasattr(hsi_engine, name) for name in offered)


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_every_operation_is_a_typed_function_of_the_package(name: str) -> None:
    function = getattr(hsi_engine, name)
    signature = inspect.signature(function)
    assert list(signature.parameters) == [*CATALOGUE[name].params.model_fields, "reporter"]
    assert signature.return_annotation is CATALOGUE[name].result
    assert name in dir(hsi_engine)
    for parameter_name in CATALOGUE[name].params.model_fields:
        assert f"{parameter_name} : " in function.__doc__


def test_a_function_checks_and_runs(capfd: pytest.CaptureFixture[str]) -> None:
    echo: Any = make_function(fake_operations.ECHO)
    assert echo(text="ab", twice=True).text == "abab"
    with pytest.raises(ParameterError, match="'size'"):
        echo(text="ab", size=4)
