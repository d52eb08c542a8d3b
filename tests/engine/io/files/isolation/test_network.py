"""No input makes the engine send a request: a server on this machine sees none."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

import pyogrio
import pytest
import rasterio
from rasterio.errors import RasterioError

import make_scenes
from hsi_engine.errors import HsiError, LabelError, SceneError
from hsi_engine.io.files.isolation import network
from hsi_engine.io.files.isolation.source import check_source
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.scenes.scene import open_scene
from hsi_engine.pixels.grid import Grid
from listener import Listener, listening
from reaching_files import raster_vrt, reaching_rasters, reaching_vectors, sources_on, vector_vrt

_S3 = {"AWS_NO_SIGN_REQUEST": "YES", "AWS_HTTPS": "NO", "AWS_VIRTUAL_HOSTING": "FALSE", "GDAL_HTTP_MAX_RETRY": "0"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    with listening() as listener:
        for name, value in (_S3 | {"AWS_S3_ENDPOINT": listener.host, "GDAL_HTTP_TIMEOUT": "1"}).items():
            monkeypatch.setenv(name, value)
        # Hosts of this machine are past a proxy for many people, until a process of the engine's own says otherwise.
        monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
        monkeypatch.setenv("NO_PROXY", "*")
        network.let_no_host_past()
        yield listener


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in network._OFF:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(network.ALLOW, "1")
    network.close_network()


def read_with_gdal(path: Path) -> None:
    """Everything that GDAL reads of a file, past the checks of the engine."""
    with contextlib.suppress(RasterioError), rasterio.open(path) as file:
        file.overviews(1)
        file.read(1)
    with contextlib.suppress(pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, ValueError):
        for name, _ in pyogrio.list_layers(path):
            pyogrio.read_dataframe(path, layer=name)


@pytest.mark.filterwarnings("ignore")
def test_gdal_sends_no_request_for_any_file(server: Listener, tmp_path: Path) -> None:
    files = [*reaching_rasters(tmp_path, server.host).items(), *reaching_vectors(tmp_path, server.host).items()]
    asked = {}
    for name, path in files:
        before = len(server.requests())
        read_with_gdal(path)
        if requests := server.requests()[before:]:
            asked[name] = requests
    assert not asked
    assert len(files) > 40


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["VRT, streaming", "tile index"])
def test_it_would_if_the_network_were_allowed(server: Listener, allowed: None, tmp_path: Path, name: str) -> None:
    network.let_no_host_past()  # which does nothing now
    os.environ["no_proxy"] = "*"
    read_with_gdal(reaching_rasters(tmp_path, server.host)[name])
    assert server.requests()


@pytest.mark.parametrize("name", sources_on("a.example"))
def test_scenes_and_labels_that_lead_elsewhere_are_refused_with_the_place(
    server: Listener, tmp_path: Path, grid: Grid, name: str
) -> None:
    source = sources_on(server.host)[name]
    scene, labels = tmp_path / "scene.vrt", tmp_path / "labels.vrt"
    scene.write_text(raster_vrt(source))
    labels.write_text(vector_vrt(source))
    for read, kind in ((lambda: open_scene(scene), SceneError), (lambda: read_labels(labels, grid), LabelError)):
        with pytest.raises(kind) as caught:
            read()
        assert caught.value.code.endswith(".network")
        assert f"refers to {source}, which lies on the network or in a service" in caught.value.message
        assert "set the environment variable HSI_ENGINE_ALLOW_NETWORK=1" in caught.value.hint
    if name != "VRT of":
        with pytest.raises(HsiError, match="this machine only"):
            open_scene(source)
    assert not server.requests()


@pytest.mark.parametrize("name", ["/vsistdin/", "/vsistdin?buffer_limit=1GB"])
def test_standard_input_is_never_read(name: str, tmp_path: Path, allowed: None) -> None:
    with pytest.raises(SceneError, match="standard input, not a file"):
        check_source(Path(name))
    vrt = tmp_path / "a.vrt"
    vrt.write_text(raster_vrt(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(vrt) as file, pytest.raises(RasterioError):
            file.read(1)


@pytest.mark.parametrize(
    "name",
    [
        "/vsizip//data/a.zip/a.tif",
        "/vsitar//data/https/a.tar/a.tif",
        "/vsisubfile/10_20,/vsigzip//data/a.tar.gz",
        'HDF5:"cube.h5"://group/cube',
        "NETCDF:wms.nc:wms",
        "/data/wms: a map/s3.tif",
        "C:/data/a.tif",
        "/data/vsicurl/a.tif",
    ],
)
def test_names_on_this_machine_are_none_of_the_network(name: str) -> None:
    assert network.place_elsewhere(name) is None


def test_web_addresses_in_words_are_no_references(tmp_path: Path) -> None:
    source = make_scenes.write_scene(tmp_path / "scene.tif")
    text = raster_vrt(str(source)).replace(
        "<VRTRasterBand", '<Metadata><MDI key="licence">https://example.org/licence</MDI></Metadata><VRTRasterBand', 1
    )
    (tmp_path / "scene.vrt").write_text(text)
    check_source(tmp_path / "scene.vrt")


def test_python_in_a_vrt_is_not_run(tmp_path: Path) -> None:
    source = make_scenes.write_scene(tmp_path / "scene.tif")
    text = raster_vrt(str(source)).replace(
        'band="1">',
        'band="1" subClass="VRTDerivedRasterBand"><PixelFunctionType>f</PixelFunctionType>'
        "<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode><![CDATA[\n"
        f"def f(*a, **k):\n    open({str(tmp_path / 'ran')!r}, 'w')\n]]></PixelFunctionCode>",
        1,
    )
    path = tmp_path / "scene.vrt"
    path.write_text(text)
    read_with_gdal(path)
    assert os.environ["GDAL_VRT_ENABLE_PYTHON"] == "NO"
    assert not (tmp_path / "ran").exists()
