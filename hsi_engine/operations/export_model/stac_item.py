"""A model as a STAC item with the Machine Learning Model extension (MLM, https://github.com/stac-extensions/mlm), version 1.5."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ...bundle.known_pixels import training_grid
from ...bundle.model_bundle import ModelBundle
from ...bundle.onnx.description import VALUES, meaning_of_outputs
from ...io.vectors.extents import box_of, outline_in_degrees
from ...models.networks.imported.onnx_graph import LOGITS, PROBABILITIES, SCENE, SECOND
from ...spectrum.bands import BandTable
from ..model_information.operation import ModelInformationResult
from .operation import ExportedGraph

EXTENSIONS = (
    "https://stac-extensions.github.io/mlm/v1.5.0/schema.json",
    "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
)
_TASK = "semantic-segmentation"  # each pixel gets a class; "classification" would give an image one
_DIMENSIONS = ("batch", "bands", "height", "width")
_UNKNOWN_SIZE = -1
_TITLES = {"patch": "ONNX graph of patches", "dense": "ONNX graph of images"}


def stac_item(
    bundle: ModelBundle, known: ModelInformationResult, graphs: Sequence[ExportedGraph], path: Path
) -> dict[str, Any]:
    """The item, as JSON values; its asset is the graphs, or the model file if there are none.

    Parameters
    ----------
    known : all that is known of the model.
    graphs : the exported graphs, staged or written.
    path : of the item; assets are named relative to its folder.
    """
    form = graphs[0].form if graphs else "patch"
    grid = training_grid(bundle.training)
    outline = None if grid is None else outline_in_degrees(grid)
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "stac_extensions": list(EXTENSIONS),
        "id": f"hsi-{bundle.id[:16]}",
        # Of the training scene, if the model keeps it: it does not say where else the model may be used.
        "geometry": None if outline is None else {"type": "Polygon", "coordinates": [outline]},
        **({} if outline is None else {"bbox": box_of(outline)}),
        "properties": {
            "title": known.summary.rstrip("."),
            "description": f"{known.accuracy.sentence} {known.accuracy.caution} {known.limits}",
            "datetime": _created(known),
            **_model(bundle, known),
            "mlm:input": _inputs(bundle, form),
            "mlm:output": _outputs(bundle, form),
            "bands": _bands(bundle.preprocessing.bands),
        },
        "links": [],
        # Bands of an item must be those of an asset (STAC 1.1); the extension reads them from the item.
        "assets": {
            key: {**asset, "bands": [{"name": name} for name in bundle.preprocessing.bands.names]}
            for key, asset in _assets(known, graphs, path)
        },
    }


def _model(bundle: ModelBundle, known: ModelInformationResult) -> dict[str, Any]:
    weights = [tensor for member in bundle.members for tensor in member.weights.values() if tensor.is_floating_point()]
    versions = bundle.training.get("versions")
    torch_version = str(versions.get("torch", "")) if isinstance(versions, Mapping) else ""
    release = re.match(r"\d+\.\d+\.\d+", torch_version)
    settings = {
        "patch_size": bundle.patch_size,
        "reduction": "; ".join(known.preprocessing),
        "smoothing": known.smoothing_text(),
        "hsi_model_id": bundle.id,
    }
    return {
        "mlm:name": _name(bundle, known),
        "mlm:architecture": bundle.title,
        "mlm:framework": "PyTorch",
        **({"mlm:framework_version": release.group()} if release else {}),
        "mlm:tasks": [_TASK],
        "mlm:pretrained": True,
        "mlm:total_parameters": sum(tensor.numel() for tensor in weights),
        "mlm:memory_size": sum(tensor.numel() * tensor.element_size() for tensor in weights),
        "mlm:accelerator": None,
        "mlm:hyperparameters": settings,
    }


def _name(bundle: ModelBundle, known: ModelInformationResult) -> str:
    """Letters, digits, points, hyphens and underscores, beginning with a letter: what every version of the extension takes."""
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", f"{known.model.stem}-{bundle.id[:8]}").lstrip("-")
    return name if name[:1].isalpha() else f"model-{name}"


def _inputs(bundle: ModelBundle, form: str) -> list[dict[str, Any]]:
    names = list(bundle.preprocessing.bands.names)
    own = len(names) - bundle.preprocessing.second_bands
    edge = bundle.patch_size if form == "patch" else _UNKNOWN_SIZE
    inputs = []
    for name, bands in ((SCENE, names[:own]), (SECOND, names[own:])):
        if bands:
            inputs.append(
                {
                    "name": name,
                    "description": VALUES,
                    "bands": bands,
                    "input": {
                        "shape": [_UNKNOWN_SIZE, len(bands), edge, edge],
                        "dim_order": list(_DIMENSIONS),
                        "data_type": "float32",
                    },
                    "value_scaling": None,
                    "resize_type": None,
                    "pre_processing_function": None,
                }
            )
    return inputs


def _outputs(bundle: ModelBundle, form: str) -> list[dict[str, Any]]:
    classes = [
        {
            "value": item.value,
            "name": _class_name(item.name, item.value),
            "description": item.name,  # the extension takes classes without a title
            "color_hint": item.colour.lstrip("#").upper(),
        }
        for item in bundle.legend
    ]
    scores, probabilities = meaning_of_outputs(bundle)
    after = [] if form == "patch" else [_UNKNOWN_SIZE, _UNKNOWN_SIZE]
    return [
        {
            "name": name,
            "description": f"{text[0].upper()}{text[1:]}; the classes in the order of their values.",
            "tasks": [_TASK],
            "result": {
                "shape": [_UNKNOWN_SIZE, len(classes), *after],
                "dim_order": ["batch", "class", *(["height", "width"] if after else [])],
                "data_type": "float32",
            },
            "classification:classes": classes,
            "post_processing_function": None,
        }
        for name, text in ((LOGITS, scores), (PROBABILITIES, probabilities))
    ]


def _class_name(name: str, value: int) -> str:
    """A name for machines: letters, digits, minus and underscore; the description keeps the name for people."""
    return re.sub(r"[^0-9A-Za-z_-]+", "-", name).strip("-") or f"class-{value}"


def _bands(table: BandTable) -> list[dict[str, Any]]:
    """Names in the order of the inputs, with wavelengths in µm as the EO extension has them."""
    bands = []
    for name, wavelength, width in zip(table.names, table.wavelength_nm, table.fwhm_nm, strict=True):
        band: dict[str, Any] = {"name": name}
        if wavelength is not None:
            band["eo:center_wavelength"] = round(wavelength / 1000, 7)
        if width is not None:
            band["eo:full_width_half_max"] = round(width / 1000, 7)
        bands.append(band)
    return bands


def _assets(
    known: ModelInformationResult, graphs: Sequence[ExportedGraph], path: Path
) -> list[tuple[str, dict[str, Any]]]:
    if not graphs:
        return [("model", _model_file(known, path))]
    return [
        (
            "model" if number == 0 else graph.form,
            {
                "href": _relative(graph.path, path),
                "title": _TITLES[graph.form],
                "type": "application/octet-stream; framework=onnx",
                "roles": ["mlm:model", "mlm:weights"],
                "mlm:artifact_type": "onnx",
                "file:size": graph.file_bytes,
                "file:checksum": f"1220{graph.sha256}",  # a multihash: SHA-256, 32 bytes
            },
        )
        for number, graph in enumerate(graphs)
    ]


def _model_file(known: ModelInformationResult, path: Path) -> dict[str, Any]:
    digest = hashlib.sha256(known.model.read_bytes()).hexdigest()
    return {
        "href": _relative(known.model, path),
        "title": "Model file of hsi-engine",
        "type": "application/zip",
        "roles": ["mlm:model", "mlm:weights"],
        "mlm:artifact_type": "hsimodel",
        "file:size": known.file_bytes,
        "file:checksum": f"1220{digest}",
    }


def _relative(target: Path, item: Path) -> str:
    try:
        return Path(os.path.relpath(target.absolute(), item.absolute().parent)).as_posix()
    except ValueError:  # another drive of Windows
        return target.absolute().as_uri()


def _created(known: ModelInformationResult) -> str:
    """When the model was trained, or else its file was written, in UTC."""
    try:
        time = datetime.fromisoformat(known.created or known.written)
    except ValueError:
        time = datetime.fromisoformat(known.written)
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
