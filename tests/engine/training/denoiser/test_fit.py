"""Fitting a denoiser without knowing the truth, held against the truth."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hsi_engine.models.networks.residual_denoiser import ResidualDenoiser
from hsi_engine.reporting import SilentReporter
from hsi_engine.training.denoiser.linear import linear_filter
from hsi_engine.training.denoiser.loop import train_stack
from hsi_engine.training.denoiser.risk import stein_risk
from hsi_engine.training.denoiser.settings import DenoiserSettings
from hsi_engine.training.denoiser.squares import Square, spread

COMPONENTS, LAYERS = 2, 2
ROWS, COLS = 90, 70


def images(seed: int, field_px: int = 10) -> tuple[torch.Tensor, torch.Tensor]:
    """Clean and noisy components, (components, rows, cols) with a margin of two pixels: fields with sharp edges."""
    rng = np.random.default_rng(seed)
    rows, cols = np.indices((ROWS + 2 * LAYERS, COLS + 2 * LAYERS))
    levels = rng.normal(0, [[4], [1.5]], (COMPONENTS, 200))
    clean = levels[:, rows // field_px * 8 + cols // field_px]
    noisy = clean + rng.normal(size=clean.shape)
    return torch.from_numpy(clean.astype(np.float32)), torch.from_numpy(noisy.astype(np.float32))


def square(noisy: torch.Tensor) -> Square:
    valid = torch.ones(ROWS, COLS, dtype=torch.bool)
    valid[20:30, 5:30] = False
    return Square(images=noisy, valid=valid)


def network_of(seed: int = 0, *, trained: bool = False) -> ResidualDenoiser:
    torch.manual_seed(seed)
    network = ResidualDenoiser(components=COMPONENTS, layers=LAYERS, width=8)
    if trained:
        torch.nn.init.normal_(network.stack[-1].weight, std=0.05)
    return network


def true_error(network: ResidualDenoiser, clean: torch.Tensor, noisy: torch.Tensor) -> torch.Tensor:
    """Mean squared error of each component where the square is valid."""
    with torch.no_grad():
        difference = network(noisy[None])[0] - clean[:, LAYERS:-LAYERS, LAYERS:-LAYERS]
    return (difference[:, square(noisy).valid] ** 2).mean(dim=1)


def test_the_linear_filter_is_the_best_without_having_seen_the_truth() -> None:
    clean, noisy = images(0)
    network = network_of()
    network.linear.weight.data = linear_filter([square(noisy)], LAYERS, SilentReporter())
    best = true_error(network, clean, noisy).sum()
    for seed in range(5):
        other = network_of()
        change = torch.randn(network.linear.weight.shape, generator=torch.Generator().manual_seed(seed))
        other.linear.weight.data = network.linear.weight + 0.03 * change
        assert true_error(other, clean, noisy).sum() > best
    assert best / COMPONENTS < 0.5


def test_the_estimated_error_is_the_true_one() -> None:
    clean, noisy = images(1)
    network = network_of(trained=True)
    network.linear.weight.data = linear_filter([square(noisy)], LAYERS, SilentReporter())
    draws = torch.Generator().manual_seed(0)
    valid = square(noisy).valid[None]
    risks = [stein_risk(network, noisy[None], valid, torch.randn(noisy[None].shape, generator=draws)) for _ in range(8)]
    estimated = torch.stack([risk.of_linear + risk.of_stack for risk in risks]).mean(dim=0).detach()
    np.testing.assert_allclose(estimated.numpy(), true_error(network, clean, noisy).numpy(), atol=0.05)


def test_training_helps_where_there_are_edges() -> None:
    pairs = [images(seed) for seed in range(4)]
    squares = [square(noisy) for _, noisy in pairs]
    network = network_of()
    network.linear.weight.data = linear_filter(squares, LAYERS, SilentReporter())
    clean, noisy = images(99)
    before = float(true_error(network, clean, noisy).mean())
    said = train_stack(network, squares, DenoiserSettings(steps=60, layers=LAYERS, width=8), SilentReporter())
    after = float(true_error(network, clean, noisy).mean())
    assert after < 0.97 * before
    assert said["error"] < said["error_linear"]
    assert said["error_linear"] == pytest.approx(before, abs=0.06)


def test_what_is_of_no_use_elsewhere_is_not_kept() -> None:
    """Noise alone: the stack can only learn what is in the squares it sees."""
    draws = torch.Generator().manual_seed(5)
    shape = (COMPONENTS, ROWS + 2 * LAYERS, COLS + 2 * LAYERS)
    squares = [square(torch.randn(shape, generator=draws)) for _ in range(4)]
    network = network_of()
    network.linear.weight.data = linear_filter(squares, LAYERS, SilentReporter())
    said = train_stack(network, squares, DenoiserSettings(steps=20, layers=LAYERS, width=8), SilentReporter())
    assert said["error"] <= said["error_linear"]
    with torch.no_grad():
        assert float(network(torch.randn((1, *shape), generator=draws)).std()) < 0.2


@pytest.mark.parametrize("count", [1, 2, 5, 12, 13, 100])
def test_spread_takes_each_once(count: int) -> None:
    assert sorted(spread(count, count, 0)) == list(range(count))
