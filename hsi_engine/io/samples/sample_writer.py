"""Writing reference points to a GeoPackage that opens in QGIS ready to be labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from .form_style import points_qml
from .layout import DESIGN, FIELDS, FORMAT_VERSION, MAP_CLASSES, POINTS, STRATA, TABLES
from .point_file import PointFile, texts, write_point_file
from .reference_sample import ReferenceSample, SampleDesign


def write_reference_sample(path: Path, sample: ReferenceSample) -> None:
    """Write the file with all its tables; the same sample gives the same bytes.

    Parameters
    ----------
    path : a ``.gpkg``; usually a temporary name of :class:`~hsi_engine.io.files.outputs.StagedOutputs`.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    columns: tuple[Any, ...] = (
        sample.point_ids,
        list(sample.strata),
        sample.inclusion_probability,
        *(texts(said) for said in (sample.reference, sample.certainty, sample.comment)),
    )
    content = PointFile(
        layer=POINTS,
        columns=dict(zip(FIELDS, columns, strict=True)),
        geometries=list(shapely.points(sample.xy)),
        crs=sample.design.grid.crs,
        tables=TABLES,
        rows={
            MAP_CLASSES: _map_classes(sample),
            STRATA: [
                (i, s.name, s.pixels, s.candidates, s.area_m2, s.points)
                for i, s in enumerate(sample.all_strata, start=1)
            ],
            DESIGN: [(number, *item) for number, item in enumerate(design_texts(sample.design).items(), start=1)],
        },
        qml=points_qml(sample.design.legend),
        style_description="Points to be labelled",
    )
    write_point_file(path, content, "Reference points")


def _map_classes(sample: ReferenceSample) -> list[tuple[object, ...]]:
    areas = [None if np.isnan(area) else float(area) for area in sample.pixel_area_m2]
    return list(
        zip(
            sample.point_ids.tolist(),
            sample.map_values.tolist(),
            sample.map_classes,
            sample.rows.tolist(),
            sample.cols.tolist(),
            areas,
            sample.strata,
            sample.inclusion_probability.tolist(),
            strict=True,
        )
    )


def design_texts(design: SampleDesign) -> dict[str, str]:
    """The design as keys and values of text, in the order of the table; numbers, lists and empty values as JSON."""
    grid = design.grid
    return {
        "format_version": str(FORMAT_VERSION),
        "design": design.design,
        "strata_are": design.strata_are,
        "allocation": design.allocation,
        "seed": str(design.seed),
        "pure_neighbourhood": json.dumps(design.pure_neighbourhood),
        "minimum_distance_m": json.dumps(design.minimum_distance_m),
        "spacing_px": json.dumps(design.spacing_px),
        "map_name": design.map_name,
        "map_sha256": design.map_sha256,
        "strata_name": design.strata_name,
        "extent": design.extent,
        "mask": design.mask,
        "crs": grid.crs or "",
        "transform": json.dumps(list(grid.transform)[:6]),
        "shape": json.dumps(list(grid.shape)),
        "classes": json.dumps(
            [
                {"value": c.value, "name": c.name, "color": c.colour, "pixels": c.pixels, "area_m2": c.area_m2}
                for c in design.classes
            ],
            ensure_ascii=False,
        ),
    }
