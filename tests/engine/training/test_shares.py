"""What ranks have of a batch: the very patches that one process would have, and parts of its loss."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from hsi_engine.runtime.ranks import Ranks
from hsi_engine.training.batches import Batches
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.loop import TrainingData
from hsi_engine.training.loss import BatchLoss

CONFIG = TrainingConfig(epochs=2, batch_size=12, learning_rate=1e-3, schedule="constant", seed=3)
CONFIGS = {
    "as they are": replace(CONFIG, augment=False),
    "turned": CONFIG,
    "all that is drawn": replace(CONFIG, gain=0.1, noise=0.05, surround_dropout=0.3, fewest_draws=17),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize("size", [2, 3, 13])
def test_shares_of_a_batch_are_cut_from_the_batch_of_one_process(
    data: TrainingData, config: TrainingConfig, size: int
) -> None:
    whole = list(Batches(data.cube, data.train, config).of_epoch(2))
    ranks = [list(Batches(data.cube, data.train, config, Ranks(rank, size)).of_epoch(2)) for rank in range(size)]
    for number, (patches, classes, of_all) in enumerate(whole):
        shares = [rank[number] for rank in ranks]
        assert torch.equal(torch.cat([share.patches for share in shares]), patches)
        assert torch.equal(torch.cat([share.classes for share in shares]), classes)
        assert torch.equal(classes, of_all)
        assert all(torch.equal(share.of_all, classes) for share in shares)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weights", [None, torch.tensor([0.2, 1.0, 3.0])], ids=["alike", "weighted"])
@pytest.mark.parametrize("size", [1, 2, 8])
def test_parts_of_the_loss_add_up_to_the_mean(weights: torch.Tensor | None, smoothing: float, size: int) -> None:
    draws = torch.Generator().manual_seed(1)
    logits, classes = torch.randn(7, 3, generator=draws), torch.tensor([0, 2, 1, 1, 0, 0, 2])
    expected = functional.cross_entropy(logits, classes, weight=weights, label_smoothing=smoothing)
    parts = []
    for rank in range(size):
        ranks = Ranks(rank, size)
        mine = ranks.share(7)
        parts.append(BatchLoss(weights, smoothing, ranks)(logits[mine], classes[mine], classes))
    assert float(sum(parts)) == pytest.approx(float(expected), rel=1e-6)
