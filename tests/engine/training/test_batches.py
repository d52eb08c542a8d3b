"""Batches: every sample once an epoch, in another order and turned otherwise each time, repeatable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from hsi_engine.training.batches import Batches
from hsi_engine.training.config import TrainingConfig
from hsi_engine.training.loop import TrainingData

CONFIG = TrainingConfig(epochs=2, batch_size=12, learning_rate=1e-3, schedule="constant", seed=3)
AS_THEY_ARE = replace(CONFIG, augment=False)


def centres(patches: Tensor) -> list[tuple[float, ...]]:
    middle = patches.shape[-1] // 2
    return [tuple(pixel) for pixel in patches[:, :, middle, middle].tolist()]


def test_each_sample_comes_once_an_epoch_with_its_class(data: TrainingData) -> None:
    rows, cols = (torch.from_numpy(a) for a in (data.train.rows, data.train.cols))
    expected = dict(zip(centres(data.cube.gather(rows, cols)), data.train.classes.tolist(), strict=True))
    found = [
        pair
        for patches, classes, _ in Batches(data.cube, data.train, CONFIG).of_epoch(1)
        for pair in zip(centres(patches), classes.tolist(), strict=True)
    ]
    assert len(found) == len(data.train)
    assert dict(found) == expected


def test_batches_are_of_nearly_one_size(data: TrainingData) -> None:
    batches = Batches(data.cube, data.train, CONFIG)
    sizes = [len(classes) for _, classes, _ in batches.of_epoch(1)]
    assert sizes == [10, 10, 10, 10]
    assert len(batches) == 4


def test_an_epoch_can_be_repeated_alone_and_differs_from_the_next(data: TrainingData) -> None:
    batches = Batches(data.cube, data.train, CONFIG)
    list(batches.of_epoch(1))
    second, third = ([patches for patches, _, _ in batches.of_epoch(epoch)] for epoch in (2, 3))
    alone = [patches for patches, _, _ in Batches(data.cube, data.train, CONFIG).of_epoch(2)]
    assert all(torch.equal(a, b) for a, b in zip(second, alone, strict=True))
    assert not torch.equal(torch.cat(second), torch.cat(third))


def test_patches_are_turned_only_where_that_is_asked_for(data: TrainingData) -> None:
    plain, turned = (
        torch.cat([patches for patches, _, _ in Batches(data.cube, data.train, config).of_epoch(1)])
        for config in (AS_THEY_ARE, CONFIG)
    )
    assert centres(plain) == centres(turned)
    assert not torch.equal(plain, turned)
    # Turning moves pixels about and changes none.
    assert torch.equal(plain.flatten(2).sort().values, turned.flatten(2).sort().values)


@pytest.mark.parametrize("augment", [False, True])
def test_the_global_random_state_is_left_alone(data: TrainingData, augment: bool) -> None:
    before = torch.random.get_rng_state()
    list(Batches(data.cube, data.train, replace(CONFIG, augment=augment)).of_epoch(1))
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("changes", [{"gain": 0.1}, {"noise": 0.05}, {"gain": 0.1, "noise": 0.05}], ids=str)
def test_gain_and_noise_are_added_as_strongly_as_asked_for_and_can_be_repeated(
    data: TrainingData, changes: dict[str, float]
) -> None:
    def epoch(number: int, config: TrainingConfig) -> Tensor:
        return torch.cat([patches for patches, _, _ in Batches(data.cube, data.train, config).of_epoch(number)])

    varied = replace(CONFIG, **changes)
    plain, changed = epoch(2, CONFIG), epoch(2, varied)
    assert torch.equal(changed, epoch(2, varied))
    assert torch.equal(epoch(2, replace(varied, augment=False)), epoch(2, AS_THEY_ARE))
    factors = (changed * plain).flatten(1).sum(1) / plain.square().flatten(1).sum(1)
    rest = changed - factors[:, None, None, None] * plain
    assert factors.std() == pytest.approx(changes.get("gain", 0.0), abs=0.03)
    assert rest.std() == pytest.approx(changes.get("noise", 0.0), rel=0.05, abs=1e-6)


def test_as_many_patches_as_asked_for_lose_their_surround_and_keep_their_centre(data: TrainingData) -> None:
    many = data.train.take(np.tile(np.arange(len(data.train)), 25))
    plain, changed = (
        torch.cat([patches for patches, _, _ in Batches(data.cube, many, config).of_epoch(1)])
        for config in (CONFIG, replace(CONFIG, surround_dropout=0.3))
    )
    assert centres(changed) == centres(plain)
    flat = (changed == changed[:, :, :1, :1]).flatten(1).all(dim=1)
    assert flat.double().mean() == pytest.approx(0.3, abs=0.06)
    assert torch.equal(changed[~flat], plain[~flat])


def test_single_pixels_are_augmented_too(data: TrainingData) -> None:
    spectra = replace(data, cube=data.cube.with_patches(1))
    plain, noisy = (
        torch.cat([patches for patches, _, _ in Batches(spectra.cube, spectra.train, config).of_epoch(1)])
        for config in (CONFIG, replace(CONFIG, noise=0.05))
    )
    assert plain.shape == noisy.shape == (len(data.train), data.cube.n_components, 1, 1)
    assert (noisy - plain).std() == pytest.approx(0.05, rel=0.1)
