"""A few faults of ``benchmarks.faults``, brought into quick jobs."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

ROOT = __file__.rpartition("/tests/")[0]


@pytest.mark.skipif(sys.platform != "linux", reason="forks, limits and /proc")
def test_quick_jobs_lose_nothing() -> None:
    words = ["--jobs", "clean", "sample", "--faults", "kill", "full disk", "surroundings", "two at once"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    document = json.loads(done.stdout)
    assert (document["lost"], document["not_identical"]) == (0, 0), done.stderr
    assert document["tried"] == 16
    assert done.returncode == 0
