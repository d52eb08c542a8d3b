"""A SLURM script that maps an archive as a job array."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ...classes.class_names import one_line
from ...phrases import counted
from .operation import ClassifyScenesParams

# A task of the array for each scene of a few; of many, about 20 scenes for each, as a task loads the model once. SLURM
# allows 1,000 tasks unless it is set up otherwise.
_FEW_TASKS, _SCENES_PER_TASK, _MOST_TASKS = 50, 20, 1000
_CORES, _MEMORY_GB = 4, 8
_NOT_PASSED = frozenset({"write_slurm", "shard", "dry_run", "processes", "scheduler", "dask_local", "memory_mb"})
_SCRIPT = """#!/bin/bash
# Maps {scenes} with {model}.
#
#   job=$(sbatch --parsable --array=1-{tasks} {name})   # the maps
#   sbatch --dependency=afterany:$job {name}            # mosaics and summary, once the array has ended
#
# Each can be submitted again at any time, also single tasks (--array=7): scenes that have their map are skipped. Task i of the
# array maps every n-th scene from the i-th on; n is the number of shards below, whatever part of the array is submitted.
#SBATCH --job-name=hsi-classify-many
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory}G
#SBATCH --time=08:00:00
#SBATCH --output=%x-%A-%a.log
set -euo pipefail

# Activate the environment of hsi-engine here, such as:  source ~/hsi/bin/activate

shards={tasks}
shard=()
if [ -n "${{SLURM_ARRAY_TASK_ID:-}}" ]; then
  if [ "$SLURM_ARRAY_TASK_ID" -gt "$shards" ]; then
    echo "Nothing to do for task $SLURM_ARRAY_TASK_ID: the tasks of this script are 1 to $shards." >&2
    exit 0
  fi
  shard=(--shard "$SLURM_ARRAY_TASK_ID/$shards")
fi
exec hsi classify-many {options} "${{shard[@]}}"
"""


def slurm_script(params: ClassifyScenesParams, scenes: int) -> str:
    """The text of the script for this run; paths are absolute. A name in a comment is on one line: a second one would be run."""
    values = params.model_dump(exclude=set(_NOT_PASSED), exclude_defaults=True)
    for name in ("model", "output", "wavelengths"):
        if values.get(name) is not None:
            values[name] = Path(values[name]).absolute()
    source = Path(params.scenes)
    values["scenes"] = params.scenes if ":" in params.scenes else str(source.expanduser().absolute())
    options = " \\\n  ".join(word for name, value in values.items() for word in _words(name, value))
    return _SCRIPT.format(
        scenes=counted(scenes, "scene"),
        model=one_line(params.model.name),
        tasks=array_size(scenes),
        name=one_line(shlex.quote(params.write_slurm.name if params.write_slurm is not None else "script")),
        cores=_CORES,
        memory=_MEMORY_GB,
        options=options,
    )


def array_size(scenes: int) -> int:
    """The number of tasks among which so many scenes are shared."""
    return max(1, min(scenes, _MOST_TASKS, max(_FEW_TASKS, -(-scenes // _SCENES_PER_TASK))))


def _words(name: str, value: Any) -> list[str]:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    return [f"--{option} {shlex.quote(str(value))}"]
