"""Running an operation in the foreground of a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..entrypoints.cancellation import CancelSwitch, signals_to
from ..errors import Cancelled
from ..operations.definition.base import Operation, OperationResult
from ..operations.definition.function import call
from .option_words import OptionWords
from .terminal import TerminalReporter


def run_job(
    operation: Operation[Any, Any],
    values: Mapping[str, Any],
    *,
    quiet: bool,
    words: OptionWords,
    on_cancelled: Callable[[Cancelled], object],
) -> tuple[OperationResult, frozenset[str]]:
    """Run ``operation``, show its messages on stderr, and stop it at Ctrl-C; returns the result and these messages.

    Parameters
    ----------
    operation, values : what to run with which parameters.
    quiet : show warnings only.
    words : how messages name the parameters.
    on_cancelled : reports that the job was cancelled and what it leaves, if the process has to be ended by force.

    Raises
    ------
    HsiError
        Whatever the operation raises; Cancelled after Ctrl-C.
    """

    def last_words() -> None:
        reporter.close()
        on_cancelled(Cancelled(reporter.cancel_message))

    switch = CancelSwitch(last_words)
    reporter = TerminalReporter(quiet=quiet, cancel=switch.event, words=words)
    with signals_to(switch.request), switch.files.in_use():
        try:
            result: OperationResult = call(operation, values, reporter)
            return result, frozenset(reporter.said)
        finally:
            switch.settle()
            reporter.close()
