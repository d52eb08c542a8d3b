"""Which class of a reference is which class of a map, where names and numbers are those of different people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio

import make_scenes
from hsi_engine.errors import LabelError
from hsi_engine.operations.assess_map.operation import OPERATION, AssessMapResult
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.reporting import SilentReporter

COVER = make_scenes.land_cover()
TRUTH = make_scenes.labelled()
NAMES = {2: "water", 5: "meadow", 11: "soil"}

Write = Callable[..., Path]


def assess(map_path: Path, reference: Path, **params: Any) -> AssessMapResult:
    given = {"map": map_path, "reference": reference, **params}
    parsed = validate(OPERATION, {k: str(v) if isinstance(v, Path) else v for k, v in given.items()})
    return start(OPERATION, parsed, SilentReporter())


@pytest.fixture
def write(scene_path: Path, tmp_path: Path) -> Write:
    """Write a class raster on the grid of the scene, the classes 2, 5, 11 renumbered, and names by the new values."""

    def write_raster(
        name: str,
        *,
        recode: tuple[int, int, int] = (2, 5, 11),
        names: dict[int, str] | None = None,
        truth: bool = False,
        dtype: str = "uint8",
        nodata: float | None = 0,
    ) -> Path:
        path = tmp_path / name
        values = np.zeros(TRUTH.shape)
        for old, new in zip(NAMES, recode, strict=True):
            values[(TRUTH if truth else COVER) == old] = new
        with rasterio.open(scene_path) as scene:
            profile = {**scene.profile, "count": 1, "dtype": dtype, "nodata": nodata}
        with rasterio.open(path, "w", **profile) as target:
            target.write(values.astype(dtype), 1)
        if names:
            rows = "".join(f"<Row><F>{value}</F><F>{name}</F></Row>" for value, name in names.items())
            columns = "<FieldDefn><Name>Value</Name><Type>0</Type><Usage>5</Usage></FieldDefn>"
            columns += "<FieldDefn><Name>Class</Name><Type>2</Type><Usage>2</Usage></FieldDefn>"
            table = f"<GDALRasterAttributeTable>{columns}{rows}</GDALRasterAttributeTable>"
            Path(f"{path}.aux.xml").write_text(
                f"<PAMDataset><PAMRasterBand band='1'>{table}</PAMRasterBand></PAMDataset>", encoding="utf-8"
            )
        return path

    return write_raster


def polygons(path: Path, scene: Path, drop: tuple[str, ...] = (), **recode: Any) -> Path:
    frame = geopandas.read_file(make_scenes.write_polygons(path, like=scene))
    for field, change in recode.items():
        frame[field] = frame[field].map(change)
    frame.drop(columns=list(drop)).to_file(path)
    return path


def by_name(result: AssessMapResult) -> dict[str, int]:
    return {c["name"]: c["value"] for c in result.classes}


def test_names_are_never_compared_with_the_numbers_of_a_map_without_names(
    write: Write, scene_path: Path, tmp_path: Path
) -> None:
    plain = write("map.tif", recode=(1, 2, 3))
    reference = polygons(tmp_path / "p.gpkg", scene_path, drop=("class_id",))
    with pytest.raises(
        LabelError, match=r"by name \(meadow, soil, water\), but nothing says which value of the map \(1, 2, 3\)"
    ):
        assess(plain, reference, class_field="class_name")
    legend = tmp_path / "legend.json"
    legend.write_text(json.dumps([{"value": v, "name": n} for v, n in enumerate(NAMES.values(), 1)]))
    result = assess(plain, reference, class_field="class_name", legend=legend)
    assert result.overall_accuracy == 1
    assert by_name(result) == {"water": 1, "meadow": 2, "soil": 3}


def test_a_style_of_texts_does_not_number_a_map(write: Write, scene_path: Path, tmp_path: Path) -> None:
    entries = "".join(f'<category value="{name}" label="{name}" symbol="0"/>' for name in NAMES.values())
    style = tmp_path / "given.qml"
    style.write_text(
        f'<qgis><renderer-v2 type="categorizedSymbol" attr="x"><categories>{entries}</categories></renderer-v2></qgis>'
    )
    reference = polygons(tmp_path / "p.gpkg", scene_path, drop=("class_id",))
    with pytest.raises(
        LabelError, match=r"is a style of names \(meadow, soil, water\); it does not say which class each value"
    ):
        assess(write("map.tif", recode=(1, 2, 3)), reference, class_field="class_name", legend=style)


def test_a_field_of_codes_makes_names_comparable_with_numbers(write: Write, scene_path: Path, tmp_path: Path) -> None:
    result = assess(write("map.tif"), polygons(tmp_path / "p.gpkg", scene_path), class_field="class_name")
    assert result.overall_accuracy == 1
    assert by_name(result) == {"water": 2, "meadow": 5, "soil": 11}
    assert any("Class values come from field 'class_id'" in note for note in result.notes)


def test_names_of_a_map_come_from_whatever_file_holds_them(write: Write, scene_path: Path, tmp_path: Path) -> None:
    plain = write("map.tif", recode=(1, 2, 3))
    entries = "".join(f'<paletteEntry value="{v}" label="{n}"/>' for v, n in enumerate(NAMES.values(), 1))
    (tmp_path / "map.qml").write_text(
        f'<qgis><pipe><rasterrenderer type="paletted">{entries}</rasterrenderer></pipe></qgis>'
    )
    reference = polygons(tmp_path / "p.gpkg", scene_path, drop=("class_id",))
    assert assess(plain, reference, class_field="class_name").overall_accuracy == 1


@pytest.mark.parametrize("kind", ["raster", "vector"])
def test_the_same_names_with_other_numbers_are_compared_by_name(
    write: Write, scene_path: Path, tmp_path: Path, kind: str
) -> None:
    mapped = write("map.tif", names=NAMES)
    if kind == "raster":
        reference = write("r.tif", truth=True, recode=(5, 11, 2), names={5: "Water", 11: "MEADOW", 2: "soil "})
    else:
        reference = polygons(tmp_path / "p.gpkg", scene_path, class_id={2: 5, 5: 11, 11: 2}.get)
    result = assess(mapped, reference, **({} if kind == "raster" else {"class_field": "class_id"}))
    assert result.overall_accuracy == 1
    assert by_name(result) == {"water": 2, "meadow": 5, "soil": 11}
    assert any("number the same classes differently" in note and "compared by name" in note for note in result.notes)


def test_a_class_that_only_the_reference_names_never_takes_the_value_of_another(write: Write) -> None:
    mapped = write("map.tif", recode=(1, 2, 3), names={1: "water", 2: "meadow", 3: "soil"})
    reference = write("r.tif", truth=True, recode=(3, 2, 1), names={3: "water", 2: "meadow", 1: "asphalt"})
    result = assess(mapped, reference)
    counts = {name: int((value == TRUTH).sum()) for value, name in NAMES.items()}
    assert result.correct == counts["water"] + counts["meadow"]
    assert by_name(result) == {"water": 1, "meadow": 2, "soil": 3, "asphalt": 4}
    assert "Classes of the reference that are not in the legend of the map: asphalt." in result.notes


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({5: "water", 11: "meadow"}, "class 2 of the reference has no name"),
        ({5: "water", 11: "meadow", 2: "meadow"}, "the name “meadow” occurs more than once"),
    ],
)
def test_numbers_that_differ_and_names_that_do_not_help_are_refused(
    write: Write, names: dict[int, str], words: str
) -> None:
    mapped = write("map.tif", names=NAMES)
    with pytest.raises(LabelError, match=words) as caught:
        assess(mapped, write("r.tif", truth=True, recode=(5, 11, 2), names=names))
    assert "“water” is 2 in the map and 5 in the reference" in caught.value.message


@pytest.mark.parametrize(("dtype", "nodata"), [("float32", np.nan), ("float64", -9999.0), ("int32", -1), ("uint16", 0)])
def test_a_map_of_any_type_is_assessed(write: Write, labels_path: Path, dtype: str, nodata: float) -> None:
    mapped = write("map.tif", dtype=dtype, nodata=nodata)
    with rasterio.open(mapped, "r+") as target:
        values = target.read(1)
        values[TRUTH == 0] = nodata
        target.write(values, 1)
    result = assess(mapped, labels_path)
    assert (result.overall_accuracy, result.warnings) == (1, [])


def test_a_class_0_on_both_sides_leads_the_result(write: Write, tmp_path: Path) -> None:
    mapped = write("map.tif", recode=(0, 1, 2), nodata=None)
    result = assess(mapped, write("r.tif", truth=True, recode=(0, 1, 2), nodata=None), metrics=tmp_path / "m.json")
    assert "Map and reference both hold the value 0" in result.warnings[0]
    assert result.to_text().startswith(f"Warning: {result.warnings[0]}")
    assert json.loads((tmp_path / "m.json").read_text("utf-8"))["notes"][0] == result.warnings[0]


def test_a_class_0_beside_another_nodata_value_leads_result_and_report(write: Write, tmp_path: Path) -> None:
    reference = write("r.tif", truth=True, recode=(0, 5, 11), nodata=255)
    result = assess(write("map.tif"), reference, report=tmp_path / "r.html")
    assert (
        "of r.tif hold the value 0, which means no class here, although the nodata value of the file is 255"
        in (result.to_text().splitlines()[0])
    )
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.index("The classes of map and reference may not be the same") < page.index("Confusion matrix")


def test_no_value_in_common_is_refused(write: Write) -> None:
    with pytest.raises(
        LabelError, match=r"No class of the reference \(2, 5, 11\) occurs in the map \(21, 22, 23\)"
    ) as caught:
        assess(write("map.tif", recode=(21, 22, 23)), write("r.tif", truth=True))
    assert caught.value.code == "labels.no_common_class"
    assert "Give both files the same class values, or names" in caught.value.hint


def test_a_reference_of_a_class_that_the_map_knows_but_nowhere_shows_is_assessed(write: Write) -> None:
    mapped = write("map.tif", recode=(2, 5, 5), names=NAMES)
    result = assess(mapped, write("r.tif", truth=True, recode=(0, 0, 11)))
    assert result.overall_accuracy == 0
    assert result.warnings[0].startswith("No class of the reference (11) occurs in the map (2, 5): check that")


@pytest.mark.parametrize("names", [None, NAMES])
def test_the_same_values_in_another_order_lead_the_result(
    write: Write, tmp_path: Path, names: dict[int, str] | None
) -> None:
    reference = write("r.tif", truth=True, recode=(5, 11, 2))
    result = assess(
        write("map.tif", **({} if names is None else {"names": names})), reference, report=tmp_path / "r.html"
    )
    assert (
        "Map and reference seem to number their classes differently: 0.00 % of the pixels agree" in result.warnings[0]
    )
    meant = "2 means 11, 5 means 2 and 11 means 5" if names is None else "2 means soil, 5 water and 11 meadow"
    assert f"100.00 % would if reference value {meant}." in result.warnings[0]
    assert result.warnings[0] in result.to_text().splitlines()[0]
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.index("seem to number their classes differently") < page.index("Confusion matrix")


def test_a_bad_map_is_not_taken_for_one_with_other_numbers(write: Write) -> None:
    result = assess(write("map.tif", recode=(5, 5, 5)), write("r.tif", truth=True))
    assert not any("number their classes differently" in warning for warning in result.warnings)


@pytest.mark.parametrize("name", ["mixed  forest", "mixed\N{NO-BREAK SPACE}forest", " Fore\N{COMBINING ACUTE ACCENT}t"])
def test_a_name_that_is_tidied_for_a_sidecar_is_found_again(
    write: Write, scene_path: Path, tmp_path: Path, name: str
) -> None:
    from hsi_engine.classes.class_names import one_line

    mapped = write("map.tif", names={**NAMES, 5: one_line(name)})
    reference = polygons(
        tmp_path / "p.gpkg", scene_path, drop=("class_id",), class_name=lambda n: name if n == "meadow" else n
    )
    assert assess(mapped, reference, class_field="class_name").overall_accuracy == 1
