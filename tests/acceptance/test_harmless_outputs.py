"""What is written from names of others: no page, table, style or script does anything but show them."""

from __future__ import annotations

import csv
import json
import os
import re
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas
import pytest

import hsi_engine
import make_scenes
from hsi_engine.errors import OutputError
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.classify_scenes.slurm import slurm_script

_MARK = "EVIL"
NAMES = {
    2: f'=HYPERLINK("http://{_MARK}.example")',
    5: f"<script>{_MARK}()</script><img src=x onerror={_MARK}()>",
    11: f"@SUM(1)]]>\" onclick='{_MARK}()' & {{{{ {_MARK} }}}}\n| ../../{_MARK}",
}
_UMASK = 0o027


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything that the names of three classes get into."""
    folder = tmp_path_factory.mktemp("outputs")
    scene = make_scenes.write_scene(folder / "scene.tif")
    frame = geopandas.read_file(make_scenes.write_polygons(folder / "polygons.gpkg", like=scene))
    frame["class_name"] = frame.class_id.map(NAMES)
    frame.to_file(folder / "polygons.gpkg")
    given = set(folder.iterdir())
    before = os.umask(_UMASK)
    labels = {"labels": folder / "polygons.gpkg", "class_field": "class_id"}
    try:
        hsi_engine.check_labels(scene=scene, **labels, report=folder / "labels.html", problems=folder / "odd.gpkg")
        hsi_engine.train_and_classify(
            scene=scene,
            **labels,
            model="lda",
            split="random",
            output=folder / "map.tif",
            confidence=folder / "confidence.tif",
            probabilities=folder / "probabilities.tif",
            model_output=folder / "m.hsimodel",
            report=folder / "training.html",
        )
        hsi_engine.clean_map(
            map=folder / "map.tif", min_area=2, output=folder / "clean.tif", table=folder / "areas.csv"
        )
        for suffix in ("sld", "json", "csv", "clr", "qml"):
            hsi_engine.export_map(map=folder / "map.tif", legend_file=folder / f"legend.{suffix}")
        hsi_engine.export_map(map=folder / "map.tif", polygons=folder / "map.gpkg", cog=folder / "cog.tif")
        hsi_engine.sample_reference_points(map=folder / "map.tif", points=30, output=folder / "points.gpkg")
        hsi_engine.assess_map(
            map=folder / "map.tif",
            reference=folder / "polygons.gpkg",
            class_field="class_id",
            report=folder / "agreement.html",
            metrics=folder / "agreement.json",
            table=folder / "agreement.csv",
        )
    finally:
        os.umask(before)
    for file in given:
        file.unlink()
    return folder


class Page(HTMLParser):
    """The tags and attributes that a browser finds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_pages_show_the_names_as_text(made: Path) -> None:
    pages = sorted(made.glob("*.html"))
    assert len(pages) == 3
    for path in pages:
        text = path.read_text(encoding="utf-8")
        page = Page(text)
        assert "&lt;script&gt;" in text
        assert "script" not in page.tags
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        assert not [value for name, value in page.attributes if name in ("href", "src") and _MARK in (value or "")]


def test_cells_of_tables_are_shown_by_spreadsheets(made: Path) -> None:
    tables = sorted(made.glob("*.csv"))
    assert len(tables) == 3
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert any(_MARK in cell for cell in cells)
        assert not [cell for cell in cells if cell[:1] in "=@\t\r+" and not cell[1:2].isdigit() and cell]


def test_styles_and_metadata_are_well_formed_and_hold_the_names_as_values(made: Path) -> None:
    styles = [*made.glob("*.qml"), *made.glob("*.sld"), *made.glob("*.aux.xml")]
    assert len(styles) > 5
    for style in styles:
        root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", style.read_text(encoding="utf-8")))
        assert not [element for element in root.iter() if element.tag.lower() in ("script", "img")]
    values = {value for element in ET.parse(made / "legend.sld").iter() for value in element.attrib.values()}
    assert NAMES[5] in values


def test_json_holds_the_names(made: Path) -> None:
    legend = json.loads((made / "legend.json").read_text(encoding="utf-8"))
    assert {entry["name"] for entry in legend} == {" ".join(name.split()) for name in NAMES.values()}


def test_no_file_is_called_after_a_class(made: Path) -> None:
    assert not [path for path in made.rglob("*") if _MARK in path.name]
    assert not list(made.parent.glob(f"*{_MARK}*"))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_outputs_have_the_permissions_that_the_user_asks_for(made: Path) -> None:
    found = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in made.iterdir()}
    assert len(found) > 15
    assert set(found.values()) == {oct(0o666 & ~_UMASK)}, found


@pytest.mark.skipif(sys.platform == "win32", reason="a script for bash")
@pytest.mark.parametrize("name", ["m\ntouch ran\n#.hsimodel", "$(touch ran).hsimodel", "`touch ran`'.hsimodel"])
def test_scripts_run_no_name(tmp_path: Path, name: str) -> None:
    params = CATALOGUE["classify_scenes"].params(
        scenes=str(tmp_path / name), model=tmp_path / name, output=tmp_path / name, write_slurm=tmp_path / f"{name}.sh"
    )
    (tmp_path / "hsi").write_text("#!/bin/sh\n")
    (tmp_path / "hsi").chmod(0o700)
    script = tmp_path / "script.sh"
    script.write_text(slurm_script(params, 1))
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["bash", script], cwd=tmp_path, check=True, env={"PATH": path}, timeout=60)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("target", ["somewhere", "missing"])
def test_links_at_the_path_of_an_output_are_refused(tmp_path: Path, target: str) -> None:
    scene = make_scenes.write_scene(tmp_path / "scene.tif")
    (tmp_path / "somewhere").write_text("precious")
    (tmp_path / "out.tif").symlink_to(tmp_path / target)
    with pytest.raises(OutputError, match=r"out\.tif' is a symbolic link to .*; outputs are not written through links"):
        hsi_engine.fit_pca(scene=scene, components=3, output=tmp_path / "out.tif")
    assert (tmp_path / "somewhere").read_text() == "precious"
    assert (tmp_path / "out.tif").is_symlink()
