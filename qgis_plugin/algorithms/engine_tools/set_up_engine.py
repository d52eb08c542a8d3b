"""Algorithm: build, repair or update the engine's environment, or take an existing Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputFolder,
    QgsProcessingOutputString,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsSettings,
)

from ...engine.failures import EngineMissing
from ...environment.current import PYTHON_SETTING, current_engine, engine_location
from ...environment.errors import SetUpCancelled, SetUpError
from ...environment.options import SetUpOptions
from ...environment.proxy import proxy_variables
from ...environment.pythons.device_build import BUILDS
from ...environment.pythons.existing_python import adopt_python
from ...environment.set_up import set_up
from ...forms.old_values import Truth, read_truth
from ...paths import is_folder, why_missing
from ...plain_text import whole_letters
from ...runs.listener import FeedbackListener
from ...translation import tr
from .engine_tool import EngineTool

_Parameters = dict[str, Any]


class SetUpEngineAlgorithm(EngineTool):
    """Everything between "the plugin is installed" and "the engine works"."""

    ID = "set_up_engine"
    TITLE = tr("Set up engine")
    TAGS = (tr("install"), tr("repair"), tr("update"), "python", "torch", "gpu", "cuda", "pip", "uv")
    SUMMARY = tr("Builds, repairs or updates the engine's Python environment, and checks that it works.")
    HELP_PAGE = "installing"
    HELP = tr(
        "<p><b>Press Run.</b> The plugin computes in its own Python environment, separate from the Python of QGIS. Run "
        "this "
        "tool once after installing the plugin, and again whenever an algorithm asks for it. It does whatever is "
        "needed: build, repair, update, or just check.</p>"
        "<h3>What it does</h3>"
        "<p>It finds a Python (3.10 to 3.14, 64-bit), checks the free disk space (2.5 GB needed; 14 GB for an NVIDIA "
        "GPU), makes an environment in your user folder, installs PyTorch and the other packages with uv or "
        "pip, "
        "and lets the engine train on and map a tiny scene as a check. It takes from half a minute to several "
        "minutes, depending on the network. Nothing outside that folder is changed. QGIS's proxy and pip's settings "
        "are honoured.</p>"
        "<h3>If it stops</h3>"
        "<p>You can cancel it at any time. After that, or after a crash, run it again: it repairs what is there.</p>"
        "<h3>Advanced parameters</h3>"
        "<ul><li><b>Existing Python</b>: use a Python that you maintain, instead of the plugin's environment. It is "
        "checked and remembered; nothing is installed in it.</li>"
        "<li><b>Base Python</b>: the Python to make the environment from. If empty: that of QGIS, otherwise one on "
        "PATH.</li>"
        "<li><b>Build of PyTorch</b>: <i>auto</i> takes the GPU build if an NVIDIA driver is found. On a Mac, one "
        "build serves both.</li>"
        "<li><b>Folder of wheels</b>: for a computer without a network. Fill the folder on a computer of the same system "
        "and Python with <code>pip wheel -r requirements.txt -c constraints.txt -w FOLDER</code>, run in the folder <i>engine_source</i> of "
        "the plugin. Missing wheels are listed.</li>"
        "<li><b>Rebuild from scratch</b>: removes the environment first.</li></ul>"
        "<h3>Outputs</h3>"
        "<p>STATE (<i>ready</i>), PYTHON (the engine's Python) and ENVIRONMENT (its folder). "
        "The environment is in the folder named by the variable HSI_ENGINE_HOME, otherwise in the user's "
        "application-data folder.</p>"
    )

    def __init__(self) -> None:
        super().__init__()
        self._options: SetUpOptions | None = None
        self._proxy_in_words = ""

    def initAlgorithm(self, configuration: _Parameters | None = None) -> None:
        folder = QgsProcessingParameterFile.Behavior.Folder
        existing = _program("EXISTING_PYTHON", tr("Existing Python (instead of the plugin's environment)"))
        base = _program("PYTHON", tr("Base Python (leave empty to detect)"))
        build = QgsProcessingParameterEnum(
            "DEVICE_BUILD", tr("Build of PyTorch"), list(BUILDS), defaultValue=BUILDS[0], usesStaticStrings=True
        )
        wheels = QgsProcessingParameterFile(
            "WHEELS", tr("Folder of wheels (to install without a network)"), folder, optional=True
        )
        rebuild = Truth("REBUILD", tr("Rebuild from scratch"), False)
        for definition in (existing, base, build, wheels, rebuild):
            # Nobody has to decide anything here: Run does what is needed.
            definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
            self.addParameter(definition)
        self.addOutput(QgsProcessingOutputString("STATE", tr("State of the engine")))
        self.addOutput(QgsProcessingOutputString("PYTHON", tr("The engine's Python")))
        self.addOutput(QgsProcessingOutputFolder("ENVIRONMENT", tr("The engine's environment")))

    def checkParameterValues(self, parameters: _Parameters, context: QgsProcessingContext) -> tuple[bool, str]:
        accepted, message = super().checkParameterValues(parameters, context)
        existing = self.parameterAsFile(parameters, "EXISTING_PYTHON", context)
        own = [name for name in ("PYTHON", "WHEELS") if self.parameterAsFile(parameters, name, context)]
        if accepted and existing and own:
            return False, tr(
                "Existing Python cannot be combined with {}, because nothing is installed in an existing Python. "
                "Leave one of them empty."
            ).format(", ".join(own))
        wheels = self.parameterAsFile(parameters, "WHEELS", context)
        if accepted and wheels and not is_folder(wheels):
            problem = tr(why_missing(wheels) or "it is not a folder")
            return False, tr("The folder of wheels cannot be used, because {}: {}").format(problem, wheels)
        return accepted, message

    def prepareAlgorithm(
        self, parameters: _Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Main thread: QGIS may have to ask for the password of the proxy."""
        proxy, self._proxy_in_words = proxy_variables()
        self._options = SetUpOptions(
            python=self._path(parameters, "PYTHON", context),
            device_build=self.parameterAsString(parameters, "DEVICE_BUILD", context),
            wheels=self._path(parameters, "WHEELS", context),
            rebuild=read_truth(self.parameterDefinition("REBUILD"), parameters, context),
            proxy=proxy,
        )
        return True

    def processAlgorithm(
        self, parameters: _Parameters, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        if self._options is None:
            raise QgsProcessingException(tr("The run was not prepared."))
        existing = self._path(parameters, "EXISTING_PYTHON", context)
        listener = SetUpListener(feedback)
        try:
            if existing is not None:
                adopt_python(existing, engine_location(), listener)
            else:
                feedback.pushInfo(self._proxy_in_words)
                set_up(self._options, engine_location(), listener)
        except SetUpError as error:
            if error.details:
                feedback.pushConsoleInfo(error.details)
            raise QgsProcessingException(whole_letters(str(error))) from error
        except SetUpCancelled as cancelled:
            # Without an exception a cancelled run would count as done in scripts and qgis_process.
            raise QgsProcessingException(str(cancelled)) from cancelled
        except EngineMissing as incomplete:
            raise QgsProcessingException(str(incomplete)) from incomplete
        QgsSettings().setValue(PYTHON_SETTING, str(existing or ""))
        return self._outcome(feedback)

    def _outcome(self, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        state = current_engine()
        if state.source == "variable":
            feedback.pushWarning(
                tr("The variable HSI_ENGINE_PYTHON names another Python, which is used as long as the variable is set.")
            )
        feedback.pushInfo(state.message)
        feedback.pushInfo(tr("Next: add a scene and some training polygons, and run 'Train and classify'."))
        python = state.python or Path()
        return {"STATE": state.kind, "PYTHON": str(python), "ENVIRONMENT": str(python.parent.parent)}

    def _path(self, parameters: _Parameters, name: str, context: QgsProcessingContext) -> Path | None:
        text = self.parameterAsFile(parameters, name, context)
        return Path(text) if text else None


def _program(name: str, description: str) -> QgsProcessingParameterFile:
    """A file without an ending in its name will do, which QGIS's own "*.*" refuses."""
    return QgsProcessingParameterFile(name, description, optional=True, fileFilter=tr("All files (*)"))


class SetUpListener(FeedbackListener):
    """Shows what installers print as such."""

    def log(self, level: str, message: str) -> None:
        if level == "console":
            self._feedback.pushConsoleInfo(message)
        else:
            super().log(level, message)
