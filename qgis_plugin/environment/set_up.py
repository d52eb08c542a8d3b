"""Builds, repairs or updates the plugin's own environment."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from ..engine.clean_environment import clean_environment
from ..engine.messages import Listener
from ..paths import exists
from .errors import SetUpError
from .install.installer import InstallRequest
from .install.locked_install import install_engine
from .install.tools import EnvironmentTools
from .options import SetUpOptions
from .plan import BUILD, CHECK_STEP, ENVIRONMENT_STEP, PACKAGES_STEP, UPDATE, make_plan
from .pythons.base_python import ProbeError, PythonFacts, candidates, choose_base_python, probe
from .pythons.device_build import TorchSource, ask_torch_index, choose_torch_source, nvidia_driver
from .pythons.requirements import engine_requirements
from .pythons.verification import check_engine, check_packages, describe_environment
from .records.disk import check_folder, check_room, free_bytes, gigabytes, room_for
from .records.failure_log import now, remember_failure
from .records.journal import Journal
from .records.location import Location
from .records.lock import only_set_up
from .records.record import Record, read_json, read_record, write_json, write_record
from .records.removal import discard_environment


def set_up(options: SetUpOptions, location: Location, listener: Listener) -> Record:
    """Make the engine's environment usable, with as little work as will do, and describe it.

    It is built in place, because an environment cannot be moved. A marker stands until everything, the check included,
    is done; so whatever ends a set-up early, the next one knows.

    Raises
    ------
    SetUpError : it cannot be done; the message explains why, the hint what to do
    SetUpCancelled : the user stopped
    """
    check_folder(location.folder)
    with only_set_up(location.lock):
        journal = Journal(listener, location.log)
        try:
            return _SetUp(options, location, journal).run()
        except SetUpError as error:
            remember_failure(location.failures, "Set up engine", str(error), error.details)
            raise
        except OSError as error:
            failure = SetUpError(
                f"A file of the engine cannot be used: {error.filename or location.folder} ({error.strerror or error}).",
                "Check the disk and your permissions there, and run 'Set up engine' again.",
            )
            remember_failure(location.failures, "Set up engine", str(failure), repr(error))
            raise failure from error


class _SetUp:
    """One set-up, in a folder that no other works in."""

    def __init__(self, options: SetUpOptions, location: Location, journal: Journal) -> None:
        self._options = options
        self._location = location
        self._journal = journal
        self._variables = {**clean_environment(), **options.proxy}
        self._requirements = engine_requirements()
        self._started = time.monotonic()

    def run(self) -> Record:
        plan = make_plan(self._location, self._options, self._requirements.fingerprint())
        self._journal.step(0.0, 0.02, "Checking what is there")
        self._journal.log("info", plan.reason)
        if plan.action == BUILD:
            return self._build()
        base_python, installer, build = self._origin()
        if plan.action == UPDATE:
            facts = self._probe()
            return self._check(base_python, self._install(facts.path, self._torch_source(facts, build)))
        try:
            return self._check(base_python, installer)
        except SetUpError as error:
            self._journal.log("warning", f"{error.message} The environment will be built from scratch.")
            return self._build()

    def _build(self) -> Record:
        self._journal.step(0.02, 0.04, "Looking for a base Python")
        is_cancelled = self._journal.is_cancelled
        base, origin = choose_base_python(self._options.python, candidates(), self._variables, is_cancelled)
        self._journal.log("info", f"Base Python: {base.path} (Python {base.version_text}, {origin}).")
        source = self._torch_source(base, self._options.device_build)
        self._mark(ENVIRONMENT_STEP)
        self._journal.step(0.04, 0.1, "Making the environment")
        self._journal.log("info", f"Environment: {self._location.environment}")
        discard_environment(self._location)
        command = [str(base.path), "-I", "-m", "venv", str(self._location.environment)]
        status = self._tools(base.path).run(command)
        if status != 0:
            raise SetUpError(
                f"{base.path} could not make an environment in {self._location.environment} (exit code {status}).",
                "The log above says why. Install what is missing, or give another Python as 'Base Python'.",
            )
        return self._check(str(base.path), self._install(base.path, source))

    def _torch_source(self, facts: PythonFacts, build: str) -> TorchSource:
        """Decide on the build of PyTorch, say so, and see that there is room for it."""
        if self._options.wheels is not None:
            source = TorchSource(build if build == "gpu" else "cpu", None, "PyTorch comes from the folder of wheels.")
        else:
            is_cancelled = self._journal.is_cancelled
            version = self._requirements.version_to_install("torch") or ""
            source = choose_torch_source(
                build,
                nvidia_driver(self._variables, facts.path, is_cancelled),
                version,
                lambda index: ask_torch_index(index, version, facts, self._variables, is_cancelled),
            )
        self._journal.log("info", source.reason)
        if source.warning:
            self._journal.log("warning", source.warning)
        needed = room_for(source.build).needed
        check_room(self._location.folder, needed)
        free = gigabytes(free_bytes(self._location.folder))
        self._journal.log("info", f"Disk space in {self._location.folder}: {gigabytes(needed)} needed, {free} free.")
        return source

    def _install(self, supervisor: Path, source: TorchSource) -> str:
        """Install the packages; the installer's name."""
        self._mark(PACKAGES_STEP)
        self._journal.step(0.1, 0.85, "Installing packages")
        lines = self._requirements.install_lines()
        self._location.requirements.write_text("\n".join(lines) + "\n", encoding="utf-8")
        request = InstallRequest(
            requirements=self._location.requirements,
            wheels=self._options.wheels,
            torch_index=source.index,
            cache=self._location.cache,
            expected_bytes=room_for(source.build).expected,
        )
        return install_engine(self._tools(supervisor), request)

    def _check(self, base_python: str, installer: str) -> Record:
        """Check the engine, and only then write the record."""
        before = None if exists(self._location.marker) else read_record(self._location.record)
        if before is None:
            self._mark(CHECK_STEP, base_python=base_python, installer=installer)
        self._journal.step(0.85, 1.0, "Checking the engine")
        facts = self._probe()
        check_packages(facts, self._requirements)
        answer = check_engine(self._location.python, self._journal)
        # If nothing was installed, the record keeps the time that the installation took.
        seconds = time.monotonic() - self._started if before is None else before.seconds
        record = describe_environment(facts, answer, self._requirements, base_python, installer, seconds)
        write_record(self._location.record, record)
        self._location.marker.unlink(missing_ok=True)
        shutil.rmtree(self._location.cache, ignore_errors=True)
        return record

    def _probe(self) -> PythonFacts:
        try:
            return probe(self._location.python, self._variables, self._journal.is_cancelled)
        except ProbeError as error:
            raise SetUpError(
                f"The engine's Python {self._location.python} does not work: {error}.",
                "Run 'Set up engine' with 'Rebuild from scratch'.",
            ) from error

    def _origin(self) -> tuple[str, str, str]:
        """Base Python, installer and wanted build of the environment that is there."""
        record = read_record(self._location.record)
        if record is not None:
            return record.base_python, record.installer, "cpu" if record.torch_build == "cpu" else "gpu"
        marker = read_json(self._location.marker) or {}
        return marker.get("base_python", ""), marker.get("installer", ""), self._options.device_build

    def _mark(self, step: str, **known: str) -> None:
        marker = {"step": step, "requirements": self._requirements.fingerprint(), "time": now(), **known}
        write_json(self._location.marker, marker)

    def _tools(self, supervisor: Path) -> EnvironmentTools:
        return EnvironmentTools(
            supervisor, self._location.python, self._variables, self._location.folder, self._journal
        )
