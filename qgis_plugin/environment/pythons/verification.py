"""Lets an environment prove that the engine works in it, and describes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...engine.client import run_operation
from ...engine.failures import EngineCancelled, EngineFailure
from ...engine.messages import Listener
from ...engine.source import engine_version
from ..errors import SetUpCancelled, SetUpError
from ..records.failure_log import now
from ..records.record import Record
from .base_python import PythonFacts
from .requirements import Requirements


def check_engine(python: Path, listener: Listener) -> dict[str, Any]:
    """Load all libraries, train, map, write and read a little: what the engine reports about itself.

    Raises
    ------
    SetUpError : something of this failed
    SetUpCancelled : the user stopped
    """
    try:
        return run_operation(python, "check_engine", {}, listener)
    except EngineCancelled:
        raise SetUpCancelled from None
    except EngineFailure as failure:
        hint = failure.hint or "Run 'Set up engine' with 'Rebuild from scratch'."
        raise SetUpError(f"The engine did not pass its check. {failure.message}", hint, failure.details) from failure


def check_packages(facts: PythonFacts, requirements: Requirements) -> None:
    """Whether a Python has all that the engine requires.

    Raises
    ------
    SetUpError : it has not; the message names each package
    """
    problems = requirements.problems(facts.packages)
    if problems:
        raise SetUpError(
            f"{facts.path} (Python {facts.version_text}) lacks what the engine needs: {'; '.join(problems)}.",
            "Install these packages there, or let 'Set up engine' build a separate environment.",
        )


def describe_environment(
    facts: PythonFacts,
    answer: Mapping[str, Any],
    requirements: Requirements,
    base_python: str = "",
    installer: str = "",
    seconds: float = 0.0,
) -> Record:
    """The record of an environment that passed; `answer` is that of check_engine."""
    return Record(
        engine_version=engine_version(),
        requirements=requirements.fingerprint(),
        python=str(facts.path),
        python_version=facts.version_text,
        base_python=base_python,
        packages=facts.packages,
        torch_build=str(answer["torch_build"]),
        devices=tuple(f"{device['title']} ({device['name']})" for device in answer["devices"]),
        installer=installer,
        seconds=round(seconds, 1),
        time=now(),
    )
