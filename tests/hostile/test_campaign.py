"""The campaign of hostile input: a short round of it, and that it notices what it is there to find."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.hostile import outputs, running
from benchmarks.hostile.kinds import Trial

ROOT = Path(__file__).resolve().parents[2]
# HSI_HOSTILE=50 for a thorough look.
COUNT = os.environ.get("HSI_HOSTILE", "2")

_BAD_KINDS = """
import json, os, signal, sys
from pathlib import Path
from benchmarks.hostile import kinds, running

def harm(trial):
    if trial.operation == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    taken = bytearray(b"1") * (300 << 20) if trial.operation == "memory" else b""
    while True:
        pass

running.run_trial = harm

running.CPU_LIMIT_S, running.MEMORY_LIMIT = 3.0, 200 << 20
for name in ("crash", "hang", "memory"):
    kinds.KINDS[name] = kinds.Kind((), lambda rng, folder, name=name: kinds.Trial(name, {}))
    found = list(running.outcomes(name, [0, 1], "1", Path(sys.argv[1]), Path(sys.argv[2])))
    print(json.dumps([[o.number, o.outcome] for o in found]))
"""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_no_hostile_input_gets_anything_but_an_answer_or_words(tmp_path: Path) -> None:
    done = _run("-m", "benchmarks.hostile", "--count", COUNT, "--failures", str(tmp_path / "failures"))
    assert done.returncode == 0, done.stderr[-6000:]
    found = json.loads(done.stdout)
    assert set(found["outcomes"]) == {"ok", "refused"}
    assert len(found["kinds"]) >= 50
    assert found["tried"] == len(found["kinds"]) * int(COUNT)
    assert not (tmp_path / "failures").exists()


def test_it_notices_what_ends_a_process_and_goes_on_after_it(tmp_path: Path) -> None:
    done = _run("-c", _BAD_KINDS, str(tmp_path), str(tmp_path / "failures"))
    assert done.returncode == 0, done.stderr[-3000:]
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found == [[[number, bad] for number in (0, 1)] for bad in ("crash", "hang", "memory")]
    assert sorted(file.name for file in (tmp_path / "failures").iterdir()) == [
        f"{bad}-{n}" for bad in ("crash", "hang", "memory") for n in (0, 1)
    ]


@pytest.mark.parametrize(
    "error", [KeyError("x"), MemoryError(), SystemExit(3), RecursionError("deep"), ImportError("no module")]
)
def test_an_error_that_nobody_foresaw_is_none_in_words(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fails(*_: Any) -> None:
        raise error

    monkeypatch.setattr(running, "call", fails)
    assert running.run_trial(Trial("inspect_scene", {}))[0] == "traceback"


def test_folders_that_are_not_as_they_should_be(tmp_path: Path) -> None:
    (tmp_path / "scene.tif").write_bytes(b"")
    before, trial = outputs.contents(tmp_path), Trial("fit_pca", {}, (".checkpoint",))
    assert not outputs.problem(tmp_path, before, trial, refused=True)
    (tmp_path / "m.hsimodel.checkpoint").touch()
    assert not outputs.problem(tmp_path, before, trial, refused=True)
    (tmp_path / "new.json").write_text('{"a": NaN}')
    assert "refused, but 'new.json'" in outputs.problem(tmp_path, before, trial, refused=True)
    assert "'new.json' cannot be read" in outputs.problem(tmp_path, before, trial, refused=False)
    (tmp_path / ".tmp-1-map.tif").touch()
    assert "a hidden file stayed" in outputs.problem(tmp_path, before, trial, refused=False)
