"""The head on all windows gives what it gives on each, whichever way is taken."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from hsi_engine.models.networks import window_layers
from hsi_engine.models.networks.heads import FlattenHead, PixelHead
from hsi_engine.models.networks.overlap_save import OverlapSave, SquareSize, choose_square
from hsi_engine.models.networks.window_layers import SpectralWindows, SqueezeExcitation

CHANNELS, WIDTH, CLASSES = 6, 20, 5


def head_of(window: int, *, gated: bool = False) -> FlattenHead:
    torch.manual_seed(window)
    head = FlattenHead(
        channels=CHANNELS,
        window=window,
        hidden=[WIDTH, 8],
        n_classes=CLASSES,
        dropout=0.5,
        gate=SqueezeExcitation(CHANNELS, reduction=2) if gated else None,
    )
    return head.eval()


def positive_features(rows: int, cols: int) -> Tensor:
    """As after a ReLU: a large mean, which a transform has to carry without losing the rest."""
    return 3 + torch.rand(rows, cols, CHANNELS, generator=torch.Generator().manual_seed(rows))


def window_by_window(head: FlattenHead, features: Tensor) -> Tensor:
    windows = features.unfold(0, head.window, 1).unfold(1, head.window, 1)
    rows, cols = windows.shape[:2]
    return head(windows.flatten(0, 1)).T.reshape(-1, rows, cols)


@settings(deadline=None, max_examples=30)
@given(
    window=st.integers(1, 9),
    extra=st.integers(1, 7),
    rows=st.integers(1, 40),
    cols=st.integers(1, 40),
)
def test_overlap_save_is_the_correlation(window: int, extra: int, rows: int, cols: int) -> None:
    generator = torch.Generator().manual_seed(rows)
    size = SquareSize(square=2 * ((window + 1) // 2 + extra), window=window)
    weight = torch.randn(WIDTH, CHANNELS, window, window, generator=generator)
    bias = torch.randn(WIDTH, generator=generator)
    features = torch.randn(rows + window - 1, cols + window - 1, CHANNELS, generator=generator)
    layer = OverlapSave(weight, bias, size)
    out = torch.cat([layer(group) for group in layer.squares(features)], dim=2)
    down, across = size.squares((rows, cols))
    image = out.view(size.step, size.step, down, across, WIDTH).permute(4, 2, 1, 3, 0)
    image = image.reshape(WIDTH, down * size.step, across * size.step)[:, :rows, :cols]
    expected = functional.conv2d(features.permute(2, 0, 1)[None].double(), weight.double(), bias.double())[0]
    torch.testing.assert_close(image.double(), expected, rtol=0, atol=5e-5)


def test_many_squares_are_worked_off_in_groups() -> None:
    layer = OverlapSave(torch.randn(4, 64, 5, 5), torch.zeros(4), SquareSize(square=16, window=5))
    features = torch.randn(500, 700, 64)
    groups = layer.squares(features)
    down, across = layer.size.squares(layer.windows(features))
    assert len(groups) > 1
    assert sum(group.shape[2] for group in groups) == down * across


@pytest.mark.parametrize("gated", [False, True], ids=["plain", "gated"])
@pytest.mark.parametrize("window", [1, 5, 11])
@pytest.mark.parametrize("tile_shape", [(1, 1), (300, 300)], ids=["for a pixel", "for large tiles"])
def test_every_way_gives_what_the_head_gives_on_each_window(
    window: int, gated: bool, tile_shape: tuple[int, int]
) -> None:
    head = head_of(window, gated=gated)
    features = positive_features(window + 30, window + 22)
    with torch.inference_mode():
        logits = head.on_windows(tile_shape)(features)
        expected = window_by_window(head, features)
    assert logits.shape == (CLASSES, 31, 23)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


def test_the_way_is_chosen_by_what_it_costs() -> None:
    head = FlattenHead(channels=64, window=17, hidden=[256], n_classes=3, dropout=0.0)
    assert isinstance(head.on_windows((256, 256)), SpectralWindows)
    assert not isinstance(head.on_windows((1, 1)), SpectralWindows)


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_head_of_single_pixels_gives_what_it_gives_on_each(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    torch.manual_seed(0)
    layers = torch.nn.Sequential(torch.nn.Linear(CHANNELS, WIDTH), torch.nn.ReLU(), torch.nn.Linear(WIDTH, CLASSES))
    head = PixelHead(channels=CHANNELS, layers=layers, macs_px=CHANNELS * WIDTH + WIDTH * CLASSES)
    features = positive_features(rows, 22)
    monkeypatch.setattr(window_layers, "_CHUNK_BYTES", 7 * 22 * CHANNELS * 4)  # seven rows at once
    with torch.inference_mode():
        logits = head.on_windows((rows, 22))(features)
        expected = head(features.reshape(-1, CHANNELS, 1, 1)).T.reshape(CLASSES, rows, 22)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-5)


def test_large_windows_are_transformed_and_small_ones_are_not() -> None:
    large = choose_square(window=17, channels=64, width=256, shape=(256, 256))
    assert large is not None
    assert large.square > 2 * 17
    assert choose_square(window=1, channels=64, width=256, shape=(256, 256)) is None


def test_a_single_window_is_not_worth_a_transform() -> None:
    assert choose_square(window=17, channels=64, width=256, shape=(1, 1)) is None


def test_the_size_follows_the_tile_so_that_little_is_wasted() -> None:
    size = choose_square(window=17, channels=64, width=256, shape=(145, 145))
    assert size is not None
    down, across = size.squares((145, 145))
    assert down * across * size.step**2 < 1.2 * 145**2


def test_the_spectrum_of_a_wide_layer_stays_within_its_bytes() -> None:
    narrow = choose_square(window=17, channels=64, width=256, shape=(2000, 2000))
    wide = choose_square(window=17, channels=64, width=512, shape=(2000, 2000))
    assert narrow is not None
    assert wide is not None
    for size, width in ((narrow, 256), (wide, 512)):
        assert size.square * size.frequencies * 64 * width * 8 <= 2**28
    assert wide.square < narrow.square
