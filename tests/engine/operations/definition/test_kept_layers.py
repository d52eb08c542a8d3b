"""A GeoPackage is replaced only if it holds nothing but what the same operation writes."""

from __future__ import annotations

from pathlib import Path

import geopandas
import pytest
import shapely

from hsi_engine.errors import OutputError
from hsi_engine.io.samples.own_layers import own_layers
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.output_check import check_output_files
from hsi_engine.operations.export_map.operation import ExportMapParams
from hsi_engine.operations.suggest_labels.operation import SuggestLabelsParams


def layer(path: Path, name: str, **columns: list[object]) -> Path:
    count = len(next(iter(columns.values())))
    frame = geopandas.GeoDataFrame(columns, geometry=[shapely.Point(0, 0)] * count, crs="EPSG:32633")
    frame.to_file(path, layer=name, driver="GPKG")
    return path


def export_to(path: Path) -> None:
    check_output_files(ExportMapParams(map=path.with_name("map.tif"), polygons=path))


OWN = {"class_id": [1], "class_name": ["a"], "color": ["#fff"], "pixels": [1], "area_m2": [1.0], "area_ha": [0.1]}


def test_other_layers_are_kept(tmp_path: Path) -> None:
    path = layer(tmp_path / "fields.gpkg", "fields", class_id=[1])
    before = path.read_bytes()
    with pytest.raises(
        OutputError, match=r"fields\.gpkg exists and holds 'fields', which this output would delete"
    ) as raised:
        export_to(path)
    assert raised.value.hint == "Choose another name, or delete the file if nobody needs what it holds."
    assert path.read_bytes() == before
    layer(path.with_name("both.gpkg"), "classes", **OWN)
    with pytest.raises(OutputError, match="holds 'roads', which"):
        export_to(layer(path.with_name("both.gpkg"), "roads", number=[1]))


def test_a_layer_of_the_same_name_with_other_fields_is_kept(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="holds 'classes', which"):
        export_to(layer(tmp_path / "mine.gpkg", "classes", class_id=[1], class_name=["a"]))


def test_what_is_no_geopackage_and_what_the_operation_wrote_is_replaced(tmp_path: Path) -> None:
    export_to(tmp_path / "missing.gpkg")
    empty = tmp_path / "empty.gpkg"
    empty.write_bytes(b"")
    export_to(empty)
    export_to(layer(tmp_path / "old.gpkg", "classes", **OWN))


def test_suggested_points_that_are_labelled_are_kept(tmp_path: Path) -> None:
    fields: dict[str, list[object]] = {"rank": [1, 2], "uncertainty": [0.1, 0.2], "dissimilarity": [0.1, 0.2]}
    fields |= {"certainty": ["", ""], "comment": ["", ""]}

    def suggest_to(path: Path) -> None:
        params = SuggestLabelsParams(scene=tmp_path / "s.tif", model=tmp_path / "m.hsimodel", output=path)
        check_output_files(params)

    suggest_to(layer(tmp_path / "empty.gpkg", "suggested_points", **fields, reference=["", None]))
    with pytest.raises(OutputError, match="holds points, 1 of them labelled"):
        suggest_to(layer(tmp_path / "labelled.gpkg", "suggested_points", **fields, reference=["oak", None]))


def test_the_layers_of_every_output_of_vectors_are_known() -> None:
    found = [
        params._extra(name)["layer"]["name"]
        for params in (CATALOGUE[operation].params for operation in CATALOGUE)
        for name, kind in params.kinds().items()
        if kind.widget == "vector_out"
    ]
    assert len(found) >= 4
    assert all(own_layers(name) for name in found)
    with pytest.raises(ValueError, match="'roads' are not known"):
        own_layers("roads")
