"""Every network of the family against the layers of its paper, counted by hand, and the shapes of its features."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import torch

from hsi_engine.errors import ParameterError
from hsi_engine.models import registry

CLASSES = 16


def conv(before: int, after: int, *kernel: int, groups: int = 1, bias: bool = True) -> int:
    taps = 1
    for edge in kernel:
        taps *= edge
    return before // groups * after * taps + (after if bias else 0)


def linear(*widths: int) -> int:
    return sum(before * after + after for before, after in itertools.pairwise(widths))


def normed(before: int, after: int, *kernel: int, groups: int = 1) -> int:
    """A convolution without bias, and the scale and shift of a batch normalisation."""
    return conv(before, after, *kernel, groups=groups, bias=False) + 2 * after


def hybrid_front(components: int) -> int:
    """8@7×3×3, 16@5×3×3, 32@3×3×3, then 64@3×3 on what is left of the spectrum."""
    left = components - 12
    return normed(1, 8, 7, 3, 3) + normed(8, 16, 5, 3, 3) + normed(16, 32, 3, 3, 3) + normed(32 * left, 64, 3, 3)


def makantasis(c: int = 30) -> int:
    return conv(c, 3 * c, 3, 3) + conv(3 * c, 9 * c, 3, 3) + linear(9 * c, 6 * c, CLASSES)


def ben_hamida(bands: int = 200) -> int:
    depth = bands - 2  # 20@3×3×3
    depth = (depth - 1) // 2 + 1  # stride 2, padded
    depth = (depth - 1) // 2 + 1
    depth = depth // 2 + 1  # kernel 2, stride 2, padded by 1 on both sides
    layers = conv(1, 20, 3, 3, 3) + conv(20, 20, 3) + conv(20, 35, 3, 3, 3) + conv(35, 35, 3)
    return layers + conv(35, 35, 3) + conv(35, 35, 2) + linear(35 * depth, CLASSES)


def multi_scale_3d(bands: int = 200) -> int:
    depth = (bands - 11) // 3 + 1
    depth = (depth - 2 - 3) // 3 + 1
    block = sum(conv(16, 16, length) for length in (1, 3, 5, 11))
    return conv(1, 16, 11, 3, 3) + 2 * block + conv(16, 16, 3, 2, 2) + linear(16 * depth * 2 * 2, CLASSES)


def zhong(bands: int = 200) -> int:
    depth = (bands - 7) // 2 + 1
    spectral = normed(1, 24, 7) + 4 * normed(24, 24, 7) + normed(24, 128, depth)
    return spectral + normed(128, 24, 3, 3) + 4 * normed(24, 24, 3, 3) + linear(24, CLASSES)


def transformer(channels: int, hidden: int) -> int:
    attention = 2 * channels + 3 * channels * channels + linear(channels, channels)
    return attention + 2 * channels + linear(channels, hidden, channels)


def ssftt(c: int = 30) -> int:
    convolutions = conv(1, 8, 3, 3, 3) + 2 * 8 + conv(8 * (c - 2), 64, 3, 3) + 2 * 64
    tokens = 4 * 64 + 64 * 64 + 64 + 5 * 64
    return convolutions + tokens + transformer(64, 8) + linear(64, CLASSES)


def spectralformer(bands: int = 200) -> int:
    tokens = linear(3 * 7 * 7, 64) + 64 + (bands + 1) * 64
    return tokens + 5 * transformer(64, 8) + 3 * 2 + 2 * 64 + linear(64, CLASSES)


def last_layers(channels: int) -> int:
    return linear(channels, 256, 128, CLASSES)


def separable(c: int = 20) -> int:
    left = 32 * (c - 12)
    spectral = normed(1, 8, 7, 3, 3) + normed(8, 8, 5, 3, 3, groups=8) + normed(8, 16, 1)
    spectral += normed(16, 16, 3, 3, 3, groups=16) + normed(16, 32, 1)
    spatial = normed(left, left, 3, 3, groups=left) + normed(left, 64, 1)
    return spectral + spatial + normed(64, 256, 7, 7, groups=64) + linear(256, 128, CLASSES)


def inverted_residual(c: int, wide: int) -> int:
    return normed(c, wide, 1) + normed(wide, wide, 3, 3, groups=wide) + normed(wide, c, 1)


def res2net(scales: int = 3) -> int:
    wide = 24 * scales
    block = normed(64, wide, 1) + (scales - 1) * normed(24, 24, 3, 3) + normed(wide, 64, 1)
    return hybrid_front(20) + block + last_layers(64 * (7 - 2 * (scales - 1)) ** 2)


def inception(c: int = 20) -> int:
    def block(before: int, one: int, r3: int, three: int, r5: int, five: int, pooled: int) -> int:
        branches = normed(before, one, 1) + normed(before, r3, 1) + normed(r3, three, 3, 3)
        return branches + normed(before, r5, 1) + normed(r5, five, 5, 5) + normed(before, pooled, 1)

    blocks = block(32, 16, 24, 32, 4, 8, 8) + block(64, 24, 32, 48, 8, 16, 8)
    return normed(c, 32, 3, 3) + blocks + linear(96, CLASSES)


def resnet(c: int = 20) -> int:
    def block(before: int, after: int) -> int:
        body = normed(before, after, 3, 3) + normed(after, after, 3, 3)
        return body + (0 if before == after else normed(before, after, 1))

    return normed(c, 32, 3, 3) + block(32, 32) + block(32, 64) + block(64, 64) + linear(64, CLASSES)


def alexnet(c: int, first: int, groups: int, rows: int) -> int:
    layers = conv(c, 48, first, first) + conv(48, 96, 3, 3, groups=groups) + conv(96, 128, 3, 3)
    return layers + conv(128, 96, 3, 3, groups=groups) + linear(96 * rows * rows, 256, 256, CLASSES)


def strips() -> int:
    return 2 * normed(64, 64, 3) + conv(64, 64, 1)


def expectation_maximisation(nodes: int = 16) -> int:
    return conv(64, 64, 1) + 64 * nodes + normed(64, 64, 1)


def two_sources(c: int = 200, bands: int = 1) -> int:
    """5×5 px: the spectral-first network and a small one, each with a last layer of 64; two shared linear layers."""
    scene = normed(c - bands, 64, 1) + normed(64, 64, 1) + 2 * normed(64, 64, 3, 3) + conv(128, 64, 1)
    second = normed(bands, 32, 1) + normed(bands, 32, 3, 3) + normed(32, 32, 3, 3) + conv(64, 64, 1)
    return scene + second + linear(64, 64, CLASSES)


EXPECTED: dict[str, tuple[int, int, dict[str, Any], Callable[[], int]]] = {
    "cnn_2d": (30, 5, {}, makantasis),
    "cnn_3d": (200, 5, {}, ben_hamida),
    "m3d_cnn": (200, 7, {}, multi_scale_3d),
    "ssrn": (200, 7, {}, zhong),
    "ssftt": (30, 13, {}, ssftt),
    "spectralformer": (200, 7, {}, spectralformer),
    "hybridsn_separable": (20, 15, {}, separable),
    "hybridsn_mobilenet_v2": (
        20,
        15,
        {},
        lambda: hybrid_front(20) + 2 * inverted_residual(64, 256) + last_layers(64 * 9),
    ),
    "hybridsn_mobilenet_v3": (
        20,
        15,
        {},
        lambda: hybrid_front(20) + 2 * (inverted_residual(64, 256) + linear(256, 64, 256)) + last_layers(64 * 9),
    ),
    "hybridsn_se_resnet": (
        20,
        15,
        {},
        lambda: hybrid_front(20) + 2 * normed(64, 64, 3, 3) + linear(64, 4, 64) + last_layers(64 * 9),
    ),
    "hybridsn_res2net": (20, 15, {}, res2net),
    "hybridsn_strip_pooling": (20, 15, {}, lambda: hybrid_front(20) + strips() + last_layers(64 * 49)),
    "hybridsn_attention": (
        20,
        15,
        {},
        lambda: hybrid_front(20) + expectation_maximisation() + last_layers(64 * 49),
    ),
    "mlp": (20, 9, {}, lambda: last_layers(20 * 81)),
    # 11 px: 9, 4, 2, 1 with one row left over.
    "lenet": (20, 11, {"width": 1}, lambda: conv(20, 6, 3, 3) + conv(6, 16, 3, 3) + linear(16, 120, 84, CLASSES)),
    "alexnet": (20, 21, {}, lambda: alexnet(20, 7, 2, 1)),
    "zfnet": (20, 19, {}, lambda: alexnet(20, 5, 1, 1)),
    "vgg": (
        20,
        15,
        {"batch_norm": False},
        lambda: (
            conv(20, 32, 3, 3)
            + conv(32, 32, 3, 3)
            + conv(32, 64, 3, 3)
            + conv(64, 64, 3, 3)
            + linear(64, 256, 256, CLASSES)
        ),
    ),
    "inception": (20, 15, {}, inception),
    "resnet": (20, 15, {}, resnet),
    "two_sources": (200, 5, {}, two_sources),
}


def parameters(name: str, components: int, patch: int, options: dict[str, Any]) -> int:
    return sum(p.numel() for p in registry.build(name, options, components, patch, CLASSES).parameters())


@pytest.mark.parametrize("name", EXPECTED)
def test_the_parameters_are_those_of_the_layers(name: str) -> None:
    components, patch, options, counted = EXPECTED[name]
    assert parameters(name, components, patch, options) == counted()


def test_every_network_of_patches_is_counted() -> None:
    networks = {name for name, known in registry.architectures().items() if known.fit is None}
    assert networks - set(EXPECTED) == {"hybridsn", "spectral_cnn"}


def test_ssrn_has_the_published_number_of_parameters_but_for_biases_that_a_normalisation_makes_needless() -> None:
    # 364,168 for Indian Pines with a bias for each convolution: five of 24 channels along the spectrum, one of 128, five of 24 in space.
    assert zhong() + 24 * 5 + 128 + 24 * 5 == 364_168


SHAPES = [  # name, components, patch, features of a patch, features without stride
    ("cnn_2d", 30, 5, (270, 1, 1), (270, 1, 1)),
    ("cnn_3d", 200, 5, (35 * 26, 1, 1), (35 * 26, 1, 1)),
    ("m3d_cnn", 200, 7, (16 * 20, 2, 2), (16 * 20, 3, 3)),
    ("ssrn", 200, 7, (24, 5, 5), (24, 5, 5)),
    ("ssftt", 30, 13, (64, 9, 9), (64, 9, 9)),
    ("lenet", 20, 15, (64, 2, 2), (64, 6, 6)),
    ("alexnet", 20, 25, (96, 3, 3), (96, 5, 5)),
    ("vgg", 20, 19, (64, 3, 3), (64, 6, 6)),
    ("inception", 20, 15, (96, 5, 5), (96, 5, 5)),
    ("resnet", 20, 17, (64, 3, 3), (64, 3, 3)),
    ("two_sources", 200, 5, (128, 1, 1), (128, 1, 1)),
]


@pytest.mark.parametrize(("name", "components", "patch", "on_patch", "on_tile"), SHAPES, ids=[s[0] for s in SHAPES])
def test_features_have_the_shapes_of_the_paper(
    name: str, components: int, patch: int, on_patch: tuple[int, ...], on_tile: tuple[int, ...]
) -> None:
    network = registry.build(name, {}, components, patch, CLASSES).eval()
    with torch.inference_mode():
        assert network.features(torch.zeros(2, components, patch, patch)).shape == (2, *on_patch)
        assert network.tile_features()(torch.zeros(2, components, patch, patch)).shape == (2, *on_tile)


@pytest.mark.parametrize(
    ("name", "groups", "says"),
    [
        (
            "alexnet",
            5,
            "cannot have 5 groups.*48, 96, 128, 96 channels, and 48 cannot be divided by 5.*1, 2, 4, 8 or 16",
        ),
        ("hybridsn", 16, "cannot have 16 groups.*8, 16, 32, 64 channels, and 8 cannot be divided by 16.*1, 2, 4 or 8"),
    ],
)
def test_groups_that_do_not_divide_are_refused_with_those_that_do(name: str, groups: int, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        registry.build(name, {"groups": groups}, 20, 21, 3)


@pytest.mark.parametrize(
    ("name", "components", "says"),
    [
        ("cnn_3d", 9, "at least 10 bands or components.*found 9"),
        ("m3d_cnn", 22, "at least 23 bands or components.*found 22"),
        ("ssrn", 6, "at least 7 bands or components.*found 6"),
        ("hybridsn_separable", 12, "at least 13 components.*found 12"),
        ("hybridsn_attention", 12, "at least 13 components.*found 12"),
    ],
)
def test_too_few_channels_are_refused_with_what_is_needed(name: str, components: int, says: str) -> None:
    with pytest.raises(ParameterError, match=says):
        registry.build(name, {}, components, registry.get(name).suggested["patch_size"], 3)


@pytest.mark.parametrize("name", [name for name, known in registry.architectures().items() if known.fit is None])
def test_the_number_of_parameters_that_the_registry_states_is_true(name: str) -> None:
    architecture = registry.get(name)
    components = architecture.suggested.get("components", 200)
    counted = parameters(name, components, architecture.suggested["patch_size"], {})
    assert counted == architecture.parameters
