"""The files of an operation follow from the kinds of its parameters."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine.errors import OutputError
from hsi_engine.operations.definition.base import OperationParams, parameter
from hsi_engine.operations.definition.kinds import KINDS
from hsi_engine.operations.definition.output_check import check_output_files


class Params(OperationParams):
    """Something of each sort."""

    map: Path = parameter(title="Map", description="A map.", kind="class_map")
    legend: Path | None = parameter(None, title="Legend", description="Its legend.", kind="legend_file")
    field: str | None = parameter(None, title="Field", description="A part of it.", kind="field", of="map")
    size: int = parameter(3, title="Size", description="A number.", kind="integer", ge=1)
    output: Path = parameter(title="Output", description="A map to write.", kind="class_map_out")
    plain: Path | None = parameter(None, title="Plain", description="A raster to write.", kind="raster_out")
    folder: Path | None = parameter(None, title="Folder", description="A folder to fill.", kind="folder_out")


def params_in(place: Path, **names: str) -> Params:
    given = {"map": "map.tif", "output": "new.tif", **names}
    return Params(**{name: place / file for name, file in given.items()})  # type: ignore[arg-type]


def test_files_that_are_given_stand_under_their_names(tmp_path: Path) -> None:
    params = params_in(tmp_path, legend="legend.json", folder="folder")

    assert params.input_files() == {"map": tmp_path / "map.tif", "legend": tmp_path / "legend.json"}
    assert params.output_files() == {"output": tmp_path / "new.tif"}


def test_outputs_that_can_be_written_pass(tmp_path: Path) -> None:
    check_output_files(params_in(tmp_path, legend="legend.json", plain="plain.TIFF", folder="nowhere"))


def test_the_style_of_an_older_map_goes_with_it(tmp_path: Path) -> None:
    for name in ("lake.img", "lake.tif", "alone.json"):
        (tmp_path / name).touch()
    for name in ("lake.qml", "alone.qml"):
        (tmp_path / name).write_text("<qgis><pipe><rasterrenderer/></pipe></qgis>")

    check_output_files(params_in(tmp_path, output="lake.tif"))
    check_output_files(params_in(tmp_path, output="alone.tif"))


@pytest.mark.parametrize(
    ("names", "code", "words"),
    [
        ({"output": "map.tif"}, "equals_input", "map.tif"),
        ({"output": "map.tiff"}, "equals_input", "map.qml"),  # the style of the map that is read
        ({"legend": "new.qml"}, "equals_input", "new.qml"),  # the style of the map that is written
        ({"plain": "new.tif"}, "duplicate", "new.tif"),
        ({"plain": "new.pdf"}, "suffix", "must end in .tif or .tiff; found '.pdf'"),
        ({"plain": "nowhere/new.tif"}, "no_folder", "nowhere"),
        ({"output": "polygons.tif"}, "foreign_style", "polygons.qml"),
        ({"output": "form.tif"}, "foreign_style", "'form.qml', but that file exists and is not the style of a raster"),
        ({"output": "lake.tif"}, "foreign_style", "'lake.qml', but that file exists and is the style of 'lake.img'"),
    ],
)
def test_what_cannot_be_written_is_refused(tmp_path: Path, names: dict[str, str], code: str, words: str) -> None:
    for name in ("map.tif", "map.qml"):
        (tmp_path / name).touch()
    (tmp_path / "lake.img").touch()
    (tmp_path / "lake.qml").write_text("<qgis><pipe><rasterrenderer/></pipe></qgis>")
    (tmp_path / "polygons.qml").write_text("<qgis><renderer-v2/></qgis>")
    (tmp_path / "form.qml").write_text('<qgis styleCategories="Forms"><fieldConfiguration/></qgis>')

    with pytest.raises(OutputError) as caught:
        check_output_files(params_in(tmp_path, **names))
    assert caught.value.code == f"output.{code}"
    assert words in str(caught.value)


def test_the_table_of_kinds_makes_sense() -> None:
    for name, kind in KINDS.items():
        assert (kind.direction == "out") == name.endswith("_out"), name
        assert kind.type == "path" or not (kind.suffixes or kind.styled or kind.folder), name
        if kind.is_file_of("out"):
            assert kind.suffixes, f"{name}: what is written has a name that says what it is"
