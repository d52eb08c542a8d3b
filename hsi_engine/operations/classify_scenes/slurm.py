"""A SLURM script that maps an archive as a job array."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ...classes.class_names import one_line
from .operation import ClassifyScenesParams

# Scenes for each task of the array; a task loads the model once.
_SCENES_PER_TASK, _MOST_TASKS = 20, 1000
_CORES, _MEMORY_GB = 4, 8
_NOT_PASSED = frozenset({"write_slurm", "shard", "dry_run", "processes", "scheduler", "dask_local", "memory_mb"})
_SCRIPT = """#!/bin/bash
# Maps {scenes} with {model}.
#
#   job=$(sbatch --parsable --array=1-{tasks} {name})   # the maps
#   sbatch --dependency=afterany:$job {name}            # mosaics and summary, once the array has ended
#
# Each can be submitted again at any time: scenes that have their map are skipped. The tasks of the array count from 1.
#SBATCH --job-name=hsi-classify-many
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={cores}
#SBATCH --mem={memory}G
#SBATCH --time=08:00:00
#SBATCH --output=%x-%A-%a.log
set -euo pipefail

# Activate the environment of hsi-engine here, such as:  source ~/hsi/bin/activate

shard=()
if [ -n "${{SLURM_ARRAY_TASK_ID:-}}" ]; then
  shard=(--shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT")
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
        scenes=f"{scenes:,} scenes",
        model=one_line(params.model.name),
        tasks=max(1, min(_MOST_TASKS, -(-scenes // _SCENES_PER_TASK))),
        name=one_line(shlex.quote(params.write_slurm.name if params.write_slurm is not None else "script")),
        cores=_CORES,
        memory=_MEMORY_GB,
        options=options,
    )


def _words(name: str, value: Any) -> list[str]:
    option = name.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{option}" if value else f"--no-{option}"]
    return [f"--{option} {shlex.quote(str(value))}"]
