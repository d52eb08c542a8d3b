"""The page inside a model file that explains to people what the model is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ..models import registry
from ..phrases import counted

if TYPE_CHECKING:
    from .model_bundle import ModelBundle

_LIMITS = """\
Meant for scenes of the same sensor, processing level and unit as the training scene, with the same kinds of
land cover, taken under similar conditions. Every pixel with data gets one of the classes above, also where
it shows something else. {}The accuracy holds for the places it
was measured at; check a map of another scene or date against its own ground truth before relying on it."""
# What begins markup: an underscore does not within a word.
_MARKUP = re.compile(r"[\\`*\[\]<>|&~]|(?<![^\W_])_|_(?![^\W_])")
_SURROUNDINGS = """\
A pixel is classified by its surroundings as well as its spectrum, so borders between
classes are smoothed and objects much smaller than a patch may be lost. """


def limits(bundle: ModelBundle) -> str:
    """What the model is meant for, and what it cannot do."""
    surroundings = bundle.patch_size > 1 or bundle.smoothing is not None
    stated = about(bundle).get("limits")
    return (f"{stated} " if stated else "") + _LIMITS.format(_SURROUNDINGS if surroundings else "")


def about(bundle: ModelBundle) -> dict[str, str]:
    """What its makers say of a model: ``title``, ``data``, ``terms``, ``limits``; empty for most models."""
    found = bundle.training.get("about")
    return {str(name): str(text) for name, text in found.items()} if isinstance(found, dict) else {}


def model_card(bundle: ModelBundle) -> str:
    """Markdown: classes, bands, patch size, accuracy with its split, training record, limits."""
    references = dict.fromkeys(registry.get(member.architecture).reference for member in bundle.members)
    record = {k: v for k, v in bundle.training.items() if k not in ("versions", "split", "about")}
    said = [(name.capitalize(), text) for name, text in about(bundle).items() if name in ("data", "terms")]
    members = {f"member {number + 1}": member.to_json() for number, member in enumerate(bundle.members)}
    curve = bundle.confidence_scaling
    scaled = {} if curve.is_identity else {"confidence": f"p of the chosen class is scaled: {curve}"}
    sections = {
        "": f"Maps {len(bundle.legend)} classes in hyperspectral scenes.\n\n{' '.join(references)}",
        "Classes": table(("Value", "Name", "Colour"), [(c.value, c.name, c.colour) for c in bundle.legend]),
        "Input": _bullets(_input(bundle)),
        "Data and terms": _bullets(said),
        "Accuracy": _accuracy(bundle),
        "Intended use and limits": shown(limits(bundle)),
        "Training": _bullets(_scalars(members | scaled | record)),
        "Versions": _bullets(_scalars(bundle.training.get("versions"))),
    }
    text = "\n\n".join(f"## {title}\n\n{body}" if title else body for title, body in sections.items() if body)
    return f"# Model card: {shown(about(bundle).get('title', bundle.title))}\n\n{text}\n"


def _input(bundle: ModelBundle) -> Iterator[tuple[str, object]]:
    steps = bundle.preprocessing.scene_alone
    known = [w for w in steps.bands.wavelength_nm if w is not None]
    span = f", {min(known):.1f} to {max(known):.1f} nm" if known else ", wavelengths unknown"
    yield "Bands", f"{len(steps.bands)} of the {steps.scene_bands} of the training scene{span}"
    yield (
        "Values",
        (
            f"as in the training scene, a file of {steps.scene_dtype}: there, the means of the bands lie between"
            f" {steps.mean_spectrum.min():.4g} and {steps.mean_spectrum.max():.4g}, scale and offset of the file applied"
        ),
    )
    if bundle.denoising is not None:
        yield "Denoised first", denoiser_text(bundle)
    if bundle.preprocessing.second_bands:
        yield "Second raster", second_raster_text(bundle)
    steps = bundle.preprocessing
    for branch in dict.fromkeys(member.branch for member in bundle.members):
        yield "Seen by the classifier", f"{steps.branches[branch].settings}, fitted to {steps.pixels:,} pixels"
    yield "Patch", f"{bundle.patch_size}×{bundle.patch_size} pixels, padding: {bundle.padding}"


def denoiser_text(bundle: ModelBundle) -> str:
    """By what a model denoises a scene before anything else; empty if it does not."""
    if bundle.denoising is None:
        return ""
    denoiser = bundle.denoising.denoiser
    source = denoiser.training.get("source", "scene")
    origin = "fitted to the training scene" if source == "scene" else f"from {source}"
    return f"{len(denoiser.bands)} bands, {denoiser.subspace.n_components} components with signal, denoiser {origin}"


def second_raster_text(bundle: ModelBundle) -> str:
    """What a model needs besides a scene; empty if nothing."""
    count = bundle.preprocessing.second_bands
    if not count:
        return ""
    alone = (
        "maps are also made from the scene alone or the second raster alone, whose accuracy was not measured"
        if bundle.works_alone
        else "no map can be made without it, nor from it alone"
    )
    return f"{counted(count, 'band')} on the grid of the scene, standardised as in the training; {alone}"


def _accuracy(bundle: ModelBundle) -> str:
    rows = [
        (subset, *(_share(figures.get(k)) for k in ("overall_accuracy", "average_accuracy", "kappa")))
        for subset, figures in bundle.metrics.items()
        if isinstance(figures, Mapping) and "overall_accuracy" in figures
    ]
    found = table(("Samples", "Overall accuracy", "Average accuracy", "Kappa"), rows) if rows else "Not measured."
    split = bundle.training.get("split")
    if not isinstance(split, Mapping):
        return found
    leakage = split.get("leakage")
    honesty = (
        f" {100 * leakage:.1f} % of the test samples lie inside some training patch,"
        " so that accuracy elsewhere is likely to be lower than stated."
        if isinstance(leakage, (int, float)) and leakage > 0
        else ""
    )
    return f"{found}\n\nSplit into training and test samples: {shown(split.get('strategy', 'unknown'))}.{honesty}"


def _share(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, (int, float)) else "–"


def _scalars(record: object, prefix: str = "") -> Iterator[tuple[str, object]]:
    """Single values of a nested record, in its order; lists (such as curves) stay in the manifest."""
    if not isinstance(record, Mapping):
        return
    for key, value in record.items():
        if isinstance(value, Mapping):
            yield from _scalars(value, f"{prefix}{key}.")
        elif not isinstance(value, list):
            yield f"{prefix}{key}", value


def _bullets(items: Iterable[tuple[str, object]]) -> str:
    return "\n".join(f"- {shown(name)}: {shown(value)}" for name, value in items)


class Code(str):
    """Text of a card that stands in the type of code."""


def table(header: tuple[str, ...], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; cells are written as by :func:`shown`."""
    lines = [f"| {' | '.join(shown(cell) for cell in line)} |" for line in (header, *rows)]
    return "\n".join([lines[0], "| --- " * len(header) + "|", *lines[1:]])


def shown(value: object) -> str:
    """One line of Markdown that shows a value as it is: names come from files, and may hold markup, links or pictures."""
    text = " ".join(str(value).split())
    if isinstance(value, Code):
        return "`" + text.replace("`", "'") + "`"
    return _MARKUP.sub(r"\\\g<0>", text)
