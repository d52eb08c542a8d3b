"""The zip on a clean profile, as a user has it: unpacked among the plugins of QGIS, with nothing else around."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import gdal_scenes

ROOT = Path(__file__).resolve().parents[2]
ALGORITHMS = (
    "assess_map",
    "band_importance",
    "check_labels",
    "clean_map",
    "classify_scene",
    "classify_scenes",
    "colour_scene",
    "compare_models",
    "denoise_scene",
    "engine_report",
    "explain_pixel",
    "export_map",
    "export_model",
    "fit_pca",
    "import_scene",
    "model_information",
    "preview_map",
    "sample_reference_points",
    "scene_information",
    "set_up_engine",
    "suggest_labels",
    "train_and_classify",
    "train_classifier",
)
# A second is promised. Machines that run tests are busy with other things.
LIMIT_S = 6.0


@dataclass(frozen=True)
class Desktop:
    """``qgis_process`` with a profile of its own."""

    profile: Path
    environment: dict[str, str]
    folder: Path

    @property
    def plugin(self) -> Path:
        return self.profile / "python" / "plugins" / "hsi_classifier"

    def start(self, *words: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        # The program itself where there is a script around it: Debian's of QGIS 3.22 hands on an option nobody knows.
        program = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
        assert program, "QGIS is installed without qgis_process"
        return subprocess.Popen(
            [program, *words],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def call(self, *words: str) -> str:
        with self.start(*words) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    def call_for_json(self, *words: str) -> dict[str, Any]:
        output = self.call("--json", *words)
        return json.loads(output[output.index("{\n") :])  # warnings of Python may stand before it


@pytest.fixture(scope="module")
def desktop(
    engine_python: Path, share_bytecode: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory
) -> Desktop:
    folder = tmp_path_factory.mktemp("desktop")
    share_bytecode(folder / "engine")
    tool = ROOT / "tools" / "stage_plugin.py"
    subprocess.run(
        [engine_python, tool, "--build", folder / "build", "--dist", folder / "dist"], check=True, capture_output=True
    )
    shutil.rmtree(folder / "build")
    environment = {
        **os.environ,
        "QGIS_CUSTOM_CONFIG_PATH": str(folder / "config"),
        "HOME": str(folder),
        "HSI_ENGINE_PYTHON": str(engine_python),
        "HSI_ENGINE_HOME": str(folder / "engine"),
    }
    made = Desktop(folder / "config" / "profiles" / "default", environment, folder)
    (archive,) = (folder / "dist").iterdir()
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(made.plugin.parent)
    made.call("plugins", "enable", "hsi_classifier")
    return made


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    size = {"rows": 101, "cols": 87}
    gdal_scenes.write_scene(folder / "scene.tif", bands=36, **size)
    gdal_scenes.write_polygons(folder / "polygons.gpkg", **size)
    return folder


def test_its_algorithms_are_listed(desktop: Desktop) -> None:
    listed = desktop.call_for_json("list")["providers"]["hsi"]["algorithms"]
    assert set(listed) == {f"hsi:{name}" for name in ALGORITHMS}


def test_an_algorithm_runs(desktop: Desktop, inputs: Path) -> None:
    output = desktop.call("run", "hsi:scene_information", f"--SCENE={inputs / 'scene.tif'}")
    assert "hsi info --scene" in output
    assert "BANDS:\t36" in output


def test_a_scene_is_shown_in_colour_without_a_desktop(desktop: Desktop, inputs: Path, tmp_path: Path) -> None:
    words = [f"--SCENE={inputs / 'scene.tif'}", "--COMPOSITE=near_infrared", f"--STYLE={tmp_path / 'scene.qml'}"]
    results = desktop.call_for_json("run", "hsi:colour_scene", *words)["results"]
    assert results["TITLE"] == "Near infrared"
    assert Path(results["STYLE"]).is_file()


def test_results_are_json_where_asked(desktop: Desktop, inputs: Path, tmp_path: Path) -> None:
    words = [f"--SCENE={inputs / 'scene.tif'}", "--COMPONENTS=3", f"--OUTPUT={tmp_path / 'pca.tif'}"]
    results = desktop.call_for_json("run", "hsi:fit_pca", *words)["results"]
    assert results["COMPONENT_COUNT"] == 3
    assert Path(results["OUTPUT"]).is_file()


def test_the_plugins_folder_stays_as_it_was_unpacked(desktop: Desktop, inputs: Path) -> None:
    desktop.call("run", "hsi:scene_information", f"--SCENE={inputs / 'scene.tif'}")
    assert not list((desktop.plugin / "engine_source").rglob("*.pyc"))


def test_a_missing_engine_is_told_in_words(desktop: Desktop, inputs: Path) -> None:
    bare = Desktop(
        desktop.profile,
        {name: value for name, value in desktop.environment.items() if name != "HSI_ENGINE_PYTHON"},
        desktop.folder,
    )
    with bare.start("run", "hsi:scene_information", f"--SCENE={inputs / 'scene.tif'}") as process:
        output, _ = process.communicate()
    assert process.returncode != 0
    assert "Set up" in output
    assert "Traceback" not in output


class Training:
    """A training at work in ``qgis_process``, seen through a terminal: into a pipe QGIS writes in large pieces."""

    def __init__(self, desktop: Desktop, words: dict[str, Any]) -> None:
        self.said = ""
        self._terminal, stdout = pty.openpty()
        arguments = (f"--{name}={value}" for name, value in words.items())
        self.process = desktop.start("run", "hsi:train_classifier", *arguments, stdout=stdout)
        os.close(stdout)

    def read_until(self, text: str) -> bool:
        """False where the program ended before it said so."""
        while text not in self.said:
            try:
                piece = os.read(self._terminal, 4096)
            except OSError:  # how Linux tells the end of a terminal
                piece = b""
            if not piece:
                return False
            self.said += piece.decode("utf-8", "replace")
        return True

    def read_to_the_end(self) -> str:
        self.read_until("\0")
        return self.said

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._terminal)


@pytest.fixture
def training(desktop: Desktop, inputs: Path, tmp_path: Path) -> Iterator[Training]:
    """A training in its first epoch; a batch of it computes for longer than a second."""
    words = {
        "SCENE": inputs / "scene.tif",
        "LABELS": inputs / "polygons.gpkg",
        "CLASS_FIELD": "class_id",
        "MODEL": "hybridsn",
        "OUTPUT": tmp_path / "new.hsimodel",
        "COMPONENTS": 30,
        "PATCH_SIZE": 25,
        "BATCH_SIZE": 128,
        "SPLIT": "random",
        "TRAIN_SHARE": 0.5,
        "EPOCHS": 1,
        "DEVICE": "cpu",
    }
    started = Training(desktop, words)
    with contextlib.closing(started):
        assert started.read_until("Training the network\r\n"), started.said
        yield started


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        # The name of the program stands in brackets and may hold anything; state and parent follow.
        fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _seconds_until_gone(process: int) -> float:
    """Waits for the end of a process that is not ours, also where nobody collects it afterwards."""
    started = time.monotonic()
    descriptor = os.pidfd_open(process)
    try:
        ended, _, _ = select.select([descriptor], [], [], 60)
    finally:
        os.close(descriptor)
    assert ended, f"process {process} is still at work after a minute"
    return time.monotonic() - started


def test_an_interrupt_cancels(training: Training, tmp_path: Path, measured: Callable[[str], None]) -> None:
    (worker,) = _children(training.process.pid)
    training.process.send_signal(signal.SIGINT)
    ended_s = _seconds_until_gone(worker)
    measured(f"interrupt of qgis_process: its worker ended after {ended_s:.2f} s")

    assert "Cancelled" in training.read_to_the_end()
    assert training.process.wait() != 0
    assert ended_s < LIMIT_S
    assert list(tmp_path.iterdir()) == []


def test_a_killed_qgis_takes_its_worker_along(
    training: Training, tmp_path: Path, measured: Callable[[str], None]
) -> None:
    (worker,) = _children(training.process.pid)
    training.process.kill()
    ended_s = _seconds_until_gone(worker)
    measured(f"kill -9 of qgis_process: its worker ended after {ended_s:.2f} s")

    assert ended_s < LIMIT_S
    assert list(tmp_path.iterdir()) == []
