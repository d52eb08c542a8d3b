"""What all algorithms do that run an operation of the engine; an algorithm itself is data and words."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputHtml,
    QgsProcessingUtils,
)

from ...engine.client import run_operation
from ...engine.command_line import hsi_command
from ...engine.failures import EngineCancelled, EngineFailure, EngineMissing
from ...engine.operations import OperationDescription, load_operations
from ...environment.current import current_engine, engine_location
from ...environment.records.failure_log import remember_failure
from ...forms.checks import form_problem
from ...forms.old_parameters import with_new_names
from ...forms.parameters import qgis_name, qgis_parameters
from ...forms.proposals import propose_layers
from ...forms.value_checks import value_problem
from ...forms.values import FormValues
from ...layers import KEPT_RUNS, KeptRasters, remove_copied_rasters
from ...paths import exists
from ...plain_text import plain, whole_letters
from ...results import MapFacts, add_results
from ...runs.form_words import in_form_words, in_words_of_style
from ...runs.listener import FeedbackListener
from ...runs.outputs import for_qgis, map_facts, output_layers, read_outputs, written_lines
from ...runs.plan import RunPlan, plan_run
from ...runs.result_values import ResultValue, reading_result
from ...runs.temporary import temporary_note, temporary_outputs, with_named_layers
from ...translation import tr
from .listed import ListedAlgorithm


class EngineAlgorithm(ListedAlgorithm):
    """Base of the algorithms; the engine works in a separate process, so that QGIS stays responsive.

    A subclass states what stands here and in :class:`ListedAlgorithm`, and may add a :meth:`summary`. Title, group and
    summary are the engine's.

    OPERATION : name of the engine's operation.
    ID : its name in QGIS, where that is another one.
    CHECKED_SCENES : engine's names of the inputs that have to be hyperspectral.
    RESULT_VALUES : numbers and text of the result that become outputs.
    VISIBLE : names in QGIS of the inputs that stand first in the form, in this order, with all others folded away;
        empty if the engine's order and choice are right.
    HIDDEN : names in QGIS of what only scripts and saved models may give.
    KEPT_RASTERS : keeps copies of rasters for runs that follow; without it they go when a run ends.
    KEEPS_COPIES : copies of labels stay for a few more runs, so that the run can be repeated without QGIS.
    REPORT_TITLE : what the Results Viewer of QGIS calls the report, as all of them would otherwise be called "Report".
    """

    OPERATION: ClassVar[str]
    ID: ClassVar[str] = ""
    CHECKED_SCENES: ClassVar[tuple[str, ...]] = ()
    RESULT_VALUES: ClassVar[tuple[ResultValue, ...]] = ()
    VISIBLE: ClassVar[tuple[str, ...]] = ()
    HIDDEN: ClassVar[frozenset[str]] = frozenset()
    REPORT_TITLE: ClassVar[str] = ""
    KEEPS_COPIES: ClassVar[bool] = True
    KEPT_RASTERS: ClassVar[KeptRasters | None] = None

    def __init__(self) -> None:
        super().__init__()
        self._plan: RunPlan | None = None
        self._outputs: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        self._warnings: list[str] = []
        self._written: dict[str, str] = {}
        self._said: set[str] = set()
        self._facts = MapFacts()
        self._result: dict[str, Any] = {}

    # ----------------------------------------------------------------------------------- the toolbox

    def name(self) -> str:
        return self.ID or self.operation.name

    def displayName(self) -> str:
        return tr(self.operation.title)

    def group(self) -> str:
        return tr(self.operation.group)

    def groupId(self) -> str:
        return self.operation.group.lower()

    def shortDescription(self) -> str:
        return tr(self.operation.summary)

    # ----------------------------------------------------------------------------------- the form

    @property
    def operation(self) -> OperationDescription:
        """The engine's description of the operation."""
        return load_operations()[self.OPERATION]

    @property
    def _reports(self) -> set[str]:
        return {qgis_name(parameter.name) for parameter in self.operation.outputs if parameter.kind == "report_out"}

    def initAlgorithm(self, configuration: Mapping[str, Any] | None = None) -> None:
        definitions = qgis_parameters(self.operation, self.VISIBLE, self.HIDDEN)
        propose_layers(self.operation, definitions)
        for definition in definitions:
            is_report = self.REPORT_TITLE and definition.name() in self._reports
            if is_report:
                self.addOutput(QgsProcessingOutputHtml(definition.name(), self.REPORT_TITLE))
            self.addParameter(definition, not is_report)
        for value in self.RESULT_VALUES:
            self.addOutput(value.definition())

    def canExecute(self) -> tuple[bool, str]:
        """Asked before the form opens; an engine that is not ready is reported in one sentence."""
        try:
            ready_python()
        except EngineMissing as missing:
            return False, plain(str(missing))
        return True, ""

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """What is wrong is shown in a message box, which would take names of layers and files for markup."""
        problem = self._problem(parameters, context)
        return problem is None, plain(problem or "")

    def _problem(self, parameters: dict[str, Any], context: QgsProcessingContext) -> str | None:
        try:
            parameters, _ = with_new_names(self.operation, parameters)
        except QgsProcessingException as error:
            return str(error)
        accepted, message = super().checkParameterValues(parameters, context)
        if not accepted:
            return value_problem(self, self.operation, parameters, context) or message
        return form_problem(self.operation, FormValues(self, parameters, context), self.CHECKED_SCENES)

    # ----------------------------------------------------------------------------------- the run

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Main thread: everything that touches layers or the project."""
        parameters, self._warnings = with_new_names(self.operation, parameters)
        # A model or a script may come here without the checks of a form.
        form = FormValues(self, parameters, context)
        problem = form_problem(self.operation, form, self.CHECKED_SCENES)
        if problem is not None:
            raise QgsProcessingException(problem)
        try:
            self._plan = plan_run(self.operation, form, ready_python())
        except EngineMissing as missing:
            raise QgsProcessingException(str(missing)) from missing
        return True

    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Any thread: write what is not a file yet, run the engine, show the results.

        The log has the order in which an analyst reads it: what is read and left out, by the engine as it works; what came
        out; what to do next; and at the end, for others, the same run without QGIS.
        """
        if self._plan is None:
            raise QgsProcessingException(tr("The run was not prepared."))
        parameters, _ = with_new_names(self.operation, parameters)
        subject = self._plan.subject
        parameters = with_named_layers(self.operation, parameters, subject)
        wanted = read_outputs(self.operation, FormValues(self, parameters, context), subject)
        self._outputs = wanted.paths
        for note in wanted.notes:
            feedback.pushInfo(note)
        folder = Path(tempfile.mkdtemp(prefix="hsi-", dir=QgsProcessingUtils.tempFolder()))
        try:
            result = self._run(self._plan, folder, feedback)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if self.KEEPS_COPIES:
            remove_copied_rasters(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
        self._result = result
        with reading_result():
            self._tell(result, feedback)
            self._tell_command(folder, feedback)
            self._facts = map_facts(self.operation, self._outputs, self._plan.values, result)
            values = {value.name: value.read(result) for value in self.RESULT_VALUES}
        return {**for_qgis(self._outputs), **values}

    def _run(self, plan: RunPlan, folder: Path, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        for warning in self._warnings:
            feedback.pushWarning(warning)
        values = {**plan.materialise(folder, feedback, self.KEPT_RASTERS), **self._outputs}
        self._values = values
        listener = FeedbackListener(feedback, words=self._in_form_words)
        self._written, self._said = listener.written, listener.said
        try:
            return run_operation(plan.python, self.operation.name, values, listener)
        except EngineCancelled as cancelled:
            # Without an exception a cancelled run would count as done in scripts and qgis_process.
            raise QgsProcessingException(whole_letters(str(cancelled))) from cancelled
        except EngineFailure as failure:
            if failure.details:
                feedback.pushConsoleInfo(failure.details)
            for line in written_lines(self.operation, self._outputs, self._written):
                feedback.pushInfo(line)
            self._remember(failure, feedback)
            raise QgsProcessingException(whole_letters(self._in_form_words(str(failure)))) from failure

    def _in_form_words(self, text: str) -> str:
        """A sentence of the engine; empty if the log has it in other words."""
        by_style = self._plan is not None and "legend" in self._values and "legend" not in self._plan.values
        return in_form_words(self.operation, in_words_of_style(text) if by_style else text)

    def _tell(self, result: Mapping[str, Any], feedback: QgsProcessingFeedback) -> None:
        """What came out, what has to be known of it, and what to do next."""
        for line in [*self.summary(result), *written_lines(self.operation, self._outputs, self._written)]:
            feedback.pushInfo(line)
        doubts = [] if self._plan is None or result.get("warnings") else self._plan.doubts
        for warning in [*map(self._in_form_words, self.warnings(result)), *doubts]:
            if warning not in self._said:  # by the engine, as it worked
                feedback.pushWarning(warning)
        temporary = temporary_outputs(self.operation, self._outputs)
        # A map or a report can be made again in minutes; a model is what the time of a training went into.
        is_serious = any(parameter.kind == "model_out" for parameter, _ in temporary)
        if temporary:
            (feedback.pushWarning if is_serious else feedback.pushInfo)(temporary_note(temporary))
        for step in map(self._in_form_words, self.next_steps(result)):
            feedback.pushInfo(tr("Next: {}").format(step))

    def _tell_command(self, folder: Path, feedback: QgsProcessingFeedback) -> None:
        """The command line of this run, and what has to be kept for it."""
        feedback.pushInfo(tr("The same run without QGIS:"))
        feedback.pushCommandInfo(hsi_command(self.operation.name, self._values))
        copies = [Path(str(value)) for value in self._values.values() if str(folder) in str(value)]
        if self.KEEPS_COPIES and copies:
            line = tr(
                "It reads temporary files in {}, which are removed after {} further runs, and when QGIS is closed. To repeat "
                "the run later, copy them to another folder and change the paths."
            ).format(folder, KEPT_RUNS)
            are_gone = not all(exists(path) for path in copies)
            feedback.pushInfo(f"{line} {tr('Copies of rasters are already gone.')}" if are_gone else line)

    def _remember(self, failure: EngineFailure, feedback: QgsProcessingFeedback) -> None:
        """Keep it for the engine report. If that is not possible, the user still sees what failed first."""
        try:
            remember_failure(engine_location().failures, self.displayName(), str(failure), failure.details)
        except OSError as error:
            feedback.pushWarning(
                tr("This failure could not be saved for the engine report: {}.").format(error.strerror or error)
            )

    def summary(self, result: Mapping[str, Any]) -> list[str]:
        """What came out, in sentences for the log."""
        return []

    def warnings(self, result: Mapping[str, Any]) -> list[str]:
        """What has to be known of what came out, in the colour of warnings."""
        return []

    def next_steps(self, result: Mapping[str, Any]) -> list[str]:
        """What to do next, a sentence each."""
        return []

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Main thread: layers get their names and styles."""
        if self._plan is not None:
            layers = output_layers(self.operation, self._outputs)
            add_results(context, feedback, layers, self._plan.scene_name, self._facts, self._plan.scene_id)
        return {}


def ready_python() -> Path:
    """The engine's Python.

    Raises
    ------
    EngineMissing : there is none that can be used; the message explains what to do.
    """
    engine = current_engine()
    if engine.python is None or not engine.is_ready:
        raise EngineMissing(engine.message, code="engine.not_ready")
    return engine.python
