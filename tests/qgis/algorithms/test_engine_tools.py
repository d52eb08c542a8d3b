"""The algorithms about the engine itself, without building one: see test_set_up_engine.py for that."""

from __future__ import annotations

import html
import re
from pathlib import Path

import processing
import pytest
from qgis.core import QgsApplication, QgsProcessingException, QgsSettings

from qgis_plugin.environment.current import PYTHON_SETTING, current_engine, engine_location
from qgis_plugin.environment.records.record import write_json
from recording_feedback import RecordingFeedback


@pytest.fixture(autouse=True)
def home(provider, tmp_path, monkeypatch) -> Path:
    """A home without an engine, and nothing that names another."""
    monkeypatch.delenv("HSI_ENGINE_PYTHON")
    monkeypatch.setenv("HSI_ENGINE_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    QgsSettings().remove("hsi_classifier")
    QgsSettings().remove("proxy")


@pytest.fixture
def set_up(provider):
    return QgsApplication.processingRegistry().algorithmById("hsi:set_up_engine").create()


def test_they_are_of_the_group_engine_and_not_for_batch(provider) -> None:
    for name in ("set_up_engine", "engine_report"):
        algorithm = provider.algorithm(name)
        assert (algorithm.group(), algorithm.groupId()) == ("Engine", "engine")
        assert not algorithm.flags() & algorithm.Flag.FlagSupportsBatch
        assert not algorithm.flags() & algorithm.Flag.FlagDeprecated, "qgis_process would warn of it"
        assert algorithm.canExecute()[0], "they are needed most where there is no engine"


def test_parameters_keep_their_names(provider) -> None:
    set_up = provider.algorithm("set_up_engine")
    assert [p.name() for p in set_up.parameterDefinitions()] == [
        "EXISTING_PYTHON",
        "PYTHON",
        "DEVICE_BUILD",
        "WHEELS",
        "REBUILD",
    ]
    assert [o.name() for o in set_up.outputDefinitions()] == ["STATE", "PYTHON", "ENVIRONMENT"]
    assert set_up.parameterDefinition("DEVICE_BUILD").options() == ["auto", "cpu", "gpu"]
    assert set_up.parameterDefinition("DEVICE_BUILD").usesStaticStrings()


def test_wishes_that_contradict_each_other_are_refused(set_up, tmp_path) -> None:
    from qgis.core import QgsProcessingContext

    both = {"EXISTING_PYTHON": "/usr/bin/python3", "WHEELS": str(tmp_path)}
    accepted, message = set_up.checkParameterValues(both, QgsProcessingContext())
    assert not accepted
    assert "cannot be combined with WHEELS" in message
    accepted, message = set_up.checkParameterValues({"WHEELS": str(tmp_path / "gone")}, QgsProcessingContext())
    assert not accepted
    assert "folder of wheels cannot be used, because it does not exist" in message
    accepted, message = set_up.checkParameterValues({"WHEELS": "/tmp/" + "x" * 300}, QgsProcessingContext())
    assert not accepted
    assert "because its name is longer than the system allows" in message


@pytest.mark.parametrize(
    ("path", "words"),
    [("/tmp/" + "x" * 300, "its name is longer than the system allows"), ("/tmp/a\0b", "no file can have this name")],
)
def test_an_existing_python_that_no_file_can_be(path: str, words: str, feedback: RecordingFeedback) -> None:
    with pytest.raises(QgsProcessingException, match=words):
        processing.run("hsi:set_up_engine", {"EXISTING_PYTHON": path}, feedback=feedback)
    with pytest.raises(QgsProcessingException, match=words):
        processing.run("hsi:set_up_engine", {"PYTHON": path}, feedback=feedback)
    with pytest.raises(QgsProcessingException, match=r"The report cannot be written to /tmp/(x|a)"):
        processing.run("hsi:engine_report", {"SELF_TEST": False, "REPORT": f"{path}.html"}, feedback=feedback)


def test_a_chosen_python_that_no_file_can_be_is_reported(tmp_path: Path, feedback: RecordingFeedback) -> None:
    QgsSettings().setValue(PYTHON_SETTING, "/tmp/" + "x" * 300)
    report = {"SELF_TEST": True, "REPORT": str(tmp_path / "report.html")}
    text = processing.run("hsi:engine_report", report, feedback=feedback)["TEXT"]
    assert "its name is longer than the system allows" in text
    assert "there is no engine to test" in text


def test_an_existing_python_is_checked_and_remembered(
    engine_python, home, share_bytecode, feedback: RecordingFeedback
) -> None:
    share_bytecode(home)
    results = processing.run("hsi:set_up_engine", {"EXISTING_PYTHON": str(engine_python)}, feedback=feedback)

    assert (results["STATE"], results["PYTHON"]) == ("ready", str(engine_python))
    assert QgsSettings().value(PYTHON_SETTING) == str(engine_python)
    state = current_engine()
    assert (state.kind, state.source) == ("ready", "setting")
    assert "torch" in state.record["packages"]
    assert feedback.progress_values[-1] >= 99


def test_an_existing_python_that_will_not_do_is_refused_and_not_remembered(tmp_path, feedback) -> None:
    with pytest.raises(QgsProcessingException, match=r"cannot run the engine: the file does not exist"):
        processing.run("hsi:set_up_engine", {"EXISTING_PYTHON": str(tmp_path / "gone")}, feedback=feedback)
    assert current_engine().kind == "missing"


def test_a_base_python_that_will_not_do_is_refused_in_words(tmp_path, feedback) -> None:
    with pytest.raises(QgsProcessingException, match=r"the Python you named.*does not exist.*'Base Python'"):
        processing.run("hsi:set_up_engine", {"PYTHON": str(tmp_path / "gone")}, feedback=feedback)


def test_the_proxy_of_qgis_is_named_without_its_password(tmp_path, feedback) -> None:
    settings = QgsSettings()
    for key, value in {"Enabled": True, "Type": "HttpProxy", "Host": "proxy.example", "Port": "3128"}.items():
        settings.setValue(f"proxy/proxy{key}", value)
    settings.setValue("proxy/proxyUser", "me")
    settings.setValue("proxy/proxyPassword", "secret")
    settings.setValue("proxy/noProxyUrls", ["http://intra.example/maps"])
    with pytest.raises(QgsProcessingException):
        processing.run("hsi:set_up_engine", {"PYTHON": str(tmp_path / "gone")}, feedback=feedback)

    assert "Proxy: proxy.example:3128, from QGIS's options." in feedback.infos
    assert "secret" not in feedback.everything

    from qgis_plugin.environment.proxy import proxy_variables

    variables, _ = proxy_variables()
    assert variables["HTTPS_PROXY"] == "http://me:secret@proxy.example:3128"  # pragma: allowlist secret
    assert variables["NO_PROXY"] == "localhost,127.0.0.1,intra.example"
    assert "secret" not in processing.run("hsi:engine_report", {})["TEXT"]


def test_the_report_works_without_an_engine(tmp_path, feedback) -> None:
    path = tmp_path / "report.html"
    results = processing.run("hsi:engine_report", {"REPORT": str(path), "SELF_TEST": True}, feedback=feedback)

    for title in ("Plugin", "Computer", "Engine", "Settings", "Last failures", "Self-test", "Packages of the engine"):
        assert f"## {title}\n" in results["TEXT"]
    assert re.search(r"^State +missing$", results["TEXT"], re.MULTILINE)
    assert re.search(r"^QGIS +3\.", results["TEXT"], re.MULTILINE)
    assert re.search(r"^GDAL of QGIS +3\.", results["TEXT"], re.MULTILINE)
    assert "there is no engine to test" in results["TEXT"]
    assert results["REPORT"] == str(path)
    assert html.escape("run 'Set up engine'") in path.read_text(encoding="utf-8")


def test_the_report_works_with_a_broken_engine_and_tells_the_last_failure(tmp_path, feedback) -> None:
    with pytest.raises(QgsProcessingException):
        processing.run("hsi:set_up_engine", {"PYTHON": str(tmp_path / "gone")}, feedback=feedback)
    write_json(engine_location().marker, {"step": "packages"})
    text = processing.run("hsi:engine_report", {})["TEXT"]

    assert re.search(r"^State +interrupted$", text, re.MULTILINE)
    assert "Set up engine" in text
    assert "the file does not exist" in text


def test_the_report_holds_the_self_test_of_the_engine(
    engine_python, home, share_bytecode, monkeypatch, feedback
) -> None:
    share_bytecode(home)
    monkeypatch.setenv("HSI_ENGINE_PYTHON", str(engine_python))
    text = processing.run("hsi:engine_report", {"SELF_TEST": True}, feedback=feedback)["TEXT"]

    self_test = text.partition("## Self-test")[2]
    assert ": passed" in self_test or " passed:" in self_test
    assert "FAILED" not in self_test
    assert "torch_build" in self_test


def test_a_report_that_cannot_be_written_is_refused_in_words(tmp_path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(QgsProcessingException, match=r"cannot be written to .*Choose another file"):
        processing.run("hsi:engine_report", {"REPORT": str(tmp_path / "file" / "report.html")})
