"""Hidden files belong to the job that writes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hsi_engine.entrypoints.cancellation import CancelSwitch
from hsi_engine.errors import OutputError
from hsi_engine.io.files.outputs import StagedOutputs
from hsi_engine.io.files.temporary_files import TemporaryFiles, longest_prefix, target_of, temporary_beside


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_discarding_removes_every_file_of_a_job_at_once(tmp_path: Path) -> None:
    files = TemporaryFiles()
    with files.in_use():
        stage = StagedOutputs()
        stage.path(tmp_path / "map.tif").write_text("half")
        with temporary_beside(tmp_path / "map.tif") as raw:
            raw.write_text("half")
            assert len(names(tmp_path)) == 2
            assert all(name.startswith(files.prefix) for name in names(tmp_path))
            files.discard_all()
            assert names(tmp_path) == []
    with pytest.raises(OutputError, match="not written"), stage:
        pass
    assert names(tmp_path) == []


class Job(threading.Thread):
    """Writes half a map and its pixels, waits, and finishes."""

    def __init__(self, folder: Path, half: threading.Event, go_on: threading.Event) -> None:
        super().__init__()
        self.switch = CancelSwitch(lambda: None)
        self.error: BaseException | None = None
        self._steps = folder, half, go_on

    def run(self) -> None:
        folder, half, go_on = self._steps
        try:
            with self.switch.files.in_use(), StagedOutputs() as stage:
                staged = stage.path(folder / f"{self.name}.tif")
                with temporary_beside(staged) as pixels:
                    pixels.write_text("pixels")
                    staged.write_text("half")
                    half.set()
                    assert go_on.wait(10)
                    staged.write_text(pixels.read_text())
        except BaseException as error:
            self.error = error


def test_a_job_that_is_ended_leaves_the_files_of_its_neighbour_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two jobs in threads of one process; of the first, the switch ends what it would end with its process."""
    ended: list[int] = []
    monkeypatch.setattr("hsi_engine.entrypoints.cancellation.os._exit", ended.append)
    monkeypatch.setattr("hsi_engine.entrypoints.cancellation.GRACE_S", 0)
    jobs, go_on = [], threading.Event()
    for name in ("first", "second"):
        half = threading.Event()
        jobs.append(Job(tmp_path, half, go_on))
        jobs[-1].name = name
        jobs[-1].start()
        assert half.wait(10)
    first, second = jobs
    assert len(names(tmp_path)) == 4
    first.switch.request()
    assert len(ended) == 1
    left = names(tmp_path)
    assert len(left) == 2
    assert all(name.startswith(second.switch.files.prefix) for name in left)
    go_on.set()
    for job in jobs:
        job.join(10)
    assert second.error is None
    assert isinstance(first.error, OSError)
    assert names(tmp_path) == ["second.tif"]
    assert (tmp_path / "second.tif").read_text() == "pixels"


def test_jobs_of_one_process_never_share_a_name(tmp_path: Path) -> None:
    found = set()
    for _ in range(3):
        with TemporaryFiles().in_use():
            found |= {StagedOutputs().path(tmp_path / "map.tif") for _ in range(2)}
    found |= {StagedOutputs().path(tmp_path / "map.tif") for _ in range(2)}
    assert len(found) == 8


@pytest.mark.parametrize(
    "hidden", [lambda p: StagedOutputs().path(p), lambda p: p.with_name(longest_prefix() + p.name)]
)
def test_a_message_names_the_output_that_a_hidden_name_stands_for(
    tmp_path: Path, hidden: Callable[[Path], Path]
) -> None:
    target = tmp_path / "map 2-old-1.tif"
    assert hidden(target) != target
    assert target_of(hidden(target)) == target
    with temporary_beside(hidden(target)) as beside:
        assert target_of(beside) == target
        assert len(beside.name) <= len(longest_prefix() + target.name)


@pytest.mark.parametrize("name", ["map.tif", ".tmp-map.tif", ".tmp-12345678-map.tif", "x.tmp-12345678-1-map.tif"])
def test_other_names_stand_for_themselves(name: str) -> None:
    assert target_of(Path("folder") / name) == Path("folder") / name
