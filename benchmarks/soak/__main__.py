"""Many jobs in one session of QGIS: ``python -m benchmarks.soak``.

Cuts a small scene from the demo data, starts QGIS without a display, and runs jobs of all kinds in it one after the other, as
dialogs do, each with a real start of the engine: training, mapping, checks of labels, a preview, one that is cancelled, one that
fails, one that the form refuses. Prints a JSON document: processes, threads, file descriptors, temporary files and memory of QGIS
before, after the first 10 and at the end, and by how much the memory grows with each job. Exits with 1 if a process, a
thread of a job or more temporary files than the last runs may keep are left, or if the memory grows steadily.

    python -m benchmarks.soak                             50 jobs
    python -m benchmarks.soak --jobs 500 --qgis-python /usr/bin/python3
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import geopandas
import rasterio
import shapely
from rasterio.windows import Window

from hsi_engine.demo.indian_pines import write_indian_pines

ROOT = Path(__file__).resolve().parents[2]
# Rows 26 to 85 and columns 20 to 79 of Indian Pines hold fields of four larger classes; every fourth band is enough.
_WINDOW, _EVERY = Window(20, 26, 60, 60), 4
# A copy of the labels and a legend for each of the last runs (KEPT_RUNS of the plugin).
_MOST_FILES = 2 * 10
_MOST_GROWTH_KB = 100.0
_WARM = 10


def cut_inputs(folder: Path) -> dict[str, str]:
    """A part of the demo scene, its polygons and its class map."""
    whole = write_indian_pines(folder / "whole")
    scene, polygons, class_map = (folder / name for name in ("scene.tif", "polygons.gpkg", "classes.tif"))
    for source, target in ((whole.scene, scene), (whole.ground_truth, class_map)):
        with rasterio.open(source) as file:
            numbers = [1] if file.count == 1 else list(range(1, file.count + 1, _EVERY))
            profile = {**file.profile, "width": _WINDOW.width, "height": _WINDOW.height, "count": len(numbers)}
            profile["transform"] = file.window_transform(_WINDOW)
            with rasterio.open(target, "w", **profile) as part:
                part.write(file.read(numbers, window=_WINDOW))
                for place, number in enumerate(numbers, 1):
                    part.update_tags(place, **file.tags(number))
            bounds = file.window_bounds(_WINDOW)
    frame = geopandas.read_file(whole.labels)
    geopandas.clip(frame, shapely.box(*bounds)).explode(ignore_index=True).to_file(polygons)
    out = folder / "work"
    out.mkdir()
    return {"scene": str(scene), "polygons": str(polygons), "class_map": str(class_map), "folder": str(out)}


def run_session(python: str, inputs: dict[str, str], folder: Path, jobs: int) -> dict[str, Any]:
    """The figures of a session of QGIS with nothing of the user's settings, and temporary files in ``folder``."""
    for name in ("home", "run", "engine", "cache", "tmp"):
        (folder / name).mkdir(mode=0o700)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "PYTHON", "VIRTUAL_ENV"))},
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(folder / "home"),
        "XDG_RUNTIME_DIR": str(folder / "run"),
        "HSI_ENGINE_HOME": str(folder / "engine"),
        "HSI_ENGINE_CACHE": str(folder / "cache"),
        "HSI_ENGINE_PYTHON": sys.executable,
        "TMPDIR": str(folder / "tmp"),
        "PYTHONPATH": str(ROOT),
    }
    words = [python, "-m", "benchmarks.soak.session", json.dumps(inputs), str(jobs), str(min(_WARM, jobs))]
    done = subprocess.run(words, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def problems(figures: dict[str, Any]) -> list[str]:
    """What must not be."""
    last, first = figures[f"after_{figures['jobs']}"], figures["before"]
    found = [
        f"{last[name] - first[name]} {name} left" for name in ("processes", "job_threads") if last[name] > first[name]
    ]
    if last["temporary_files"] - first["temporary_files"] > _MOST_FILES:
        found.append(f"{last['temporary_files'] - first['temporary_files']} temporary files left")
    if figures["memory_growth_kb_per_job"] > _MOST_GROWTH_KB:
        found.append(f"memory grows by {figures['memory_growth_kb_per_job']} KB per job")
    return found


def main() -> int:
    """Run the soak, print the figures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument(
        "--qgis-python", default="/usr/bin/python3", help="the Python that QGIS uses (default: %(default)s)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hsi-soak-") as name:
        folder = Path(name)
        figures = run_session(options.qgis_python, cut_inputs(folder), folder, options.jobs)
    figures["problems"] = problems(figures)
    print(json.dumps(figures, indent=2))
    return 1 if figures["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
