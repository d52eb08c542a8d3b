"""A training problem that a small network solves in seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from hsi_engine.classes.legend import Legend
from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.pixels.window import Window
from hsi_engine.training.loop import TrainingData

COMPONENTS, PATCH, SHAPE = 13, 9, (20, 14)


@pytest.fixture
def data() -> TrainingData:
    """Three classes in vertical stripes; every third labelled pixel validates."""
    rng = np.random.default_rng(0)
    rows, cols = np.indices(SHAPE)
    classes = (cols // 5).astype(np.int64)
    components = rng.normal(0, 0.3, (COMPONENTS, *SHAPE)).astype(np.float32)
    components[:3] += np.eye(3, dtype=np.float32)[:, classes]
    cube = ReducedCube.empty(COMPONENTS, SHAPE, PATCH)
    cube.fill(Window.of_shape(SHAPE), components)
    chosen = rng.permutation(rows.size)[:60]
    samples = SampleSet(
        rows=rows.ravel()[chosen],
        cols=cols.ravel()[chosen],
        classes=classes.ravel()[chosen],
        groups=np.ones(60, np.int64),
        legend=Legend.of({1: "left", 2: "middle", 3: "right"}),
    )
    return TrainingData(cube=cube, train=samples.take(np.arange(40)), validation=samples.take(np.arange(40, 60)))


@pytest.fixture
def new_network() -> Callable[[], PatchNetwork]:
    """Makes the same untrained network each time."""

    def make() -> PatchNetwork:
        with torch.random.fork_rng():
            torch.manual_seed(5)
            return registry.build("hybridsn", {"batch_norm": True}, COMPONENTS, PATCH, 3)

    return make
