"""The manifest of an archive on a full disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from full_disk import files_of_at_most
from hsi_engine.errors import OutputError
from hsi_engine.operations.classify_scenes.manifest import Manifest, Row, read_history

MODEL = "4711" * 16


def note(folder: Path, *scenes: str) -> None:
    with Manifest(folder, MODEL, "") as manifest:
        for scene in scenes:
            manifest.add(Row(scene=scene, status="done"))


def test_a_line_that_does_not_fit_is_an_error_in_words_and_counts_as_nothing(tmp_path: Path) -> None:
    note(tmp_path, "a.tif")
    head, row = (tmp_path / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    words = r"The manifest '.*manifest\.jsonl' cannot be written: File too large\."
    # The heads and rows of both runs, but of the second row all but its end.
    with files_of_at_most(2 * len(head) + 2 * len(row) - 5), pytest.raises(OutputError, match=words) as caught:
        note(tmp_path, "b.tif")
    assert caught.value.code == "output.write_failed"
    assert "Finished maps stay" in caught.value.hint
    history = read_history(tmp_path, MODEL)
    assert list(history.rows) == ["a.tif"]
    assert "1 line of manifest.jsonl was cut off" in history.notes[0]
    note(tmp_path, "b.tif")
    assert list(read_history(tmp_path, MODEL).rows) == ["a.tif", "b.tif"]
