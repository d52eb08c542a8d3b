"""The clean folder that every trial gets a copy of: a file of every kind a user can hand in, small and valid."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from hsi_engine.errors import Cancelled
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.function import call
from hsi_engine.reporting import SilentReporter

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "data"))

LDA = {"model": "lda", "split": "none"}
NETWORK = {
    "model": "hybridsn", "components": 13, "patch_size": 9, "epochs": 3, "split": "random", "train_share": 0.1, "batch_size": 64,
}  # fmt: skip
TRAINED = {"scene": "scene.tif", "labels": "polygons.gpkg"}

_SHAPEFILE = ("polygons.shp", "polygons.shx", "polygons.dbf", "polygons.prj", "polygons.cpg")


class _StopsAt(SilentReporter):
    """Cancels a job when it reports a message that begins like this, or the figure of a step."""

    def __init__(self, message: str) -> None:
        super().__init__()
        self._message = message

    def progress(self, fraction: float, message: str = "") -> None:
        if message.startswith(self._message):
            self.cancel.set()

    def metric(self, name: str, value: float, step: int) -> None:
        if self._message == "metric":
            self.cancel.set()


def run(name: str, reporter: SilentReporter | None = None, **params: Any) -> Any:
    """An operation with paths relative to the folder one is in."""
    return call(CATALOGUE[name], params, reporter or SilentReporter())


def make(folder: Path) -> None:
    """Fill ``folder``, which is the current one, with the clean files."""
    import geopandas

    import make_scenes
    from projects import write_true_map

    make_scenes.write_scene(folder / "scene.tif", bands=16)
    make_scenes.write_scene(folder / "envi.bsq", bands=16, layout="bsq")
    make_scenes.write_labels(folder / "labels.tif", like=folder / "scene.tif")
    make_scenes.write_polygons(folder / "polygons.gpkg", like=folder / "scene.tif")
    frame = geopandas.read_file(folder / "polygons.gpkg")
    frame.to_file(folder / "polygons.geojson", driver="GeoJSON")
    frame.to_file(folder / "polygons.shp")
    write_true_map(folder / "map.tif", folder / "scene.tif")
    _matlab(folder)
    _legends(folder)
    _lists(folder)
    run("train_classifier", **TRAINED, **LDA, output="lda.hsimodel")
    run("train_classifier", **TRAINED, model="random_forest", split="none", output="forest.hsimodel")
    run("train_classifier", **TRAINED, **NETWORK, output="net.hsimodel", split_output="split.tif")
    run("denoise_scene", scene="scene.tif", output="denoised.tif", model_output="d.hsidenoiser", steps=2)
    run("sample_reference_points", map="map.tif", points=30, output="points.gpkg")
    interpret(folder / "points.gpkg")
    points = geopandas.read_file(folder / "points.gpkg", layer="reference_points").rename(
        columns={"reference": "class_name"}
    )
    points["stratum"] = points["class_name"]
    points[["class_name", "stratum", "geometry"]].to_file(folder / "points.geojson", driver="GeoJSON")
    run("export_model", model="lda.hsimodel", onnx="lda.onnx")
    run("classify_scenes", scenes="scene.tif", model="lda.hsimodel", output="maps", processes=1)
    _interrupt("train_classifier", "metric", **TRAINED, **NETWORK, output="new.hsimodel")
    _interrupt(
        "classify_scene",
        "Classifying the scene: tile 4",
        scene="scene.tif",
        model="lda.hsimodel",
        output="new.tif",
        tile_size=16,
        resume=True,
    )
    for name in ("new.hsimodel.checkpoint", "new.tif.unfinished/journal"):
        if not (folder / name).is_file():
            raise RuntimeError(f"{name} was not left: found {sorted(p.name for p in folder.iterdir())}")


def copy(clean: Path, folder: Path, files: tuple[str, ...]) -> None:
    """Copy some of the clean files, with their times; a folder as a whole."""
    for name in files:
        if (clean / name).is_dir():
            shutil.copytree(clean / name, folder / name)
        else:
            shutil.copy2(clean / name, folder / name)


def interpret(points: Path) -> None:
    """Give each reference point the class that the map has there."""
    with closing(sqlite3.connect(points)) as base:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):  # of the triggers of its index
            base.create_function(name, 1, lambda _: 0)
        base.execute(
            "UPDATE reference_points SET reference ="
            " (SELECT map_class FROM map_classes WHERE map_classes.point_id = reference_points.point_id)"
        )
        base.commit()


def _interrupt(name: str, message: str, **params: Any) -> None:
    try:
        run(name, _StopsAt(message), **params)
    except Cancelled:
        return
    raise RuntimeError(f"{name} was not interrupted")


def _matlab(folder: Path) -> None:
    import numpy as np
    import scipy.io

    import make_scenes
    from matlab_files import write_v73

    cube = make_scenes.reflectance(bands=16).transpose(1, 2, 0)
    scipy.io.savemat(
        folder / "v5.mat", {"cube": cube.astype(np.float32), "wavelengths": make_scenes.wavelengths_nm(16)}
    )
    write_v73(folder / "v73.mat", {"cube": cube.astype(np.float32), "wavelengths": make_scenes.wavelengths_nm(16)})


def _legends(folder: Path) -> None:
    import make_scenes
    from hsi_engine.classes.legend import Legend
    from hsi_engine.io.legends.style_files import qml

    legend = Legend.of(make_scenes.CLASS_NAMES, make_scenes.CLASS_COLOURS)
    (folder / "legend.json").write_text(json.dumps(legend.to_json(), indent=1))
    (folder / "legend.qml").write_text(qml(legend))
    (folder / "legend.clr").write_text("2 0 114 178 water\n5 0 158 115 meadow\n11 213 94 0 soil\n")
    (folder / "vector.qml").write_text(_VECTOR_STYLE)
    (folder / "rules.qml").write_text(_RULES)
    (folder / "ramp.qml").write_text(_RAMP)


def _lists(folder: Path) -> None:
    waves = "\n".join(f"{430 + 36 * band}" for band in range(16))
    (folder / "waves.csv").write_text(f"nm\n{waves}\n")
    (folder / "scenes.txt").write_text("scene.tif\n")
    collection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "assets": {"data": {"href": "scene.tif", "roles": ["data"]}}}],
    }
    (folder / "scenes.json").write_text(json.dumps(collection))
    (folder / "strata.csv").write_text("stratum,pixels\nwater,300\nmeadow,400\nsoil,373\n")


_SYMBOL = '<symbol name="{n}" type="fill"><layer class="SimpleFill"><Option type="Map"><Option name="color" value="{c},255"/></Option></layer></symbol>'
_SYMBOLS = "".join(_SYMBOL.format(n=n, c=c) for n, c in enumerate(("0,114,178", "0,158,115", "213,94,0")))
_VECTOR_STYLE = (
    '<qgis version="3.34"><renderer-v2 type="categorizedSymbol" attr="class_id"><categories>'
    '<category value="2" symbol="0" label="water" render="true"/><category value="5" symbol="1" label="meadow" render="true"/>'
    f'<category value="11" symbol="2" label="soil" render="true"/></categories><symbols>{_SYMBOLS}</symbols></renderer-v2></qgis>'
)
_RULES = (
    '<qgis version="3.34"><renderer-v2 type="RuleRenderer"><rules key="r">'
    '<rule filter="&quot;class_id&quot; = 2" symbol="0" label="water"/><rule filter="class_id IN (5, 6)" symbol="1" label="meadow"/>'
    f'<rule filter="class_id = 11 OR class_id = 12" symbol="2" label="soil"/></rules><symbols>{_SYMBOLS}</symbols></renderer-v2></qgis>'
)
_RAMP = (
    '<qgis version="3.34"><pipe><rasterrenderer type="singlebandpseudocolor" band="1"><rastershader>'
    '<colorrampshader colorRampType="DISCRETE"><item value="2" label="water" color="#0072b2"/>'
    '<item value="5" label="meadow" color="#009e73"/><item value="inf" label="soil" color="#d55e00"/></colorrampshader>'
    "</rastershader></rasterrenderer></pipe></qgis>"
)
