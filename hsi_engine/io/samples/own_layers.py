"""What the GeoPackages hold that operations write: only such ones may be replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def own_layers(layer: str) -> Mapping[str, Iterable[str]]:
    """Names of the tables of an output, and fields that each has, by the name of its layer in the definition.

    Raises
    ------
    ValueError : no such layer is known here.
    """
    # Needed only if a file is replaced: these load the libraries that write layers.
    from ..labels.feature_layer import FINDING_FIELDS, FINDINGS
    from ..vectors.class_polygon_writer import FIELDS, LAYER
    from . import layout

    known: dict[str, dict[str, Iterable[str]]] = {
        "polygons": {LAYER: FIELDS},
        "labels to look at": {FINDINGS: FINDING_FIELDS},
        "reference points": {layout.POINTS: layout.FIELDS} | dict.fromkeys(layout.TABLES, ()),
        "where to label next": {layout.SUGGESTED: layout.SUGGESTED_FIELDS}
        | dict.fromkeys(layout.SUGGESTION_TABLES, ()),
    }
    if layer not in known:
        raise ValueError(f"the layers of the output '{layer}' are not known")
    return known[layer]
