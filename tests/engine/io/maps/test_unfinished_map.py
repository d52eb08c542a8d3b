"""The folder of an unfinished map: what is noted is what is on the disk, and only the same job goes on from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from full_disk import files_of_at_most
from hsi_engine.errors import MismatchError, OutputError
from hsi_engine.io.maps.unfinished_map import FinishedTile, UnfinishedMap
from hsi_engine.pixels.window import TilePlan

JOB: dict[str, Any] = {"model": "4711", "min_confidence": 0.25, "scene": "scène.tif"}
SHAPE = (20, 30)
TILES = [
    FinishedTile(window=window, class_pixels=(number, 0, 7), nodata_pixels=3 * number)
    for number, window in enumerate(TilePlan(shape=SHAPE, strip_rows=10, tile_cols=13))
]


def folder_of(tmp_path: Path, job: dict[str, Any] = JOB) -> UnfinishedMap:
    return UnfinishedMap(tmp_path / "map.tif", ["class_map", "confidence"], job)


def leave(tmp_path: Path, tiles: list[FinishedTile]) -> Path:
    """What a job leaves that was stopped after ``tiles``; its journal."""
    unfinished = folder_of(tmp_path)
    unfinished.begin([])
    for name in ("class_map", "confidence"):
        unfinished.pixels(name).write_bytes(b"pixels")
    for tile in tiles:
        unfinished.add(tile)
    unfinished.save(lambda: None)
    unfinished.close()
    return unfinished.path / "journal"


def test_noted_tiles_come_back_in_their_order(tmp_path: Path) -> None:
    assert folder_of(tmp_path).finished(SHAPE, 3) == []
    leave(tmp_path, TILES)
    assert folder_of(tmp_path).finished(SHAPE, 3) == TILES
    assert [path.name for path in tmp_path.iterdir()] == ["map.tif.unfinished"]


def test_tiles_are_noted_only_after_their_pixels_are_on_the_disk(tmp_path: Path) -> None:
    unfinished = folder_of(tmp_path)
    unfinished.begin([])
    unfinished.pixels("class_map").touch()
    unfinished.pixels("confidence").touch()
    unfinished.add(TILES[0])
    assert folder_of(tmp_path).finished(SHAPE, 3) == []

    def full() -> None:
        assert folder_of(tmp_path).finished(SHAPE, 3) == []
        raise OutputError("The disk is full.")

    with pytest.raises(OutputError, match="full"):
        unfinished.save(full)
    assert folder_of(tmp_path).finished(SHAPE, 3) == []
    unfinished.save(lambda: None)
    assert folder_of(tmp_path).finished(SHAPE, 3) == TILES[:1]
    unfinished.close()


def test_a_journal_cut_anywhere_holds_the_tiles_before_the_cut(tmp_path: Path) -> None:
    journal = leave(tmp_path, TILES)
    whole = journal.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(ends[0], len(whole)):
        journal.write_bytes(whole[:cut])
        # A line whose end of line alone is missing is whole all the same.
        complete = sum(end - 1 <= cut for end in ends[1:])
        assert folder_of(tmp_path).finished(SHAPE, 3) == TILES[:complete]


def test_what_follows_a_line_that_cannot_be_read_counts_as_nothing(tmp_path: Path) -> None:
    journal = leave(tmp_path, TILES)
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = b"\0" * len(lines[3])
    journal.write_bytes(b"".join(lines))
    assert folder_of(tmp_path).finished(SHAPE, 3) == TILES[:2]
    unfinished = folder_of(tmp_path)
    unfinished.begin(TILES[:2])
    unfinished.add(TILES[4])
    unfinished.save(lambda: None)
    unfinished.close()
    assert folder_of(tmp_path).finished(SHAPE, 3) == [*TILES[:2], TILES[4]]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "4712"}, "model was '4711' and is '4712'"),
        ({"min_confidence": 0.5}, r"min_confidence was 0\.25 and is 0\.5"),
        ({"device": "cuda"}, "device was None and is 'cuda'"),
    ],
)
def test_another_job_is_refused_and_told_the_difference(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    leave(tmp_path, TILES)
    with pytest.raises(MismatchError, match=rf"map\.tif\.unfinished belong to another job: {words}\.") as caught:
        folder_of(tmp_path, JOB | change).finished(SHAPE, 3)
    assert caught.value.code == "mismatch.unfinished_map"
    assert "delete that folder" in caught.value.hint
    assert folder_of(tmp_path).finished(SHAPE, 3) == TILES


def test_other_rasters_are_another_job(tmp_path: Path) -> None:
    leave(tmp_path, TILES)
    with pytest.raises(MismatchError, match=r"rasters was \['class_map', 'confidence'\] and is \['class_map'\]"):
        UnfinishedMap(tmp_path / "map.tif", ["class_map"], JOB).finished(SHAPE, 3)


@pytest.mark.parametrize("head", [b"", b"no journal\n", b"[1, 2]\n"])
def test_a_journal_without_its_head_is_damaged(tmp_path: Path, head: bytes) -> None:
    leave(tmp_path, TILES).write_bytes(head)
    with pytest.raises(OutputError, match=r"map\.tif\.unfinished are damaged: its journal has no head") as caught:
        folder_of(tmp_path).finished(SHAPE, 3)
    assert caught.value.code == "output.unfinished_damaged"


def test_missing_pixels_are_damage_once_tiles_are_noted(tmp_path: Path) -> None:
    unfinished = folder_of(tmp_path)
    unfinished.begin([])
    unfinished.close()
    assert folder_of(tmp_path).finished(SHAPE, 3) == [], "a job may be stopped before there are any"
    leave(tmp_path, TILES)
    unfinished.pixels("confidence").unlink()
    with pytest.raises(OutputError, match=r"damaged: confidence\.pixels is missing"):
        folder_of(tmp_path).finished(SHAPE, 3)


def test_removing_takes_what_was_made_here_and_nothing_else(tmp_path: Path) -> None:
    leave(tmp_path, TILES)
    notes = tmp_path / "map.tif.unfinished" / "notes.txt"
    notes.write_text("of the user")
    with pytest.raises(OSError, match="not empty"):
        folder_of(tmp_path).remove()
    assert [path.name for path in notes.parent.iterdir()] == ["notes.txt"]
    notes.unlink()
    folder_of(tmp_path).remove()
    assert list(tmp_path.iterdir()) == []
    folder_of(tmp_path).remove()


def test_a_file_of_the_folders_name_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "map.tif.unfinished").write_text("of the user")
    with pytest.raises(OutputError, match=r"folder of finished tiles .*map\.tif\.unfinished' cannot be used"):
        folder_of(tmp_path).begin([])


@pytest.mark.parametrize(
    "line",
    [
        b"3",
        b"null",
        b"[]",
        b"{}",
        b'[[0, 0, 10, 13], "abc", 0, 0, {}]',
        b'[["0", 0, 10, 13], [0, 0, 7], 0, 0, {}]',
        b"[[0, 0, 10, 13], [0, 0, 7.5], 0, 0, {}]",
        b"[[0, 0, 10, 13], [0, 0, -7], 0, 0, {}]",
        b"[[0, 0, 10, 13], [0, 0, 7], true, 0, {}]",
        b"[[0, 0, 10, 13], [0, 0, 7], 0, 0, []]",
        b'[[0, 0, 10, 13], [0, 0, 7], 0, 0, {"set_size": 4}]',
        b'[[0, 0, 10, 13], [0, 0, 7], 0, 0, {"set_size": [null]}]',
        b"[[0, 0, 0, 13], [0, 0, 7], 0, 0, {}]",
        b"[[0, 0, 10, 99], [0, 0, 7], 0, 0, {}]",
        b"[[15, 0, 10, 13], [0, 0, 7], 0, 0, {}]",
        b"[[0, 0, 10, 13], [0, 7], 0, 0, {}]",
        b"[[0, 0, 10, 1099511627776], [0, 0, 7], 0, 0, {}]",
    ],
)
def test_a_whole_line_that_is_no_tile_of_the_map_is_refused(tmp_path: Path, line: bytes) -> None:
    journal = leave(tmp_path, TILES)
    lines = journal.read_bytes().split(b"\n")
    journal.write_bytes(b"\n".join([lines[0], line, *lines[2:]]))
    with pytest.raises(
        OutputError, match=r"map\.tif\.unfinished are damaged: line 2 of its journal is not that of a tile"
    ) as caught:
        folder_of(tmp_path).finished(SHAPE, 3)
    assert "Delete that folder" in caught.value.hint


@pytest.mark.parametrize("head", [b"3", b"[]", b"{", b"", b"[" * 100_000, b"\xff", b'{"model": 1e999}', b"9" * 5000])
def test_a_head_that_is_none_is_refused(tmp_path: Path, head: bytes) -> None:
    journal = leave(tmp_path, TILES)
    journal.write_bytes(b"\n".join([head, *journal.read_bytes().split(b"\n")[1:]]))
    with pytest.raises(OutputError, match="its journal has no head"):
        folder_of(tmp_path).finished(SHAPE, 3)


def test_a_tile_that_does_not_fit_is_an_error_in_words_also_when_the_journal_is_closed(tmp_path: Path) -> None:
    journal = leave(tmp_path, TILES[:2])
    unfinished = folder_of(tmp_path)
    unfinished.begin(TILES[:2])
    unfinished.add(TILES[2])
    with files_of_at_most(journal.stat().st_size + 5):
        with pytest.raises(OutputError, match=r"cannot be used: File too large\."):
            unfinished.save(lambda: None)
        unfinished.close()
    assert folder_of(tmp_path).finished(SHAPE, 3) == TILES[:2]
