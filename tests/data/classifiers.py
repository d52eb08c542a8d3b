"""Every registered architecture in every variant, with weights as a training leaves them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from hsi_engine.models import registry
from hsi_engine.models.architectures.architecture import Architecture
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.training.estimators import SpectrumSamples

# Edges of the patches at which architectures are tested, where the smallest two are not enough.
PATCHES = {"hybridsn": (9, 13), "spectral_cnn": (1, 3, 5, 9), "spectralformer": (3, 7), "two_sources": (1, 5)}
# Channels of the tests; an architecture that needs more gets what it needs.
_COMPONENTS = 15
# Small ones; the numbers that a fit finds out follow from it.
_OPTIONS: dict[str, dict[str, Any]] = {
    "random_forest": {"trees": 7},
    "svm": {"regularisation": 10.0, "gamma": 1.0},
}


def cases() -> list[Any]:
    """(name, options, patch size) of all architectures and variants, with names for pytest."""
    return [
        pytest.param(architecture.name, dict(options), patch, id=f"{architecture.name}-{variant}-{patch}px")
        for architecture in registry.architectures().values()
        for variant, options in architecture.variants.items()
        for patch in patches_of(architecture)
    ]


def patches_of(architecture: Architecture) -> tuple[int, ...]:
    """Edges of the patches at which an architecture is tested."""
    if architecture.fit is not None:
        return (1,)
    smallest = architecture.patch_sizes[0]
    return PATCHES.get(architecture.name, (smallest, smallest + 2))


def components_of(name: str) -> int:
    """Channels with which an architecture is tested."""
    return max(_COMPONENTS, registry.get(name).least_components)


def trained(
    name: str, options: dict[str, Any], *, n_components: int, patch_size: int, n_classes: int
) -> tuple[PatchNetwork, dict[str, Any]]:
    """A classifier in eval mode, and its options with what a fit found out.

    A network has batch statistics other than the initial ones; a classifier of spectra is fitted to noisy clusters.
    """
    architecture = registry.get(name)
    if architecture.fit is None:
        with torch.random.fork_rng():
            torch.manual_seed(3)
            network = registry.build(name, options, n_components, patch_size, n_classes).train()
            for _ in range(3):
                network(3 * torch.randn(8, n_components, patch_size, patch_size) + 1)
        return network.eval(), options
    samples = clusters(20 * n_classes, n_components, n_classes, seed=3)
    parsed = registry.parse_options(name, _OPTIONS.get(name, options))
    found, state = registry.load(architecture.fit)(samples, parsed)
    network = registry.build(name, found, n_components, patch_size, n_classes)
    network.load_state_dict(state)
    return network.eval(), found


def clusters(
    n: int, channels: int, n_classes: int, *, seed: int = 0, spread: float = 1.0, missing: tuple[int, ...] = ()
) -> SpectrumSamples:
    """Spectra around one centre per class, so close that some are confused; ``missing`` classes have none."""
    centres = 0.8 * np.random.default_rng(7).normal(size=(n_classes, channels))
    rng = np.random.default_rng(seed)
    classes = rng.permutation(np.resize([c for c in range(n_classes) if c not in missing], n))
    spectra = centres[classes] + spread * rng.normal(size=(n, channels))
    return SpectrumSamples(
        spectra=spectra.astype(np.float32),
        classes=classes.astype(np.int64),
        units=np.arange(n) // 5,
        n_classes=n_classes,
        seed=0,
    )
