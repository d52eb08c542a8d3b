"""Logits of chosen pixels: the same whether they are computed densely or patch by patch, in the order asked for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import torch

from hsi_engine.data.reduced_cube import ReducedCube
from hsi_engine.errors import Cancelled
from hsi_engine.inference import at_pixels
from hsi_engine.inference.at_pixels import logits_at
from hsi_engine.inference.dense import DenseNetwork
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.pixels.window import Window

COMPONENTS, PATCH, SHAPE = 13, 9, (30, 140)


@pytest.fixture
def network() -> PatchNetwork:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return registry.build("hybridsn", {"batch_norm": True}, COMPONENTS, PATCH, 4).eval()


@pytest.fixture
def cube() -> ReducedCube:
    cube = ReducedCube.empty(COMPONENTS, SHAPE, PATCH)
    components = np.random.default_rng(0).normal(size=(COMPONENTS, *SHAPE)).astype(np.float32)
    cube.fill(Window.of_shape(SHAPE), components)
    return cube


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[DenseNetwork]:
    """The dense networks that were prepared."""
    made: list[DenseNetwork] = []

    class Noted(DenseNetwork):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(at_pixels, "DenseNetwork", Noted)
    return made


def expected(
    network: PatchNetwork, cube: ReducedCube, rows: npt.NDArray[np.int64], cols: npt.NDArray[np.int64]
) -> torch.Tensor:
    with torch.no_grad():
        return network(cube.gather(torch.from_numpy(rows), torch.from_numpy(cols)))


def test_many_pixels_are_predicted_densely_by_a_network_that_is_prepared_once(
    network: PatchNetwork, cube: ReducedCube, prepared: list[DenseNetwork]
) -> None:
    chosen = np.random.default_rng(1).permutation(SHAPE[0] * SHAPE[1])[:3000]
    rows, cols = (a.ravel()[chosen] for a in np.indices(SHAPE))
    torch.testing.assert_close(
        logits_at(network, cube, rows, cols), expected(network, cube, rows, cols), rtol=0, atol=1e-4
    )
    assert len(prepared) == 1  # for two tiles


def test_few_scattered_pixels_are_predicted_patch_by_patch(
    network: PatchNetwork, cube: ReducedCube, prepared: list[DenseNetwork]
) -> None:
    rows, cols = np.array([29, 0, 15, 3]), np.array([139, 0, 7, 100])
    torch.testing.assert_close(
        logits_at(network, cube, rows, cols), expected(network, cube, rows, cols), rtol=0, atol=1e-5
    )
    assert not prepared


def test_cancel_is_heard_between_tiles(network: PatchNetwork, cube: ReducedCube) -> None:
    def cancelled() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        logits_at(network, cube, np.array([1]), np.array([1]), cancelled)
