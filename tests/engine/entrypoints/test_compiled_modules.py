"""What a full disk leaves of modules that Python has compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
# Sizes of files are limited to what this module needs as compiled by half.
MODULE = "VALUES = " + repr([str(number) * 7 for number in range(2000)]) + "\n"
LIMIT = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
"""
GUARD = "from hsi_engine.entrypoints.compiled_modules import keep_whole_modules\nkeep_whole_modules()\n"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a limit on the size of files")


def run(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": ""}
    return subprocess.run(
        [sys.executable, "-c", f"{code}\nimport large\nprint(len(large.VALUES))"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    """Where Python keeps the compiled module; not there yet."""
    (tmp_path / "large.py").write_text(MODULE)
    return Path(cache_from_source(str(tmp_path / "large.py")))


def test_nothing_is_kept_of_a_module_that_did_not_fit(tmp_path: Path, compiled: Path) -> None:
    assert run(tmp_path, GUARD + LIMIT).stdout == "2000\n"
    assert not compiled.exists()
    assert run(tmp_path, GUARD).stdout == "2000\n"
    assert compiled.stat().st_size > 5000


def test_a_module_that_was_cut_off_is_compiled_again(tmp_path: Path, compiled: Path) -> None:
    run(tmp_path, "")
    whole = compiled.read_bytes()
    compiled.write_bytes(whole[:5000])
    assert "EOFError: marshal data too short" in run(tmp_path, "").stderr
    done = run(tmp_path, GUARD)
    assert (done.stdout, done.stderr) == ("2000\n", "")
    assert not compiled.exists()
    assert run(tmp_path, GUARD).stdout == "2000\n"
    assert compiled.read_bytes() == whole
