"""Labelled squares in a small scene, dealt into folds."""

from __future__ import annotations

import pytest

import spy_fitter
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.splitting.folds import Folds
from hsi_engine.training.cubes import Cubes
from spy_fitter import Listener


@pytest.fixture(scope="session")
def samples() -> SampleSet:
    return spy_fitter.squares()


@pytest.fixture(scope="session")
def folds(samples: SampleSet) -> Folds:
    return spy_fitter.three_folds(samples)


@pytest.fixture(scope="session")
def cubes(samples: SampleSet) -> Cubes:
    return spy_fitter.cubes_of(samples)


@pytest.fixture
def listener() -> Listener:
    return Listener()
