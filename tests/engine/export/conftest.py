"""A small scene that is not square, with a hole, and models of it that were never trained long."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from affine import Affine

import make_scenes
from classifiers import trained
from fitted import BANDS, fit
from hsi_engine.bundle.model_bundle import Member, ModelBundle
from hsi_engine.classes.legend import Legend
from hsi_engine.io.scenes.scene import SceneReader, open_scene
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import ReductionSettings

ROWS, COLS, N_BANDS = 21, 26, 24


@pytest.fixture(scope="session")
def exported_scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "scene.tif"
    return make_scenes.write_scene(path, rows=ROWS, cols=COLS, bands=N_BANDS, transform=Affine(10, 0, 5e5, 0, -10, 5e6))


@pytest.fixture(scope="session")
def reader(exported_scene: Path) -> Iterator[SceneReader]:
    with open_scene(exported_scene) as opened:
        yield opened


@pytest.fixture(scope="session")
def make_model(reader: SceneReader) -> Callable[..., ModelBundle]:
    """(architecture, options, patch size, reduction, …) → a model of three classes of the scene."""

    def make(
        name: str = "spectral_cnn",
        options: dict[str, Any] | None = None,
        patch_size: int = 5,
        *,
        reduction: ReductionSettings = BANDS,
        **changes: Any,
    ) -> ModelBundle:
        steps = fit(reader, reduction)
        network, found = trained(
            name, options or {}, n_components=steps.n_components, patch_size=patch_size, n_classes=3
        )
        _centre(network, steps, reader)
        member = Member(architecture=name, options=found, weights=dict(network.state_dict()), patch_size=patch_size)
        bundle = ModelBundle(
            members=(member,),
            preprocessing=steps,
            legend=Legend.of({2: "water", 5: "Wiese | Weide", 11: "bare soil"}, {2: "#0072b2"}),
            training={"seed": 0},
            metrics={},
        )
        return dataclasses.replace(bundle, **changes)

    return make


@pytest.fixture(scope="session")
def whole_scene(reader: SceneReader) -> Callable[[ModelBundle], Any]:
    """All pixels as a model takes them, NaN without data."""

    def read(bundle: ModelBundle) -> Any:
        block = reader.read(Window.of_shape(reader.scene.grid.shape), bundle.check_scene(reader.scene))
        return np.where(block.valid, block.data, np.nan).astype(np.float32)

    return read


def _centre(network: Any, steps: Any, reader: SceneReader) -> None:
    """Shift the scores of an untrained network, so that a map of the scene shows several classes."""
    edge = network.patch_size
    last = [layer for layer in network.head.modules() if isinstance(layer, torch.nn.Linear)][-1:]
    if not last or last[0].out_features != 3:
        return
    block = reader.read(Window.of_shape(reader.scene.grid.shape), steps.band_indices)
    patches = torch.from_numpy(steps.apply(block)).unfold(1, edge, 3).unfold(2, edge, 3).permute(1, 2, 0, 3, 4)
    with torch.no_grad():
        last[0].bias -= network(patches.flatten(0, 1)).median(dim=0).values
