"""Denoising as the first step of a training: the denoiser, fitted to the scene or read from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np

from ...bundle.denoiser import Denoiser, DenoisingStep
from ...bundle.denoiser_file import read_denoiser
from ...errors import MismatchError
from ...inference.denoising.denoised_reader import DenoisedReader
from ...io.scenes.output.stored_numbers import StoredNumbers
from ...io.scenes.scene import SceneReader, UsableBands
from ...io.scenes.spectral_sample import sample_spectra
from ...pixels.window import Window
from ...preprocess.scale_check import scale_warning
from ...reporting import Reporter
from ...runtime.device import resolve_device
from ...training.denoiser.fit import fit_denoiser
from ...training.denoiser.settings import DenoiserSettings
from .notes import Notes


class DenoiserChoice(Protocol):
    """Parameters that say whether a scene is denoised first, and by what."""

    @property
    def denoise(self) -> bool: ...

    @property
    def denoiser(self) -> Path | None: ...

    @property
    def seed(self) -> int: ...

    @property
    def device(self) -> str: ...


def find_denoiser(
    params: DenoiserChoice, reader: SceneReader, usable: UsableBands, notes: Notes, reporter: Reporter
) -> DenoisingStep | None:
    """The denoiser for the usable bands of a scene, never for those of a second raster; None if nothing is denoised.

    Raises
    ------
    BundleError : the denoiser file cannot be read.
    MismatchError : it was fitted to bands that are not used, or to another unit.
    SceneError : the scene has too few bands or pixels to tell noise from signal.
    """
    own = tuple(band for band in usable.indices if band < len(reader.scene.bands) - reader.scene.second_bands)
    if params.denoiser is not None:
        given = read_denoiser(params.denoiser)
        positions = tuple(given.bands.match(reader.scene.bands.select(own)))
        require_unit(given, reader, [own[position] for position in positions], reporter)
        found, source = given, params.denoiser.name
    elif params.denoise:
        stored = reader.scene if reader.scene.second is None else reader.scene.second.first
        found, bands = fit_denoiser(
            reader,
            own,
            DenoiserSettings(seed=params.seed),
            rounding=StoredNumbers(stored, own, None).rounding_variance,
            device=resolve_device(params.device),
            reporter=reporter,
        )
        positions, source = tuple(own.index(band) for band in bands), "scene"
    else:
        return None
    how = "fitted to this scene" if source == "scene" else f"from {source}"
    notes.add(
        f"The scene is denoised first, in {len(positions)} of {len(own)} bands, by a denoiser {how} with"
        f" {found.subspace.n_components} components of signal. Maps with this model denoise their scene in the same way."
    )
    return DenoisingStep(denoiser=replace(found, training={**found.training, "source": source}), positions=positions)


def denoised_for(
    params: DenoiserChoice, reader: SceneReader, usable: UsableBands, step: DenoisingStep
) -> DenoisedReader:
    """The scene without noise, for training."""
    bands = [usable.indices[position] for position in step.positions]
    return DenoisedReader(reader, step.denoiser, bands, resolve_device(params.device))


def require_unit(denoiser: Denoiser, reader: SceneReader, bands: Sequence[int], reporter: Reporter) -> None:
    """Raise MismatchError if the values of the scene are of another unit than those of the denoiser."""
    everywhere = Window.of_shape(reader.scene.grid.shape)
    sample = sample_spectra(reader, everywhere, tuple(bands), check_cancelled=reporter.check_cancelled).spectra
    if sample.size and scale_warning(denoiser.subspace.mean, sample.mean(axis=1)):
        found, known = float(np.abs(sample.mean(axis=1)).mean()), float(np.abs(denoiser.subspace.mean).mean())
        raise MismatchError(
            f"The values of {reader.scene.path} are of another unit than those the denoiser was trained on: their mean"
            f" is {found:.4g}, expected about {known:.4g}.",
            code="unit",
            hint="Use a scene of the same processing level and scale, or train a denoiser on this scene.",
        )
