"""The connection to a Dask cluster: one that runs already, or one of processes of this machine."""

from __future__ import annotations

import contextlib
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from distributed import Client, LocalCluster

from .....errors import HsiError, ParameterError
from .....reporting import Reporter

_CONNECT_S = 10.0
_LEAVE_S = 2.0


@contextlib.contextmanager
def connected(scheduler: str | None, local_workers: int | None, reporter: Reporter) -> Iterator[Client]:
    """A client of the scheduler at an address, or of a new cluster of ``local_workers`` processes.

    Raises
    ------
    ParameterError : the address cannot be one.
    HsiError : no scheduler answers there, or the processes cannot be started.
    """
    with contextlib.ExitStack() as stack:
        address: Any = scheduler
        if local_workers is not None:
            address = stack.enter_context(_local_cluster(local_workers))
        client = _client(address, reporter)
        stack.callback(briefly, client.close)
        yield client


def briefly(call: Callable[[], Any], within_s: float = _LEAVE_S) -> None:
    """Call something at the end of a run, whose failure changes nothing, without waiting longer than this for it."""

    def run() -> None:
        with contextlib.suppress(Exception):
            call()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(within_s)


@contextlib.contextmanager
def _local_cluster(workers: int) -> Iterator[LocalCluster]:
    try:
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            memory_limit=None,  # what maps scenes are processes of the workers
            dashboard_address=":0",
            silence_logs=logging.CRITICAL,
        )
    except (OSError, RuntimeError) as error:
        raise HsiError(
            f"A Dask cluster of {workers} processes cannot be started here: {error}.",
            code="scheduler",
            hint="Use fewer processes, or --processes, which needs no Dask.",
        ) from error
    try:
        yield cluster
    finally:
        briefly(cluster.close, 5.0)


def _client(address: Any, reporter: Reporter) -> Client:
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except ValueError as error:
        raise ParameterError(
            f"Parameter 'scheduler' (Dask scheduler): {address!r} is not an address: {error}.",
            code="value",
            hint="Use the address that 'dask scheduler' has printed, such as tcp://10.0.0.5:8786.",
        ) from error
    except OSError as error:
        raise HsiError(
            f"No Dask scheduler answers at '{address}' within {_CONNECT_S:.0f} s.",
            code="scheduler",
            hint="Start one with 'dask scheduler', and give the address that it prints.",
        ) from error
    for warning in said:
        if "version" in str(warning.message).lower():
            reporter.log(f"Dask warns: {' '.join(str(warning.message).split())}", "warning")
    return client
