"""Scenes that cannot be read or hold nothing to work with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import HsiError, MismatchError, ParameterError, SceneError
from projects import BANDS, Project

Refused = Callable[..., HsiError]
OPERATIONS = (
    "inspect_scene",
    "colour_scene",
    "denoise_scene",
    "fit_pca",
    "check_labels",
    "compare_models",
    "preview",
    "train_classifier",
    "classify_scene",
    "model_information",
)
# These need pixels that can be used; of a model, it is said that it does not fit.
NEED_PIXELS = tuple(name for name in OPERATIONS if name != "model_information")


def cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    target = path.with_name(f"cut{path.suffix}")
    target.write_bytes(content[: int(share * len(content))])
    return target


def without_last_block(project: Project) -> Path:
    """A GeoTIFF whose directory stands before the pixels, as most programs write it, and which ends too early."""
    path = project / "early.tif"
    with rasterio.open(project / "scene.tif") as scene, rasterio.open(path, "w", **scene.profile) as target:
        target.write(scene.read())
    cut(path, 0.5).replace(path)
    return path


def with_damaged_block(project: Project) -> Path:
    path = project / "scene.tif"
    with rasterio.open(path) as scene:
        offset, size = (int(scene.get_tag_item(f"BLOCK_{tag}_1_1", "TIFF", bidx=9)) for tag in ("OFFSET", "SIZE"))
    content = bytearray(path.read_bytes())
    content[offset : offset + size] = b"\xff" * size
    path.write_bytes(content)
    return path


def envi(project: Project, name: str = "cube.bsq") -> Path:
    return make_scenes.write_scene(project / name, bands=BANDS, layout="bsq")


def header_alone(project: Project) -> Path:
    envi(project).unlink()
    return project / "cube.hdr"


def data_alone(project: Project) -> Path:
    path = envi(project)
    (project / "cube.hdr").unlink()
    return path


def short_envi(project: Project) -> Path:
    path = envi(project)
    cut(path, 0.5).replace(path)
    return path


def text_file(project: Project) -> Path:
    path = project / "notes.txt"
    path.write_text("flown at noon")
    return path


def empty_file(project: Project) -> Path:
    path = project / "empty.tif"
    path.touch()
    return path


NOT_READABLE: dict[str, tuple[Callable[[Project], Path], str, tuple[str, ...]]] = {
    "missing": (lambda p: p / "scen.tif", "not_found", ("scen.tif does not exist", "Did you mean scene.tif?")),
    "folder missing": (lambda p: p / "no" / "scene.tif", "not_found", ("does not exist", "exists up to")),
    "a folder": (lambda p: p.folder, "is_folder", ("is a folder, not a raster", "Choose the file inside it")),
    "a text": (text_file, "not_a_raster", ("notes.txt is not a raster",)),
    "0 bytes": (empty_file, "truncated", ("empty.tif is empty", "again")),
    "labels": (lambda p: p / "polygons.gpkg", "not_a_raster", ("vector file", "can serve as labels")),
    "a model": (lambda p: p / "model.hsimodel", "not_a_raster", ("model file", "this file as the model")),
    "truncated": (lambda p: cut(p / "scene.tif", 0.5), "truncated", ("cut.tif is truncated", "Copy or download")),
    "truncated late": (without_last_block, "truncated", ("early.tif is truncated", "Copy or download")),
    "envi header alone": (
        header_alone,
        "envi_no_data",
        ("cube.hdr is an ENVI header", "its data file is not next to it", "same folder"),
    ),
    "envi data alone": (
        data_alone,
        "not_a_raster",
        ("cube.bsq is not a raster", "its header cube.hdr or cube.bsq.hdr must be"),
    ),
    "envi truncated": (short_envi, "truncated", ("cube.bsq is truncated", "Copy or download")),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("case", NOT_READABLE)
def test_what_is_no_scene_is_refused(case: str, operation: str, project: Project, refused: Refused) -> None:
    make, code, words = NOT_READABLE[case]
    refused(operation, SceneError, code, *words, scene=make(project))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_damaged_block_is_found_when_it_is_read(operation: str, project: Project, refused: Refused) -> None:
    refused(operation, SceneError, "read_failed", "failed", "copy it again", scene=with_damaged_block(project))


def empty_of(value: float, **options: Any) -> Callable[[Project], Path]:
    cube = np.full((BANDS, make_scenes.ROWS, make_scenes.COLS), value)
    return lambda p: make_scenes.write_scene(p / "blank.tif", cube=cube, **options)


BLANK = {
    "nodata": empty_of(np.nan, dtype="int16"),
    "NaN": empty_of(np.nan, dtype="float32"),
    "NaN without nodata": empty_of(np.nan, dtype="float32", nodata=None),
    "infinite": empty_of(np.inf, dtype="float32", nodata=None),
}


@pytest.mark.parametrize("operation", NEED_PIXELS)
@pytest.mark.parametrize("case", BLANK)
def test_a_scene_without_a_single_number_is_refused(
    case: str, operation: str, project: Project, refused: Refused
) -> None:
    code, words = ("no_valid_pixel", "nothing to classify") if operation == "classify_scene" else ("no_data", "no data")
    refused(operation, SceneError, code, words, "blank.tif", "nodata value", scene=BLANK[case](project))


@pytest.mark.parametrize("case", BLANK)
def test_of_a_scene_without_a_single_number_a_model_says_so(case: str, project: Project) -> None:
    found = project.run("model_information", scene=BLANK[case](project), report=None)
    (data,) = (check for check in found.fit.checks if check.name == "nodata")
    assert (found.fit.verdict, data.level) == ("fits_with_remarks", "remark")
    assert data.text.startswith("None of ")


# To look at, bands that are flagged bad may do: they are shown, and it is said.
@pytest.mark.parametrize("operation", [name for name in NEED_PIXELS if name != "colour_scene"])
def test_a_scene_whose_bands_are_all_flagged_bad_is_refused(operation: str, project: Project, refused: Refused) -> None:
    scene = make_scenes.write_scene(project / "bad.tif", bands=BANDS, bad_bands=range(BANDS))
    if operation == "classify_scene":
        refused(operation, MismatchError, "bad_bands", "16 bands", "band 1 (430.0 nm)", "flags", scene=scene)
    else:
        refused(operation, SceneError, "no_band", "of 16 bands, 16 are flagged bad", "list of bad bands", scene=scene)


def test_single_bands_flagged_or_empty_are_left_out_and_listed(project: Project) -> None:
    scene = make_scenes.write_scene(project / "some.tif", bands=BANDS, bad_bands=(3,), empty_bands=(7, 8))
    found = project.run("inspect_scene", scene=scene)
    assert (found.bands_flagged_bad, found.bands_without_data) == ([4], [8, 9])
    notes = project.run("fit_pca", scene=scene).notes
    assert any("13 of 16 bands are used; left out: 4 (flagged bad" in n and "8–9 (without" in n for n in notes)


def test_nan_and_infinities_count_as_no_data_and_nothing_else_changes(project: Project) -> None:
    cube = make_scenes.reflectance(bands=BANDS)
    cube[:, :4], cube[3, 10, 5], cube[0, 30, 20] = np.inf, -np.inf, np.nan
    scene = make_scenes.write_scene(project / "holes.tif", cube=cube, dtype="float32", nodata=None, with_hole=False)
    invalid = 4 * make_scenes.COLS + 2
    assert project.run("inspect_scene", scene=scene).valid_pixels == make_scenes.ROWS * make_scenes.COLS - invalid
    trained = project.run("train_classifier", scene=scene)
    assert any("no data in the scene" in note for note in trained.notes)
    mapped = project.run("classify_scene", scene=scene, model=trained.model)
    assert mapped.nodata_pixels == invalid
    with rasterio.open(mapped.output) as file:
        np.testing.assert_array_equal(file.read(1) == 0, ~np.isfinite(cube).all(axis=0))


@pytest.mark.parametrize(("operation", "components"), [("fit_pca", 17), ("train_classifier", 17)])
def test_fewer_bands_than_components(operation: str, components: int, refused: Refused) -> None:
    refused(
        operation, ParameterError, "n_components", "17 components", "only 16 bands", "at most 16",
        components=components,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["labels.tif", "map.tif"])
def test_a_raster_of_classes_given_as_scene(name: str, project: Project, refused: Refused) -> None:
    for operation in ("fit_pca", "train_classifier"):
        refused(operation, ParameterError, "n_components", "only 1 band of", "raster of classes", scene=project / name)
    refused("classify_scene", MismatchError, "bands", "16 bands are needed and 1 was found", scene=project / name)


def test_a_scene_of_one_spectrum_and_one_of_one_pixel(project: Project, refused: Refused) -> None:
    same = empty_of(0.3)(project)
    refused("train_classifier", SceneError, "constant", "same spectrum", scene=same)
    tiny = make_scenes.write_scene(project / "tiny.tif", cube=np.full((BANDS, 1, 1), 0.3), with_hole=False)
    refused("fit_pca", SceneError, "too_few_pixels", "at least 3 valid pixels", "has 1", scene=tiny)


def test_a_patch_larger_than_the_scene(project: Project, refused: Refused) -> None:
    refused(
        "train_classifier", ParameterError, "patch_larger_than_scene", "39×39 pixels", "37×29 pixels", "smaller patch",
        patch_size=39,
    )  # fmt: skip
    strip = make_scenes.write_scene(project / "strip.tif", rows=40, cols=7, bands=BANDS)
    labels = make_scenes.write_labels(project / "strip_labels.tif", like=strip)
    notes = project.run("train_classifier", scene=strip, labels=labels, min_samples=1).notes
    assert any("9×9 pixels reaches beyond the scene of 40×7 pixels" in note for note in notes)


def test_names_of_files_are_only_names(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces, umlauts and other scripts; a relative path; the home folder."""
    folder = project / "Müllers Ordner 日本"
    folder.mkdir()
    for name, source in (("Szene 1.tif", "scene.tif"), ("Flächen & Co.gpkg", "polygons.gpkg")):
        shutil.copy(project / source, folder / name)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    trained = project.run(
        "train_classifier", scene="Szene 1.tif", labels="~/Flächen & Co.gpkg", output="~/Mödel.hsimodel", report=None
    )
    assert trained.model == folder / "Mödel.hsimodel"
    project.run(
        "classify_scene", scene="~/Szene 1.tif", model="Mödel.hsimodel", output="../Karte ä.tif", confidence=None
    )
    project.run("assess_map", map="../Karte ä.tif", reference="Flächen & Co.gpkg", report="~/ü.html", metrics=None)
    assert {p.name for p in folder.iterdir()} == {"Szene 1.tif", "Flächen & Co.gpkg", "Mödel.hsimodel", "ü.html"}
    assert {f"Karte ä.{suffix}" for suffix in ("tif", "qml", "tif.aux.xml")} <= {
        p.name for p in project.folder.iterdir()
    }


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("name", "words"),
    [("s\0.tif", "null"), ("s" * 300 + ".tif", "too long"), ("~nobody-of-that-name/s.tif", "does not exist")],
    ids=["null", "too long", "unknown home"],
)
def test_a_name_that_no_file_can_have(operation: str, name: str, words: str, refused: Refused) -> None:
    if words == "does not exist":
        refused(operation, SceneError, "not_found", words, "nobody-of-that-name", scene=name)
    else:
        refused(operation, ParameterError, "value", "'scene' (Scene)", words, scene=name)
