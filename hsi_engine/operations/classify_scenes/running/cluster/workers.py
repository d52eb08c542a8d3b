"""The workers of a cluster: whether each of them can map the scenes of a run, and what they have."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from distributed import Client

from .....errors import HsiError, OutputError
from .....io.files.outputs import sha256_of
from .....io.files.source_names import is_gdal_name
from .....reporting import Reporter
from .....version import VERSION
from ...operation import ClassifyScenesParams
from ...tasks import Task
from ..sharing import tile_memory_mb
from . import on_worker
from .setup import Setup

_MIB = 2**20
_WAIT_S = 30.0
_POLL_S = 0.2
# Each worker looks for so many scenes; of the others, those that it does not see fail one by one.
_SCENES_LOOKED_FOR = 20
_NAMED = 5


class Workers:
    """The workers that were found to fit; new ones are checked as they come.

    Attributes
    ----------
    slots : scenes that they map at the same time.
    """

    def __init__(self) -> None:
        self.slots = 0
        self._found: dict[str, dict[str, Any]] = {}
        self._waits = False

    def wait_for_first(self, client: Client, setup: Setup, reporter: Reporter) -> Setup:
        """Check all workers; returns the set-up with their shares.

        Raises
        ------
        HsiError : there is none within half a minute, or one cannot map the scenes.
        """
        until = time.monotonic() + _WAIT_S
        while time.monotonic() < until:
            reporter.check_cancelled()
            reporter.progress(0.0, "Checking the workers")
            setup = self.look(client, setup, reporter, quiet=True)
            if self.slots:
                return setup
            time.sleep(_POLL_S)
        raise HsiError(
            f"The scheduler at '{client.scheduler.address}' has no workers.",
            code="no_workers",
            hint="Start some, such as with 'dask worker ADDRESS --nthreads 1', and start this again.",
        )

    def look(self, client: Client, setup: Setup, reporter: Reporter, *, quiet: bool = False) -> Setup:
        """Which workers there are now; new ones are checked.

        Raises
        ------
        HsiError : one of them cannot map the scenes.
        """
        threads: dict[str, int] = dict(client.nthreads())
        new = [address for address in threads if address not in self._found]
        if new:
            answers = client.run(on_worker.examine, setup.to_json(), workers=new, on_error="return")
            self._found |= _accepted(answers)
        known = {address: self._found[address] for address in threads if address in self._found}
        self.slots = sum(threads[address] for address in known)
        if not self.slots and not quiet and not self._waits:
            reporter.log("No worker is left; waiting for one. Finished maps stay if you cancel.", "warning")
        self._waits = not self.slots
        return replace(setup, threads=_threads(known, threads)) if new else setup

    def memory_mb(self, client: Client, asked: int | None) -> int:
        """MiB for tiles of one scene: on the machine that has least for each.

        Parameters
        ----------
        asked : for all scenes on one machine together; None: what is free.
        """
        slots = dict(client.nthreads())
        hosts = {found["host"] for found in self._found.values()}
        shares = []
        for host in hosts:
            there = [address for address, found in self._found.items() if found["host"] == host]
            free = min(self._found[address]["free_bytes"] for address in there) // _MIB
            shares.append(tile_memory_mb(sum(slots.get(a, 1) for a in there), free, asked))
        return min(shares)


@contextlib.contextmanager
def visible_setup(params: ClassifyScenesParams, tasks: Sequence[Task]) -> Iterator[Setup]:
    """What workers are told; while the block runs, a file in the output folder shows them that it is the same."""
    model, output = params.model, params.output
    named = [model, output, *(task.params.scene for task in tasks)]
    seen = [task.params.scene for task in tasks if not is_gdal_name(task.params.scene) and task.params.scene.exists()]
    step = -(-len(seen) // _SCENES_LOOKED_FOR) or 1
    run = secrets.token_hex(6)
    token = output / f".hsi-run-{run}"
    try:
        token.write_bytes(b"")
    except OSError as error:
        raise OutputError(
            f"No file can be written into the output folder '{output}': {error.strerror}.", code="not_writable"
        ) from error
    try:
        yield Setup(
            run=run,
            version=VERSION,
            folder=None if all(path.is_absolute() for path in named if not is_gdal_name(path)) else os.getcwd(),  # noqa: PTH109
            model=str(model),
            model_sha256=sha256_of(model),
            output=str(output),
            token=token.name,
            scenes=tuple(str(path) for path in seen[::step]),
            device=params.device,
            threads={},
            log=f"workers-{run}",
        )
    finally:
        with contextlib.suppress(OSError):
            token.unlink()
        for log in output.glob(f"workers-{run}-*.log"):
            with contextlib.suppress(OSError):
                if not log.stat().st_size:
                    log.unlink()


def _accepted(answers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The answers of workers that can map the scenes; those that could not be reached are asked again later."""
    found, problems = {}, []
    for address, answer in answers.items():
        if isinstance(answer, ImportError):
            problems.append((address, f"it has no hsi-engine, or one without this part ({answer})"))
        elif isinstance(answer, OSError):
            continue
        elif isinstance(answer, Exception):
            problems.append((address, f"it could not be checked ({type(answer).__name__}: {answer})"))
        elif answer["problem"]:
            name = address if answer["name"] == address else f"{address} ({answer['name']}, on {answer['host']})"
            problems.append((name, answer["problem"]))
        else:
            found[address] = answer
    if problems:
        told = "; ".join(f"{name}: {problem}" for name, problem in problems[:_NAMED])
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        raise HsiError(
            f"Workers of the Dask cluster cannot map these scenes. {told}{more}.",
            code="worker_differs",
            hint="All workers need this version of hsi-engine, torch, and the same folders under the same names.",
        )
    return found


def _threads(found: dict[str, dict[str, Any]], slots: dict[str, int]) -> dict[str, int]:
    """Threads of torch for each scene, by machine: its cores, shared by all scenes on it."""
    scenes: dict[str, int] = {}
    cores: dict[str, int] = {}
    for address, one in found.items():
        scenes[one["host"]] = scenes.get(one["host"], 0) + slots[address]
        cores[one["host"]] = max(cores.get(one["host"], 1), one["cores"])
    return {host: max(1, cores[host] // count) for host, count in scenes.items()}
