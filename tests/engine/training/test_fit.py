"""What a fitted recipe says of samples."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from hsi_engine.errors import TrainingError
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.preprocess.branch import ReductionSettings
from hsi_engine.reporting import SilentReporter
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.fit import FittedRecipe
from hsi_engine.training.loop import TrainingData
from hsi_engine.training.recipe import Recipe

RECIPE = Recipe(
    model="hybridsn",
    options={},
    reduction=ReductionSettings(kind="pca", n_components=13),
    patch_size=9,
    training=TrainingConfig(epochs=1, batch_size=8, learning_rate=1e-3, schedule="constant"),
)


def test_scores_that_are_no_numbers_are_an_error(data: TrainingData, new_network: Callable[[], PatchNetwork]) -> None:
    network = new_network().eval()
    fitted = FittedRecipe(recipe=RECIPE, options={}, network=network, state=None)
    assert fitted.scores_at(data.cube, data.train, SilentReporter()).shape == (40, 3)
    with torch.no_grad():
        for weights in network.parameters():
            weights.fill_(3e38)
    with pytest.raises(TrainingError, match="hybridsn gives scores that are not finite numbers for 40 of 40 pixels"):
        fitted.scores_at(data.cube, data.train, SilentReporter())
