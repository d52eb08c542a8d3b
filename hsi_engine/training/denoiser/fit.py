"""Fitting a denoiser to a scene, from the scene alone.

Once the bands are divided by their noise, the components that hold signal have noise of variance 1. The mean squared error
of any filter on them can then be known without the truth: Stein's unbiased risk estimate. It is minimised first in closed
form over linear filters, then by the network over what it adds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import torch

from ...bundle.denoiser import Denoiser
from ...errors import SceneError
from ...io.scenes.scene import SceneReader
from ...models.networks.residual_denoiser import ResidualDenoiser
from ...preprocess.covariance import StreamedCovariance
from ...preprocess.fitting import spread_windows
from ...preprocess.noise import SignalSubspace, require_bands, signal_subspace_of, varying_bands
from ...reporting import PhaseReporter, Reporter, TimedReporter
from ...runtime.seeds import child_seed
from .linear import linear_filter
from .loop import train_stack
from .settings import DenoiserSettings
from .squares import read_squares

_COVARIANCE_PX = 1_000_000
_BLOCK_PX = 65_536


def fit_denoiser(
    reader: SceneReader,
    bands: Sequence[int],
    settings: DenoiserSettings,
    *,
    rounding: npt.NDArray[np.float64],
    device: torch.device,
    reporter: Reporter,
) -> tuple[Denoiser, tuple[int, ...]]:
    """Fit a denoiser to a scene; the same settings give the same one on the same machine.

    Returns it, and the bands of the scene that are its own: those that vary.

    Parameters
    ----------
    bands : 0-based, to be denoised; each holds data.
    rounding : variance that the number format adds to each of them, (bands,).

    Raises
    ------
    SceneError : too few bands or pixels, no variance, or nothing but noise.
    TrainingError : the loss is not finite.
    """
    require_bands(len(bands))
    sums = _covariance(reader, bands, PhaseReporter(reporter, 0.0, 0.2))
    if sums.pixels < 2:
        raise SceneError(
            f"No two pixels of the scene hold data in all {len(bands)} bands that are to be denoised.",
            code="too_few_pixels",
            hint="Leave out bands that lack data in many pixels.",
        )
    kept = varying_bands(sums.mean, sums.covariance)
    bands = tuple(bands[position] for position in kept)
    covariance = sums.covariance[np.ix_(kept, kept)]
    subspace = signal_subspace_of(sums.mean[kept], covariance, sums.pixels, rounding[kept])
    network = _new_network(subspace, settings)
    squares = read_squares(reader, bands, subspace, network.margin_px, PhaseReporter(reporter, 0.2, 0.3))
    network.linear.weight.data = linear_filter(squares, network.margin_px, reporter)
    network.linear.requires_grad_(requires_grad=False)
    losses = train_stack(network.to(device), squares, settings, PhaseReporter(reporter, 0.3, 1.0))
    denoiser = Denoiser(
        bands=reader.scene.bands.select(bands),
        subspace=subspace,
        layers=settings.layers,
        width=settings.width,
        weights={name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()},
        training={**asdict(settings), **losses},
    )
    return denoiser, bands


def _covariance(reader: SceneReader, bands: Sequence[int], reporter: Reporter) -> StreamedCovariance:
    sums = StreamedCovariance(len(bands))
    timed = TimedReporter(reporter)
    for windows in spread_windows(reader, _BLOCK_PX, _COVARIANCE_PX):
        done, every = 0, sum(window.height * window.width for window in windows)
        for window in windows:
            reporter.check_cancelled()
            block = reader.read(window, bands)
            sums.add(block.data[:, block.valid].T)
            done += block.valid.size
            timed.progress(done / every, f"Estimating noise: {done:,} of {every:,} pixels read")
        if sums.pixels > _COVARIANCE_PX // 10:
            break
    return sums


def _new_network(subspace: SignalSubspace, settings: DenoiserSettings) -> ResidualDenoiser:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(child_seed(settings.seed, "denoiser", "weights"))
        network = ResidualDenoiser(components=subspace.n_components, layers=settings.layers, width=settings.width)
    # The root of the deviation: strong components do not drown the weak ones, weak ones are not blown up.
    network.scale.copy_(torch.from_numpy(subspace.variances**0.25))
    return network
