"""``hsi export-model``: files, what they say, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.bundle.onnx.description import ENTRIES, HASH
from hsi_engine.cli.kind_of_file import directed
from hsi_engine.errors import BundleError, MismatchError, ParameterError
from hsi_engine.export import verification
from hsi_engine.export.graph_writer import write_graph

MakeModel = Callable[..., ModelBundle]


@pytest.fixture(scope="module")
def model(make_model: MakeModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bundle = make_model("spectral_cnn", {}, 3)
    record = {
        "seed": 0,
        "created": "2026-01-02T03:04:05+00:00",
        "scene": {"sensor": "Toy sensor", "day": "2025-06-07", "rows": 21, "cols": 26, "pixel_size_m": [10.0, 10.0]},
        "versions": {"torch": "2.13.0+cpu", "hsi-engine": "0.1.0"},
    }
    path = tmp_path_factory.mktemp("models") / "crops.hsimodel"
    write_bundle(replace(bundle, training=record), path)
    return path


@pytest.fixture(scope="module")
def exported(model: Path, exported_scene: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    found = hsi_engine.export_model(
        model=model,
        onnx=folder / "crops.onnx",
        dense=folder / "images.onnx",
        stac=folder / "crops.json",
        card=folder / "crops.md",
        scene=exported_scene,
    )
    assert [graph.form for graph in found.graphs] == ["patch", "dense"]
    assert all(graph.largest_difference <= graph.tolerance == 1e-4 for graph in found.graphs)
    assert "agrees with the model" in found.to_text()
    return folder


def test_the_metadata_say_what_is_needed_to_map(exported: Path, model: Path) -> None:
    import onnx

    bundle = read_bundle(model)
    graph = onnx.load(exported / "images.onnx")
    onnx.checker.check_model(graph, full_check=True)
    about = {entry.key: entry.value for entry in graph.metadata_props}
    assert [(o.domain, o.version) for o in graph.opset_import] == [("", 18)]
    assert json.loads(about["class_names"]) == ["water", "Wiese | Weide", "bare soil"]
    assert json.loads(about["class_values"]) == [2, 5, 11]
    assert json.loads(about["class_colours"])[0] == "#0072b2"
    assert json.loads(about["wavelengths_nm"]) == pytest.approx(bundle.preprocessing.bands.wavelength_nm)
    assert about["model_id"] == bundle.id
    assert about["form"] == "dense"


def test_further_metadata_of_other_programs_do_no_harm(exported: Path, tmp_path: Path) -> None:
    def note(graph: Any) -> None:
        entry = graph.metadata_props.add()
        entry.key, entry.value = "catalogue", "47"

    read_bundle(_changed(exported, tmp_path / "m.onnx", note))


def test_all_that_the_engine_states_is_under_the_hash(exported: Path) -> None:
    import onnx

    stated = {entry.key for entry in onnx.load(exported / "crops.onnx").metadata_props}
    assert stated == {*ENTRIES, HASH}


@pytest.mark.parametrize("name", ["crops.onnx", "images.onnx"])
def test_a_graph_maps_like_the_model(
    exported: Path, model: Path, exported_scene: Path, tmp_path: Path, name: str
) -> None:
    rasters = []
    for source in (model, exported / name):
        to = tmp_path / f"{source.stem}_{source.suffix[1:]}"
        hsi_engine.classify_scene(
            scene=exported_scene,
            model=source,
            output=to.with_suffix(".tif"),
            probabilities=Path(f"{to}_p.tif"),
            tile_size=16,
        )
        with rasterio.open(to.with_suffix(".tif")) as classes, rasterio.open(f"{to}_p.tif") as shares:
            rasters.append((classes.read(1), shares.read(), classes.colormap(1)[5], classes.nodata))
    expected, found = rasters
    np.testing.assert_array_equal(found[0], expected[0])
    assert set(np.unique(found[0])) >= {0, 2, 5}
    np.testing.assert_allclose(found[1], expected[1], atol=1e-5)
    assert found[2:] == expected[2:]


@pytest.mark.parametrize("damage", ["", "no transform", "flat", "crs", "no pixels"])
def test_the_stac_item_lies_where_the_model_was_trained_if_its_record_says_so(
    model: Path, tmp_path: Path, damage: str
) -> None:
    bundle = read_bundle(model)
    pixels: dict[str, Any] = {"crs": "EPSG:32633", "transform": [10.0, 0.0, 500000.0, 0.0, -10.0, 5800000.0]}
    pixels |= {"no transform": {"transform": None}, "flat": {"transform": [0] * 6}, "crs": {"crs": "EPSG:0"}}.get(
        damage, {}
    )
    record = bundle.training | ({} if damage == "no pixels" else {"known_pixels": pixels})
    source, stac = tmp_path / "placed.hsimodel", tmp_path / "placed.json"
    write_bundle(replace(bundle, training=record), source)
    hsi_engine.export_model(model=source, stac=stac)
    item = json.loads(stac.read_text(encoding="utf-8"))
    if damage:
        assert item["geometry"] is None
        assert "bbox" not in item
        return
    west, south, east, north = item["bbox"]
    (outline,) = item["geometry"]["coordinates"]
    assert outline[0] == outline[-1]
    # The western edge is the central meridian of the zone, 15° E; 26 columns of 10 m and 21 rows.
    assert west == pytest.approx(15.0, abs=1e-6)
    assert (east - west) * 111_320 * np.cos(np.radians(north)) == pytest.approx(260, rel=0.01)
    assert (north - south) * 111_320 == pytest.approx(210, rel=0.01)


def test_model_information_knows_where_a_graph_comes_from(exported: Path, model: Path) -> None:
    found = hsi_engine.model_information(model=exported / "crops.onnx")
    assert found.method == "Spectral-first CNN (ONNX graph)"
    assert [c.name for c in found.classes] == ["water", "Wiese | Weide", "bare soil"]
    assert f"Exported from model {read_bundle(model).id[:12]}" in found.to_text()
    assert found.trained_on.sensor == "Toy sensor"
    # What the graph does inside is what the model does before its network.
    of_model = hsi_engine.model_information(model=model).preprocessing
    assert found.preprocessing == [f"{text}, inside the graph" for text in of_model]
    assert f"- **Spectra**: {'; '.join(of_model)}\n" in (exported / "crops.md").read_text(encoding="utf-8")


def test_the_stac_item_has_what_the_extension_requires(exported: Path, model: Path) -> None:
    """What the item says; ``test_stac_schema.py`` holds it against the published schemas."""
    item = json.loads((exported / "crops.json").read_text(encoding="utf-8"))
    assert (item["type"], item["stac_version"], item["geometry"]) == ("Feature", "1.1.0", None)
    assert "bbox" not in item  # not allowed without a geometry
    assert "https://stac-extensions.github.io/mlm/v1.5.0/schema.json" in item["stac_extensions"]
    about = item["properties"]
    assert about["datetime"] == "2026-01-02T03:04:05Z"
    assert re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_.-]+[a-zA-Z0-9]", about["mlm:name"])
    assert about["mlm:framework"] == "PyTorch"
    assert torch.__version__.startswith(about["mlm:framework_version"])
    assert about["mlm:tasks"] == ["semantic-segmentation"]
    assert all(re.fullmatch(r"[0-9a-zA-Z_.-]+", key) for key in about["mlm:hyperparameters"])
    allowed = {"name", "architecture", "framework", "framework_version", "tasks", "pretrained", "total_parameters"}
    allowed |= {"memory_size", "accelerator", "hyperparameters", "input", "output"}
    assert {key.removeprefix("mlm:") for key in about if key.startswith("mlm:")} <= allowed
    (source,) = about["mlm:input"]
    assert source["bands"] == [band["name"] for band in about["bands"]]
    assert source["input"] == {
        "shape": [-1, len(source["bands"]), 3, 3],
        "dim_order": ["batch", "bands", "height", "width"],
        "data_type": "float32",
    }
    wavelengths = read_bundle(model).preprocessing.bands.wavelength_nm
    assert [1000 * band["eo:center_wavelength"] for band in about["bands"]] == pytest.approx(wavelengths)
    for result in about["mlm:output"]:
        assert len(result["result"]["shape"]) == len(result["result"]["dim_order"])
        classes = result["classification:classes"]
        assert [(c["value"], c["description"]) for c in classes] == [
            (2, "water"),
            (5, "Wiese | Weide"),
            (11, "bare soil"),
        ]
        assert all(re.fullmatch(r"[0-9A-Za-z_-]+", c["name"]) for c in classes)
        assert all(re.fullmatch(r"[0-9A-F]{6}", c["color_hint"]) for c in classes)
    assets = item["assets"]
    assert [asset["href"] for asset in assets.values()] == ["crops.onnx", "images.onnx"]
    for asset in assets.values():
        assert "mlm:model" in asset["roles"]
        assert asset["mlm:artifact_type"] == "onnx"
        assert re.fullmatch(r"1220[0-9a-f]{64}", asset["file:checksum"])


def test_the_card_states_what_is_known_and_what_is_not(exported: Path) -> None:
    card = (exported / "crops.md").read_text(encoding="utf-8")
    assert card.startswith("# Model card: Spectral-first CNN\n")
    assert "| 5 | Wiese \\| Weide |" in card
    for line in (
        "**Sensor**: Toy sensor",
        "**Taken on**: 2025-06-07",
        "**Labels**: unknown",
        "**Trained on**: 2026-01-02",
    ):
        assert line in card
    assert "The accuracy of this model is not known." in card
    assert "Unknown: no labelled pixel was tested." in card
    assert "`crops.onnx`: patches (any number," in card
    assert "## Limits" in card


def test_descriptions_need_no_onnx(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    hsi_engine.export_model(model=model, stac=tmp_path / "m.json", card=tmp_path / "m.md")
    (asset,) = json.loads((tmp_path / "m.json").read_text(encoding="utf-8"))["assets"].values()
    assert asset["mlm:artifact_type"] == "hsimodel"
    with pytest.raises(BundleError, match="need the packages onnx and onnxruntime") as refused:
        hsi_engine.export_model(model=model, onnx=tmp_path / "m.onnx")
    assert "pip install 'hsi-engine[onnx]'" in refused.value.hint


def test_nothing_to_export(model: Path) -> None:
    with pytest.raises(ParameterError, match="none of 'onnx', 'dense', 'stac' and 'card' is given"):
        hsi_engine.export_model(model=model)


def test_a_graph_that_disagrees_is_not_written(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = verification._run
    monkeypatch.setattr(verification, "_run", lambda *given: run(*given) * np.float32(1.01))
    with pytest.raises(
        BundleError, match=r"does not compute .*: scores differ by up to .* allowed are 0\.0001"
    ) as refused:
        hsi_engine.export_model(model=model, onnx=tmp_path / "m.onnx", card=tmp_path / "m.md")
    assert refused.value.code == "model.onnx_disagrees"
    assert list(tmp_path.iterdir()) == []


def test_other_labels_are_refused_and_ties_are_counted() -> None:
    expected = np.array([[1.0, 5.0, 2.0], [0.0, 5.0, 9.0]], np.float32)
    swapped = expected.copy()
    swapped[:, 1] = [5.0, np.nextafter(np.float32(5.0), np.float32(6.0))]
    assert verification._compared(expected, swapped).ties == 1
    large = np.array([[500.0], [499.0]], np.float32)
    assert verification._compared(large, large).tolerance == pytest.approx(5e-3)


def test_a_scene_of_another_sensor(model: Path, tmp_path: Path, make_scene: Callable[..., Path]) -> None:
    with pytest.raises(MismatchError, match="does not fit the model"):
        hsi_engine.export_model(model=model, onnx=tmp_path / "m.onnx", scene=make_scene(bands=9))
    assert not (tmp_path / "m.onnx").exists()


def test_a_graph_is_neither_exported_nor_trained_on(exported: Path, tmp_path: Path, exported_scene: Path) -> None:
    labels = make_scenes.write_polygons(tmp_path / "fields.gpkg", like=exported_scene)
    with pytest.raises(ParameterError, match="A training cannot start from an ONNX graph"):
        hsi_engine.train_classifier(
            scene=exported_scene,
            labels=labels,
            class_field="class_id",
            init_from=exported / "crops.onnx",
            output=tmp_path / "m.hsimodel",
        )
    with pytest.raises(BundleError, match="is an ONNX graph already"):
        hsi_engine.export_model(model=exported / "crops.onnx", onnx=tmp_path / "m.onnx")


def _changed(exported: Path, to: Path, change: Callable[[Any], None]) -> Path:
    import onnx

    graph = onnx.load(exported / "crops.onnx")
    change(graph)
    to.write_bytes(graph.SerializeToString())
    return to


def _without_metadata(graph: Any) -> None:
    del graph.metadata_props[:]


def _other_weights(graph: Any) -> None:
    weights = max(graph.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    weights.raw_data = bytes(reversed(weights.raw_data))


def _other_name(graph: Any) -> None:
    entry = next(e for e in graph.metadata_props if e.key == "hsi_manifest")
    assert '"water"' in entry.value
    entry.value = entry.value.replace('"water"', '"lava"')


def _other_class_names(graph: Any) -> None:
    entry = next(e for e in graph.metadata_props if e.key == "class_names")
    entry.value = entry.value.replace('"water"', '"lava"')


def _weights_elsewhere(graph: Any) -> None:
    weights = graph.graph.initializer[0]
    weights.data_location = 1
    entry = weights.external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"


def _foreign_operation(graph: Any) -> None:
    graph.graph.node[0].domain = "com.example"


def _renamed_input(graph: Any) -> None:
    graph.graph.input[0].name = "image"


def _newer(graph: Any) -> None:
    next(e for e in graph.metadata_props if e.key == "hsi_format_version").value = "9"


def _no_base64(graph: Any) -> None:
    next(e for e in graph.metadata_props if e.key == "hsi_preprocessing").value = "~~~"


def _other_preprocessing(graph: Any) -> None:
    entry = next(e for e in graph.metadata_props if e.key == "hsi_preprocessing")
    entry.value = base64.b64encode(b"\0" * 64).decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without_metadata, "was not exported by this engine: its metadata do not say which bands"),
        (_other_weights, "The graph or its record is not the one that was exported"),
        (_other_name, "The graph or its record is not the one that was exported"),
        (_other_class_names, "The graph or its record is not the one that was exported"),
        (_weights_elsewhere, "Its weights lie in another file, which is never read"),
        (_foreign_operation, "uses operations beyond those of ONNX itself, of 'com.example'"),
        (_renamed_input, r"Its inputs must be 'scene' \(any × .*\); found 'image'"),
        (_newer, "has format version '9'; this engine reads version '1'"),
        (_no_base64, "The preprocessing is not base64"),
        (_other_preprocessing, "The preprocessing does not match its checksum"),
    ],
)
def test_changed_and_foreign_graphs_are_refused(exported: Path, tmp_path: Path, change: Any, words: str) -> None:
    path = _changed(exported, tmp_path / "m.onnx", change)
    with pytest.raises(BundleError, match=words) as refused:
        read_bundle(path)
    assert str(path) in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This is not an ONNX model"),
        (b"no model", "This is not an ONNX model"),
        (b"PK\x03\x04" + b"\0" * 40, "This is a zip archive, such as a .hsimodel file, whatever its name says"),
        (b"II*\0" + b"\0" * 40, "This is a TIFF file"),
    ],
    ids=["empty", "text", "zip", "tiff"],
)
def test_other_files_called_onnx(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "m.onnx").write_bytes(content)
    with pytest.raises(BundleError, match=words):
        read_bundle(tmp_path / "m.onnx")


def test_a_graph_with_the_ending_of_a_model_is_called_by_its_kind(exported: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "crops.hsimodel"
    renamed.write_bytes((exported / "crops.onnx").read_bytes())
    with pytest.raises(BundleError, match=r"found what looks like an ONNX model; give it the ending \.onnx"):
        read_bundle(renamed)


def test_a_truncated_graph(exported: Path, tmp_path: Path) -> None:
    content = (exported / "crops.onnx").read_bytes()
    (tmp_path / "m.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(BundleError):
        read_bundle(tmp_path / "m.onnx")


def test_flipped_bytes_give_words_or_the_model(exported: Path, tmp_path: Path) -> None:
    content = bytearray((exported / "crops.onnx").read_bytes())
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(60):
        changed = bytearray(content)
        for at in rng.integers(len(content), size=3):
            changed[at] ^= int(rng.integers(1, 256))
        (tmp_path / "m.onnx").write_bytes(changed)
        try:
            read_bundle(tmp_path / "m.onnx")
        except BundleError:  # anything else would be a traceback
            refused += 1
    assert refused > 50


def test_the_same_model_gives_the_same_file(model: Path) -> None:
    bundle = read_bundle(model)
    assert write_graph(bundle, "patch") == write_graph(bundle, "patch")


def test_the_command_tells_a_graph_from_a_scene(exported: Path) -> None:
    assert directed(["info", str(exported / "crops.onnx")])[0] == "model-info"
