"""The model card: a page in Markdown for whoever gets the files and was not there when the model was trained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...bundle.model_bundle import ModelBundle
from ...bundle.model_card import Code, about, shown, table
from ...bundle.onnx.description import VALUES, meaning_of_outputs
from ...models.networks.imported.onnx_graph import LOGITS, PROBABILITIES, SCENE, SECOND
from ...report.wording import percent, percent_range
from ..model_information.operation import ModelAccuracy, ModelClass, ModelInformationResult, bands_text, values_text
from .operation import ExportedGraph

_QUESTIONS = {
    "separate_places": "How well does it do in **other places of the training scene**? Tested pixels lie apart from all pixels it learned from.",
    "gaps": "How well does it fill the **gaps between labelled pixels**? Tested pixels lie among those it learned from, so that"
    " accuracy elsewhere is likely to be lower.",
    "other": "Tested pixels were kept apart from the training, but the record does not say where they lie.",
    "unknown": "Unknown: no labelled pixel was tested.",
}
_NOT_MEASURED = (
    "What it does **not** say: how accurate one particular map is. That takes reference points drawn on the map itself"
    " (`hsi sample`, `hsi assess`)."
)
_UNKNOWN = "unknown"


def export_card(bundle: ModelBundle, known: ModelInformationResult, graphs: Sequence[ExportedGraph]) -> str:
    """The card.

    Parameters
    ----------
    known : all that is known of the model; what it does not know is called unknown.
    graphs : what was exported; their use is explained.
    """
    scene, stated = known.trained_on, about(bundle)
    sections = {
        "What it is": _bullets(
            [
                (
                    "Purpose",
                    f"gives each pixel of a hyperspectral scene one of {len(known.classes)} classes",
                ),
                ("Method", known.method),
                *(("Member" if len(known.members) > 1 else "Classifier", member) for member in known.members),
                ("Spectra", "; ".join(known.preprocessing)),
                ("Second raster", known.second_raster or "none needed"),
                ("Neighbourhood", known.neighbourhood_text()),
                ("Smoothing", known.smoothing_text()),
                ("Trained on", (known.created or _UNKNOWN).partition("T")[0]),
                ("Engine", f"hsi-engine {known.engine_version or 'of unknown version'}"),
                ("Identity", Code(known.model_id)),
            ]
        ),
        "Sensor and bands": _bullets(
            [
                ("Sensor", scene.sensor or _UNKNOWN),
                ("Bands", bands_text(scene)),
                ("Values", values_text(scene)),
                ("Pixel size", _size(scene.pixel_size_m)),
            ]
        ),
        "Classes": _classes(known.classes),
        "Training data": _bullets(
            [
                ("Scene", scene.name or _UNKNOWN),
                ("Taken on", scene.day or _UNKNOWN),
                ("Size", _UNKNOWN if scene.rows is None else f"{scene.rows} rows × {scene.cols} columns"),
                ("CRS", scene.crs or _UNKNOWN),
                ("Labels", scene.labels or _UNKNOWN),
                ("Labelled pixels", _UNKNOWN if known.labelled_pixels is None else f"{known.labelled_pixels:,}"),
                *((name.capitalize(), text) for name, text in stated.items() if name in ("data", "terms")),
            ]
        ),
        "Accuracy": _accuracy(known.accuracy, known.calibration),
        "Limits": shown(known.limits),
        "How to use it": _use(bundle, known, graphs),
    }
    text = "\n\n".join(f"## {title}\n\n{body}" for title, body in sections.items())
    return f"# Model card: {shown(stated.get('title', known.method))}\n\n{shown(known.summary)}\n\n{text}\n"


def _accuracy(accuracy: ModelAccuracy, calibration: str) -> str:
    lines = [shown(accuracy.sentence), f"**The question it answers**: {_QUESTIONS[accuracy.measured]}"]
    if accuracy.overall is not None:
        interval = percent_range(accuracy.overall_interval)
        facts = [
            ("Overall accuracy", percent(accuracy.overall) + (f", 95 % interval {interval}" if interval else "")),
            ("Average accuracy of the classes", _UNKNOWN if accuracy.average is None else percent(accuracy.average)),
            ("Tested pixels", _UNKNOWN if accuracy.tested_pixels is None else f"{accuracy.tested_pixels:,}"),
            ("Split", accuracy.strategy or _UNKNOWN),
            ("Confidence", calibration),
        ]
        lines.append(_bullets(facts))
    return "\n\n".join([*lines, shown(accuracy.caution), _NOT_MEASURED])


def _classes(classes: Sequence[ModelClass]) -> str:
    header = ("Value", "Name", "Colour", "Labelled pixels", "Found of its tested pixels", "Right where it is mapped")
    rows = [
        (
            item.value,
            item.name,
            Code(item.color),
            _UNKNOWN if item.labelled_pixels is None else f"{item.labelled_pixels:,}",
            _share(item.producers_accuracy, item.producers_interval),
            _share(item.users_accuracy, item.users_interval),
        )
        for item in classes
    ]
    return table(header, rows)


def _use(bundle: ModelBundle, known: ModelInformationResult, graphs: Sequence[ExportedGraph]) -> str:
    file = graphs[0].path.name if graphs else known.model.name
    lines = [
        f"With hsi-engine: {shown(Code(f'hsi classify --scene scene.tif --model {file} --output map.tif'))}, or *Classify scene* in QGIS."
    ]
    if graphs:
        scores, probabilities = meaning_of_outputs(bundle)
        inputs = f"`{SCENE}`" + (f" and `{SECOND}`" if bundle.preprocessing.second_bands else "")
        lines.append(
            f"With ONNX Runtime: feed {inputs} as float32. {VALUES} `{LOGITS}` are {scores}; `{PROBABILITIES}` are"
            f" {probabilities}. Both are in the order of the classes above. The bands, with wavelengths, and the classes are in the metadata of the file."
        )
    for graph in graphs:
        lines.append(f"- {shown(Code(graph.path.name))}: {_shape(graph, bundle)}")
        lines.append(
            f"  Compared with the model on {graph.pixels_compared:,} pixels in ONNX Runtime: scores differ by up to"
            f" {graph.largest_difference:.1g} (allowed: {graph.tolerance:.1g})."
        )
    if graphs and bundle.smoothing is not None:
        lines.append(
            "The graphs do not smooth their probabilities as the model does: only hsi-engine applies its smoothing."
        )
    return "\n\n".join(lines)


def _shape(graph: ExportedGraph, bundle: ModelBundle) -> str:
    steps, edge = bundle.preprocessing, bundle.patch_size
    bands = len(steps.bands) - steps.second_bands
    if graph.form == "patch":
        return f"patches (any number, {bands} bands, {edge}, {edge}) to scores (any number, classes) of their centre pixels."
    return f"images (any number, {bands} bands, rows, columns) to scores (any number, classes, rows, columns)."


def _share(share: float | None, interval: tuple[float, float] | None) -> str:
    if share is None:
        return _UNKNOWN
    text = percent_range(interval)
    return percent(share) + (f" ({text})" if text else "")


def _size(size_m: tuple[float, float] | None) -> str:
    return _UNKNOWN if size_m is None else " × ".join(dict.fromkeys(f"{edge:g}" for edge in size_m)) + " m"


def _bullets(items: Iterable[tuple[str, object]]) -> str:
    return "\n".join(f"- **{shown(name)}**: {shown(value)}" for name, value in items)
