"""Uses a Python that the user looks after, instead of an environment of the plugin's own."""

from __future__ import annotations

import time
from pathlib import Path

from ...engine.clean_environment import clean_environment
from ...engine.messages import Listener
from ..errors import SetUpError
from ..records.disk import check_folder
from ..records.location import Location
from ..records.record import Record, write_record
from .base_python import ProbeError, probe, why_unfit_for_engine
from .requirements import engine_requirements
from .verification import check_engine, check_packages, describe_environment


def adopt_python(python: Path, location: Location, listener: Listener) -> Record:
    """Judge a Python, check the engine in it, and write down what was found.

    Raises
    ------
    SetUpError : it will not do; the message explains why, with each missing package
    SetUpCancelled : the user stopped
    """
    started = time.monotonic()
    listener.progress(0.0, "Checking the existing Python")
    requirements = engine_requirements()
    check_folder(location.folder)
    try:
        facts = probe(python, clean_environment(), listener.is_cancelled)
        unfit = why_unfit_for_engine(facts)
    except ProbeError as error:
        unfit = str(error)
    if unfit is not None:
        raise SetUpError(
            f"The existing Python {python} cannot run the engine: {unfit}.",
            "Name another Python, or leave 'Existing Python' empty to let the plugin build its own environment.",
        )
    check_packages(facts, requirements)
    answer = check_engine(python, listener)
    record = describe_environment(facts, answer, requirements, seconds=time.monotonic() - started)
    write_record(location.existing_record, record)
    return record
