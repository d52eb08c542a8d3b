"""What two jobs at once cost, with and without the engine's setting for threads: ``python -m benchmarks.shared_cores``.

Starts ``hsi train`` on Indian Pines once alone and twice at once, under the engine's setting and under that of the
OpenMP library, and prints one JSON document. ``ratio`` is the time of two at once over that of one alone: 2 is what
sharing the cores should cost.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from hsi_engine.demo.indian_pines import IndianPines, write_indian_pines

# GOMP_SPINCOUNT of the library itself is 300000 where threads are not more than cores.
SETTINGS = {"engine": {}, "library": {"GOMP_SPINCOUNT": "300000"}}


def start(files: IndianPines, number: int, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    words = (
        "train", "--scene", files.scene, "--labels", files.labels, "--class-field", "class_id", "--model", "hybridsn",
        "--split", "random",
        "--epochs", 8, "--output", files.scene.with_name(f"{number}.hsimodel"), "--quiet",
    )  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "hsi_engine", *map(str, words)],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )


def seconds(files: IndianPines, jobs: int, settings: dict[str, str]) -> float:
    began = time.perf_counter()
    for process in [start(files, number, settings) for number in range(jobs)]:
        if process.wait():
            raise SystemExit(f"a job failed with {process.returncode}")
    return time.perf_counter() - began


def main() -> None:
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        files = write_indian_pines(Path(folder))
        for name, settings in SETTINGS.items():
            one, two = (seconds(files, jobs, settings) for jobs in (1, 2))
            found[name] = {"one_s": one, "two_s": two, "ratio": two / one}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
