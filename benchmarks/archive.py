"""An archive of small scenes, killed twice and resumed: ``python -m benchmarks.archive [--scenes 200] [--throughput | --cluster]``.

Cuts Indian Pines into small scenes, of which three are broken in different ways and two are refused, and maps them in one
go; then again into another folder, in a run that is killed twice at random (SIGKILL) and started again. Prints one JSON document:
``identical`` are the scenes of which every file has the same bytes in both folders, ``recomputed`` those that were finished
more than once.

With ``--throughput`` it times larger scenes with one process on one thread and with two: ``ratio`` is scenes per second with two
over those with one, the start of the processes included. ``overhead_s`` is what each further scene takes beyond its own time,
shared among the processes: listing, handing out, noting and concluding; ``fixed_s`` what a run takes beyond that however many
scenes it has, above all the start of its processes. Both come from a run with a tenth of the scenes and one with all.

With ``--cluster`` the workers of a Dask cluster, 100 for 10,000 scenes, sleep for as long as a scene takes (``--seconds``):
``efficiency`` is the share of their time that they sleep, see :mod:`benchmarks.simulated_cluster`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

import hsi_engine
from hsi_engine.demo.indian_pines import IndianPines, write_indian_pines

EDGE_PX, LARGE_PX = 24, 120
SCENES, SIMULATED = 200, 10_000
BROKEN, REFUSED = 3, 2
FEWER_BANDS = 40


def cut(
    source: Path, target: Path, row: int, col: int, edge: int, bands: int | None = None, *, empty: bool = False
) -> None:
    """Write a square window of a scene, with what the file says of its bands."""
    with rasterio.open(source) as file:
        window = Window(col, row, edge, edge)
        numbers = list(range(1, (bands or file.count) + 1))
        data = file.read(numbers, window=window)
        if empty:
            data[:] = -9999 if np.issubdtype(data.dtype, np.signedinteger) else 0
        profile = {
            "driver": "GTiff",
            "dtype": data.dtype,
            "count": len(numbers),
            "height": edge,
            "width": edge,
            "crs": file.crs,
            "transform": file.window_transform(window),
            "nodata": data.flat[0] if empty else file.nodata,
        }
        with rasterio.open(target, "w", **profile) as out:
            out.write(data)
            out.update_tags(**file.tags())
            for number in numbers:
                out.update_tags(number, **file.tags(number))


def make_scenes(source: Path, folder: Path, count: int, edge: int, rng: random.Random) -> None:
    """``count`` good scenes at random places."""
    folder.mkdir()
    with rasterio.open(source) as file:
        rows, cols = file.shape
    for number in range(count):
        row, col = rng.randrange(rows - edge + 1), rng.randrange(cols - edge + 1)
        cut(source, folder / f"scene_{number:03}.tif", row, col, edge)


def spoil(source: Path, folder: Path) -> None:
    """Five scenes without a map: cut off, no raster, damaged in the middle; too few bands, no data."""
    whole = next(iter(sorted(folder.iterdir()))).read_bytes()
    (folder / "broken_cut.tif").write_bytes(whole[: len(whole) // 2])
    (folder / "broken_text.tif").write_bytes(b"This is no raster.")
    (folder / "broken_head.tif").write_bytes(b"\0" * 64 + whole[64:])
    cut(source, folder / "refused_bands.tif", 0, 0, EDGE_PX, FEWER_BANDS)
    cut(source, folder / "refused_empty.tif", 0, 0, EDGE_PX, empty=True)


def command(scenes: Path, model: Path, out: Path, *more: str) -> list[str]:
    words = ("--scenes", scenes, "--model", model, "--output", out, *more, "--quiet", "--json")
    return [sys.executable, "-m", "hsi_engine", "classify-many", *map(str, words)]


def finish(words: list[str], threads: int | None = None) -> dict[str, Any]:
    """Run to the end; the result."""
    environment = os.environ | ({} if threads is None else {"OMP_NUM_THREADS": str(threads)})
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, check=False)
    found: dict[str, Any] = json.loads(done.stdout)
    if "error" in found:
        raise SystemExit(str(found["error"]))
    return found


def finished(out: Path) -> dict[str, int]:
    """How often each scene was finished, from the manifest."""
    counts: dict[str, int] = {}
    manifest = out / "manifest.jsonl"
    for line in manifest.read_bytes().split(b"\n") if manifest.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row.get("status") == "done":
            counts[row["scene"]] = counts.get(row["scene"], 0) + 1
    return counts


def kill_when(words: list[str], out: Path, count: int) -> int:
    """Start a run and kill it once this many scenes are finished; how many were."""
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and len(finished(out)) < count:
            time.sleep(0.01)
        process.kill()
    return len(finished(out))


def files_of(out: Path, name: str) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(out.glob(f"{name}_map*"))}


def killed_and_resumed(source: Path, model: Path, folder: Path, count: int, rng: random.Random) -> dict[str, Any]:
    scenes = folder / "scenes"
    good = count - BROKEN - REFUSED
    make_scenes(source, scenes, good, EDGE_PX, rng)
    spoil(source, scenes)
    began = time.perf_counter()
    whole = finish(command(scenes, model, folder / "whole", "--rasters", "confidence"))
    seconds = time.perf_counter() - began
    words = command(scenes, model, folder / "killed", "--rasters", "confidence")
    moments = sorted(rng.sample(range(1, good), 2))
    at = [kill_when(words, folder / "killed", moment) for moment in moments]
    last = finish(words)
    names = [f"scene_{number:03}" for number in range(good)]
    same = [files_of(folder / "whole", name) == files_of(folder / "killed", name) != {} for name in names]
    return {
        "scenes": len(whole["scenes"]),
        "identical": sum(same),
        "recomputed": sum(times > 1 for times in finished(folder / "killed").values()),
        "failed": [scene["message"] for scene in last["scenes"] if scene["status"] == "failed"],
        "refused": [scene["message"] for scene in last["scenes"] if scene["status"] == "refused"],
        "killed_after": at,
        "processes": whole["processes"],
        "seconds": round(seconds, 1),
    }


def throughput(source: Path, model: Path, folder: Path, count: int, rng: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {"scenes": count}
    few = max(count // 10, 2)
    for number in (few, count):
        make_scenes(source, folder / f"{number}_scenes", number, LARGE_PX, rng)
    for processes in (1, 2):
        idle = {}
        for number in (few, count):
            words = command(
                folder / f"{number}_scenes", model, folder / f"{number}_with_{processes}", "--processes", str(processes)
            )
            began = time.perf_counter()
            result = finish(words, threads=1)
            wall = time.perf_counter() - began
            idle[number] = result["seconds"] - sum(scene["seconds"] for scene in result["scenes"]) / processes
        overhead = (idle[count] - idle[few]) / (count - few)
        found[f"wall_s_{processes}"] = round(wall, 2)
        found[f"fixed_s_{processes}"] = round(idle[few] - overhead * few, 2)
        found[f"overhead_s_{processes}"] = round(overhead, 4)
    found["ratio"] = round(found["wall_s_1"] / found["wall_s_2"], 3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=int, help="by default 200, with --cluster 10,000")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--throughput", action="store_true")
    parser.add_argument("--cluster", action="store_true")
    parser.add_argument("--workers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=5.0)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.cluster:
            from .simulated_cluster import simulate

            found = simulate(folder, chosen.workers, chosen.scenes or SIMULATED, chosen.seconds)
            print(json.dumps(found, indent=2))
            return
        files: IndianPines = write_indian_pines(folder)
        model = folder / "model.hsimodel"
        method = {"model": "spectral_cnn", "epochs": 2} if chosen.throughput else {"model": "lda"}
        hsi_engine.train_classifier(
            scene=files.scene, labels=files.labels, class_field="class_id", split="none", output=model, **method
        )
        part = throughput if chosen.throughput else killed_and_resumed
        print(json.dumps(part(files.scene, model, folder, chosen.scenes or SCENES, rng), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
