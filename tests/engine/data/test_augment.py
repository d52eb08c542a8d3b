"""The eight symmetries of a patch."""

from __future__ import annotations

import pytest
import torch

from hsi_engine.data.augment import SYMMETRIES, apply_symmetries, symmetry_table


def test_there_are_eight_different_symmetries_and_each_keeps_the_centre() -> None:
    patch = torch.arange(25.0).view(1, 1, 5, 5).expand(SYMMETRIES, 1, 5, 5)
    turned = apply_symmetries(patch, torch.arange(SYMMETRIES), symmetry_table(5))
    assert len({tuple(t.flatten().tolist()) for t in turned}) == 8
    assert (turned[:, 0, 2, 2] == 12).all()


@pytest.mark.parametrize("symmetry", range(SYMMETRIES))
def test_pixels_that_touch_still_touch(symmetry: int) -> None:
    table = symmetry_table(7)[symmetry].view(7, 7)
    rows, cols = table // 7, table % 7
    for axis in (0, 1):
        steps = rows.diff(dim=axis).abs() + cols.diff(dim=axis).abs()
        assert (steps == 1).all()


def test_each_patch_is_turned_on_its_own_and_components_together() -> None:
    patches = torch.arange(40 * 3 * 25.0).view(40, 3, 5, 5)
    symmetries = torch.randint(SYMMETRIES, (40,), generator=torch.Generator().manual_seed(1))
    out = apply_symmetries(patches, symmetries, symmetry_table(5))
    for before, after, symmetry in zip(patches, out, symmetries.tolist(), strict=True):
        flipped = before.flip(2) if symmetry >= 4 else before
        assert torch.equal(after, torch.rot90(flipped, symmetry % 4, (1, 2)))
