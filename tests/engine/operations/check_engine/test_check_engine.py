"""The engine's check of itself: what it finds here, and what it says where something is broken."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest

import hsi_engine
from hsi_engine.cli import doctor
from hsi_engine.io.scenes import writer as scene_writer
from hsi_engine.operations.check_engine import examination as engine_examination
from hsi_engine.operations.check_engine.operation import CheckEngineResult
from hsi_engine.runtime import machine

ROOT = Path(__file__).resolve().parents[4]


class Notebook(hsi_engine.SilentReporter):
    """Keeps what an operation says."""

    def __init__(self) -> None:
        super().__init__()
        self.fractions: list[float] = []
        self.lines: list[str] = []

    def progress(self, fraction: float, message: str = "") -> None:
        assert message
        self.fractions.append(fraction)

    def log(self, message: str, level: str = "info") -> None:
        self.lines.append(message)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, of this test alone."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def few_libraries(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The libraries that are looked for, to be changed by a test."""
    libraries = {"numpy": "numpy"}
    monkeypatch.setattr(engine_examination, "LIBRARIES", libraries)
    return libraries


def test_a_sound_engine_passes_every_check_and_leaves_no_file(temporary: Path) -> None:
    notebook = Notebook()
    found = hsi_engine.check_engine(reporter=notebook)
    assert found.healthy
    assert [check for check in found.checks if not check["ok"]] == []
    assert {check["check"] for check in found.checks} >= {"import torch", "CRS", "devices", "self-test: mapping"}
    assert found.version == hsi_engine.__version__
    assert found.devices[0]["name"] == "cpu"
    assert re.fullmatch(r"cpu|cu\d+|rocm[\d.]+", found.torch_build or "")
    assert found.gdal
    assert "not installed" not in {found.packages[name] for name in engine_examination.LIBRARIES.values()}
    assert set(engine_examination.OPTIONAL) < set(found.packages)
    assert notebook.fractions == sorted(notebook.fractions)
    assert notebook.fractions[-1] == 1.0
    assert notebook.lines == found.notes
    assert list(temporary.glob("hsi-*")) == []
    json.dumps(found.to_json(), allow_nan=False)


def test_the_text_is_for_a_person_to_copy() -> None:
    text = hsi_engine.check_engine().to_text()
    for name in ("hsi-engine", "Python", "Memory", "GDAL, PROJ", "torch build", "Device cpu", "rasterio"):
        assert re.search(rf"^{name}  +\S", text, re.MULTILINE), name
    assert re.search(r"(\d+) of \1 checks passed in \d+\.\d s\. Ready\.$", text)


def test_every_library_that_the_package_asks_for_is_loaded() -> None:
    table = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    dependencies = table.partition("\ndependencies = [")[2].partition("\n]")[0]
    assert set(re.findall(r'^ +"([\w-]+)', dependencies, re.MULTILINE)) == set(engine_examination.LIBRARIES.values())


def test_a_missing_library_is_an_error_that_names_it(few_libraries: dict[str, str]) -> None:
    few_libraries["not_here"] = "not-here"
    notebook = Notebook()
    with pytest.raises(hsi_engine.HsiError, match=r"1 of \d+ checks .* import not_here: .*No module named") as caught:
        hsi_engine.check_engine(reporter=notebook)
    assert caught.value.code == "engine.check_failed"
    assert "clean environment" in caught.value.hint
    report = "\n".join(notebook.lines)
    assert "FAILED import not_here" in report
    assert re.search(r"^not-here +not installed$", report, re.MULTILINE)


def test_what_builds_on_a_failed_step_is_not_tried(
    few_libraries: dict[str, str], monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    monkeypatch.setattr(scene_writer, "write_scene", broken)
    failed = engine_examination.examine(hsi_engine.SilentReporter()).failed()
    assert failed["self-test: scene"] == "OSError: no such driver"
    assert failed["self-test: mapping"] == "not run, because 'scene' failed"
    assert len(failed) == 4
    assert list(temporary.glob("hsi-*")) == []


def test_a_device_that_does_not_compute_is_named(
    few_libraries: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_examination, "check_device", broken)
    found = engine_examination.examine(hsi_engine.SilentReporter())
    assert re.fullmatch(r"cpu \(.+\) cannot compute: OSError: no such driver", found.failed()["devices"])
    assert found.devices[0]["name"] == "cpu"


def test_a_machine_without_torch_is_described_all_the_same(
    few_libraries: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("describe_torch", "list_devices"):
        monkeypatch.setattr(engine_examination, name, broken)
    found = engine_examination.examine(hsi_engine.SilentReporter())
    assert (found.torch_build, found.threads, found.devices) == (None, None, [])
    assert re.search(r"^torch build +missing$", found.to_text(), re.MULTILINE)


def test_a_machine_that_cannot_be_measured_is_a_finding(
    few_libraries: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_examination, "memory_bytes", broken)
    found = engine_examination.examine(hsi_engine.SilentReporter())
    assert found.failed() == {"machine": "OSError: no such driver"}
    assert (found.memory_bytes, found.available_memory_bytes) == (None, None)
    assert found.cores >= 1
    assert re.search(r"^Memory +unknown free of unknown$", found.to_text(), re.MULTILINE)


def test_doctor_answers_also_where_something_is_broken(few_libraries: dict[str, str]) -> None:
    few_libraries["not_here"] = "not-here"
    answer = doctor.examination()
    assert answer.code == 1
    assert CheckEngineResult.model_validate(answer.document).failed().keys() == {"import not_here"}
    assert "FAILED import not_here" in answer.text


def test_a_cancel_is_heard_within_the_self_test(few_libraries: dict[str, str], temporary: Path) -> None:
    class Impatient(Notebook):
        def progress(self, fraction: float, message: str = "") -> None:
            super().progress(fraction, message)
            if fraction > 0.7:
                self.cancel.set()

    with pytest.raises(hsi_engine.Cancelled):
        hsi_engine.check_engine(reporter=Impatient())
    assert list(temporary.glob("hsi-*")) == []


@pytest.mark.parametrize(
    ("cuda", "hip", "build"), [(None, None, "cpu"), ("13.0", None, "cu130"), (None, "6.4.43482", "rocm6.4")]
)
def test_a_build_of_torch_is_called_as_its_wheels_are(
    monkeypatch: pytest.MonkeyPatch, cuda: str | None, hip: str | None, build: str
) -> None:
    import torch

    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.version, "hip", hip)
    assert machine.describe_torch()["torch_build"] == build


def broken(*_: Any, **__: Any) -> None:
    raise OSError("no such driver")
