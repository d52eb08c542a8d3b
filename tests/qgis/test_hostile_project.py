"""A project from a stranger: names that are markup, scripts, formats or endless, and sources that lie on the network.

Forms open, and nothing of it is rendered as markup, executed or asked for.
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from osgeo import gdal
from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsField,
    QgsFillSymbol,
    QgsPalettedRasterRenderer,
    QgsProcessingContext,
    QgsProject,
    QgsRasterLayer,
    QgsRendererCategory,
    QgsVectorLayer,
    QgsVectorLayerJoinInfo,
)
from qgis.gui import QgsBrowserGuiModel, QgsMessageBar
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QTextDocument
from qgis.PyQt.QtWidgets import QApplication, QLabel, QTextEdit, QToolButton, QWidget

import gdal_scenes
from fake_desktop import Desktop
from qgis_plugin.desktop import layer_menu
from qgis_plugin.desktop.explaining.panel import ExplainPanel
from qgis_plugin.desktop.labelling.classes import PointClass
from qgis_plugin.desktop.labelling.panel import LabelPanel
from qgis_plugin.desktop.preview_here import PreviewHere
from qgis_plugin.engine import source
from qgis_plugin.engine.model_files import ModelFile
from qgis_plugin.layers.class_fields import class_field_problem
from qgis_plugin.layers.reach import is_here, nothing_sent
from qgis_plugin.options.page import HsiOptionsPage
from qgis_plugin.plain_text import as_markup, plain
from qgis_plugin.results import MapFacts
from qgis_plugin.results.layer_metadata import describe_layer
from qgis_plugin.results.styling import style_findings
from qgis_plugin.widgets.model_widget import models_list
from scripted_worker import write_engine

# Markup of the first line counts for Qt; a picture is what it would load.
MARKUP = (
    '<img src="file:///etc/hostname"><script>alert(1)</script><a href="https://a.example">x</a>'
    " & &lt;b&gt; {0} {name!r} %s %n [% 1/0 %] $(id) `id` ../../x"
)
ENDLESS = "<b>" + "x" * 100_000
FORMS = (
    "train_and_classify",
    "classify_scene",
    "check_labels",
    "assess_map",
    "denoise_scene",
    "clean_map",
    "colour_scene",
)
ASK_FOR_SCENE = ("train_and_classify", "classify_scene", "check_labels", "denoise_scene", "colour_scene")


def holds_picture(document: QTextDocument) -> bool:
    return any(one.isImageFormat() for one in document.allFormats())


def is_markup(text: str) -> bool:
    """Whether Qt takes it for markup, in any place."""
    document = QTextDocument()
    document.setHtml(text)
    return bool(Qt.mightBeRichText(text)) or holds_picture(document)


def test_the_tests_see_markup() -> None:
    document = QTextDocument()
    document.setHtml(MARKUP)
    assert holds_picture(document)
    assert is_markup(MARKUP)


# ------------------------------------------------------------------------------------------ the project


class Server:
    """Serves a folder on this machine and keeps what was asked for."""

    def __init__(self, folder: Path) -> None:
        asked: list[str] = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                asked.append(self.path)

        self.asked = asked
        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=str(folder))
        )
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def forget(self) -> None:
        """What was asked for until now, and what GDAL keeps of it."""
        gdal.VSICurlClearCache()
        self.asked.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    started = Server(tmp_path)
    yield started
    started.close()


@pytest.fixture
def live(qgis_iface: Any, qgis_new_project: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An interface in which forms open: that of pytest-qgis lacks two parts."""
    model, bar = QgsBrowserGuiModel(), QgsMessageBar()
    monkeypatch.setattr(qgis_iface, "browserModel", lambda: model, raising=False)
    monkeypatch.setattr(qgis_iface, "messageBar", lambda: bar)
    yield
    QgsProject.instance().clear()


def hostile_labels(polygons_path: Path, name: str) -> QgsVectorLayer:
    """Polygons in memory, in classes and a field that have this name."""
    layer, file = QgsVectorLayer("Polygon?crs=EPSG:32633", name, "memory"), QgsVectorLayer(str(polygons_path), "file")
    names = {"water": name, "meadow": f"{name} 2", "soil": f"=1+1{name}"}
    field = QgsField(file.fields().field("class_name"))  # other ways to make one depend on the version of QGIS
    field.setName(name[:200])
    field.setLength(0)
    layer.dataProvider().addAttributes([field])
    layer.updateFields()
    for feature in file.getFeatures():
        made = QgsFeature(layer.fields())
        made.setGeometry(feature.geometry())
        made.setAttributes([names[feature.attribute("class_name")]])
        layer.dataProvider().addFeatures([made])
    categories = [QgsRendererCategory(one, QgsFillSymbol.createSimple({}), one) for one in names.values()]
    layer.setRenderer(QgsCategorizedSymbolRenderer(name[:200], categories))
    return layer


@pytest.fixture(params=[MARKUP, ENDLESS], ids=["markup", "endless"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(
    live: None, provider: Any, name: str, scene_path: Path, labels_path: Path, polygons_path: Path
) -> dict[str, Any]:
    """A project of layers with that name."""
    scene, shown = QgsRasterLayer(str(scene_path), name), QgsRasterLayer(str(labels_path), name)
    classes = [QgsPalettedRasterRenderer.Class(value, QColor("red"), name) for value in (2, 5, 11)]
    shown.setRenderer(QgsPalettedRasterRenderer(shown.dataProvider(), 1, classes))
    found = {"scene": scene, "map": shown, "labels": hostile_labels(polygons_path, name)}
    QgsProject.instance().addMapLayers(list(found.values()))
    return found


def open_form(algorithm: str) -> Any:
    import processing

    dialog = processing.createAlgorithmDialog(f"hsi:{algorithm}", {})
    dialog.show()
    QApplication.processEvents()
    return dialog


def close_form(dialog: Any) -> None:
    dialog.close()
    dialog.deleteLater()
    QApplication.processEvents()


def labels_with_markup(widget: QWidget) -> list[str]:
    """Texts of labels and tips that Qt would take for markup and that hold some of the name."""
    shown = [label.text() for label in widget.findChildren(QLabel) if label.textFormat() != Qt.TextFormat.PlainText]
    tips = [child.toolTip() for child in widget.findChildren(QWidget)]
    return [text for text in [*shown, *tips] if ("<img" in text or "xxxxx" in text) and is_markup(text)]


# ------------------------------------------------------------------------------------------ forms


def test_forms_open_and_propose_its_layers(project: dict[str, Any]) -> None:
    for algorithm in FORMS:
        dialog = open_form(algorithm)
        wrappers = dialog.mainWidget().wrappers
        if algorithm in ASK_FOR_SCENE:
            assert wrappers["SCENE"].parameterValue() == project["scene"].id()
        if algorithm in ("train_and_classify", "check_labels"):
            assert wrappers["CLASS_FIELD"].parameterValue() == project["labels"].fields()[0].name()
        assert labels_with_markup(dialog.mainWidget()) == []
        close_form(dialog)


def test_what_is_refused_is_no_markup(project: dict[str, Any], provider: Any, name: str) -> None:
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    picture = gdal_scenes.write_scene(Path(project["scene"].source()).with_name("picture.tif"), bands=3)
    small = QgsRasterLayer(str(picture), name)
    QgsProject.instance().addMapLayer(small)
    labels = {"LABELS": project["labels"].id(), "OUTPUT": "m.hsimodel"}
    for parameters in (
        {**labels, "SCENE": small.id()},
        {**labels, "SCENE": f"{name}?"},
        {**labels, "SCENE": project["scene"].id(), "EPOCHS": name},
        {**labels, "SCENE": project["scene"].id(), "OUTPUT": f"/{name}"},
    ):
        accepted, message = provider.algorithm("train_classifier").checkParameterValues(parameters, context)
        assert not accepted
        assert "\u2039" in message
        assert not is_markup(message)
        assert len(message) <= 2000


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that repeats its request in every kind of message, and fails with it."""
    staged = tmp_path / "engine"
    staged.mkdir()
    text = """
        hello()
        said = read()["params"]["bands"]
        say("progress", fraction=0.5, message=said)
        say("log", level="info", message=said)
        say("log", level="warning", message=said)
        print(said, file=sys.stderr, flush=True)
        say("error", error={"code": "x", "message": said, "hint": said})
        """
    monkeypatch.setattr(source, "_STAGED", write_engine(staged, text))
    monkeypatch.setenv("HSI_ENGINE_PYTHON", "/usr/bin/python3")


# QGIS repeats the ids of layers in its log, which hold their names: it takes its time with endless ones.
@pytest.mark.parametrize("name", [MARKUP], indirect=True)
def test_a_run_in_a_form_logs_text(project: dict[str, Any], echo: None, name: str, tmp_path: Path) -> None:
    """Names and what the engine says of them, in the log of a real form, which is a page; no file is named after them."""
    dialog, end = open_form("fit_pca"), time.monotonic() + 60
    dialog.mainWidget().wrappers["BANDS"].setParameterValue(name, QgsProcessingContext())
    before = set(tmp_path.rglob("*"))
    dialog.runAlgorithm()
    logs = [child.document() for child in dialog.findChildren(QTextEdit)]
    log = ""
    while f"{name} {name}" not in log and time.monotonic() < end:  # the message and the hint, which come last
        QApplication.processEvents()
        time.sleep(0.02)
        log = "\n".join(document.toPlainText() for document in logs)
    while QgsApplication.taskManager().countActiveTasks() and time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.02)
    rich, pictures = labels_with_markup(dialog), [document for document in logs if holds_picture(document)]
    close_form(dialog)

    assert f"{name} {name}" in log
    assert log.count(name[:60]) >= 4
    assert "Traceback" not in log
    assert pictures == []
    assert rich == []
    assert set(tmp_path.rglob("*")) == before


# ------------------------------------------------------------------------------------------ the network


def test_a_form_asks_nothing_of_the_network_to_propose_layers(
    live: None, provider: Any, server: Server, scene_path: Path, polygons_path: Path, labels_path: Path
) -> None:
    remote = f"/vsicurl/{server.address}"
    virtual = scene_path.with_name("scene.vrt")
    gdal.Translate(str(virtual), str(scene_path), format="VRT")
    text = virtual.read_text(encoding="utf-8")
    virtual.write_text(
        text.replace('relativeToVRT="1">scene.tif', f'relativeToVRT="0">{remote}/scene.tif'), encoding="utf-8"
    )
    assert remote in virtual.read_text(encoding="utf-8")
    geojson = scene_path.with_name("drawn.geojson")
    gdal.VectorTranslate(str(geojson), str(polygons_path), format="GeoJSON", selectFields=["class_name"])
    geojson.write_text(geojson.read_text(encoding="utf-8").replace("class_name", "kind"), encoding="utf-8")
    layers = [
        QgsRasterLayer(f"{remote}/scene.tif", "far scene"),
        QgsRasterLayer(str(virtual), "virtual scene"),
        QgsRasterLayer(f"{remote}/labels.tif", "far map"),
        QgsVectorLayer(f"{remote}/drawn.geojson", "far polygons"),
        QgsVectorLayer(f"{remote}/gone.gpkg", "gone"),
    ]
    assert [layer.isValid() for layer in layers] == [True, True, True, True, False]
    QgsProject.instance().addMapLayers(layers)
    assert server.asked
    for algorithm in FORMS:
        server.forget()
        # Widgets of QGIS may read the layer that they show, as in its own forms.
        assert provider.algorithm(algorithm).create()
        assert server.asked == [], algorithm
    assert class_field_problem("Labels", layers[3], "kind") is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("text", "here"),
    [
        ("{folder}/scene.tif", True),
        ("/vsizip/{folder}/gone.zip/scene.tif", False),
        ("/vsizip/{folder}/plain.zip/scene.tif", True),
        ("/vsizip/{folder}/plain.zip/far.vrt", False),
        ("/vsizip/{folder}/one.zip", False),
        ("{folder}/gone.tif", False),
        ("/vsizip//vsicurl/https://a.example/x.zip", False),
        ("/vsicurl/https://a.example/x.tif", False),
        ("https://a.example/x.tif", False),
        ("WMS:https://a.example/", False),
        ("{folder}/plain.vrt", False),
        ("{folder}/far.vrt", False),
        ("{folder}/far.tif", False),
        ("{folder}/far.geojson", False),
        ("{folder}/blank.xml", False),
        ("{folder}/service.tif", False),
        ("{folder}/drawn.geojson", True),
        ("{folder}/pipe.tif", False),
        ("{folder}", True),
        ("x" * 100_000, False),
        ("a\0b", False),
        ("", False),
    ],
)
def test_what_lies_on_this_machine(scene_path: Path, text: str, here: bool) -> None:
    folder = scene_path.parent
    (folder / "plain.vrt").write_text("<VRTDataset><SourceFilename>scene.tif</SourceFilename></VRTDataset>")
    (folder / "far.vrt").write_text("<VRTDataset><SourceFilename>https://a.example/x</SourceFilename></VRTDataset>")
    (folder / "far.tif").write_text("<VRTDataset><SourceFilename>https://a.example/x</SourceFilename></VRTDataset>")
    (folder / "far.geojson").write_text("{} <OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>")
    (folder / "blank.xml").write_text("\ufeff \n<Something/>", encoding="utf-8")
    (folder / "service.tif").write_text("x <GDAL_WMS></GDAL_WMS>")
    (folder / "drawn.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    os.mkfifo(folder / "pipe.tif")
    for archive, names in {"plain.zip": ("scene.tif", "far.vrt"), "one.zip": ("far.vrt",)}.items():
        with zipfile.ZipFile(folder / archive, "w") as packed:
            for one in names:
                packed.write(folder / one, one)
    assert is_here(text.replace("{folder}", str(folder))) is here


def hidden_layers(scene_path: Path, labels_path: Path, remote: str) -> list[QgsVectorLayer | QgsRasterLayer]:
    """Layers on this machine whose files refer to ``remote``, under names that do not show it."""
    folder = scene_path.parent
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="drawn"><SrcDataSource>{remote}/drawn.geojson</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    for name in ("far.xml", "far.geojson", "member.vrt"):
        (folder / name).write_text(vrt, encoding="utf-8")
    warped = folder / "warped.vrt"
    gdal.Warp(str(warped), str(labels_path), format="VRT")
    text = warped.read_text(encoding="utf-8")
    source = f'<SourceDataset relativeToVRT="0">{remote}/labels.tif</SourceDataset>'
    text = re.sub("<SourceDataset[^>]*>[^<]*</SourceDataset>", source, text)
    for name in ("warped.vrt", "warped.tif"):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "outer.vrt").write_text(text.replace(f"{remote}/labels.tif", str(warped)), encoding="utf-8")
    with zipfile.ZipFile(folder / "packed.zip", "w") as packed:
        for name in ("member.vrt", "warped.vrt"):
            packed.write(folder / name, name)
    linked = {"type": "link", "properties": {"href": f"{remote.removeprefix('/vsicurl/')}/crs.wkt", "type": "ogcwkt"}}
    drawn = json.loads((folder / "drawn.geojson").read_text(encoding="utf-8"))
    (folder / "linked.geojson").write_text(json.dumps({**drawn, "crs": linked}), encoding="utf-8")
    far = QgsVectorLayer(f"{remote}/drawn.geojson", "far")
    QgsProject.instance().addMapLayer(far)
    return [
        *(QgsVectorLayer(str(folder / name), name, "ogr") for name in ("far.xml", "far.geojson", "linked.geojson")),
        QgsVectorLayer(f"/vsizip/{folder}/packed.zip/member.vrt", "packed", "ogr"),
        QgsVectorLayer(f'?query=select * from "{far.id()}"', "virtual", "virtual"),
        joined_to(QgsVectorLayer(str(folder / "drawn.geojson"), "joined"), far),
        *(QgsRasterLayer(str(folder / name), name) for name in ("warped.tif", "outer.vrt")),
        QgsRasterLayer(f"/vsizip/{folder}/packed.zip/warped.vrt", "packed map"),
    ]


def joined_to(layer: QgsVectorLayer, other: QgsVectorLayer) -> QgsVectorLayer:
    join = QgsVectorLayerJoinInfo()
    join.setJoinLayer(other)
    join.setTargetFieldName("kind")
    join.setJoinFieldName("kind")
    layer.addJoin(join)
    return layer


def test_a_form_asks_nothing_for_files_that_hide_what_they_refer_to(
    live: None, provider: Any, server: Server, scene_path: Path, polygons_path: Path, labels_path: Path
) -> None:
    geojson = scene_path.with_name("drawn.geojson")
    gdal.VectorTranslate(str(geojson), str(polygons_path), format="GeoJSON", selectFields=["class_name"])
    geojson.write_text(geojson.read_text(encoding="utf-8").replace("class_name", "kind"), encoding="utf-8")
    layers = hidden_layers(scene_path, labels_path, f"/vsicurl/{server.address}")
    assert [layer.name() for layer in layers if not layer.isValid()] == []
    assert server.asked
    for layer in layers:
        QgsProject.instance().addMapLayer(layer)
        for algorithm in ("train_and_classify", "assess_map", "classify_scene"):
            server.forget()
            assert provider.algorithm(algorithm).create()
            assert server.asked == [], (layer.name(), algorithm)
        if isinstance(layer, QgsVectorLayer):
            server.forget()
            class_field_problem("Labels", layer, "kind")
            assert server.asked == [], layer.name()
        QgsProject.instance().takeMapLayer(layer)


def test_the_network_is_off_for_one_thread_and_a_while(server: Server, labels_path: Path) -> None:
    remote = f"/vsicurl/{server.address}/labels.tif"
    with nothing_sent():
        assert gdal.VSIStatL(remote) is None
    assert server.asked == []
    server.forget()
    assert gdal.VSIStatL(remote) is not None
    assert server.asked


# ------------------------------------------------------------------------------------------ everywhere else


def test_the_message_bar_shows_letters(provider: Any, project: dict[str, Any], name: str) -> None:
    desktop = Desktop()
    preview = PreviewHere(desktop)
    preview._say("start", f"Preview of '{name}'", 0)
    run = layer_menu._Run.__new__(layer_menu._Run)
    run._iface = desktop
    run._end(False, f"Scene: '{name}' cannot be shown.")
    browsers = desktop.bar.findChildren(QTextEdit)
    assert len(browsers) == 2
    for browser in browsers:
        assert not holds_picture(browser.document())
        assert name[:10] in browser.toPlainText()
        assert len(browser.toPlainText()) < 3000
    preview.stop()


def test_metadata_of_a_map_is_text_in_every_view(scene_path: Path, name: str) -> None:
    layer = QgsRasterLayer(str(scene_path), "map")
    words = ("title", "scene", "method", "trained_on", "labels", "accuracy", "software", "classes")
    describe_layer(layer, MapFacts(dict.fromkeys(words, name), {"Report": f"/tmp/{name[:500]}.html"}))

    metadata = layer.metadata()
    assert not is_markup(metadata.title())
    assert not is_markup(metadata.abstract())
    page = QTextDocument()
    page.setHtml(layer.htmlMetadata())
    assert not holds_picture(page)
    assert "<script" not in layer.htmlMetadata()
    assert "<img" not in layer.htmlMetadata()
    (link,) = metadata.links()
    assert "<" not in link.url


def test_a_map_tip_of_findings_is_text(name: str) -> None:
    layer = QgsVectorLayer(
        "Polygon?field=number:int&field=problem:string&field=class_name:string&field=reason:string",
        "problems",
        "memory",
    )
    feature = QgsFeature(layer.fields())
    feature.setAttributes([1, "odd", name, name])
    style_findings(layer)
    context = QgsExpressionContext(layer.createExpressionContext())
    context.setFeature(feature)

    tip = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    assert tip.startswith("<b>1: &lt;")
    assert "<img" not in tip
    assert "<script" not in tip
    page = QTextDocument()
    page.setHtml(tip)
    assert page.toPlainText() == f"1: {name}\n{name}"


def test_the_docks_show_letters(qgis_app: Any, name: str) -> None:
    labelling, explaining = LabelPanel(), ExplainPanel()
    labelling.offer_classes([PointClass(name, name, "#ff0000")])
    labelling.offer_certainties([name])
    for label in (labelling.status, labelling.note, labelling.point):
        assert label.textFormat() == Qt.TextFormat.PlainText
    classes = [{"value": 1, "name": name, "probability": 0.5, "in_set": True, "color": "#ff0000"}]
    explaining.show_explanation(
        {
            "row": 1,
            "col": 2,
            "headline": name,
            "sentences": [name],
            "nearest": [{"name": name, "distance": 0.5}],
            "missing": [],
            "notes": [],
            "classes": classes,
            "class_spectra": [{"value": 1, "mean": [0.5], "deviation": [0.1]}],
            "bands": [{"number": 1, "wavelength_nm": 500.0, "value": 0.4}],
        }
    )
    for panel in (labelling, explaining):
        assert labels_with_markup(panel) == []
        assert panel.sizeHint().width() < 5000
    assert all(button.sizeHint().width() < 3000 for button in labelling.findChildren(QToolButton))
    assert not is_markup(explaining.bars.toolTip())
    assert not is_markup(explaining.chart.toolTip())
    explaining.resize(400, 600)
    assert not explaining.grab().isNull()


def test_lists_of_models_show_letters(qgis_app: Any, name: str, tmp_path: Path) -> None:
    good = ModelFile(tmp_path / "m.hsimodel", "2026-01-01", (name, name), 0.5, name)
    bad = ModelFile(tmp_path / "b.hsimodel", "", problem=name)
    box = models_list([good, bad])
    for number in range(1, 3):
        assert not is_markup(box.itemData(number, Qt.ItemDataRole.ToolTipRole))
        assert len(box.itemText(number)) < 1000


def test_options_show_names_of_files_as_letters(qgis_app: Any, tmp_path: Path) -> None:
    (tmp_path / "<img src=x>.hsimodel").write_text("no model")
    page = HsiOptionsPage()
    page.models.setFilePath(str(tmp_path))
    assert "Cannot be read: <img src=x>." in page._models_note.text()
    assert page._models_note.textFormat() == page._message.textFormat() == Qt.TextFormat.PlainText


def test_plain_text_is_the_same_as_text_and_as_markup() -> None:
    page = QTextDocument()
    page.setHtml(as_markup(MARKUP))
    assert page.toPlainText() == MARKUP
    assert not is_markup(plain(MARKUP))
    assert plain("a < b & c &lt; d &#60;") == "a \u2039 b & c \uff06lt; d \uff06#60;"
    assert plain(ENDLESS) == "\u2039b>" + "x" * 1996 + "…"
