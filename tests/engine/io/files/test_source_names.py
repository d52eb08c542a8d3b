"""Names of inputs: archives, addresses, layers in the style of a GIS, and files whose names look like one of these."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import numpy as np
import pytest
import rasterio.shutil
from shapely.geometry import box

import hsi_engine
import make_scenes
import worker_process
from hsi_engine.cli import main
from hsi_engine.errors import HsiError, LabelError, OutputError, SceneError
from hsi_engine.io.files.outputs import check_output, sha256_of
from hsi_engine.io.files.source_hash import sha256_of_source
from hsi_engine.io.files.source_names import SourcePath, file_behind, is_gdal_name, raster_name
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import describe_scene, open_scene
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from make_scenes import COLS, ROWS

MakeScene = Callable[..., Path]
# Each of them is read as an address by rasterio, pyogrio or GDAL, and is an ordinary name on a disk.
ODD_FOLDERS = [
    "!fields",
    "zip:2024",
    "run1:site",
    "a!b.zip!c",
    "file:x",
    "a;b",
    "what?",
    "a|b",
    "NETCDF:x",
    "s3:",
    "#1",
]


@pytest.fixture
def archive(make_scene: MakeScene, tmp_path: Path) -> Path:
    """A zip archive with a GeoTIFF, an ENVI scene in a folder, and a shapefile."""
    make_scene("in/scene.tif")
    make_scene("in/deep/scene.bsq", layout="bsq")
    frame = geopandas.read_file(make_scenes.write_polygons(tmp_path / "p.gpkg", like=tmp_path / "in" / "scene.tif"))
    frame.to_file(tmp_path / "in" / "fields.shp")
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as target:
        for file in sorted((tmp_path / "in").rglob("*.*")):
            target.write(file, file.relative_to(tmp_path / "in"))
    with tarfile.open(tmp_path / "all.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "in" / "scene.tif", "scene.tif")
    shutil.rmtree(tmp_path / "in")
    return path


@pytest.fixture
def grid(scene_path: Path) -> Grid:
    return describe_scene(scene_path).grid


@pytest.mark.parametrize("slashes", ["/", "//"], ids=["as joined by pathlib", "as GDAL has it"])
@pytest.mark.parametrize("name", ["scene.tif", "deep/scene.bsq"])
def test_a_raster_in_an_archive_with_an_absolute_path(archive: Path, slashes: str, name: str) -> None:
    with open_scene(f"/vsizip{slashes}{archive.as_posix().lstrip('/')}/{name}") as reader:
        assert reader.read(Window(row=0, col=0, height=ROWS, width=COLS), [0, 3]).valid.any()
        assert reader.scene.bands.wavelength_nm == pytest.approx(make_scenes.wavelengths_nm())


def test_a_raster_in_an_archive_with_a_relative_path(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive.parent)
    assert describe_scene("/vsizip/all.zip/scene.tif").grid.shape == (ROWS, COLS)
    assert describe_scene("/vsitar/all.tar.gz/scene.tif").grid.shape == (ROWS, COLS)


def test_labels_in_an_archive(archive: Path, grid: Grid) -> None:
    labels = read_labels(f"/vsizip/{archive}/fields.shp", grid)
    assert sorted(labels.legend.values.tolist()) == [2, 5, 11]
    assert labels.source["sha256"] == sha256_of(archive)


def test_an_archive_in_the_place_of_a_raster_names_what_is_in_it(archive: Path, grid: Grid) -> None:
    with pytest.raises(
        SceneError, match=rf"all\.zip is an archive, not a raster.*/vsizip/{archive}/scene\.tif"
    ) as caught:
        describe_scene(archive)
    assert ".hdr" not in caught.value.hint
    with pytest.raises(SceneError, match=rf"is an archive.*/vsitar/{archive.parent}/all\.tar\.gz/scene\.tif\."):
        describe_scene(archive.parent / "all.tar.gz")
    with pytest.raises(SceneError, match=rf"cannot be opened.*Name a file in it: .*/vsizip/{archive}/scene\.tif"):
        describe_scene(f"/vsizip/{archive}/scnee.tif")
    with zipfile.ZipFile(archive.parent / "rasters.zip", "w") as target, zipfile.ZipFile(archive) as source:
        target.writestr("labels.tif", source.read("scene.tif"))
    with pytest.raises(LabelError, match=r"is an archive, not a raster.*rasters\.zip/labels\.tif"):
        read_labels(archive.parent / "rasters.zip", grid)


def test_an_archive_that_is_none_is_said(tmp_path: Path) -> None:
    path = tmp_path / "scene.zip"
    path.write_bytes(b"not an archive at all")
    with pytest.raises(SceneError, match="its end is not that of a zip archive"):
        describe_scene(path)


@pytest.mark.parametrize("folder", ODD_FOLDERS)
def test_files_in_folders_with_odd_names(
    make_scene: MakeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    scene = make_scene(f"{folder}/scene.tif")
    envi = make_scene(f"{folder}/cube.bsq", layout="bsq")
    polygons = make_scenes.write_polygons(tmp_path / "p.gpkg", like=scene).rename(tmp_path / folder / "p.gpkg")
    raster = make_scenes.write_labels(tmp_path / folder / "labels.tif", like=scene)
    monkeypatch.chdir(tmp_path)
    for base in (tmp_path, Path()):
        here = base / folder
        grid = describe_scene(here / "scene.tif").grid
        assert describe_scene(here / envi.name).driver == "ENVI"
        for labels in (here / polygons.name, here / raster.name):
            found = read_labels(labels, grid)
            assert found.legend.values.tolist() == [2, 5, 11]
            assert found.source["sha256"] == sha256_of(labels)


@pytest.mark.parametrize("name", ["zip:x", "run1:site", "!x", "GPKG:x", "x;y", "file:x"])
def test_files_with_odd_names(
    make_scene: MakeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    scene = make_scene(f"{name}.tif")
    make_scenes.write_polygons(tmp_path / "p.gpkg", like=scene).rename(tmp_path / f"{name}.gpkg")
    monkeypatch.chdir(tmp_path)
    grid = describe_scene(f"{name}.tif").grid
    assert not is_gdal_name(Path(f"{name}.tif"))
    assert len(read_labels(f"{name}.gpkg", grid).pixels) > 100


def test_a_shapefile_with_an_odd_name_keeps_its_fields(tmp_path: Path, grid: Grid, scene_path: Path) -> None:
    (tmp_path / "!fields").mkdir()
    frame = geopandas.read_file(make_scenes.write_polygons(tmp_path / "p.gpkg", like=scene_path))
    frame.to_file(tmp_path / "x.shp")
    for file in tmp_path.glob("x.*"):
        file.rename(tmp_path / "!fields" / file.name)
    labels = read_labels(tmp_path / "!fields" / "x.shp", grid)
    assert list(labels.legend.names) == ["water", "meadow", "soil"]
    with zipfile.ZipFile(tmp_path / "!fields" / "x.zip", "w") as target:
        for file in (tmp_path / "!fields").glob("x.*"):
            if file.suffix != ".zip":
                target.write(file, file.name)
    np.testing.assert_array_equal(read_labels(tmp_path / "!fields" / "x.zip", grid).values, labels.values)


# ------------------------------------------------------------------------------------ file|layername=x


@pytest.fixture
def layers(tmp_path: Path, scene_path: Path) -> Path:
    path = make_scenes.write_polygons(tmp_path / "two.gpkg", like=scene_path)
    whole = geopandas.GeoDataFrame(
        {"class_id": [7]}, geometry=[box(364095, 5809900, 364165, 5809965)], crs="EPSG:32633"
    )
    whole.to_file(path, layer="other", driver="GPKG")
    return path


def test_a_layer_named_behind_the_file(layers: Path, grid: Grid) -> None:
    assert read_labels(f"{layers}|layername=other", grid).legend.values.tolist() == [7]
    assert read_labels(f"{layers}|layername=two", grid).legend.values.tolist() == [2, 5, 11]
    assert read_labels(f"{layers}|layername=other", grid, layer="other").source["layer"] == "other"


def test_what_else_stands_behind_the_file_is_refused(layers: Path, grid: Grid) -> None:
    with pytest.raises(LabelError, match=r"only layername= is understood; found subset=class_id = 2") as caught:
        read_labels(f"{layers}|layername=two|subset=class_id = 2", grid)
    assert "save filtered features" in caught.value.hint
    with pytest.raises(LabelError, match="found layerid=1"):
        read_labels(f"{layers}|layerid=1", grid)
    with pytest.raises(LabelError, match=r"Two layers of .* are named: 'two' and, after the \|, 'other'"):
        read_labels(f"{layers}|layername=other", grid, layer="two")
    with pytest.raises(LabelError, match=r"gone\.gpkg does not exist"):
        read_labels(f"{layers.with_name('gone.gpkg')}|layername=other", grid)


def test_a_layer_or_a_file_with_a_bar_in_its_name(tmp_path: Path, layers: Path, grid: Grid) -> None:
    frame = geopandas.read_file(layers, layer="other")
    for layer in ("a|b c", "x=y|z", "layer|"):
        frame.to_file(layers, layer=layer, driver="GPKG")
        assert read_labels(f"{layers}|layername={layer}", grid).source["layer"] == layer
    barred = tmp_path / "2020|2021.gpkg"
    shutil.copy(layers, barred)
    assert read_labels(f"{barred}|layername=other", grid).legend.values.tolist() == [7]
    with pytest.raises(LabelError, match="found geometrytype=Polygon"):
        read_labels(f"{layers}|layername=other|geometrytype=Polygon", grid)


# ------------------------------------------------------------------------------------ addresses of files


def test_an_address_of_a_file_is_that_file(
    make_scene: MakeScene, layers: Path, grid: Grid, capfd: pytest.CaptureFixture[str]
) -> None:
    scene = make_scene("mit Ä und 100%41/scene.tif")
    moved = shutil.copy(layers, scene.with_name("two.gpkg"))
    for address in (scene.as_uri(), scene.as_uri().replace("file://", "file://localhost"), f"file://{scene}"):
        assert describe_scene(address).path == scene
        assert main(["info", address, "--json"]) == 0
        assert json.loads(capfd.readouterr().out)["scene"] == str(scene)
    assert read_labels(f"{Path(moved).as_uri()}|layername=other", grid).legend.values.tolist() == [7]
    assert file_behind(Path(f"{Path(moved).as_uri()}|layername=other")) == Path(moved)
    with pytest.raises(SceneError, match=r"The file /gone/scene\.tif does not exist"):
        describe_scene("file:///gone/scene.tif")


# ------------------------------------------------------------------------------------ compressed files and archives


@pytest.mark.parametrize("ending", ["geojson", "gpkg"])
def test_vectors_that_are_compressed_by_themselves(layers: Path, tmp_path: Path, grid: Grid, ending: str) -> None:
    plain = tmp_path / f"labels.{ending}"
    geopandas.read_file(layers, layer="two").to_file(plain)
    packed = tmp_path / f"labels.{ending}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    labels = read_labels(packed, grid)
    np.testing.assert_array_equal(labels.values, read_labels(plain, grid).values)
    assert labels.source["sha256"] == sha256_of(packed)


@pytest.mark.parametrize("mode", ["bz2", "xz"])
def test_archives_in_which_gdal_cannot_read(make_scene: MakeScene, tmp_path: Path, grid: Grid, mode: str) -> None:
    path = tmp_path / f"all.tar.{mode}"
    with tarfile.open(path, f"w:{mode}") as archive:  # type: ignore[call-overload]
        archive.add(make_scene("scene.tif"), "deep/scene.tif")
    for read in (describe_scene, lambda name: read_labels(name, grid)):
        with pytest.raises(HsiError, match="is an archive of a kind in which GDAL cannot read") as caught:
            read(path)
        assert caught.value.hint == "Unpack it, and choose the file inside it, such as deep/scene.tif."
    (tmp_path / "all.7z").write_bytes(b"7z")
    with pytest.raises(SceneError, match=r"Unpack it, and choose the file inside it\."):
        describe_scene(tmp_path / "all.7z")


@pytest.mark.parametrize(("ending", "program"), [("bz2", "bunzip2"), ("xz", "unxz"), ("zst", "unzstd")])
def test_files_that_are_compressed_by_themselves(tmp_path: Path, ending: str, program: str) -> None:
    path = tmp_path / f"scene.bsq.{ending}"
    path.write_bytes(b"packed")
    with pytest.raises(SceneError, match=rf"is a compressed file\.\s+Uncompress it with {program} first"):
        describe_scene(path)


@pytest.mark.parametrize("form", ['"{}"', "'{}'", "{} ", "“{}”"])
def test_a_name_in_quotation_marks(scene_path: Path, form: str) -> None:
    with pytest.raises(SceneError, match=r"Did you mean .*, without the quotation marks or spaces around it"):
        describe_scene(form.format(scene_path))


# ------------------------------------------------------------------------------------ the file behind a name


def test_the_file_behind_a_name(archive: Path, layers: Path) -> None:
    assert file_behind(archive) == archive
    assert file_behind(Path(f"/vsizip/{archive}/deep/scene.bsq")) == archive
    assert file_behind(Path(f"{layers}|layername=other")) == layers
    assert file_behind(Path(f'GPKG:"{layers}":two')) == layers
    assert file_behind(Path(f"GPKG:{layers}:two")) == layers
    assert file_behind(Path("https://example.org/scene.tif")) is None
    assert file_behind(archive.with_name("gone.tif")) is None


def test_addresses_get_their_slashes_back() -> None:
    assert raster_name(Path("https://example.org/a.tif")) == "https://example.org/a.tif"
    assert raster_name(Path("/vsicurl/https://example.org/a.tif")) == "/vsicurl/https://example.org/a.tif"
    assert raster_name(Path("/vsizip/vsicurl/https://example.org/a.zip/a.tif")) == (
        "/vsizip//vsicurl/https://example.org/a.zip/a.tif"
    )


def test_hashes_of_sources(archive: Path, layers: Path, tmp_path: Path) -> None:
    assert sha256_of_source(Path(f"/vsizip/{archive}/scene.tif")) == sha256_of(archive)
    assert sha256_of_source(Path(f"{layers}|layername=other")) == sha256_of(layers)
    address = Path("https://example.org/a.tif")
    assert sha256_of_source(address) == hashlib.sha256(str(address).encode()).hexdigest()
    folder = tmp_path / "folder.gdb"
    folder.mkdir()
    (folder / "a").write_text("1")
    before = sha256_of_source(folder)
    (folder / "a").write_text("2")
    assert sha256_of_source(folder) != before
    with pytest.raises(HsiError, match="cannot be read"):
        sha256_of_source(tmp_path / "gone.tif")


def test_the_file_behind_an_input_is_never_an_output(layers: Path) -> None:
    with pytest.raises(OutputError, match="is also an input"):
        check_output(layers, inputs=[f"{layers}|layername=other"])


# ------------------------------------------------------------------------------------ rasters inside a file


@pytest.fixture
def container(scene_path: Path, tmp_path: Path) -> Path:
    """An HDF5 file that holds each band of a scene as a raster of its own."""
    path = tmp_path / "cube.h5"
    rasterio.shutil.copy(scene_path, tmp_path / "cube.nc", driver="netCDF", FORMAT="NC4", GDAL_PAM_ENABLED="NO")
    (tmp_path / "cube.nc").rename(path)
    return path


@pytest.mark.parametrize("form", ['HDF5:"{}"://Band2', "HDF5:{}://Band2"], ids=["quoted", "as GDAL lists it"])
def test_a_raster_in_an_hdf5_file_is_opened_by_its_name(
    container: Path, form: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(container.parent)
    for file in (container, Path(container.name)):
        name = form.format(file.as_posix())
        assert str(hsi_engine.inspect_scene(scene=name).scene) == name, "Python"
        assert main(["info", name, "--json"]) == 0
        assert json.loads(capfd.readouterr().out)["scene"] == name, "command line"
        if file.is_absolute():
            with worker_process.started("-m", "hsi_engine.worker") as worker:
                worker.request("inspect_scene", scene=name)
                last = list(worker.read())[-1]
            assert last["result"]["scene"] == name, "worker"
        assert describe_scene(Path(name)).grid.shape == (ROWS, COLS), "a path that pathlib has shortened"
        assert file_behind(Path(name)) == file
        assert sha256_of_source(Path(name)) == sha256_of(container)
        with pytest.raises(OutputError, match="is also an input"):
            check_output(container, inputs=[Path(name)])


def test_an_error_shows_the_name_of_a_raster_as_it_was_given(container: Path) -> None:
    name = f'HDF5:"{container}"://Band77'
    with pytest.raises(SceneError) as caught:
        hsi_engine.inspect_scene(scene=name)
    assert caught.value.message.startswith(f"{name} cannot be opened")


def test_a_virtual_raster_with_options_is_opened_by_its_name(scene_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(scene_path.parent)
    for file in (scene_path.as_posix(), scene_path.name):
        name = f"vrt://{file}?bands=3,1"
        assert len(describe_scene(Path(name)).bands) == 2
        assert str(SourcePath(name)) == name
        assert file_behind(Path(name)) == Path(file)


def test_a_file_with_the_name_of_a_raster_inside_another_keeps_its_name(
    make_scene: MakeScene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_scene("HDF5:a.h5:/scene.tif")
    monkeypatch.chdir(tmp_path)
    assert str(SourcePath("HDF5:a.h5:/scene.tif")) == "HDF5:a.h5:/scene.tif"
    assert describe_scene("HDF5:a.h5:/scene.tif").driver == "GTiff"
