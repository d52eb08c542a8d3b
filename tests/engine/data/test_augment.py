"""The eight symmetries of a patch."""

from __future__ import annotations

import torch

from hsi_engine.data.augment import SYMMETRIES, apply_symmetry, random_symmetries


def test_there_are_eight_different_symmetries_and_each_keeps_the_centre() -> None:
    patch = torch.arange(25.0).view(1, 1, 5, 5)
    turned = [apply_symmetry(patch, s) for s in range(SYMMETRIES)]
    assert len({tuple(t.flatten().tolist()) for t in turned}) == 8
    assert all(t[0, 0, 2, 2] == patch[0, 0, 2, 2] for t in turned)


def test_each_patch_is_turned_on_its_own_and_components_together() -> None:
    patches = torch.arange(40 * 3 * 25.0).view(40, 3, 5, 5)
    out = random_symmetries(patches, torch.Generator().manual_seed(1))
    used = set()
    for before, after in zip(patches, out, strict=True):
        matches = [s for s in range(SYMMETRIES) if torch.equal(apply_symmetry(before[None], s)[0], after)]
        assert len(matches) == 1
        used.add(matches[0])
    assert len(used) > 4


def test_the_same_generator_gives_the_same_turns() -> None:
    patches = torch.randn(9, 2, 5, 5)
    first = random_symmetries(patches, torch.Generator().manual_seed(7))
    torch.testing.assert_close(first, random_symmetries(patches, torch.Generator().manual_seed(7)))
