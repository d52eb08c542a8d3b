"""The engine's environment for real: cancelled, repaired from the network, and built again from a folder of wheels.

These take minutes and gigabytes; leave them out with: -m "not slow_set_up"
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import processing
import pytest
from qgis.core import QgsProcessingException

from qgis_plugin.environment.current import current_engine, engine_location
from recording_feedback import RecordingFeedback

pytestmark = pytest.mark.slow_set_up
# A second is promised. Machines that run tests are busy with other things.
LIMIT_S = 6.0
CPU = {"DEVICE_BUILD": "cpu"}


@pytest.fixture(scope="module")
def online(provider: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which a set-up was cancelled while packages were installed."""
    home = tmp_path_factory.mktemp("online")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HSI_ENGINE_PYTHON")
        patch.setenv("HSI_ENGINE_HOME", str(home))
        yield home


def test_a_cancel_is_quick_and_leaves_what_can_be_repaired(online: Path, measured: Callable[[str], None]) -> None:
    moments: list[float] = []

    def cancel() -> None:
        moments.append(time.monotonic())
        feedback.cancel()

    # From another thread, as a click comes: at a moment of its own, not when the installer has just said something.
    clicks = [threading.Timer(0.35, cancel)]

    def click(message: str) -> None:
        if message.startswith(("Resolved", "Downloading", "Collecting")) and clicks:
            clicks.pop().start()

    feedback = RecordingFeedback(click)
    with pytest.raises(QgsProcessingException, match=r"cancelled\. Run 'Set up engine' again"):
        processing.run("hsi:set_up_engine", CPU, feedback=feedback)
    latency = time.monotonic() - moments[0]

    measured(f"cancel, installing packages, in a script: {latency:.2f} s")
    assert latency < LIMIT_S
    assert current_engine().kind == "interrupted"
    assert (online / ".installing").exists()


def test_the_next_run_repairs_and_the_engine_works(online: Path) -> None:
    feedback = RecordingFeedback()
    results = processing.run("hsi:set_up_engine", CPU, feedback=feedback)

    assert results["STATE"] == "ready"
    assert Path(results["PYTHON"]) == engine_location().python
    assert Path(results["ENVIRONMENT"]) == online / "environment"
    assert "interrupted; the environment will be built from scratch" in feedback.everything
    assert "Base Python: " in feedback.everything
    assert len(set(feedback.progress_values)) > 20
    record = current_engine().record
    assert record["torch_build"] == "cpu", "a test must not fetch gigabytes for a GPU that is not there"
    assert not [name for name in record["packages"] if name.startswith("nvidia")]
    assert sorted(path.name for path in online.glob("*") if path.is_dir()) == ["bytecode", "environment"]


def test_a_folder_of_wheels_that_is_not_complete_is_said_and_then_suffices(
    online: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, wheels = engine_location().python, tmp_path / "wheels"
    wanted = ["--requirement", str(online / "requirements.txt"), "--wheel-dir", str(wheels)]
    subprocess.run([python, "-m", "pip", "wheel", "--quiet", *wanted], check=True)
    torch = next(wheels.glob("torch-*.whl"))
    torch.rename(tmp_path / torch.name)
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    with pytest.raises(
        QgsProcessingException, match=r"lacks 1 of the required wheels: torch==[\d.]+ \(for the engine\)"
    ):
        processing.run("hsi:set_up_engine", {"WHEELS": str(wheels)})

    (tmp_path / torch.name).rename(torch)
    # Nothing but the folder can have been the source: no address leads anywhere.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    results = processing.run("hsi:set_up_engine", {"WHEELS": str(wheels)})

    assert results["STATE"] == "ready"
    assert "torch" in current_engine().record["packages"]
