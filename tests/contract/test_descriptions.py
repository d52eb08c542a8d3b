"""``hsi describe`` alone is enough to build a form: what it prints leads to valid calls, and its bounds are real."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from forked_command import ForkedCommand
from hsi_engine.errors import ParameterError
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.base import OperationParams
from hsi_engine.operations.definition.validation import validate

Json = dict[str, Any]

NUMERIC = ("integer", "number")
ANY_NUMBER = {"nodata"}


@pytest.fixture(scope="module")
def described() -> Json:
    done = subprocess.run([sys.executable, "-m", "hsi_engine", "describe"], capture_output=True, check=True)
    document: Json = json.loads(done.stdout)
    return document


@pytest.fixture
def kinds(described: Json) -> dict[str, Json]:
    found: dict[str, Json] = described["kinds"]
    return found


@pytest.fixture(params=list(CATALOGUE))
def operation(request: pytest.FixtureRequest, described: Json) -> Json:
    found: Json = {operation["name"]: operation for operation in described["operations"]}[request.param]
    return found


def checked(operation: Json, values: Json) -> OperationParams:
    return validate(CATALOGUE[operation["name"]], values)


def example(parameter: Json) -> Any:
    """A value that the description allows, and no default where there is another."""
    if parameter["choices"]:
        return parameter["choices"][-1]
    if parameter["type"] == "boolean":
        return not parameter["default"]
    if parameter["type"] in NUMERIC:
        return smallest(parameter)
    return "some-text.ext"


def smallest(parameter: Json) -> float:
    bounds, step = parameter["bounds"], 1 if parameter["type"] == "integer" else 1e-3
    if parameter["name"] in ANY_NUMBER:
        return -9999.0
    lowest = bounds["ge"] if "ge" in bounds else bounds["gt"] + step
    return lowest + 1 if parameter["odd"] and lowest % 2 == 0 else lowest


def refused(parameter: Json) -> Iterator[Any]:
    """Values that the description rules out."""
    bounds = parameter["bounds"]
    if parameter["type"] in NUMERIC:
        yield "many"
        yield True
    if parameter["type"] == "integer":
        yield smallest(parameter) + 0.5
    if parameter["choices"]:
        yield "no such choice"
    if parameter["type"] == "boolean":
        yield "perhaps"
    if parameter["odd"]:
        yield smallest(parameter) + 1
    yield from (bounds[name] - 1 for name in ("ge",) if name in bounds)
    yield from (bounds[name] + 1 for name in ("le",) if name in bounds)
    yield from (bounds[name] for name in ("gt", "lt") if name in bounds)
    if not parameter["nullable"]:
        yield None


def test_every_parameter_says_what_a_form_needs(operation: Json, kinds: dict[str, Json]) -> None:
    for parameter in operation["parameters"]:
        name = parameter["name"]
        assert parameter["title"], name
        assert parameter["description"].endswith("."), name
        assert parameter["type"] == kinds[parameter["kind"]]["type"], name
        assert bool(parameter["choices"]) == (parameter["kind"] == "choice"), name
        assert list(parameter["choice_titles"]) == parameter["choices"], name
        assert len(set(parameter["choice_titles"].values())) == len(parameter["choices"]), name
        if name in ANY_NUMBER:
            assert not parameter["bounds"], name
        elif parameter["type"] in NUMERIC:
            assert {"ge", "gt"} & parameter["bounds"].keys(), f"{name} has no lower bound"
        if parameter["required"]:
            assert parameter["default"] is None, name
            assert not parameter["nullable"], name
        else:
            assert parameter["nullable"] == (parameter["default"] is None), name


def test_what_is_written_is_an_output_and_only_paths_are(operation: Json, kinds: dict[str, Json]) -> None:
    written = [p["name"] for p in operation["parameters"] if kinds[p["kind"]]["direction"] == "out"]
    assert [output["name"] for output in operation["outputs"]] == written
    assert {p["type"] for p in operation["parameters"] if p["name"] in written} <= {"path"}


def test_a_part_of_a_file_names_the_file(operation: Json) -> None:
    files = {p["name"] for p in operation["parameters"] if p["type"] == "path"}
    wholes = {p["name"]: p["of"] for p in operation["parameters"] if p["kind"] in ("field", "layer")}
    assert set(wholes.values()) <= files
    assert {p["name"]: p["of"] for p in operation["parameters"] if p["of"] is not None} == wholes


# Of several outputs none is required, and one has to be given.
AN_OUTPUT = {"export_map": "polygons", "export_model": "onnx"}


def test_the_required_parameters_alone_make_a_call(operation: Json) -> None:
    one = AN_OUTPUT.get(operation["name"])
    required = {p["name"]: example(p) for p in operation["parameters"] if p["required"] or p["name"] == one}
    shortest = checked(operation, required)
    defaults = {p["name"]: p["default"] for p in operation["parameters"] if p["name"] not in required}
    assert checked(operation, required | defaults) == shortest


def test_an_example_of_every_parameter_makes_a_call(operation: Json) -> None:
    values = {p["name"]: example(p) for p in operation["parameters"]}
    assert list(values) == list(CATALOGUE[operation["name"]].params.model_fields)
    assert json.loads(checked(operation, values).model_dump_json()) == values


def test_what_the_description_rules_out_is_refused(operation: Json) -> None:
    required = {p["name"]: example(p) for p in operation["parameters"] if p["required"]}
    for parameter in operation["parameters"]:
        for value in refused(parameter):
            with pytest.raises(ParameterError, match=rf"'{parameter['name']}'"):
                checked(operation, required | {parameter["name"]: value})


def test_an_operation_can_be_asked_for_by_its_command(operation: Json) -> None:
    told, _ = ForkedCommand(["describe", operation["command"]]).communicate()
    assert json.loads(told)["operations"] == [operation]


def test_what_can_be_a_layer_says_how_it_is_shown(operation: Json, kinds: dict[str, Json]) -> None:
    for parameter in operation["parameters"]:
        is_layer = kinds[parameter["kind"]]["widget"] in ("raster_out", "vector_out")
        assert (parameter["layer"] is not None) == is_layer, parameter["name"]
