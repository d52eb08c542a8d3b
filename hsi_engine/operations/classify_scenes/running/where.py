"""Where the tasks of a run are worked through: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from ....bundle.model_bundle import ModelBundle
from ....errors import HsiError, ParameterError
from ....reporting import Reporter
from ....runtime.device import resolve_device
from ..operation import ClassifyScenesParams
from ..tasks import Task
from .processes import work_in_processes
from .sharing import Share, share_machine
from .work import Work, work_here


def share_out(params: ClassifyScenesParams, scenes: int) -> Share:
    """What each process gets of this machine; the workers of a cluster have their own.

    Raises
    ------
    DeviceError : there is no such device.
    """
    device = "cpu" if uses_dask(params) else resolve_device(params.device).type
    return share_machine(scenes, params.processes, params.memory_mb, device)


def uses_dask(params: ClassifyScenesParams) -> bool:
    """Whether the scenes are mapped on a cluster."""
    return params.scheduler is not None or params.dask_local is not None


def check_place(params: ClassifyScenesParams) -> None:
    """ParameterError: more than one place is asked for."""
    asked = [name for name in ("processes", "scheduler", "dask_local") if getattr(params, name) is not None]
    if len(asked) > 1:
        raise ParameterError(
            f"Parameters {' and '.join(map(repr, asked))} exclude each other: each says where scenes are mapped.",
            code="value",
            hint="Leave all but one of them out.",
        )


def work_through(
    work: Work, tasks: list[Task], params: ClassifyScenesParams, model: ModelBundle, share: Share, reporter: Reporter
) -> int:
    """Map all tasks; returns how many were mapped at the same time.

    Raises
    ------
    Cancelled : finished maps stay.
    HsiError : the output folder no longer takes files; processes or workers cannot be used.
    """
    if not tasks:
        return share.processes
    if uses_dask(params):
        return _work_with_dask(work, tasks, params, reporter)
    if share.processes > 1 and len(tasks) > 1:
        work_in_processes(work, params.model, share.for_tasks(len(tasks)), reporter)
    else:
        work_here(work, model, reporter)
    return share.processes


def _work_with_dask(work: Work, tasks: list[Task], params: ClassifyScenesParams, reporter: Reporter) -> int:
    try:
        from .cluster.client import work_on_cluster
        from .cluster.connection import connected
        from .cluster.workers import Workers, visible_setup
    except ImportError as error:
        raise HsiError(
            f"Dask is not installed ({error}).",
            code="no_dask",
            hint="Install it with: pip install 'hsi-engine[cluster]'. The option --processes needs no Dask.",
        ) from error
    reporter.progress(0.0, "Connecting to the Dask scheduler")
    workers = Workers()
    with (
        visible_setup(params, tasks) as setup,
        connected(params.scheduler, params.dask_local, reporter) as client,
    ):
        setup = workers.wait_for_first(client, setup, reporter)
        slots = workers.slots
        work.limit_memory(workers.memory_mb(client, params.memory_mb))
        work_on_cluster(work, client, workers, setup, reporter)
    return slots
