"""What convolution buys: networks on patches whose pixels are exchanged.

``python -m benchmarks.shuffled_pixels`` trains networks on 10 % of the labelled pixels of Indian Pines, drawn at random, and prints JSON:
the overall accuracy of each network and seed with patches as they are, with the pixels of all patches exchanged in the same order, and with
those of each patch in a different order each. The same order leaves all of the information, but no neighbours; a different
order for each leaves the spectra of the patch without their places. A fully connected network does not care about the same order; what a network
of convolutions loses by it, is what it had from the shapes in the patch.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest.mock import patch

import torch
from torch import Tensor, nn

from benchmarks.honest import say
from benchmarks.honest_runs import run_on_split
from benchmarks.models import scenes_of
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork

NETWORKS = ("mlp", "lenet", "cnn_2d", "vgg")
Order = Literal["none", "same", "own"]
ORDERS: tuple[Order, ...] = ("none", "same", "own")


class ShuffledPixels(nn.Module):
    """Exchanges the pixels of patches, float (n, components, p, p), all bands of a pixel together.

    Parameters
    ----------
    order : of ``p·p`` indices, for all patches; None: a random one for each patch and each call.
    """

    def __init__(self, order: Tensor | None) -> None:
        super().__init__()
        self.register_buffer("order", order, persistent=False)

    def forward(self, patches: Tensor) -> Tensor:
        flat = patches.flatten(2)
        order = self.order
        if order is None:
            order = torch.rand(len(flat), 1, flat.shape[2], device=flat.device).argsort(dim=2).expand_as(flat)
            return flat.gather(2, order).view_as(patches)
        return flat[:, :, order].view_as(patches)


@contextmanager
def shuffling(order: Order) -> Iterator[None]:
    """Networks that are built meanwhile see exchanged pixels."""
    build = registry.build

    def shuffled(
        name: str, options: dict[str, Any], n_components: int, patch_size: int, n_classes: int
    ) -> PatchNetwork:
        network = build(name, options, n_components, patch_size, n_classes)
        same = torch.randperm(patch_size**2, generator=torch.Generator().manual_seed(0)) if order == "same" else None
        network.features = nn.Sequential(ShuffledPixels(same), network.features)
        network.dense = False  # a tile has no patches whose pixels could be exchanged
        return network

    if order == "none":
        yield
        return
    with patch.object(registry, "build", shuffled):
        yield


def accuracies(name: str, order: Order, seeds: int) -> list[float]:
    """Overall accuracy of each seed, in percent."""
    found = []
    for seed in range(seeds):
        (scene,) = scenes_of(["random"], [name], [seed], "cpu")
        if scene.split is None:
            raise ValueError(f"Scene {scene.name} has folds, not a split.")
        with shuffling(order):
            outcome = run_on_split(scene.place, scene.split(scene.place, seed), scene.place.method(name), seed)
        reference, predicted, _ = outcome.samples
        found.append(round(100 * float((reference == predicted).mean()), 2))
        say(f"{name}, order {order}, seed {seed}: {found[-1]} % in {outcome.seconds:.0f} s")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, metavar="NAME")
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    found = {name: {order: accuracies(name, order, chosen.seeds) for order in ORDERS} for name in chosen.networks}
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
