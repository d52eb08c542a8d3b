"""A folder of scenes: maps, records, mosaics, and what is said of scenes that have no map."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import rasterio.shutil

import hsi_engine
import make_scenes
from archives import SIZE, hashes
from hsi_engine.errors import MismatchError, OutputError, ParameterError
from hsi_engine.io.files.folder_lock import locked_folder
from hsi_engine.operations.classify_scenes.running import one_scene
from hsi_engine.operations.classify_scenes.slurm import array_size

Run = Callable[..., Any]
MAPS = ("*_map*.tif", "*_map*.qml", "*.tif.aux.xml")


def statuses(result: Any) -> dict[str, str]:
    return {Path(scene["scene"]).name: scene["status"] for scene in result.scenes}


def message(result: Any, name: str) -> str:
    (found,) = [scene for scene in result.scenes if Path(scene["scene"]).name == name]
    return f"{found['message']} {found['hint']}"


def test_the_maps_have_the_bytes_of_single_runs(classify: Run, scenes: Path, model: Path, tmp_path: Path) -> None:
    result = classify(rasters="confidence", min_confidence=0.4)
    (tmp_path / "single").mkdir()
    pixels = 0
    for number in range(3):
        single = tmp_path / "single" / f"s{number}_map.tif"
        one = hsi_engine.classify_scene(
            scene=scenes / f"s{number}.tif",
            model=model,
            output=single,
            confidence=single.with_name(f"s{number}_map_confidence.tif"),
            min_confidence=0.4,
        )
        pixels += sum(c["pixels"] for c in one.classes)
    assert hashes(tmp_path / "out", *MAPS) == hashes(tmp_path / "single", *MAPS)
    assert (result.done, result.exit_code) == (3, 0)
    assert sum(c["pixels"] for c in result.classes) == pixels


def test_broken_and_refused_scenes_are_named_and_the_others_mapped(classify: Run, scenes: Path) -> None:
    (scenes / "cut.tif").write_bytes((scenes / "s0.tif").read_bytes()[:3000])
    make_scenes.write_scene(scenes / "few.tif", rows=45, cols=33, bands=5)
    result = classify()
    assert statuses(result) == {
        "cut.tif": "failed",
        "few.tif": "refused",
        "s0.tif": "done",
        "s1.tif": "done",
        "s2.tif": "done",
    }
    assert "truncated or damaged" in message(result, "cut.tif")
    assert "11 of the 16 bands that are needed are missing" in message(result, "few.tif")
    assert result.exit_code == 10
    page = result.page.read_text(encoding="utf-8")
    assert "2 scenes of 5 have no map" in page
    assert "truncated or damaged" in page


def test_without_any_map_the_exit_code_says_so(classify: Run, scenes: Path) -> None:
    for scene in scenes.iterdir():
        scene.write_bytes(b"no raster")
    result = classify()
    assert (result.failed, result.maps, result.exit_code) == (3, [], 11)


def test_a_second_run_maps_nothing_and_keeps_every_byte(classify: Run, tmp_path: Path) -> None:
    classify()
    before = hashes(tmp_path / "out", "*_map*", "items.json", "manifest.jsonl")
    result = classify()
    assert (result.done, result.skipped, result.exit_code) == (0, 3, 0)
    after = hashes(tmp_path / "out", "*_map*", "items.json", "manifest.jsonl")
    assert {name for name in before if before[name] != after[name]} == {"manifest.jsonl"}


@pytest.mark.parametrize("change", ["settings", "scene", "map", "item", "style"])
def test_a_map_counts_as_finished_only_if_its_files_say_so(
    classify: Run, scenes: Path, tmp_path: Path, change: str
) -> None:
    classify()
    out, changes = tmp_path / "out", {}
    if change == "settings":
        changes = {"min_confidence": 0.5}
    elif change == "scene":
        make_scenes.write_scene(scenes / "s1.tif", **SIZE, seed=8)
    elif change == "map":
        (out / "s1_map.tif").write_bytes((out / "s0_map.tif").read_bytes() + b" ")
    elif change == "item":
        (out / "s1_map.json").write_text("{")
    else:
        (out / "s1_map.qml").unlink()
    result = classify(**changes)
    expected = {"s0.tif", "s1.tif", "s2.tif"} if change == "settings" else {"s1.tif"}
    assert {name for name, status in statuses(result).items() if status == "done"} == expected


@pytest.fixture
def behind_vrts(scenes: Path, tmp_path: Path) -> Path:
    """The raster behind ``v.vrt``, which names it through another VRT; both lie elsewhere."""
    folder = tmp_path / "source"
    folder.mkdir()
    path = make_scenes.write_scene(folder / "base.tif", **SIZE, with_hole=False)
    rasterio.shutil.copy(path, folder / "inner.vrt", driver="VRT")
    inner = (folder / "inner.vrt").read_text(encoding="utf-8")
    assert ">base.tif<" in inner
    outer = inner.replace(">base.tif<", ">../source/inner.vrt<")
    (scenes / "v.vrt").write_text(outer, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "mapped"),
    [
        ("no data", {"s1.tif"}),
        ("statistics", set()),
        ("overviews", set()),
        ("behind a VRT", {"v.vrt"}),
        ("older", {"s1.tif"}),
    ],
)
def test_every_change_of_the_pixels_of_a_scene_makes_its_map_again(
    classify: Run, scenes: Path, behind_vrts: Path, change: str, mapped: set[str]
) -> None:
    assert classify().done == 4
    scene = scenes / "s1.tif"
    if change == "no data":
        band = '<PAMRasterBand band="1"><NoDataValue>1</NoDataValue></PAMRasterBand>'
        scene.with_name("s1.tif.aux.xml").write_text(f"<PAMDataset>{band}</PAMDataset>", encoding="utf-8")
    elif change == "statistics":
        entry = '<Metadata><MDI key="STATISTICS_MEAN">3</MDI></Metadata>'
        scene.with_name("s1.tif.aux.xml").write_text(
            f'<PAMDataset><PAMRasterBand band="1">{entry}</PAMRasterBand></PAMDataset>', encoding="utf-8"
        )
    elif change == "overviews":
        shutil.copyfile(scenes / "s0.tif", scene.with_name("s1.tif.ovr"))
    elif change == "behind a VRT":
        make_scenes.write_scene(behind_vrts, **SIZE, with_hole=False, seed=8)
    else:
        os.utime(scene, (1e9, 1e9))  # an older file was moved into its place
    result = classify()
    assert {name for name, status in statuses(result).items() if status == "done"} == mapped
    assert result.done + result.skipped == 4


def test_a_map_stays_finished_if_its_scene_is_gone(classify: Run, scenes: Path, tmp_path: Path) -> None:
    listed = tmp_path / "scenes.txt"
    listed.write_text(str(scenes / "s1.tif"), encoding="utf-8")
    assert classify(scenes=str(listed)).done == 1
    (scenes / "s1.tif").unlink()
    assert classify(scenes=str(listed)).skipped == 1


def test_a_scene_that_changes_while_it_is_mapped_is_mapped_again(
    classify: Run, scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped = one_scene.classify

    def changed_meanwhile(params: Any, *given: Any) -> Any:
        result = mapped(params, *given)
        os.utime(params.scene, (1e9, 1e9))
        return result

    monkeypatch.setattr(one_scene, "classify", changed_meanwhile)
    only = str(scenes / "s1.tif")
    assert classify(scenes=only).done == 1
    assert classify(scenes=only).done == 1
    monkeypatch.undo()
    assert classify(scenes=only).skipped == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda item: item.pop("id"),
        lambda item: item["properties"].pop("hsi:scene_state"),
        lambda item: item.update(assets={"data": "s1_map.tif"}),
        lambda item: item["properties"]["hsi:classes"][0].pop("hectares"),
        lambda item: item["properties"]["hsi:classes"][0].update(value=77),
        lambda item: item["properties"].update({"hsi:classes": 3}),
        lambda item: item["properties"].update({"hsi:notes": [["x"]]}),
    ],
)
def test_an_item_that_lacks_something_is_made_again(
    classify: Run, tmp_path: Path, change: Callable[[dict[str, Any]], Any]
) -> None:
    whole = classify()
    path = tmp_path / "out" / "s1_map.json"
    before = path.read_bytes()
    item = json.loads(before)
    change(item)
    path.write_text(json.dumps(item), encoding="utf-8")
    result = classify()
    assert statuses(result) == {"s0.tif": "skipped", "s1.tif": "done", "s2.tif": "skipped"}
    assert result.classes == whole.classes
    assert path.read_bytes() == before


def test_an_item_with_half_a_character_is_kept_and_listed(classify: Run, tmp_path: Path) -> None:
    """Names of files that are not UTF-8 look like that in Python."""
    classify()
    path = tmp_path / "out" / "s1_map.json"
    item = json.loads(path.read_bytes())
    item["properties"]["title"] = "sc\udce8ne"
    path.write_text(json.dumps(item), encoding="utf-8")
    classify()
    listed = json.loads((tmp_path / "out" / "items.json").read_bytes())
    assert "sc\udce8ne" in {one["properties"].get("title") for one in listed["features"]}


def test_without_resume_everything_is_mapped_again(classify: Run) -> None:
    classify()
    assert classify(resume=False).done == 3


def test_maps_that_are_no_cogs_are_made_again_when_cogs_are_asked_for(classify: Run, tmp_path: Path) -> None:
    classify()
    result = classify(cog=True)
    assert (result.done, result.skipped) == (3, 0)
    for path in result.maps:
        with rasterio.open(path) as file:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert classify(cog=True).skipped == 3


def test_only_failed_leaves_the_others_alone(classify: Run, scenes: Path, tmp_path: Path) -> None:
    good = (scenes / "s1.tif").read_bytes()
    (scenes / "s1.tif").write_bytes(good[:3000])
    assert classify().failed == 1
    (scenes / "s1.tif").write_bytes(good)
    (tmp_path / "out" / "s2_map.json").unlink()
    result = classify(only="failed")
    assert statuses(result) == {"s0.tif": "skipped", "s1.tif": "done", "s2.tif": "left"}


def test_what_a_killed_run_was_writing_is_removed_and_nothing_else(classify: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    ours = ("1eec4b95-000000-old-s2_map.tif.aux.xml", "1eec4b95-000001-s1_map.tif", "1eec4b95-000002-s1_map.qml")
    for name in (*ours, "1eec4b95-000003-elsewhere.tif"):
        (out / f".tmp-{name}").write_bytes(b"")
    classify()
    assert {path.name for path in out.glob(".tmp-*")} == {".tmp-1eec4b95-000003-elsewhere.tif"}


def test_only_failed_still_counts_what_was_refused(classify: Run, scenes: Path, tmp_path: Path) -> None:
    make_scenes.write_scene(scenes / "few.tif", **{**SIZE, "bands": 3})
    refused = message(classify(), "few.tif")
    result = classify(only="failed")
    assert (result.refused, result.skipped, result.exit_code) == (1, 3, 10)
    assert message(result, "few.tif") == refused
    assert "few.tif" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_maps_of_another_model_stay_though_the_manifest_is_lost(classify: Run, scenes: Path, tmp_path: Path) -> None:
    classify()
    labels = make_scenes.write_polygons(tmp_path / "polygons.gpkg", like=scenes / "s1.tif")
    other = {"class_field": "class_id", "model": "lda", "split": "none", "output": tmp_path / "other.hsimodel"}
    hsi_engine.train_classifier(scene=scenes / "s1.tif", labels=labels, **other)
    (tmp_path / "out" / "manifest.jsonl").write_bytes(b"")
    before = hashes(tmp_path / "out", *MAPS)
    with pytest.raises(MismatchError, match="is a map of another model: of"):
        classify(model=tmp_path / "other.hsimodel")
    assert hashes(tmp_path / "out", *MAPS) == before


def test_shards_together_are_the_whole(classify: Run, tmp_path: Path) -> None:
    classify(output=tmp_path / "whole")
    parts = [classify(shard=f"{number}/2") for number in (1, 2)]
    assert [len(part.scenes) for part in parts] == [2, 1]
    assert all(part.page is None for part in parts)
    last = classify()
    assert (last.done, last.skipped) == (0, 3)
    names = ("*_map*", "items.json", "mosaic*")
    assert hashes(tmp_path / "out", *names) == hashes(tmp_path / "whole", *names)


def test_a_mosaic_shows_what_the_maps_show(classify: Run, scenes: Path, tmp_path: Path) -> None:
    with rasterio.open(scenes / "s2.tif", "r+") as file:
        file.transform = file.transform @ file.transform.translation(20, 10)
    result = classify()
    (mosaic,) = result.mosaics
    with rasterio.open(mosaic) as joined, rasterio.open(tmp_path / "out" / "s2_map.tif") as last:
        values = joined.read(1)
        assert values.shape == (45 + 10, 33 + 20)
        data = last.read(1)
        assert np.array_equal(values[10:, 20:][data > 0], data[data > 0])
        assert joined.nodata == 0
        assert joined.colormap(1)[2] == last.colormap(1)[2]
        assert joined.crs == last.crs
    assert mosaic.with_suffix(".qml").is_file()
    assert "water" in Path(f"{mosaic}.aux.xml").read_text(encoding="utf-8")


def test_maps_of_two_crs_have_two_mosaics_and_one_without_has_none(classify: Run, scenes: Path) -> None:
    with rasterio.open(scenes / "s1.tif", "r+") as file:
        file.crs = "EPSG:32632"
    with rasterio.open(scenes / "s2.tif", "r+") as file:
        file.transform = file.transform.rotation(20)
    result = classify()
    assert [path.name for path in result.mosaics] == ["mosaic_EPSG_32633.vrt", "mosaic_EPSG_32632.vrt"]
    assert any("1 map is in no mosaic" in note and "s2_map.tif" in note for note in result.notes)


def test_an_item_says_what_a_catalogue_asks_for(classify: Run, tmp_path: Path) -> None:
    result = classify(rasters="confidence")
    collection = json.loads(result.items.read_text(encoding="utf-8"))
    item = collection["features"][0]
    assert item == json.loads((tmp_path / "out" / "s0_map.json").read_text(encoding="utf-8"))
    assert item["properties"]["proj:code"] == "EPSG:32633"
    assert item["properties"]["proj:shape"] == [45, 33]
    west, south, east, north = item["bbox"]
    assert 12 < west < east < 14
    assert 52 < south < north < 53
    ring = item["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    classes = item["assets"]["class_map"]["classification:classes"]
    assert next((c["value"], c["title"], c["color_hint"]) for c in classes) == (2, "water", "0072B2")
    assert {link["rel"] for link in item["links"]} == {"derived_from", "related"}
    assert (tmp_path / "out" / item["links"][0]["href"]).resolve() == (tmp_path / "scenes" / "s0.tif").resolve()
    assert item["assets"]["confidence"]["href"] == "./s0_map_confidence.tif"


@pytest.mark.parametrize(
    ("stated", "expected", "note"),
    [
        ("2023-07-11T10:22:33.100000Z", "2023-07-11T10:22:33.1Z", None),
        ("2023-07-11T10:22:30+02:00", "2023-07-11T08:22:30Z", None),
        ("2023-07-11T10:22:33", "2023-07-11T10:22:33Z", "scene: it states no time zone, and UTC is assumed"),
        ("2023-07-11", "2023-07-11T00:00:00Z", "day: the scene does not state the time of day"),
    ],
)
def test_an_item_has_the_time_that_the_scene_states(
    classify: Run, scenes: Path, stated: str, expected: str, note: str | None
) -> None:
    with rasterio.open(scenes / "s0.tif", "r+") as file:
        file.update_tags(start_time=stated)
    result = classify(scenes=str(scenes / "s0.tif"))
    properties = json.loads(result.items.read_text(encoding="utf-8"))["features"][0]["properties"]
    assert (properties["datetime"], properties.get("hsi:datetime_of")) == (expected, note)


def test_the_time_of_a_file_is_that_of_before_its_map(
    classify: Run, scenes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, mapped = scenes / "s0.tif", one_scene.classify
    os.utime(scene, (1_600_000_000, 1_600_000_000))

    def and_remove(*words: Any) -> Any:
        result = mapped(*words)
        scene.unlink()
        return result

    monkeypatch.setattr(one_scene, "classify", and_remove)
    result = classify(scenes=str(scene))
    properties = json.loads(result.items.read_text(encoding="utf-8"))["features"][0]["properties"]
    assert properties["datetime"] == "2020-09-13T12:26:40Z"


def test_a_dry_run_lists_and_estimates_and_writes_nothing(classify: Run, scenes: Path, tmp_path: Path) -> None:
    make_scenes.write_scene(scenes / "few.tif", rows=45, cols=33, bands=5)
    result = classify(dry_run=True)
    assert (result.ready, result.refused) == (3, 1)
    assert result.estimate["seconds"] > result.estimate["start_seconds"] > 0
    assert not (tmp_path / "out").exists()
    text = result.to_text()
    assert "3 scenes would be mapped" in text
    assert "Estimate   0 s" not in text
    assert "to start; " in text
    assert " kB for Items, styles and page\n" in text
    assert "px" not in text  # there is no map whose classes could be counted
    few = {"seconds": 8.2, "bytes": 5e6, "start_seconds": 8.0, "record_bytes": 5e4}
    assert (
        "Estimate   8 s with 2 processes, of which 8 s to start; 5.0 MB, of which 50 kB for Items, styles and page"
        in result.model_copy(update={"estimate": few, "processes": 2}).to_text()
    )


def test_the_estimate_counts_all_files_of_a_run(classify: Run, tmp_path: Path) -> None:
    expected = classify(dry_run=True, rasters="confidence").estimate
    classify(rasters="confidence")
    files = [file for file in (tmp_path / "out").iterdir() if not file.name.startswith(".")]
    whole = sum(file.stat().st_size for file in files)
    records = whole - sum(file.stat().st_size for file in files if file.suffix == ".tif")
    assert whole / 1.7 < expected["bytes"] < whole * 1.7
    assert records / 1.7 < expected["record_bytes"] < records * 1.7


def test_a_dry_run_in_which_nothing_would_run_estimates_nothing(classify: Run, scenes: Path) -> None:
    for scene in scenes.iterdir():
        scene.unlink()
    make_scenes.write_scene(scenes / "few.tif", rows=45, cols=33, bands=5)
    result = classify(dry_run=True)
    assert (result.ready, result.refused, result.estimate) == (0, 1, None)
    assert "Estimate" not in result.to_text()


def test_the_summary_names_its_files_and_rounds_its_numbers(classify: Run, tmp_path: Path) -> None:
    classify()
    out = tmp_path / "out"
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"), parse_float=str)
    assert [Path(summary[name]) for name in ("items", "summary", "page")] == [
        out / name for name in ("items.json", "summary.json", "index.html")
    ]
    numbers = [
        summary["seconds"],
        *(c["hectares"] for c in summary["classes"]),
        *(s["seconds"] for s in summary["scenes"]),
    ]
    assert all(len(str(number).partition(".")[2]) <= 6 for number in numbers)


def test_scenes_that_would_write_one_output_are_refused(classify: Run, model: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        make_scenes.write_scene(tmp_path / name / "same.tif", **SIZE)
    result = classify(scenes=str(tmp_path / "[ab]" / "*.tif"))
    assert [scene["status"] for scene in result.scenes] == ["refused", "refused"]
    assert "'same_map.tif' would also be that of" in result.scenes[0]["message"]
    assert classify(scenes=str(tmp_path / "[ab]" / "*.tif"), name="{folder}_{scene}").done == 2


@pytest.mark.parametrize(
    ("name", "file"),
    [("items", "items.json"), ("Summary", "Summary.json"), ("mosaic_EPSG_32633", "mosaic_EPSG_32633.qml")],
)
def test_scenes_that_would_write_a_file_about_all_scenes_are_refused(
    classify: Run, model: Path, tmp_path: Path, name: str, file: str
) -> None:
    for scene in (name, "good"):
        (tmp_path / "in").mkdir(exist_ok=True)
        make_scenes.write_scene(tmp_path / "in" / f"{scene}.tif", **SIZE)
    for dry in (True, False):
        result = classify(scenes=str(tmp_path / "in"), name="{scene}", dry_run=dry)
        assert statuses(result) == {f"{name}.tif": "refused", "good.tif": "ready" if dry else "done"}
        assert f"'{file}' would have the name of a file that is written about all" in message(result, f"{name}.tif")
        assert "such as {scene}_map" in message(result, f"{name}.tif")
    assert classify(scenes=str(tmp_path / "in")).done == 2


def test_no_mosaic_takes_the_style_of_a_map(classify: Run, tmp_path: Path) -> None:
    """Of a CRS without a code, nobody knows the mosaic's name before."""
    crs = "+proj=utm +zone=33 +datum=WGS84 +units=km"
    (tmp_path / "in").mkdir()
    make_scenes.write_scene(tmp_path / "in" / "mosaic_a.tif", **SIZE, crs=crs)
    (mosaic,) = classify(scenes=str(tmp_path / "in")).mosaics
    (tmp_path / "in" / "mosaic_a.tif").rename(tmp_path / "in" / f"{Path(mosaic).stem}.tif")
    result = classify(scenes=str(tmp_path / "in"), name="{scene}", output=tmp_path / "other")
    assert result.mosaics == []
    assert any(f"its style '{Path(mosaic).stem}.qml' would be that of a map" in note for note in result.notes)
    assert (tmp_path / "other" / f"{Path(mosaic).stem}.qml").is_file()


def test_a_scene_that_vanished_is_named(classify: Run, scenes: Path, tmp_path: Path) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("# of today\nscenes/s0.tif\n\nscenes/gone.tif\nscenes/s0.tif\n", encoding="utf-8")
    result = classify(scenes=str(listed))
    assert statuses(result) == {"s0.tif": "done", "gone.tif": "failed"}
    assert "does not exist" in message(result, "gone.tif")
    assert "Listed twice, and mapped once: s0.tif." in result.notes


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenes": "nowhere/*.tif"}, "No scene matches"),
        ({"scenes": "nowhere"}, "There is no folder, list or scene 'nowhere'"),
        ({"name": "{place}"}, "there is no {place}"),
        (
            {"name": "a/{scene}"},
            "'a/{scene}' cannot be used: a name of a file cannot hold /; all maps are written into",
        ),
        ({"name": "{scene}:{model}?"}, "a name of a file cannot hold : ?; all maps"),
        ({"name": "../{scene}"}, "a name of a file cannot hold /"),
        ({"rasters": "confidence, certainty"}, "there is no raster 'certainty'"),
        ({"shard": "3/2"}, "must be i/n with i from 1 to n"),
        ({"shard": "one"}, "must be i/n with i from 1 to n"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_written(
    classify: Run, tmp_path: Path, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(ParameterError) as error:
        classify(**changes)
    assert words in str(error.value)
    assert not (tmp_path / "out").exists()


def test_the_folder_of_the_scenes_takes_no_maps(classify: Run, scenes: Path) -> None:
    with pytest.raises(OutputError, match="also the folder of the scenes"):
        classify(output=scenes)


def test_a_folder_that_cannot_be_made_is_named(classify: Run, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be made: No such file or directory"):
        classify(output=tmp_path / "no" / "out")
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="taken' is a file"):
        classify(output=tmp_path / "taken")


def test_two_runs_do_not_share_a_folder(classify: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with locked_folder(tmp_path / "out"), pytest.raises(OutputError, match="Another run is writing into the folder"):
        classify()
    with locked_folder(tmp_path / "out", "1-of-2"), pytest.raises(OutputError, match=r"part-1-of-2\.lock is held"):
        classify()
    with locked_folder(tmp_path / "out", "1-of-2"):
        assert classify(shard="2/2").done == 1


def test_a_line_that_was_cut_off_counts_as_nothing(classify: Run, tmp_path: Path) -> None:
    classify()
    manifest = tmp_path / "out" / "manifest.jsonl"
    manifest.write_bytes(manifest.read_bytes()[:-20])
    result = classify()
    assert result.skipped == 3
    assert any("1 line of manifest.jsonl was cut off when a run was interrupted" in note for note in result.notes)
    assert len(manifest.read_bytes().splitlines()) == 5, "the line of the next run begins a new one"


def test_a_manifest_of_another_model_or_version_is_refused(classify: Run, tmp_path: Path) -> None:
    classify()
    manifest = tmp_path / "out" / "manifest.jsonl"
    head, *_ = manifest.read_text(encoding="utf-8").splitlines()
    manifest.write_text(json.dumps(json.loads(head) | {"model": "0" * 64}) + "\n", encoding="utf-8")
    with pytest.raises(MismatchError, match="holds maps of another model: its manifest names model 000000000000"):
        classify()
    manifest.write_text(json.dumps(json.loads(head) | {"manifest": 2, "engine": "9.1"}) + "\n", encoding="utf-8")
    with pytest.raises(OutputError, match=r"is of version 2, written by hsi-engine 9\.1"):
        classify()


def test_a_stac_collection_names_scenes(classify: Run, tmp_path: Path) -> None:
    items = [
        {
            "id": f"s{n}",
            "assets": {"data": {"href": f"./scenes/s{n}.tif", "roles": ["data"]}, "thumbnail": {"href": "t.png"}},
        }
        for n in range(2)
    ]
    (tmp_path / "flights.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    assert classify(scenes=str(tmp_path / "flights.json")).done == 2
    items[0]["assets"]["more"] = {"href": "x.tif", "roles": ["data"]}
    (tmp_path / "flights.json").write_text(json.dumps({"type": "FeatureCollection", "features": items}))
    with pytest.raises(ParameterError, match="Item 's0' has 2 assets that may be its scene: data and more"):
        classify(scenes=str(tmp_path / "flights.json"))


def test_a_script_for_slurm_repeats_the_run(classify: Run, scenes: Path, tmp_path: Path) -> None:
    result = classify(write_slurm=tmp_path / "fields.sbatch", rasters="confidence", smooth=False)
    text = result.script.read_text(encoding="utf-8")
    assert f"--scenes {scenes}" in text
    assert "--rasters confidence" in text
    assert "--no-smooth" in text
    assert "--array=1-3 fields.sbatch" in text
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("count", "tasks"), [(1, 1), (10, 10), (200, 50), (3000, 150), (90_000, 1000)])
def test_the_array_of_slurm_fits_the_number_of_scenes(count: int, tasks: int) -> None:
    assert array_size(count) == tasks
