"""Faults in the middle of jobs: ``python -m benchmarks.faults``.

Brings faults into jobs of every kind at random but repeatable moments, and compares what comes out with the outputs of jobs that
nothing happened to: **kill** (SIGKILL, then resumed), **full disk** (a limit on the size of files, then once more), **surroundings**
(few file descriptors, a locale with commas, no home, no working folder, a clock that jumps), a **vanishing scene**, and **two at once**
with the same output. Prints one JSON document: ``tried``, ``lost`` (an output that is missing or broken, a job that cannot be
repeated, something left behind) and ``not_identical``, in all and by fault. Exits with 1 if either is not 0.

    python -m benchmarks.faults                          a few of each
    python -m benchmarks.faults --rounds long            25 kills and 6 full disks of each job; resumes from --record
    python -m benchmarks.faults --faults kill --jobs train classify --count 5
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .jobs import JOBS, make_inputs, preload
from .kinds import FAULTS, whole
from .running import forked, note

_COUNTS = {
    "short": dict.fromkeys(FAULTS, 1),
    "long": {"kill": 25, "full disk": 6, "vanishing scene": 30, "surroundings": 2, "two at once": 3},
}


def recorded(record: Path | None) -> list[dict[str, Any]]:
    """The outcomes that earlier rounds noted."""
    if record is None or not record.is_file():
        return []
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def campaign(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Run the rounds that are not recorded yet; the outcomes of all."""
    rows = recorded(options.record)
    done = {(row["round"], row["of"]) for row in rows}
    inputs = folder / "inputs"
    inputs.mkdir()
    preload()
    made = forked(lambda: make_inputs(inputs))
    if made.how != "done":
        raise SystemExit(f"the inputs cannot be made: {made}")
    for job in JOBS:
        wanted = [name for name in options.faults if job in FAULTS[name][1] and (name, job.name) not in done]
        if job.name not in options.jobs or not wanted:
            continue
        known = whole(job, inputs, folder)
        for name in wanted:
            draw = random.Random(f"{options.seed} {name} {job.name}")
            count = options.count or _COUNTS[options.rounds][name]
            new = [
                asdict(o) | {"round": name, "of": job.name} for o in FAULTS[name][0](known, inputs, folder, count, draw)
            ]
            rows += new
            _note(new, options.record)
    return rows


def _note(rows: list[dict[str, Any]], record: Path | None) -> None:
    for row in rows:
        if row["verdict"] != "good":
            note(json.dumps(row))
    note(f"{rows[0]['round']}, {rows[0]['of']}: {dict(Counter(row['verdict'] for row in rows))}")
    if record is not None:
        with record.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row | {"said": row["said"][:300]}) + "\n" for row in rows)


def summary(rows: list[dict[str, Any]], seed: str) -> dict[str, Any]:
    """The document that is printed."""

    def counted(some: list[dict[str, Any]]) -> dict[str, int]:
        verdicts = Counter(row["verdict"] for row in some)
        return {"tried": len(some), "lost": verdicts["lost"], "not_identical": verdicts["not_identical"]}

    faults = {
        name: counted([row for row in rows if row["fault"] == name]) for name in dict.fromkeys(r["fault"] for r in rows)
    }
    return {"seed": seed} | counted(rows) | {"faults": faults}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", choices=sorted(_COUNTS), default="short")
    parser.add_argument("--faults", nargs="+", choices=list(FAULTS), default=list(FAULTS))
    parser.add_argument("--jobs", nargs="+", choices=[job.name for job in JOBS], default=[job.name for job in JOBS])
    parser.add_argument("--count", type=int, help="trials of each fault and job")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--record", type=Path, help="file of outcomes, one a line: what it holds is not run again")
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        document = summary(campaign(options, folder), options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(document, indent=2))
    return 1 if document["lost"] or document["not_identical"] else 0


if __name__ == "__main__":
    sys.exit(main())
