"""How the cost of a map grows: ``python -m benchmarks.scaling``.

Starts from a scene of 384×384 pixels and 200 bands (Indian Pines, mirrored), 15 components, patches of 15×15 pixels and
16 classes, and changes one of them at a time. For each it measures, in seconds per megapixel and one after the other,
what ``hsi classify`` does at once: reading (uncompressed GeoTIFF, from the system's cache), the PCA, and the network on
tiles. Next to it are the multiply–accumulate operations (MACs) per pixel, counted from the shapes of the network: patch by patch,
densely with the window layer as a convolution, and as it is done. ``share_of_rate`` compares what is done to the rate of
a float32 product of 2048×2048 matrices in the same process. Of several runs the fastest counts, on either side.

Prints one JSON document; the table of ``docs/performance.md`` goes to standard error. Takes two to four minutes on two cores.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import torch
from torch import Tensor

from benchmarks.indian_pines import whitened_components
from benchmarks.reference import THREADS
from hsi_engine.demo.indian_pines import write_indian_pines
from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.inference.macs import PixelMacs, count_macs
from hsi_engine.io.scenes.scene import SceneReader, open_scene
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.operations.parts.scene_preprocessing import fit_to_scene
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.reporting import SilentReporter
from hsi_engine.training.initial_weights import new_network

MATRIX = 2048
TILE_PX = 192
BLOCK_PX = 32_768
LEAST_S = 0.7


@dataclass(frozen=True, kw_only=True)
class Case:
    """One scene and network."""

    edge_px: int = 384
    bands: int = 200
    components: int = 15
    patch_px: int = 15
    classes: int = 16
    gate: bool = False


BASE = Case()
CHANGES: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("edge_px", (192, 384, 768)),
    ("bands", (50, 200, 400)),
    ("components", (15, 30, 60)),
    ("patch_px", (9, 15, 25, 35)),
    ("classes", (4, 16, 64)),
    ("gate", (False, True)),
)


def cases() -> Iterator[tuple[str, Case]]:
    """What is changed, and the case with the change."""
    for name, values in CHANGES:
        for value in values:
            yield name, replace(BASE, **{name: value})
    yield "paper", replace(BASE, components=30, patch_px=25)


def seconds_of(work: Callable[[], object]) -> float:
    """The fastest of runs that together take a while, after one that does not count."""
    work()
    runs: list[float] = []
    while len(runs) < 2 or sum(runs) < LEAST_S:
        began = time.perf_counter()
        work()
        runs.append(time.perf_counter() - began)
    return min(runs)


def matrix_rate() -> float:
    """MACs per second of a float32 matrix product."""
    one, other = torch.rand(2, MATRIX, MATRIX)
    return float(MATRIX**3 / seconds_of(lambda: one @ other))


def write_mirrored(source: npt.NDArray[np.uint16], case: Case, folder: Path) -> Path:
    """A scene of the case's size; one that is there already is taken."""
    path = folder / f"{case.edge_px}_{case.bands}.tif"
    if not path.exists():
        shape = (case.bands, case.edge_px, case.edge_px)
        cut = source[tuple(slice(0, edge) for edge in shape)]
        missing = [(0, edge - had) for edge, had in zip(shape, cut.shape, strict=True)]
        layout = {"tiled": True, "blockxsize": 64, "blockysize": 64, "interleave": "pixel"}
        with rasterio.open(
            path, "w", driver="GTiff", dtype="uint16", count=shape[0], height=shape[1], width=shape[2],
            crs="EPSG:32616", transform=rasterio.Affine(20, 0, 500_000, 0, -20, 4_480_000), **layout,
        ) as file:  # fmt: skip
            file.write(np.pad(cut, missing, mode="symmetric"))
    return path


def measure(case: Case, source: npt.NDArray[np.uint16], folder: Path) -> dict[str, Any]:
    """Seconds per megapixel of each part, and the MACs they take."""
    with open_scene(write_mirrored(source, case, folder)) as reader:
        usable, preprocessing = fit_to_scene(reader, None, [whitened_components(case.components)], SilentReporter())
        reading_s, pca_s, cube = reduced(reader, preprocessing, usable.indices)
    network = new_network(
        "hybridsn",
        {"batch_norm": True, "squeeze_excitation": case.gate},
        n_components=case.components,
        patch_size=case.patch_px,
        n_classes=case.classes,
        seed=0,
    ).eval()
    network_s = seconds_of(predicting(network, cube))
    megapixels = case.edge_px**2 / 1e6
    work = count_macs(network, case.components, (TILE_PX, TILE_PX))
    return {
        "case": {name: getattr(case, name) for name in Case.__dataclass_fields__},
        "seconds_per_megapixel": {
            "reading": reading_s / megapixels,
            "pca": pca_s / megapixels,
            "network": network_s / megapixels,
        },
        "multiply_adds_per_pixel": {"pca": case.bands * case.components, **as_json(work)},
        "network_rate": work.dense * 1e6 * megapixels / network_s,
    }


def as_json(work: PixelMacs) -> dict[str, int]:
    return {"patchwise": work.patchwise, "dense_directly": work.dense_directly, "done": work.dense}


def reduced(
    reader: SceneReader, preprocessing: Preprocessing, bands: tuple[int, ...]
) -> tuple[float, float, npt.NDArray[np.float32]]:
    """Seconds of reading and of the PCA, and the components."""
    windows = list(reader.block_windows(BLOCK_PX))
    blocks = [reader.read(window, bands) for window in windows[:1]]
    reading_s = seconds_of(lambda: [reader.read(window, bands).data.shape for window in windows])
    cube = np.empty((preprocessing.n_components, *reader.scene.grid.shape), np.float32)
    # One block again and again: all of them at once would not fit into a small memory.
    share = blocks[0].valid.size / cube[0].size
    pca_s = seconds_of(lambda: preprocessing.apply(blocks[0])) / share
    for window in windows:
        cube[(slice(None), *window.slices())] = preprocessing.apply(reader.read(window, bands))
    return reading_s, pca_s, cube


def predicting(network: PatchNetwork, cube: npt.NDArray[np.float32]) -> Callable[[], None]:
    """The prediction of a whole scene, tile by tile, down to probabilities."""
    dense = DenseNetwork(network, (TILE_PX, TILE_PX))
    margin = network.patch_size // 2
    padded = torch.from_numpy(np.pad(cube, ((0, 0), (margin, margin), (margin, margin))))
    rows, cols = cube.shape[1:]
    reach = TILE_PX + 2 * margin
    tiles: list[Tensor] = [
        padded[:, row : row + reach, col : col + reach].contiguous()
        for row in range(0, rows, TILE_PX)
        for col in range(0, cols, TILE_PX)
    ]

    def predict() -> None:
        for tile in tiles:
            dense.logits(tile).softmax(0)

    return predict


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in Markdown; of numbers that do not change the base's stand in the first column."""
    lines = [
        "| changed | reading s/MP | PCA s/MP | network s/MP | patch by patch M/px | densely, directly M/px | done M/px"
        " | share of rate |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        seconds, work = row["seconds_per_megapixel"], row["multiply_adds_per_pixel"]
        numbers = [
            *(f"{seconds[part]:.2f}" for part in ("reading", "pca", "network")),
            *(f"{work[way] / 1e6:.2f}" for way in ("patchwise", "dense_directly", "done")),
            f"{100 * row['share_of_rate']:.0f} %",
        ]
        lines.append(f"| {label(row)} | {' | '.join(numbers)} |")
    return "\n".join(lines)


def label(row: dict[str, Any]) -> str:
    case, changed = row["case"], row["changed"]
    return {
        "edge_px": f"{case['edge_px']}×{case['edge_px']} pixels",
        "bands": f"{case['bands']} bands",
        "components": f"{case['components']} components",
        "patch_px": f"patch {case['patch_px']}×{case['patch_px']}",
        "classes": f"{case['classes']} classes",
        "gate": "with a gate" if case["gate"] else "without a gate",
        "paper": f"{case['components']} components, patch {case['patch_px']}×{case['patch_px']}",
    }[changed]


def main() -> None:
    torch.set_num_threads(THREADS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with rasterio.open(write_indian_pines(folder).scene) as file:
            source = file.read()
        rates = [matrix_rate()]
        known: dict[Case, dict[str, Any]] = {}
        rows = []
        for changed, case in cases():
            if case not in known:
                known[case] = measure(case, source, folder)
                rates.append(matrix_rate())
            rows.append({"changed": changed, **known[case]})
    rate = max(rates)
    for row in rows:
        row["share_of_rate"] = row["network_rate"] / rate
    print(table(rows), file=sys.stderr)
    print(json.dumps({"matrix_rate": rate, "threads": THREADS, "rows": rows}, indent=2))


if __name__ == "__main__":
    main()
