"""Training and mapping in one go: the same as one after the other, and a model that outlasts a failed map."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.classify_scene import run as mapping_run
from hsi_engine.operations.definition.base import OperationParams
from hsi_engine.operations.definition.parameter_spec import parameter_specs
from hsi_engine.operations.parts import map_picture
from hsi_engine.operations.train_and_classify import run as train_and_classify_run
from hsi_engine.report.areas import area_text
from hsi_engine.report.wording import percent

QUICK: dict[str, Any] = {
    "model": "hybridsn",
    "components": 13,
    "patch_size": 9,
    "epochs": 2,
    "split": "random",
    "train_share": 0.3,
    "class_field": "class_id",
}


class Notebook(hsi_engine.SilentReporter):
    """Keeps what an operation says, and cancels at the first message that begins with ``until``."""

    def __init__(self, until: str = "") -> None:
        super().__init__()
        self._until = until
        self.fractions: list[float] = []
        self.messages: list[str] = []
        self.artifacts: list[str] = []
        self.warnings: list[str] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)
        self.messages.append(message)
        if self._until and message.startswith(self._until):
            self.cancel.set()

    def artifact(self, kind: str, path: Path) -> None:
        assert path.is_file()
        self.artifacts.append(kind)

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)


@pytest.fixture
def inputs(make_scene: Callable[..., Path]) -> dict[str, Any]:
    scene = make_scene(rows=45, cols=33, bands=16)
    labels = make_scenes.write_polygons(scene.with_name("polygons.gpkg"), like=scene)
    return {"scene": scene, "labels": labels, **QUICK}


@pytest.fixture
def job(inputs: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "out"
    folder.mkdir()
    outputs = {"output": "map.tif", "model_output": "m.hsimodel", "report": "r.html", "confidence": "c.tif"}
    return inputs | {name: folder / file for name, file in outputs.items()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_gives_what_training_and_classifying_give(
    job: dict[str, Any], inputs: dict[str, Any], tmp_path: Path
) -> None:
    notebook = Notebook()
    both = hsi_engine.train_and_classify(**job, min_confidence=0.4, reporter=notebook)
    trained = hsi_engine.train_classifier(**inputs, output=tmp_path / "m.hsimodel")
    mapped = hsi_engine.classify_scene(
        scene=inputs["scene"],
        model=trained.model,
        output=tmp_path / "map.tif",
        confidence=tmp_path / "c.tif",
        min_confidence=0.4,
    )
    for name in ("map.tif", "map.qml", "map.tif.aux.xml", "c.tif", "c.qml"):
        ours, theirs = (hashlib.sha256((folder / name).read_bytes()) for folder in (tmp_path / "out", tmp_path))
        assert ours.hexdigest() == theirs.hexdigest(), name
    assert both.training.model_id == both.mapping.model_id == trained.model_id
    assert both.training.test == trained.test
    assert both.mapping.classes == mapped.classes
    assert both.mapping.unclassified_pixels == mapped.unclassified_pixels > 0
    assert notebook.artifacts == ["model", "report", "class_map", "confidence"]
    assert notebook.fractions == sorted(notebook.fractions)
    assert 0 <= notebook.fractions[0] < 0.01
    assert notebook.fractions[-1] == 1
    assert notebook.messages.index("Done") == len(notebook.messages) - 1, "the training is not the end"
    page = job["report"].read_text("utf-8")
    assert f"The map leaves {mapped.unclassified_pixels:,} pixels" in page
    assert "before any were left out" in page
    assert re.search(r"Minimum confidence</th><td>0\.4<", page)
    text = both.to_text()
    assert str(job["model_output"]) in text
    assert str(job["output"]) in text


def test_what_both_say_of_the_scene_is_said_once(make_scene: Callable[..., Path], tmp_path: Path) -> None:
    scene = make_scene(rows=45, cols=33, bands=16, crs=None, transform=Affine.identity())
    labels = make_scenes.write_labels(tmp_path / "labels.tif", like=scene)
    notebook = Notebook()
    outputs = {"output": tmp_path / "map.tif", "model_output": tmp_path / "m.hsimodel"}
    both = hsi_engine.train_and_classify(
        scene=scene, labels=labels, **outputs, model="lda", split="random", train_share=0.3, reporter=notebook
    )
    sentence = "The scene has no map coordinates; pixel coordinates are used."
    assert notebook.warnings.count(sentence) == 1
    assert sentence in both.mapping.notes
    assert len(set(notebook.warnings)) == len(notebook.warnings)


def test_its_parameters_are_those_of_the_two_operations() -> None:
    both, train, classify = (
        parameter_specs(CATALOGUE[name].params) for name in ("train_and_classify", "train_classifier", "classify_scene")
    )
    own = {"model_output"}
    assert set(both) == own | set(train) | (set(classify) - {"model", "only_second"})
    for specs, others in (
        (train, {"output", "resume"}),
        (classify, {"model", "only_second", "scene", "resume", "report", "processes"}),
    ):
        assert [name for name in specs if name not in others and specs[name] != both[name]] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"output": "missing/map.tif"}, r"folder of output .*missing/map\.tif' does not exist"),
        ({"output": "map.png"}, r"must end in \.tif or \.tiff"),
        ({"output": "labels.tif", "labels": "labels.tif", "class_field": None}, "is also an input"),
        ({"output": "scene.tif"}, "is also an input"),
        ({"confidence": "map.tif", "output": "map.tif"}, "Two outputs have the same name"),
        ({"split_output": "map.tif", "output": "map.tif"}, "Two outputs have the same name"),
        ({"model_output": "map.tif"}, r"must end in \.hsimodel"),
        ({"report": "report.pdf"}, r"must end in \.html"),
        ({"output": "polygons.tif"}, "style file 'polygons.qml'.*not the style of a raster"),
    ],
)
def test_every_output_is_checked_before_the_training(
    job: dict[str, Any], tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    make_scenes.write_labels(tmp_path / "labels.tif", like=job["scene"])
    (tmp_path / "polygons.qml").write_text("<qgis><renderer-v2 type='categorizedSymbol'/></qgis>", encoding="utf-8")
    notebook = Notebook()
    files = {name: tmp_path / value if isinstance(value, str) else value for name, value in change.items()}
    with pytest.raises(hsi_engine.OutputError, match=words):
        hsi_engine.train_and_classify(**job | files, reporter=notebook)
    assert notebook.fractions == []
    assert names(tmp_path / "out") == set()


def test_a_cancel_of_the_training_keeps_its_checkpoint_only(job: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(hsi_engine.Cancelled, match=r"no output was written.*m\.hsimodel\.checkpoint.*Resume"):
        hsi_engine.train_and_classify(**job, reporter=Notebook(until="Training the network: epoch 2"))
    assert names(tmp_path / "out") == {"m.hsimodel.checkpoint"}
    assert hsi_engine.train_and_classify(**job, resume=True).training.epochs == 2
    assert "m.hsimodel.checkpoint" not in names(tmp_path / "out")


def test_a_cancel_of_the_mapping_keeps_the_model_and_says_so(job: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(hsi_engine.Cancelled, match=r"no map was written.*kept in m\.hsimodel: map the scene"):
        hsi_engine.train_and_classify(**job, tile_size=16, reporter=Notebook(until="Classifying"))
    assert names(tmp_path / "out") == {"m.hsimodel", "r.html"}
    hsi_engine.classify_scene(scene=job["scene"], model=job["model_output"], output=job["output"])


def test_a_mapping_interrupted_after_the_training_goes_on_without_another_training(
    job: dict[str, Any], tmp_path: Path
) -> None:
    words = r"no map was written.*finished tiles are kept in map\.tif\.unfinished: run it again with Resume"
    with pytest.raises(hsi_engine.Cancelled, match=words):
        hsi_engine.train_and_classify(
            **job, tile_size=16, resume=True, reporter=Notebook(until="Classifying the scene: tile 7 of")
        )
    assert names(tmp_path / "out") == {"m.hsimodel", "r.html", "map.tif.unfinished"}
    trained = job["model_output"].read_bytes()
    notebook = Notebook()
    result = hsi_engine.train_and_classify(**job, tile_size=16, resume=True, reporter=notebook)
    assert job["model_output"].read_bytes() == trained
    assert not [message for message in notebook.messages if message.startswith("Training")]
    assert sum(message.startswith("Classifying") for message in notebook.messages) <= 5
    assert notebook.artifacts == ["model", "report", "class_map", "confidence"]
    assert 'alt="Class map"' in job["report"].read_text(encoding="utf-8")
    assert "map.tif.unfinished" not in names(tmp_path / "out")
    others = {name: tmp_path / job[name].name for name in ("output", "model_output", "report", "confidence")}
    whole = hsi_engine.train_and_classify(**job | others, tile_size=16)
    for name in ("output", "confidence"):
        assert job[name].read_bytes() == others[name].read_bytes()
    left_out = {"model", "report", "seconds"}
    assert result.training.model_dump(exclude=left_out | {"history"}) == whole.training.model_dump(
        exclude=left_out | {"history"}
    )


@pytest.mark.parametrize("change", ["settings", "content of the labels", "missing report"])
def test_a_model_of_another_run_is_no_finished_training(job: dict[str, Any], change: str) -> None:
    with pytest.raises(hsi_engine.Cancelled):
        hsi_engine.train_and_classify(**job, resume=True, reporter=Notebook(until="Classifying"))
    if change == "settings":
        job = job | {"epochs": 3}
    elif change == "missing report":
        job["report"].unlink()
    else:
        make_scenes.write_polygons(job["labels"], like=job["scene"], crs="EPSG:4326")
    notebook = Notebook(until="Training the network: epoch")
    with pytest.raises(hsi_engine.Cancelled):
        hsi_engine.train_and_classify(**job, resume=True, reporter=notebook)
    assert notebook.messages[-1].startswith("Training the network: epoch 1 of")


@pytest.mark.parametrize(
    ("error", "hint", "warned"),
    [
        (hsi_engine.OutputError("The disk is full.", hint="Make room."), "Make room. The trained model is kept", False),
        (hsi_engine.SceneError("It is gone."), "The trained model is kept in m.hsimodel", False),
        (MemoryError(), None, True),
    ],
)
def test_a_mapping_that_fails_keeps_the_model_and_says_so(
    job: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    hint: str | None,
    warned: bool,
) -> None:
    def fail(params: OperationParams, reporter: hsi_engine.Reporter) -> None:
        raise error

    assert train_and_classify_run.classify is mapping_run.run
    monkeypatch.setattr(train_and_classify_run, "classify", fail)
    notebook = Notebook()
    with pytest.raises(type(error)) as caught:
        hsi_engine.train_and_classify(**job, reporter=notebook)
    assert names(tmp_path / "out") == {"m.hsimodel", "r.html"}
    if hint is not None:
        assert caught.value.hint.startswith(hint)
    assert any("kept in m.hsimodel" in warning for warning in notebook.warnings) == warned


def test_the_report_shows_the_map_beside_its_scene(job: dict[str, Any]) -> None:
    mapped = hsi_engine.train_and_classify(**job).mapping
    page = job["report"].read_text(encoding="utf-8")
    assert "Training of m.hsimodel" in page
    assert 'alt="Class map"' in page
    assert "Scene in false colour: red band" in page
    assert "45 rows × 33 columns" in page
    total = sum(c["pixels"] for c in mapped.classes)
    for entry in mapped.classes:
        area, share = area_text(entry["hectares"]), percent(entry["pixels"] / total)
        assert f'{entry["name"]}</span><span class="share">{area} · {share}<' in page
        assert entry["hectares"] == pytest.approx(entry["pixels"] * 0.09)  # pixels of 30 m


def test_a_large_map_is_thinned_for_its_picture_and_its_shares_are_still_those_of_the_whole(
    job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job | {"report": None, "epochs": 5}
    mapped = hsi_engine.train_and_classify(**job).mapping
    legend = read_bundle(job["model_output"]).legend
    counts = [c["pixels"] for c in mapped.classes]
    monkeypatch.setattr(map_picture, "thinning_step", lambda shape: 4)
    monkeypatch.setattr(map_picture, "read_false_colour", lambda reader, part, check_cancelled: None)

    picture = map_picture.picture_of_new_map(job["output"], legend, counts, job["scene"], hsi_engine.SilentReporter())

    assert picture.values.shape == (12, 9)
    assert picture.grid.shape == (45, 33)
    assert set(np.unique(picture.values)) <= {0, *legend.values.tolist()}
    assert picture.class_pixels == counts


def test_a_picture_that_cannot_be_drawn_leaves_the_report_of_the_training(
    job: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise hsi_engine.SceneError("The scene is gone.")

    monkeypatch.setattr(map_picture, "false_colour_of", fail)
    notebook = Notebook()
    result = hsi_engine.train_and_classify(**job, reporter=notebook)
    assert result.mapping.output.is_file()
    page = job["report"].read_text(encoding="utf-8")
    assert "Training of m.hsimodel" in page
    assert 'alt="Class map"' not in page
    assert notebook.warnings[-1] == (
        "Model and map are finished; r.html shows no picture of the map. The scene is gone."
    )


def test_a_cancel_while_the_report_is_drawn_tells_what_is_finished(job: dict[str, Any], tmp_path: Path) -> None:
    words = r"^Cancelled\. Model and map are finished; r\.html shows no picture of the map\.$"
    with pytest.raises(hsi_engine.Cancelled, match=words):
        hsi_engine.train_and_classify(**job, reporter=Notebook(until="Drawing"))
    assert {"m.hsimodel", "map.tif", "r.html"} <= names(tmp_path / "out")
    assert not [name for name in names(tmp_path / "out") if name.startswith(".tmp-")]


def test_the_report_says_which_part_was_mapped(job: dict[str, Any], tmp_path: Path) -> None:
    mask = tmp_path / "mask.tif"
    with rasterio.open(job["scene"]) as scene:
        profile = {**scene.profile, "count": 1, "dtype": "uint8", "nodata": None, "driver": "GTiff"}
    inside = np.zeros((profile["height"], profile["width"]), np.uint8)
    inside[:20, :30] = inside[20:40, :10] = 1
    with rasterio.open(mask, "w", **profile) as target:
        target.write(inside, 1)
    both = hsi_engine.train_and_classify(**job, mask=mask)
    page = job["report"].read_text("utf-8")
    outside = both.mapping.outside_pixels
    assert outside > 0
    assert (
        f"Only pixels inside the mask mask.tif were mapped; {outside:,} pixels of the map outside the mask have no class."
        in page
    )
    assert "unclassified, because" not in page
