"""The STAC item of a model against the published JSON schemas, which ``tests/data/stac_schemas`` and pystac-core hold."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pystac.validation.local_validator import get_local_schema_cache
from referencing import Registry
from referencing.jsonschema import DRAFT7

import hsi_engine
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_file import write_bundle

CORE = "https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"
MLM = "https://stac-extensions.github.io/mlm/v1.5.0/schema.json"
EXTENSIONS = Path(__file__).resolve().parents[2] / "data" / "stac_schemas"

Item = dict[str, Any]


@pytest.fixture(scope="module")
def registry() -> Registry[Any]:
    """All schemas by their address; an address that is missing is an error, as nothing is fetched."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(EXTENSIONS.glob("*.json"))]
    # Of version 1.5 there is no copy, see the README of the folder; MLM names classes as 1.1 of their extension had them.
    texts += [text.replace("/mlm/v1.4.0/", "/mlm/v1.5.0/") for text in texts]
    texts += [text.replace("/classification/v2.0.0/", "/classification/v1.1.0/") for text in texts]
    schemas = {schema["$id"].rstrip("#"): schema for schema in map(json.loads, texts)} | get_local_schema_cache()
    return Registry().with_resources((address, DRAFT7.create_resource(schema)) for address, schema in schemas.items())


@pytest.fixture(scope="module")
def problems(registry: Registry[Any]) -> Callable[[Item], list[str]]:
    known = [CORE, MLM, "https://stac-extensions.github.io/file/v2.1.0/schema.json"]

    def find(item: Item) -> list[str]:
        validators = [Draft7Validator({"$ref": address}, registry=registry) for address in known]
        return [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
            for validator in validators
            for error in validator.iter_errors(item)
        ]

    return find


@pytest.fixture(scope="module", params=["both graphs", "the dense graph", "no graph"])
def item(
    request: pytest.FixtureRequest,
    make_model: Callable[..., ModelBundle],
    exported_scene: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Item:
    folder = tmp_path_factory.mktemp("item")
    written = replace(make_model("spectral_cnn", {}, 3), training={"seed": 0, "versions": {"torch": "2.13.0+cpu"}})
    write_bundle(written, folder / "1 model – größer.hsimodel")
    graphs = {
        "both graphs": {"onnx": folder / "m.onnx", "dense": folder / "d.onnx"},
        "the dense graph": {"dense": folder / "d.onnx"},
        "no graph": {},
    }[request.param]
    hsi_engine.export_model(
        model=folder / "1 model – größer.hsimodel", stac=folder / "m.json", scene=exported_scene, **graphs
    )
    found: Item = json.loads((folder / "m.json").read_text(encoding="utf-8"))
    return found


def test_the_item_of_a_model_is_valid(item: Item, problems: Callable[[Item], list[str]]) -> None:
    assert MLM in item["stac_extensions"]
    assert problems(item) == []


def test_inputs_with_bands_name_their_dimension(item: Item) -> None:
    """What 1.5 added to 1.4: ``bands`` and the dimensions of an input belong together, and their numbers agree."""
    for source in item["properties"]["mlm:input"]:
        shape, dimensions = source["input"]["shape"], source["input"]["dim_order"]
        assert len(shape) == len(dimensions)
        assert shape[dimensions.index("bands")] == len(source["bands"]) > 0
    assert not any("bands" in result["result"]["dim_order"] for result in item["properties"]["mlm:output"])


def _without_role(item: Item) -> None:
    del next(iter(item["assets"].values()))["roles"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda item: item["properties"].update({"mlm:name": "ä"}), "does not match", id="name"),
        pytest.param(lambda item: item["properties"].update({"mlm:tasks": ["mapping"]}), "is not one of", id="task"),
        pytest.param(lambda item: item["properties"].pop("bands"), "not valid under any", id="bands"),
        pytest.param(
            lambda item: item["properties"].update({"mlm:colour": 1}), "does not match any", id="unknown field"
        ),
        pytest.param(lambda item: item.pop("links"), "'links' is a required property", id="core"),
        pytest.param(_without_role, "should not be valid", id="role"),
    ],
)
def test_the_schemas_find_what_is_wrong(
    item: Item, problems: Callable[[Item], list[str]], spoil: Callable[[Item], Any], words: str
) -> None:
    spoiled = copy.deepcopy(item)
    spoil(spoiled)
    assert any(words in problem for problem in problems(spoiled)), problems(spoiled)
