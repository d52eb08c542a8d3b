"""Where the time of one classification goes: ``python -m benchmarks.profile``.

Maps a mirrored Indian Pines of 1024×1024 pixels and 200 bands with the spectral-first network (5×5 pixels), HybridSN
on 15 principal components and 15×15 pixels, HybridSN as in its paper (30 components, 25×25 pixels), all trained for one
epoch, and with the classifiers of spectra. Prints one JSON document with the seconds of each part:

- ``read``, ``reduce``, ``write``: in the threads that read ahead and write behind, parallel to the network;
- ``convolutions``, ``linear_layer`` (with the layers after it): in the thread that computes;
- ``waiting``: of that thread for input and output, compressing the finished map included;
- ``other``: the rest of the operation, from opening the files to their style.

``waiting_share`` is the share of ``waiting`` in the whole.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hsi_engine
from benchmarks.large_scene import Source, grid_of, write_large_scene
from hsi_engine.demo.indian_pines import write_indian_pines
from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.io.scenes.scene import SceneReader
from hsi_engine.operations.classify_scene.map_files import MapFiles
from hsi_engine.operations.classify_scene.operation import ClassifySceneParams
from hsi_engine.operations.classify_scene.run import map_scene
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.reporting import SilentReporter

SHAPE = (1024, 1024)
NETWORKS: dict[str, dict[str, Any]] = {
    "spectral_cnn": {"model": "spectral_cnn", "epochs": 1},
    "hybridsn": {"model": "hybridsn", "reduction": "pca", "components": 15, "whiten": 1.0, "epochs": 1},
    "paper": {
        "model": "hybridsn",
        "reduction": "pca",
        "components": 30,
        "whiten": 1.0,
        "patch_size": 25,
        "batch_norm": False,
        "epochs": 1,
    },
    "logistic_regression": {"model": "logistic_regression"},
    "svm": {"model": "svm"},
    "random_forest": {"model": "random_forest"},
}
PARTS: dict[str, tuple[type, str]] = {
    "read": (SceneReader, "read"),
    "reduce": (Preprocessing, "apply"),
    "convolutions": (DenseNetwork, "features"),
    "linear_layer": (DenseNetwork, "head"),
    "write": (MapFiles, "write"),
}

seconds: Counter[str] = Counter()


def timed(part: str, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            seconds[part] += time.perf_counter() - began

    return run


def measure(scene: Path, model: Path) -> dict[str, Any]:
    seconds.clear()
    mapped = map_scene(
        ClassifySceneParams(scene=scene, model=model, output=scene.with_name("map.tif")), SilentReporter()
    )
    waiting = mapped.time.reading_s + mapped.time.writing_s
    other = mapped.seconds - mapped.time.computing_s - waiting
    return {
        "seconds": {part: seconds[part] for part in PARTS}
        | {"waiting": waiting, "other": other, "all": mapped.seconds},
        "waiting_share": waiting / mapped.seconds,
        "megapixels_per_second": SHAPE[0] * SHAPE[1] / 1e6 / mapped.seconds,
        "device": mapped.device,
    }


def main() -> None:
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_indian_pines(folder)
        scene = folder / "large.tif"
        write_large_scene(scene, Source.load(), grid_of(SHAPE))
        models = {network: folder / f"{network}.hsimodel" for network in NETWORKS}
        for network, options in NETWORKS.items():
            hsi_engine.train_classifier(
                scene=files.scene,
                labels=files.labels,
                class_field="class_id",
                split="random",
                output=models[network],
                **options,
            )
        for part, (owner, method) in PARTS.items():
            setattr(owner, method, timed(part, getattr(owner, method)))
        for network, model in models.items():
            found[network] = measure(scene, model)
            print(network, found[network], file=sys.stderr)
    print(json.dumps({"rows": SHAPE[0], "cols": SHAPE[1], "networks": found}, indent=2))


if __name__ == "__main__":
    main()
