"""Denoising a scene: find its noise, train on it or read a denoiser, write block by block."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from ...bundle.denoiser import Denoiser
from ...bundle.denoiser_file import read_denoiser, write_denoiser
from ...errors import ParameterError
from ...inference.denoising.window_denoiser import WindowDenoiser
from ...io.files.outputs import StagedOutputs
from ...io.scenes.metadata.acquisition import acquisition_of
from ...io.scenes.output.copy_nodata import nodata_of_copy
from ...io.scenes.output.scene_writer import SceneWriter
from ...io.scenes.output.stored_numbers import StoredNumbers
from ...io.scenes.scene import Scene, SceneReader, open_scene
from ...io.scenes.undeclared_fill import undeclared_fill
from ...phrases import counted
from ...reporting import PhaseReporter, Reporter
from ...runtime.device import Device, describe_device, resolve_device
from ...spectrum.bands import named_bands
from ...training.denoiser.fit import fit_denoiser
from ...training.denoiser.settings import DenoiserSettings
from ...version import VERSION
from ..definition.output_check import check_scene_is_kept
from ..definition.scene_input import scene_reading
from ..parts.denoising import require_unit
from ..parts.notes import Notes
from ..parts.scene_preprocessing import choose_bands
from .operation import DenoisedBand, DenoiseSceneParams, DenoiseSceneResult
from .pipeline import Counts, DenoisingPipeline

_CHOSEN, _FITTED, _WRITTEN = 0.02, 0.5, 0.95


def run(params: DenoiseSceneParams, reporter: Reporter) -> DenoiseSceneResult:
    """Train a denoiser or read one, apply it; the files appear when all of them are finished.

    Raises
    ------
    ParameterError : a denoiser is to be read and to be written.
    SceneError : the scene cannot be read, or has too few bands or pixels to tell noise from signal.
    BundleError : the denoiser file cannot be read.
    MismatchError : the denoiser was fitted to other bands or another unit.
    OutputError : a file cannot be written.
    """
    started, device = time.perf_counter(), resolve_device(params.device)
    _check_denoisers(params)
    given = None if params.model is None else read_denoiser(params.model)
    notes = Notes(reporter)
    with open_scene(params.scene, **scene_reading(params)) as reader, StagedOutputs() as stage:
        scene = reader.scene
        check_scene_is_kept(params, scene)
        notes.add(*scene.warnings, warn=True)
        denoiser, bands = _denoiser(params, given, reader, device, notes, reporter)
        nodata = nodata_of_copy(reader, reporter.check_cancelled)
        writer = SceneWriter(
            stage.path(params.output),
            scene,
            nodata=nodata,
            mask=nodata is None and reader.is_masked,
            tags=_tags(scene, denoiser),
        )
        with writer:
            counts = DenoisingPipeline(
                reader=reader,
                denoiser=WindowDenoiser(denoiser, device),
                bands=bands,
                stored=StoredNumbers(scene, bands, nodata),
                nodata=nodata,
                writer=writer,
                reporter=PhaseReporter(reporter, _FITTED, _WRITTEN),
            ).run(params.memory_mb)
        checking = PhaseReporter(reporter, _WRITTEN, 1.0)
        writer.check(reporter.check_cancelled, lambda share: checking.progress(share, "Checking the file"))
        if params.model_output is not None:
            write_denoiser(denoiser, stage.path(params.model_output))
        _say_what_was_copied(scene, bands, counts, notes)
        reporter.check_cancelled()
    reporter.artifact("raster", params.output)
    if params.model_output is not None:
        reporter.artifact("denoiser", params.model_output)
    return DenoiseSceneResult(
        output=params.output,
        model_output=params.model_output,
        bands=_noise_of(scene, denoiser, bands),
        copied_bands=[band + 1 for band in range(len(scene.bands)) if band not in bands],
        components=denoiser.subspace.n_components,
        denoised_pixels=counts.denoised_pixels,
        copied_pixels=counts.copied_pixels,
        clipped_values=counts.clipped_values,
        notes=notes.texts,
        device=describe_device(device),
        seconds=time.perf_counter() - started,
    )


def _check_denoisers(params: DenoiseSceneParams) -> None:
    if params.model is not None and params.model_output is not None:
        raise ParameterError(
            "'model' and 'model_output' are both given, but a denoiser is either read from a file or trained.",
            code="model_output",
            hint="Leave out 'model' to train a new denoiser, or 'model_output' to use the existing one.",
        )


def _denoiser(
    params: DenoiseSceneParams,
    given: Denoiser | None,
    reader: SceneReader,
    device: Device,
    notes: Notes,
    reporter: Reporter,
) -> tuple[Denoiser, tuple[int, ...]]:
    """The denoiser, and the bands of the scene that are its own."""
    usable = choose_bands(reader, params.bands, PhaseReporter(reporter, 0.0, _CHOSEN))
    if given is not None:
        candidates = usable.indices
        matched = given.bands.match(reader.scene.bands.select(candidates))
        bands = tuple(candidates[position] for position in matched)
        require_unit(given, reader, bands, reporter)
        return given, bands
    notes.add(*undeclared_fill(reader, usable.indices, check_cancelled=reporter.check_cancelled), warn=True)
    rounding = StoredNumbers(reader.scene, usable.indices, None).rounding_variance
    settings = DenoiserSettings(steps=params.steps, seed=params.seed)
    fitting = PhaseReporter(reporter, _CHOSEN, _FITTED)
    denoiser, bands = fit_denoiser(reader, usable.indices, settings, rounding=rounding, device=device, reporter=fitting)
    flat = sorted(set(usable.indices) - set(bands))
    if flat:
        shown = named_bands(flat)
        notes.add(f"{shown[0].upper()}{shown[1:]} {'has' if len(flat) == 1 else 'have'} the same value everywhere.")
    return denoiser, bands


def _say_what_was_copied(scene: Scene, bands: Sequence[int], counts: Counts, notes: Notes) -> None:
    copied = [band for band in range(len(scene.bands)) if band not in bands]
    if copied:
        shown = named_bands(copied)
        notes.add(f"{shown[0].upper()}{shown[1:]} {'was' if len(copied) == 1 else 'were'} copied unchanged.")
    if counts.copied_pixels:
        one = counts.copied_pixels == 1
        notes.add(
            f"{counted(counts.copied_pixels, 'pixel')} without data in at least one denoised band"
            f" {'is' if one else 'are'} as in the scene."
        )
    if counts.clipped_values:
        one = counts.clipped_values == 1
        notes.add(
            f"{counted(counts.clipped_values, 'value')} did not fit into {scene.dtype}, or would have meant no data, and"
            f" {'was' if one else 'were'} replaced by the nearest number.",
            warn=True,
        )


def _tags(scene: Scene, denoiser: Denoiser) -> dict[str, str]:
    """Sensor and day as far as the scene states them, and what was done to it."""
    found = acquisition_of(scene)
    known = {"sensor_type": found.sensor, "acquisition_date": found.day}
    return {name: text for name, text in known.items() if text} | {
        "processing": f"denoised by hsi-engine {VERSION}: {denoiser.subspace.n_components} components with signal",
    }


def _noise_of(scene: Scene, denoiser: Denoiser, bands: Sequence[int]) -> list[DenoisedBand]:
    subspace = denoiser.subspace
    signal = np.einsum("k,kb->b", np.maximum(subspace.variances - 1, 0), subspace.vectors**2)
    return [
        DenoisedBand(
            band=band + 1,
            wavelength_nm=scene.bands.wavelength_nm[band],
            noise=float(noise),
            signal_to_noise=float(ratio),
        )
        for band, noise, ratio in zip(bands, subspace.noise, np.sqrt(signal), strict=True)
    ]
