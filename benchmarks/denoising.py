"""How much noise is removed from Indian Pines: ``python -m benchmarks.denoising``.

Adds Gaussian noise of known strength to the published scene, 2 and 5 times a tenth of the median standard deviation of its
bands, and denoises it by ``hsi_engine.denoise_scene``. Prints one JSON document; ``gain_db`` is by how much the mean
peak signal-to-noise ratio rises, against the published scene:

- ``all_bands``: mean over the 200 bands. The published scene has noise too, in the visible bands more than is added;
  what a method removes of it counts as its error.
- ``quiet_bands``: mean over the bands whose own noise is below a third of the added one; here the truth is known.

Methods: ``gaussian``, the Gaussian filter whose width is best for each band; ``mnf``, truncated minimum noise fraction with
the rank that is best; ``whitened_truncation``, the same with the noise of the denoiser: all three chosen with the truth.
``linear`` is the denoiser without its network (``--steps 0``), ``denoiser`` with it.

``accuracy``: of a map, random pixels, 10 % for training, of the scene without added noise, with it, and denoised. ``--only
gain`` leaves that out. ``--large`` measures instead, in a separate process, the time and memory of a made scene of
2048×2048 pixels and 100 bands, and of one of 1024×1024.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.windows import Window as RasterioWindow
from scipy.ndimage import gaussian_filter

import hsi_engine
from hsi_engine.demo.indian_pines import bands, grid, write_indian_pines
from hsi_engine.io.scenes.writer import write_scene
from hsi_engine.preprocess.noise import noise_variance

Floats = npt.NDArray[np.float64]

STRENGTHS = (2.0, 5.0)
METHODS = ("logistic_regression", "spectral_cnn")
_WIDTHS_PX = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.3, 1.7, 2.2)
_RANKS = range(4, 61, 2)
# Of a made scene.
_CLASSES = 25
# Peak of memory in MB, in a separate process.
_MEASURED = """
import json, resource, sys, time
import hsi_engine
started = time.perf_counter()
result = hsi_engine.denoise_scene(**json.loads(sys.argv[1]))
print(json.dumps({"seconds": time.perf_counter() - started, "components": result.components,
    "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


class Noisy:
    """The published scene, and one with noise.

    Parameters
    ----------
    strength : of the noise, in tenths of the median standard deviation of the bands.
    """

    def __init__(self, truth: Floats, strength: float, seed: int) -> None:
        by_band = truth.reshape(len(truth), -1)
        self.truth = truth
        self.added = strength / 10 * float(np.median(by_band.std(axis=1)))
        self.scene = np.rint(truth + np.random.default_rng(seed).normal(0, self.added, truth.shape)).clip(0, 65535)
        own = np.sqrt(noise_variance(np.cov(by_band), by_band.shape[1]))
        self.quiet = own < self.added / 3

    def gain(self, denoised: Floats) -> dict[str, float]:
        """By how many dB the mean peak signal-to-noise ratio rises."""
        before, after = (((scene - self.truth) ** 2).mean(axis=(1, 2)) for scene in (self.scene, denoised))
        rises = 10 * np.log10(before / after)
        return {"all_bands": round(rises.mean(), 2), "quiet_bands": round(rises[self.quiet].mean(), 2)}


def best_gaussian(noisy: Noisy) -> dict[str, Any]:
    """Of each band the Gaussian filter that comes closest to the truth."""
    best = noisy.scene.copy()
    for band, truth in enumerate(noisy.truth):
        tried = [noisy.scene[band], *(gaussian_filter(noisy.scene[band], width) for width in _WIDTHS_PX)]
        best[band] = min(tried, key=lambda image: float(((image - truth) ** 2).mean()))
    return noisy.gain(best)


def best_truncation(noisy: Noisy, noise: Floats) -> dict[str, Any]:
    """Minimum noise fraction with the covariance ``noise``: of all ranks the best, for each of the two figures."""
    flat = noisy.scene.reshape(len(noisy.scene), -1)
    mean = flat.mean(axis=1, keepdims=True)
    values, vectors = np.linalg.eigh(noise)
    root = (vectors * np.sqrt(values)) @ vectors.T
    whiten = (vectors / np.sqrt(values)) @ vectors.T
    directions = np.linalg.eigh(whiten @ np.cov(flat) @ whiten)[1][:, ::-1]
    found = []
    for rank in _RANKS:
        kept = directions[:, :rank]
        denoised = root @ kept @ (kept.T @ (whiten @ (flat - mean))) + mean
        found.append((rank, noisy.gain(denoised.reshape(noisy.scene.shape))))
    result: dict[str, Any] = {}
    for figure in ("all_bands", "quiet_bands"):
        rank, gain = max(found, key=lambda one: one[1][figure])
        result |= {figure: gain[figure], f"rank_{figure}": rank}
    return result


def difference_noise(scene: Floats) -> Floats:
    """Half the covariance of the differences of neighbours."""
    across, down = (np.diff(scene, axis=axis).reshape(len(scene), -1) for axis in (2, 1))
    half: Floats = (np.cov(across) + np.cov(down)) / 4
    return half


def denoised_by_engine(scene: Path, output: Path, **options: Any) -> tuple[Floats, dict[str, Any]]:
    """The scene after ``hsi_engine.denoise_scene``, and what that says."""
    result = hsi_engine.denoise_scene(scene=scene, output=output, **options)
    with rasterio.open(output) as file:
        return file.read().astype(np.float64), {"seconds": round(result.seconds, 1), "components": result.components}


def accuracy(scene: Path, folder: Path, labels: Path, method: str) -> float:
    """Overall accuracy of random pixels, 10 % of them for training."""
    result = hsi_engine.train_classifier(
        scene=scene, labels=labels, class_field="class_id", model=method, split="random", train_share=0.1,
        output=folder / "m.hsimodel",
    )  # fmt: skip
    assert result.test is not None
    return round(float(result.test["overall_accuracy"]), 4)


def of_strength(strength: float, folder: Path, options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """The figures of one strength of noise, as they come."""
    files = write_indian_pines(folder / "published")
    with rasterio.open(files.scene) as file:
        noisy = Noisy(file.read().astype(np.float64), strength, options.seed)
    scene, clean = folder / "noisy.tif", folder / "denoised.tif"
    write_scene(scene, noisy.scene.astype(np.uint16), grid=grid(), bands=bands())
    yield "strength", strength
    yield "added_noise", round(noisy.added, 2)
    yield "quiet_bands", int(noisy.quiet.sum())
    flat = noisy.scene.reshape(len(noisy.scene), -1)
    yield "gaussian", best_gaussian(noisy)
    yield "mnf", best_truncation(noisy, difference_noise(noisy.scene))
    yield "whitened_truncation", best_truncation(noisy, np.diag(noise_variance(np.cov(flat), flat.shape[1])))
    for name, steps in (("linear", 0), ("denoiser", options.steps)):
        values, said = denoised_by_engine(scene, clean, steps=steps, device=options.device, seed=options.seed)
        yield name, noisy.gain(values) | said
    if options.only != "gain":
        scenes = {"published": files.scene, "noisy": scene, "denoised": clean}
        for method in METHODS:
            yield f"accuracy_{method}", {n: accuracy(s, folder, files.labels, method) for n, s in scenes.items()}


def write_made_scene(path: Path, edge_px: int, count: int) -> None:
    """A scene of fields with smooth spectra, some 20 components with signal and noise, block by block."""
    at, orders = np.linspace(0, 1, count), np.arange(20)
    shares = np.random.default_rng(0).normal(0, 300, (_CLASSES, 20)) / (1 + orders / 4)
    spectra = 3000 + shares @ np.cos(np.pi * np.outer(orders, at))
    profile = {
        "driver": "GTiff", "height": edge_px, "width": edge_px, "count": count, "dtype": "int16", "tiled": True,
        "blockxsize": 256, "blockysize": 256, "interleave": "band", "BIGTIFF": "IF_SAFER", "crs": "EPSG:32633",
        "transform": rasterio.Affine(30.0, 0.0, 364095.0, 0.0, -30.0, 5809965.0),
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for row in range(0, edge_px, 256):
            for col in range(0, edge_px, 256):
                rows, cols = np.mgrid[row : row + 256, col : col + 256]
                cube = spectra[(rows // 19 + 3 * (cols // 23)) % _CLASSES].transpose(2, 0, 1)
                noise = np.random.default_rng([row, col]).normal(0, 60, cube.shape)
                file.write((cube + noise).astype(np.int16), window=RasterioWindow(col, row, 256, 256))


def large(options: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Seconds and memory of made scenes of 100 bands."""
    for edge_px in (1024, 2048):
        with tempfile.TemporaryDirectory() as folder:
            scene = Path(folder) / "scene.tif"
            write_made_scene(scene, edge_px, 100)
            params = {"scene": str(scene), "output": f"{folder}/denoised.tif", "steps": options.steps}
            params |= {"device": options.device, "memory_mb": 512}
            words = [sys.executable, "-c", _MEASURED, json.dumps(params)]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
            yield f"{edge_px}x{edge_px}x100", json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300, help="training steps of the network")
    parser.add_argument("--strength", type=float, action="append", help="tenths of the median deviation of the bands")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--only", choices=("gain",))
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    if options.large:
        print(json.dumps(_said(lambda: large(options)), indent=1))
        return
    results = []
    for strength in options.strength or STRENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            results.append(_said(lambda strength=strength, place=place: of_strength(strength, place, options)))
    print(json.dumps(results, indent=1))


def _said(figures: Callable[[], Iterator[tuple[str, Any]]]) -> dict[str, Any]:
    """The figures, each told to standard error as soon as it is known."""
    found = {}
    for name, value in figures():
        found[name] = value
        print(f"{name}: {value}", file=sys.stderr, flush=True)
    return found


if __name__ == "__main__":
    main()
