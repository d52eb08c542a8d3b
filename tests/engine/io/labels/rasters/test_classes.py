"""Names and colours of classes as other programs write them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import rasterio.shutil
from affine import Affine
from pyproj import CRS

from hsi_engine.io.labels.labels import read_labels, read_legend
from hsi_engine.io.labels.types import Labels
from hsi_engine.io.maps.class_map import read_class_map
from hsi_engine.pixels.grid import Grid

TRANSFORM = Affine(30, 0, 364_000, 0, -30, 5_809_000)
VALUES = np.array([[1, 1, 2, 3], [0, 2, 3, 3], [1, 2, 2, 0]], np.uint8)
GRID = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=TRANSFORM, shape=(3, 4))
NAMES = ["Open water", "Mixed forest", "Bare soil"]
COLOURS = ["#0000ff", "#008000", "#cc8040"]

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the classes 1, 2, 3 in some format, and an .aux.xml with this table or these elements beside them."""

    def write_raster(name: str = "labels.tif", *, pam: str = "", driver: str = "GTiff", **options: Any) -> Path:
        path = tmp_path / name
        tags = options.pop("tags", {})
        profile = {"driver": driver, "count": 1, "height": 3, "width": 4, "dtype": "uint8", "crs": "EPSG:32633"}
        with rasterio.open(path, "w", transform=TRANSFORM, **profile, **options) as target:
            target.write(VALUES, 1)
            target.update_tags(1, **tags)
        if pam:
            content = f"<PAMDataset><PAMRasterBand band='1'>{pam}</PAMRasterBand></PAMDataset>"
            Path(f"{path}.aux.xml").write_text(content, encoding="utf-8")
        return path

    return write_raster


def table(columns: list[tuple[str, int, int]], rows: list[tuple[Any, ...]], attributes: str = "") -> str:
    """GDAL's element of an attribute table from (name, type, usage) and cells."""
    defined = "".join(
        f"<FieldDefn index='{i}'><Name>{name}</Name><Type>{kind}</Type><Usage>{usage}</Usage></FieldDefn>"
        for i, (name, kind, usage) in enumerate(columns)
    )
    cells = "".join("<Row>" + "".join(f"<F>{cell}</F>" for cell in row) + "</Row>" for row in rows)
    return f"<GDALRasterAttributeTable {attributes}>{defined}{cells}</GDALRasterAttributeTable>"


def names(labels: Labels) -> list[str]:
    return [c.name for c in labels.legend]


def colours(labels: Labels) -> list[str]:
    return [c.colour for c in labels.legend]


NUMBERED = list(enumerate(NAMES, 1))
TABLES = {
    "usages": table([("a", 0, 5), ("b", 2, 2)], NUMBERED),
    "usual names": table(
        [("OBJECTID", 0, 0), ("VALUE", 1, 0), ("Class_Name", 2, 0)], [(n - 1, n, t) for n, t in NUMBERED]
    ),
    "numbers as text": table([("Value", 2, 0), ("Label", 2, 0)], NUMBERED),
    "the only text": table(
        [("Value", 0, 5), ("Count", 1, 1), ("Landuse 2020", 2, 0)], [(n, 9, t) for n, t in NUMBERED]
    ),
    "rows are values": table([("Class_Names", 2, 2)], [("Unclassified",), *((t,) for t in NAMES)]),
    "rows from 1": table([("Class_Names", 2, 2)], [(t,) for t in NAMES], "Row0Min='1' BinSize='1'"),
    "min and max": table([("Min", 1, 3), ("Max", 1, 4), ("Class", 2, 2)], [(n, n, t) for n, t in NUMBERED]),
    "ranges": table([("Min", 1, 3), ("Max", 1, 4), ("Class", 2, 2)], [(n - 0.5, n + 0.4, t) for n, t in NUMBERED]),
    "only max": table([("Max", 1, 4), ("Class", 2, 2)], NUMBERED),
    "code and category": table([("Category", 2, 0), ("Code", 0, 0)], [(t, n) for n, t in NUMBERED]),
    "categories": "<CategoryNames>" + "".join(f"<Category>{t}</Category>" for t in ["", *NAMES]) + "</CategoryNames>",
}


@pytest.mark.parametrize("pam", TABLES.values(), ids=TABLES)
def test_attribute_tables_of_other_programs_name_the_classes(write: Write, pam: str) -> None:
    path = write(pam=pam)
    labels = read_labels(path, GRID)
    assert names(labels) == NAMES
    assert any("Class names come from the" in note and "labels.tif" in note for note in labels.notes)
    legend = read_class_map(path).legend
    assert legend is not None
    assert legend.names == NAMES


@pytest.mark.parametrize(
    "pam",
    [
        "<GDALRasterAttributeTable><Row><F>x</F></Row></GDALRasterAttributeTable>",
        table([("Histogram", 1, 1)], [(3,), (4,)]),
        table([("Value", 0, 5), ("Class", 2, 2)], [("?", "x")]),
        table([("Value", 0, 5), ("Note", 2, 0), ("Other", 2, 0)], [(1, "a", "b")]),
        "",
    ],
)
def test_a_table_that_names_nothing_names_nothing(write: Write, pam: str) -> None:
    labels = read_labels(write(pam=pam), GRID)
    assert [name for name in names(labels) if name != "x"] == ["1", "2", "3"]
    assert read_class_map(write(pam="")).legend is None


RGB = [(0, 0, 1), (0, 0.5, 0), (0.8, 0.5, 0.25)]
COLOUR_COLUMNS = {
    "shares": ([("Red", 1, 6), ("Green", 1, 7), ("Blue", 1, 8)], RGB),
    "bytes": ([("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8)], [(0, 0, 255), (0, 128, 0), (204, 128, 64)]),
    "real bytes": ([("Red", 1, 6), ("Green", 1, 7), ("Blue", 1, 8)], [(0, 0, 255), (0, 128, 0), (204, 128, 64)]),
    "usual names": ([("RED", 0, 0), ("GREEN", 0, 0), ("BLUE", 0, 0)], [(0, 0, 255), (0, 128, 0), (204, 128, 64)]),
    "16 bits": ([("R", 0, 0), ("G", 0, 0), ("B", 0, 0)], [(0, 0, 65535), (0, 32896, 0), (52428, 32896, 16448)]),
    "one text": ([("Colour", 2, 0)], [(colour.upper(),) for colour in COLOURS]),
}


@pytest.mark.parametrize("case", COLOUR_COLUMNS)
def test_colours_in_the_ways_tables_write_them(write: Write, case: str) -> None:
    columns, cells = COLOUR_COLUMNS[case]
    rows = [(*numbered, *rgb) for numbered, rgb in zip(NUMBERED, cells, strict=True)]
    labels = read_labels(write(pam=table([("Value", 0, 5), ("Class", 2, 2), *columns], rows)), GRID)
    assert (names(labels), colours(labels)) == (NAMES, COLOURS)


def test_shares_that_were_cut_to_whole_numbers_are_no_colours(write: Write) -> None:
    columns = [("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8)]
    labels = read_labels(write(pam=table(columns, [(n, t, 0, 0, n == 1) for n, t in NUMBERED])), GRID)
    assert names(labels) == NAMES
    assert len({*colours(labels), "#000000", "#000001"}) == 5


@pytest.mark.parametrize("capitals", [False, True])
@pytest.mark.parametrize("name", ["labels.tif.vat.dbf", "labels.vat.dbf"])
def test_the_attribute_table_of_esri_beside_the_raster(write: Write, tmp_path: Path, name: str, capitals: bool) -> None:
    path = write()
    cells = {"Value": [1, 2, 3], "Count": [3.0, 4.0, 3.0], "CLASS_NAME": ["Gewässer", *NAMES[1:]]}
    shares = {"Red": [0.0, 0.0, 0.8], "Green": [0.0, 0.5, 0.5], "Blue": [1.0, 0.0, 0.25]}
    frame = geopandas.GeoDataFrame({**cells, **shares}, geometry=[None] * 3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, tmp_path / "t.shp", geometry_type="Point")
    (tmp_path / "t.dbf").rename(tmp_path / (name.upper() if capitals else name))  # its .cpg stays behind
    labels = read_labels(path, GRID)
    assert names(labels) == ["Gewässer", *NAMES[1:]]
    assert colours(labels) == COLOURS


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_an_envi_classification_has_names_and_colours(write: Write, encoding: str) -> None:
    path = write("labels.img", driver="ENVI")
    header = path.with_suffix(".hdr")
    lookup = "class lookup = {0, 0, 0, 0, 0, 255,\n 0, 128, 0, 204, 128, 64}"
    listed = "class names = {\nUnclassified, Gewässer,\n Mixed forest, Bare soil}"
    text = header.read_text().replace("ENVI Standard", "ENVI Classification")
    header.write_text(f"{text}\nclasses = 4\n{lookup}\n{listed}\n", encoding=encoding)
    labels = read_labels(path, GRID)
    assert (names(labels), colours(labels)) == (["Gewässer", *NAMES[1:]], COLOURS)
    assert any("not in UTF-8; they are read as Windows-1252" in n for n in labels.notes) == (encoding == "latin-1")


def envi_names(write: Write, listed: str, encoding: str = "utf-8", classes: str = "classes = 4\n") -> Labels:
    path = write("labels.img", driver="ENVI")
    header = path.with_suffix(".hdr")
    text = header.read_text().replace("ENVI Standard", "ENVI Classification")
    header.write_bytes(f"{text}{classes}class names = {{{listed}}}\n".encode(encoding))
    return read_labels(path, GRID)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize(
    "listed",
    [
        'Unclassified, "Water, open", Forêt, Soil',
        '"Unclassified","Water, open","Forêt","Soil",',
        'Unclassified,\n "Water, open",\n Forêt, Soil',
    ],
)
def test_a_comma_within_a_quoted_envi_name_shifts_no_names(write: Write, listed: str, encoding: str) -> None:
    labels = envi_names(write, listed, encoding)
    assert names(labels) == ["Water, open", "Forêt", "Soil"]


@pytest.mark.parametrize(
    ("listed", "count"),
    [("Unclassified, Water, Forest", 3), ("Unclassified, Water, open, Forest, Soil", 5), ('"a", "b, c"', 3)],
)
def test_envi_names_that_do_not_fit_are_said_and_not_used(write: Write, listed: str, count: int) -> None:
    labels = envi_names(write, listed)
    note = f"The ENVI header of labels.img states 4 classes but lists {count} class names; they are not used."
    assert note in labels.notes
    assert not {"Water", "Forest", "open", "b, c", "c"} & set(names(labels))


def test_envi_names_without_a_number_of_classes_and_quotes_that_are_no_matter_stay(write: Write) -> None:
    assert names(envi_names(write, "None, A, B, C", classes="")) == ["A", "B", "C"]
    assert names(envi_names(write, 'None, 6" deep, B, C')) == ['6" deep', "B", "C"]


@pytest.mark.parametrize("driver", ["VRT", "RST"])
def test_formats_with_names_of_their_own(write: Write, tmp_path: Path, driver: str) -> None:
    source = write("source.tif", pam=TABLES["categories"])
    path = tmp_path / f"labels.{driver.lower()}"
    with rasterio.open(source) as opened:
        rasterio.shutil.copy(opened, path, driver=driver)
    for sidecar in tmp_path.glob("*.aux.xml"):
        sidecar.unlink()
    labels = read_labels(path, GRID, resampling="nearest")
    assert names(labels) == NAMES


@pytest.mark.parametrize("listed", ["1, 2, 3", "{1,2,3}", "1b, 2b, 3b", "1 2 3"])
def test_flags_of_the_cf_conventions(write: Write, listed: str) -> None:
    tags = {
        "flag_values": listed,
        "flag_meanings": "open_water mixed_forest bare_soil",
        "flag_colors": " ".join(COLOURS),
    }
    labels = read_labels(write(tags=tags), GRID)
    assert names(labels) == ["open_water", "mixed_forest", "bare_soil"]
    assert colours(labels) == COLOURS


def test_flags_that_do_not_fit_are_said_and_not_used(write: Write) -> None:
    labels = read_labels(write(tags={"flag_values": "1, 2, 3", "flag_meanings": "water forest"}), GRID)
    assert names(labels) == ["1", "2", "3"]
    assert "labels.tif lists 3 flag_values but 2 flag_meanings; they are not used." in labels.notes


def test_signed_flags_of_unsigned_bytes(write: Write, tmp_path: Path) -> None:
    path = write(tags={"flag_values": "10b, -126b", "flag_meanings": "crops tree_cover"})
    with rasterio.open(path, "r+") as target:
        target.write(np.array([[10, 10, 130, 130]] * 3, np.uint8), 1)
    assert names(read_labels(path, GRID)) == ["crops", "tree_cover"]


def pseudocolour(kind: str, items: list[tuple[str, str, str]]) -> str:
    listed = "".join(f'<item value="{v}" label="{label}" color="{c}" alpha="255"/>' for v, label, c in items)
    return (
        '<qgis><pipe><rasterrenderer type="singlebandpseudocolor" band="1"><rastershader>'
        f'<colorrampshader colorRampType="{kind}">{listed}</colorrampshader></rastershader></rasterrenderer></pipe></qgis>'
    )


ITEMS = [(str(n), t, c) for (n, t), c in zip(NUMBERED, COLOURS, strict=True)]


@pytest.mark.parametrize(("kind", "items"), [("EXACT", ITEMS), ("DISCRETE", [*ITEMS, ("inf", "> 3", "#000000")])])
@pytest.mark.parametrize("name", ["labels.qml", "LABELS.QML"])
def test_a_pseudocolour_style_of_single_values(write: Write, tmp_path: Path, kind: str, items: Any, name: str) -> None:
    path = write()
    style = tmp_path / name
    style.write_text(pseudocolour(kind, items))
    labels = read_labels(path, GRID)
    assert (names(labels), colours(labels)) == (NAMES, COLOURS)
    given = tmp_path / "given.qml"
    style.rename(given)
    labels = read_labels(path, GRID, legend=read_legend(given))
    assert (names(labels), colours(labels)) == (NAMES, COLOURS)


def test_classes_of_the_same_name_are_told(write: Write, tmp_path: Path) -> None:
    path = write(pam=table([("Value", 0, 5), ("Class", 2, 2)], [(1, "Forest"), (2, "soil"), (3, "forest")]))
    assert any("Classes 1 and 3 have the same name, “Forest”." in note for note in read_labels(path, GRID).notes)
    legend = tmp_path / "legend.json"
    legend.write_text(json.dumps([{"value": 2, "name": "a b"}, {"value": 1, "name": "A  b"}, {"value": 3}]))
    labels = read_labels(path, GRID, legend=read_legend(legend))
    assert any("Classes 1 and 2 have the same name" in note for note in labels.notes)


# ------------------------------------------------------------------------------------ encodings, colour files, flags


def vat(path: Path, texts: list[str], encoding: str, language: int = 0) -> Path:
    """The attribute table of ESRI beside a raster, without the .cpg that states its encoding."""
    frame = pd.DataFrame({"Value": [1, 2, 3], "Class_name": texts})
    pyogrio.write_dataframe(frame, path.with_name("table.dbf"), driver="ESRI Shapefile", encoding=encoding)
    path.with_name("table.cpg").unlink()
    table = path.with_name("table.dbf").rename(path.with_name(f"{path.name}.vat.dbf"))
    content = bytearray(table.read_bytes())
    content[29] = language
    table.write_bytes(content)
    return table


CYRILLIC = ["Открытая вода", "Смешанный лес", "Голая почва"]
WESTERN = ["Wälder", "Äcker", "Gebüsch – dicht"]


@pytest.mark.parametrize("encoding", ["CP1251", "CP866", "KOI8-R"])
@pytest.mark.parametrize("language", [0, 0x57])
def test_names_in_an_encoding_that_nothing_states_are_not_guessed(write: Write, encoding: str, language: int) -> None:
    path = write()
    table = vat(path, CYRILLIC, encoding, language)
    labels = read_labels(path, GRID)
    assert names(labels) == ["1", "2", "3"]
    note = next(note for note in labels.notes if "labels.tif.vat.cpg" in note)
    assert note.endswith("Until then its class names are not used.")
    assert "CP1251 (Cyrillic)" in note
    table.with_suffix(".cpg").write_text(encoding)
    assert names(read_labels(path, GRID)) == CYRILLIC


@pytest.mark.parametrize(
    ("texts", "encoding", "language", "said"),
    [
        (CYRILLIC, "UTF-8", 0, "is read as UTF-8; there is no .cpg file"),
        (CYRILLIC, "CP1251", 0xC9, ""),
        (WESTERN, "CP1252", 0, "it is read as Windows-1252, such as “Wälder”. If that is wrong, write the encoding"),
        (["water", "wood", "soil"], "CP1252", 0, ""),
    ],
)
def test_names_whose_encoding_is_stated_or_likely(
    write: Write, texts: list[str], encoding: str, language: int, said: str
) -> None:
    path = write()
    vat(path, texts, encoding, language)
    labels = read_labels(path, GRID)
    assert names(labels) == texts
    about = [note for note in labels.notes if "cpg" in note]
    assert [said in note for note in about] == ([True] if said else [])


@pytest.mark.parametrize(
    "text",
    [
        "1 0 0 255 Open water\n2 0 128 0 Mixed forest\n3 204 128 64 Bare soil\n",
        "\ufeff# QGIS Generated Color Map Export File\nINTERPOLATION:EXACT\n1,0,0,255,255,Open water\n2,0,128,0,255,Mixed forest\n"
        "3,204,128,64,255,Bare soil\n",
    ],
    ids=["ESRI", "QGIS"],
)
def test_a_colour_file_beside_a_raster(write: Write, tmp_path: Path, text: str) -> None:
    path = write()
    (tmp_path / "LABELS.CLR").write_text(text, encoding="utf-8")
    labels = read_labels(path, GRID)
    assert (names(labels), colours(labels)) == (NAMES, COLOURS)
    assert "Class names and colours come from LABELS.CLR." in labels.notes


def test_a_colour_file_of_colours_only_or_of_ranges(write: Write, tmp_path: Path) -> None:
    path = write()
    file = tmp_path / "labels.clr"
    file.write_text("1 0 0 255\n2 0 128 0\n3 204 128 64\nnv 0 0 0\n")
    labels = read_labels(path, GRID)
    assert (names(labels), colours(labels)) == (["1", "2", "3"], COLOURS)
    assert "Class colours come from labels.clr." in labels.notes
    assert "Lines of labels.clr that cannot be read and were ignored: 1." in labels.notes
    file.write_text("INTERPOLATION:DISCRETE\n1,0,0,255,255,x\n")
    labels = read_labels(path, GRID)
    assert colours(labels) != COLOURS
    assert any("labels.clr was ignored: its colours are those of ranges" in note for note in labels.notes)


def test_flags_of_single_bits_are_no_classes(write: Write) -> None:
    labels = read_labels(write(tags={"flag_masks": "1b, 2b, 4b", "flag_meanings": "cloud shadow snow"}), GRID)
    assert names(labels) == ["1", "2", "3"]
    assert any("flags that are set bit by bit (flag_masks)" in note for note in labels.notes)


def test_flags_of_several_bits_that_all_share_a_mask(write: Write) -> None:
    tags = {"flag_masks": "3b, 3b, 3b", "flag_values": "1b, 2b, 3b", "flag_meanings": "water wood soil"}
    assert names(read_labels(write(tags=tags), GRID)) == ["water", "wood", "soil"]


@pytest.mark.parametrize("place", ["file", "band"])
@pytest.mark.parametrize(
    "text",
    [
        "1=Open water; 2=Mixed forest; 3=Bare soil",
        "{1: Open water, 2: Mixed forest, 3: Bare soil}",
        "1=Open water\n2=Mixed forest\n3=Bare soil",
        json.dumps(dict(enumerate(NAMES, 1))),
    ],
)
def test_a_tag_with_names_by_value_is_read(write: Write, place: str, text: str) -> None:
    path = write(tags={"CLASS_NAMES": text} if place == "band" else {})
    if place == "file":
        with rasterio.open(path, "r+") as target:
            target.update_tags(class_names=text)
    labels = read_labels(path, GRID)
    assert names(labels) == NAMES
    assert any("come from the tag CLASS_NAMES of labels.tif" in note for note in labels.notes)


@pytest.mark.parametrize("text", ["Open water, Mixed forest, Bare soil", json.dumps(NAMES), "water"])
def test_a_tag_that_leaves_the_values_open_is_said_and_not_used(write: Write, text: str) -> None:
    labels = read_labels(write(tags={"CLASS_NAMES": text}), GRID)
    assert names(labels) == ["1", "2", "3"]
    (note,) = [note for note in labels.notes if "CLASS_NAMES" in note]
    assert "does not say which value each name belongs to; it is not used. Write it as 1=water" in note


def test_names_that_look_like_one_class_are_warned_of(write: Write) -> None:
    labels = read_labels(write(tags={"CLASS_NAMES": "1=soil; 2=soil.; 3=water"}), GRID)
    assert names(labels) == ["soil", "soil.", "water"]
    assert [w[:40] for w in labels.warnings] == ["“soil” and “soil.” look like one class, "]
