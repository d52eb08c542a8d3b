"""Whether a model fits a scene: the same checks before a map is made and when a model is described."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from ...bundle.model_bundle import ModelBundle
from ...errors import MismatchError
from ...io.scenes.scene import Scene, SceneReader
from ...io.scenes.spectral_sample import SpectralSample, sample_spectra
from ...phrases import counted, listed
from ...pixels.grid import describe_crs
from ...pixels.window import Window
from ...report.wording import percent
from ...spectrum.bands import BandTable
from .second_source import undeclared_fill_of
from .trained_scene import TrainedScene, pixel_size_m, size_text

CheckName = Literal["bands", "values", "second_values", "spectra", "pixel_size", "nodata", "place"]
_PROBLEMS: dict[CheckName, str] = {
    "bands": "it lacks bands that the model needs",
    "values": "its values have another scale",
    "second_values": "the values of its second raster have another scale",
    "spectra": "its spectra are unlike those of the training",
    "pixel_size": "its pixels have another size",
    "nodata": "data are missing",
    "place": "it lies elsewhere",
}
_NOT_COMPARED: dict[CheckName, str] = {
    "bands": "bands could only be matched by number",
    "values": "the scale of the values could not be compared",
    "second_values": "the scale of the second raster could not be compared",
    "spectra": "spectra could not be compared",
    "pixel_size": "the pixel size could not be compared",
    "nodata": "missing data could not be looked for",
    "place": "its place is not known",
}
Level = Literal["good", "remark", "problem", "unknown"]
Verdict = Literal["fits", "fits_with_remarks", "does_not_fit"]

# Edges of pixels may differ by this share before it is said.
_PIXEL_SIZE = 0.1
# A spectrum is unlike the training if this share of its bands lies beyond their range, widened by the margin;
# a scene, if this share of its spectra is.
_OUTSIDE_BANDS, _MARGIN, _OUTSIDE_PIXELS = 0.1, 0.25, 0.05

_NOT_EXAMINED = "Not examined, because the bands do not match."


@dataclass(frozen=True, kw_only=True)
class FitCheck:
    """One thing that was compared.

    Parameters
    ----------
    name, title : for programs, and for a person.
    level : "problem" stands for a map that cannot be made or would be wrong, "remark" for what one should know.
    text : a sentence or two.
    hint : what to do; empty if there is nothing.
    """

    name: CheckName
    title: str
    level: Level
    text: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class SceneFit:
    """All checks of one model on one scene.

    Parameters
    ----------
    scene : what was examined.
    checks : those that a person looks for first come first.
    """

    scene: Scene
    checks: tuple[FitCheck, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst that was found; what is not known counts for nothing."""
        levels = {check.level for check in self.checks}
        return "does_not_fit" if "problem" in levels else "fits_with_remarks" if "remark" in levels else "fits"

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        if self.verdict == "does_not_fit":
            wrong = listed([_PROBLEMS[check.name] for check in self.checks if check.level == "problem"])
            return f"The model does not fit this scene: {wrong}."
        if self.verdict == "fits_with_remarks":
            count = len({check.name for check in self.checks if check.level == "remark"})
            return f"The model fits this scene, with {counted(count, 'remark')}."
        unknown = [_NOT_COMPARED[check.name] for check in self.checks if check.level == "unknown"]
        return f"The model fits this scene{f', with remarks: {listed(unknown)}' if unknown else ''}."

    @property
    def warnings(self) -> list[str]:
        """What whoever maps the scene has to know."""
        return [check.text for check in self.checks if check.level in ("remark", "problem")]


def examine_fit(
    bundle: ModelBundle,
    reader: SceneReader,
    part: Window | None = None,
    *,
    check_cancelled: Callable[[], None] = lambda: None,
) -> SceneFit:
    """Compare an open scene with what a model was trained on; a large scene is read in a few places only.

    Parameters
    ----------
    part : the part of the scene to be mapped; None for all of it. What is odd about a part, such as a lake, is only
        said if it is odd about the whole scene, too.

    Raises
    ------
    SceneError : the file cannot be read.
    """
    scene = reader.scene
    trained = TrainedScene.of_record(bundle.training, len(bundle.preprocessing.bands))
    size = _pixel_size(bundle, trained, scene)
    place = _place(scene)
    try:
        indices = bundle.check_scene(scene)
    except MismatchError as error:
        text = error.message.partition("does not fit the model: ")[2] or error.message
        bands = FitCheck(name="bands", title="Bands", level="problem", text=text, hint=error.hint)
        others: tuple[tuple[CheckName, str], ...] = (
            ("values", "Scale of the values"),
            ("spectra", "Spectra"),
            ("nodata", "Missing data"),
        )
        skipped = [FitCheck(name=name, title=title, level="unknown", text=_NOT_EXAMINED) for name, title in others]
        return SceneFit(scene=scene, checks=(bands, *skipped, size, place))
    bands = _bands_of_all(bundle, scene, indices)
    fill = undeclared_fill_of(reader, indices, check_cancelled)
    whole = Window.of_shape(scene.grid.shape)
    pixels: list[FitCheck] = []
    sample = None
    for window in dict.fromkeys((part or whole, whole)):
        found = sample_spectra(reader, window, indices, check_cancelled=check_cancelled)
        if sample is None or found.spectra.size:
            sample, pixels = found, _of_pixels(bundle, trained, found)
        if found.spectra.size and all(check.level in ("good", "unknown") for check in pixels):
            break
    return SceneFit(scene=scene, checks=(bands, *_data(scene, sample, fill), *pixels, size, place))


def _bands_of_all(bundle: ModelBundle, scene: Scene, indices: Sequence[int]) -> FitCheck:
    if scene.second is not None:
        own = bundle.preprocessing.scene_alone.bands
        found = _bands(own, scene.second.first, indices[: -scene.second_bands])
        count = counted(scene.second_bands, "band")
        return replace(found, text=f"{found.text} The {count} of the second raster match by their order.")
    return _bands(bundle.preprocessing.bands, scene, indices)


def _bands(needed: BandTable, scene: Scene, indices: Sequence[int]) -> FitCheck:
    of_all = "" if len(indices) == len(scene.bands) else f" of the {len(scene.bands)} of the scene are used, and"
    if needed.has_wavelengths and scene.bands.has_wavelengths:
        pairs = zip(needed.wavelength_nm, (scene.bands.wavelength_nm[i] for i in indices), strict=True)
        apart = max(abs(a - b) for a, b in pairs if a is not None and b is not None)
        text = (
            f"{len(indices)} bands{of_all or ' are used, and'} all match by wavelength, at most {apart:.2g} nm apart."
        )
        if apart == 0:
            text = f"{len(indices)} bands{of_all or ' are used, and'} all match by wavelength."
        return FitCheck(name="bands", title="Bands", level="good", text=text)
    count, hint = len(indices), ""
    if not (needed.has_wavelengths or scene.bands.has_wavelengths):
        text = f"{count} bands match by their number. Neither side states all wavelengths: whether they are the same bands, only you can tell."
        return FitCheck(name="bands", title="Bands", level="unknown", text=text)
    check = f"its {count} bands are matched with those of the model by number; check that they are the same."
    text = f"The model states no wavelengths, the scene does: {check}"
    if needed.has_wavelengths:
        text = f"The scene states {'not all' if any(scene.bands.wavelength_nm) else 'no'} wavelengths: {check}"
        hint = "Give the scene its wavelengths (--wavelengths), so that bands are found by them."
    return FitCheck(name="bands", title="Bands", level="remark", text=text, hint=hint)


def _data(scene: Scene, sample: SpectralSample | None, fill: Sequence[str]) -> list[FitCheck]:
    title = "Missing data"
    noun = "pixel" if sample is not None and sample.complete else "sampled pixel"
    if fill:
        return [FitCheck(name="nodata", title=title, level="remark", text=text) for text in fill]
    if sample is None or not sample.spectra.size:
        count = 0 if sample is None else sample.looked_at
        text = (
            f"None of {counted(count, noun)} holds data in all bands that the model needs (nodata value:"
            f" {scene.nodata_text})."
        )
        hint = "Check the nodata value, and whether the scene has data where it is to be mapped."
        return [FitCheck(name="nodata", title=title, level="remark", text=text, hint=hint)]
    share = percent(sample.spectra.shape[1] / sample.looked_at)
    text = f"{share} of {counted(sample.looked_at, noun)} hold data in all needed bands (nodata value: {scene.nodata_text})."
    return [FitCheck(name="nodata", title=title, level="good", text=text)]


def _of_pixels(bundle: ModelBundle, trained: TrainedScene, sample: SpectralSample) -> list[FitCheck]:
    values, spectra = "Scale of the values", "Spectra"
    mean = sample.mean
    if mean is None:
        text = "No sampled pixel holds data."
        return [
            FitCheck(name="values", title=values, level="unknown", text=text),
            FitCheck(name="spectra", title=spectra, level="unknown", text=text),
        ]
    second = bundle.second_scale_warning(mean)
    title = "Scale of the second raster"
    of_second = [FitCheck(name="second_values", title=title, level="problem", text=second)] if second else []
    warning = bundle.scale_warning(mean)
    if warning:
        return [
            FitCheck(name="values", title=values, level="problem", text=warning),
            *of_second,
            FitCheck(name="spectra", title=spectra, level="unknown", text="Not examined: the values differ in scale."),
        ]
    level, own = float(np.abs(mean).mean()), float(np.abs(bundle.preprocessing.mean_spectrum).mean())
    text = f"The mean value is {level:.4g}, against {own:.4g} in the training scene."
    return [
        FitCheck(name="values", title=values, level="good", text=text),
        *of_second,
        _spectra(trained, sample, spectra),
    ]


def _spectra(trained: TrainedScene, sample: SpectralSample, title: str) -> FitCheck:
    if trained.low is None or trained.high is None:
        text = "The model was written before the range of the training values was kept: not compared."
        return FitCheck(name="spectra", title=title, level="unknown", text=text)
    share = share_outside(sample.spectra, np.array(trained.low), np.array(trained.high))
    shown = percent(share)
    pixels = f"{sample.spectra.shape[1]:,} {'pixels with data' if sample.complete else 'sampled pixels'}"
    found = f"{shown[0].upper()}{shown[1:]} of {pixels} have spectra beyond the range of the training scene"
    if share <= _OUTSIDE_PIXELS:
        return FitCheck(name="spectra", title=title, level="good", text=f"{found}.")
    return FitCheck(
        name="spectra",
        title=title,
        level="remark",
        text=f"{found}: another season, other land cover, clouds, or another atmospheric correction. Expect errors there.",
        hint="Compare the map with places you know, or label some of this scene and train again.",
    )


def share_outside(
    spectra: npt.NDArray[np.floating], low: npt.NDArray[np.float64], high: npt.NDArray[np.float64]
) -> float:
    """Share of ``spectra`` (bands, pixels) with more than a tenth of their bands beyond ``low`` and ``high`` (bands,).

    The range is widened by a quarter on both sides.
    """
    margin = _MARGIN * (high - low)
    outside = (spectra < (low - margin)[:, None]) | (spectra > (high + margin)[:, None])
    return float((outside.mean(axis=0) > _OUTSIDE_BANDS).mean())


def _pixel_size(bundle: ModelBundle, trained: TrainedScene, scene: Scene) -> FitCheck:
    title, here, there = "Pixel size", pixel_size_m(scene.grid), trained.pixel_size_m
    if here is None or there is None:
        who = "The scene" if here is None else "The model"
        text = f"{who} does not say how large pixels are on the ground: not compared."
        return FitCheck(name="pixel_size", title=title, level="unknown", text=text)
    if all(abs(a / b - 1) <= _PIXEL_SIZE for a, b in zip(here, there, strict=True) if b):
        return FitCheck(
            name="pixel_size",
            title=title,
            level="good",
            text=f"{size_text(here)}, as in the training ({size_text(there)}).",
        )
    reach = bundle.patch_size
    why = (
        f"The model sees {reach}×{reach} pixels around each pixel, which is {reach * there[0]:,.0f} m on the ground of the"
        f" training and {reach * here[0]:,.0f} m here."
        if reach > 1
        else "Smaller pixels show purer spectra, larger ones more mixtures."
    )
    return FitCheck(
        name="pixel_size",
        title=title,
        level="remark",
        text=f"The pixels are {size_text(here)}; the model was trained on {size_text(there)}. {why}",
        hint="Resample the scene to the pixel size of the training, or check the map with care.",
    )


def _place(scene: Scene) -> FitCheck:
    crs = describe_crs(scene.grid.crs)
    text = f"CRS ({crs}), location and size may differ from those of the training scene."
    return FitCheck(name="place", title="Place", level="good", text=text)
