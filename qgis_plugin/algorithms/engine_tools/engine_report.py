"""Algorithm: one text with everything a maintainer would ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputHtml,
    QgsProcessingOutputString,
    QgsProcessingParameterFileDestination,
    QgsSettings,
)
from qgis.PyQt.QtCore import PYQT_VERSION_STR, QT_VERSION_STR

from ...engine.failures import EngineMissing
from ...engine.source import engine_source, engine_version
from ...environment.current import DEVICE_SETTING, current_engine, engine_location
from ...environment.errors import SetUpCancelled, SetUpError
from ...environment.proxy import qgis_proxy
from ...environment.pythons.verification import check_engine
from ...environment.records.state import EngineState
from ...environment.report import (
    Section,
    engine_section,
    failure_section,
    package_section,
    report_html,
    report_text,
    self_test_section,
    system_section,
)
from ...forms.old_values import Truth, read_truth
from ...paths import is_file
from ...plain_text import whole_letters
from ...translation import tr
from .engine_tool import EngineTool
from .set_up_engine import SetUpListener

_Parameters = dict[str, Any]


class EngineReportAlgorithm(EngineTool):
    """Works with a broken or missing engine too: that is when it is wanted."""

    ID = "engine_report"
    TITLE = tr("Engine report")
    TAGS = (tr("diagnosis"), tr("versions"), tr("support"), tr("bug report"), "python", "torch")
    SUMMARY = tr("Collects versions, the state of the engine and its last failures as text to copy.")
    HELP_PAGE = "installing"
    HELP = tr(
        "<p>Collects what a maintainer needs to know when something does not work: versions of the plugin, QGIS, Qt "
        "and "
        "GDAL, the state of the engine with its packages and devices, disk space, settings, and the last failures. "
        "Copy "
        "the text from the log, or the page from the results viewer, into your question.</p>"
        "<p>It contains no passwords, and the name of your user folder is removed. Nothing is sent anywhere.</p>"
        "<h3>Parameters</h3>"
        "<ul><li><b>Self-test</b>: lets the engine train on and map a tiny scene (about ten seconds), and adds the "
        "result.</li>"
        "</ul>"
        "<h3>Outputs</h3>"
        "<p>REPORT, a page that opens in the results viewer, and TEXT, the same as plain text.</p>"
    )

    def initAlgorithm(self, configuration: _Parameters | None = None) -> None:
        self.addParameter(Truth("SELF_TEST", tr("Self-test"), False, optional=True))
        report = QgsProcessingParameterFileDestination("REPORT", tr("Report"), tr("HTML files (*.html)"), None, True)
        self.addOutput(QgsProcessingOutputHtml("REPORT", tr("Engine report")))
        self.addParameter(report, False)
        self.addOutput(QgsProcessingOutputString("TEXT", tr("Report as text")))

    def prepareAlgorithm(
        self, parameters: _Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Main thread: a proxy may need QGIS's store of passwords."""
        self._settings = _settings_section()
        return True

    def processAlgorithm(
        self, parameters: _Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        sections = [_plugin_section(), system_section()]
        try:
            state = current_engine()
            sections += [engine_section(state, engine_location()), self._settings, failure_section(engine_location())]
            if read_truth(self.parameterDefinition("SELF_TEST"), parameters, context):
                sections.append(self._self_test(state, feedback))
            sections.append(package_section(state.record.get("packages", {})))
        except EngineMissing as incomplete:
            sections.append(Section("Engine", [("State", str(incomplete))]))
        text = report_text(sections)
        feedback.pushInfo(text)
        results: dict[str, Any] = {"TEXT": text}
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            _write(Path(path), report_html(sections, tr("HSI Classifier: engine report"), tr("Copy all of this page.")))
            results["REPORT"] = path
        return results

    def _self_test(self, state: EngineState, feedback: QgsProcessingFeedback) -> Section:
        if state.python is None or not is_file(state.python):
            return Section("Self-test", [("Not run", "there is no engine to test")])
        try:
            return self_test_section(check_engine(state.python, SetUpListener(feedback)))
        except SetUpError as error:
            return Section("Self-test", [("FAILED", f"{error}\n{error.details}")])
        except SetUpCancelled as cancelled:
            raise QgsProcessingException(tr("Cancelled. No report was written.")) from cancelled


def _plugin_section() -> Section:
    from osgeo import gdal

    rows = [
        ("Plugin and engine", engine_version()),
        ("Engine's source", str(engine_source())),
        ("QGIS", f"{Qgis.version()} ({Qgis.devVersion()})"),
        ("Qt", f"{QT_VERSION_STR}, PyQt {PYQT_VERSION_STR}"),
        ("GDAL of QGIS", gdal.VersionInfo("RELEASE_NAME")),
    ]
    return Section("Plugin", rows)


def _settings_section() -> Section:
    proxy = qgis_proxy()
    rows = [
        ("Proxy in QGIS", tr("no") if proxy is None else f"yes ({proxy.kind}{', with a user' if proxy.user else ''})"),
        ("Device", str(QgsSettings().value(DEVICE_SETTING, "") or "auto")),
    ]
    return Section("Settings", rows)


def _write(path: Path, page: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise QgsProcessingException(
            whole_letters(tr("The report cannot be written to {}: {}. Choose another file.").format(path, reason))
        ) from error
