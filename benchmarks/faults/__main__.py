"""Faults in the middle of jobs: ``python -m benchmarks.faults``.

Brings faults into jobs of every kind at random but repeatable moments, and compares what comes out with the outputs of jobs that
nothing happened to: SIGKILL, full and broken disks, inputs that are cut off or vanish, two jobs with one output, and odd
surroundings (:mod:`.kinds`). A job that makes nothing is run once more, and has to. Prints one JSON document: ``tried``, ``lost`` (an
output that is missing or broken, a job that cannot be repeated, something left behind) and ``not_identical``, in all, by fault and by
job. Exits with 1 if either is not 0.

    python -m benchmarks.faults                                      one of each
    python -m benchmarks.faults --rounds long --record faults.jsonl  218 kills and 45 full disks among others; continues the record
    python -m benchmarks.faults --faults kill --jobs train classify --count 5
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .jobs import JOBS, Job, make_inputs, preload
from .kinds import FAULTS, possible
from .running import forked, note
from .small_disk import keep_mounts_apart
from .trials import Trial, Whole, fresh, whole

_SAID = 600


def recorded(record: Path | None) -> list[dict[str, Any]]:
    """The outcomes that earlier rounds noted."""
    if record is None or not record.is_file():
        return []
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]


def campaign(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Run the trials that are not recorded yet; the outcomes of all."""
    can = possible(keep_mounts_apart())  # first, as long as there are no threads
    for name in options.faults:
        if name not in can:
            note(f"{name}: this machine cannot bring it about")
    rows = recorded(options.record)
    done = {(row["fault"], row["job"], row["number"]) for row in rows}
    wanted = [
        (job, name, number)
        for job in JOBS
        if job.name in options.jobs
        for name, number in _planned(job, options, can)
        if (name, job.name, number) not in done
    ]
    if not wanted:
        return rows
    # One of each first, then kills and full disks, of all jobs in turn.
    wanted.sort(key=lambda trial: (trial[2] > 0, not trial[1].startswith(("kill", "full")), trial[2]))
    inputs = folder / "inputs"
    inputs.mkdir()
    preload()
    made = forked(lambda: make_inputs(inputs))
    if made.how != "done":
        raise SystemExit(f"the inputs cannot be made: {made}")
    return rows + _noted(_outcomes(wanted, inputs, options.seed, folder), options.record)


def _planned(job: Job, options: argparse.Namespace, can: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Faults of a job and numbers of trials."""
    for name in can:
        count = FAULTS[name].trials(job)
        if options.rounds == "short":
            count = min(count, 1)
        if options.count is not None:
            count = options.count
        if name in options.faults:
            yield from ((name, number) for number in range(count))


def _outcomes(wanted: list[tuple[Job, str, int]], inputs: Path, seed: str, folder: Path) -> Iterator[dict[str, Any]]:
    known = dict[str, Whole]()
    for job, name, number in wanted:
        if job.name not in known:
            known[job.name] = whole(job, inputs, folder)
            note(f"{job.name}: {known[job.name].seconds:.2f} s, {known[job.name].size} bytes")
        draw = random.Random(f"{seed} {name} {job.name} {number}")
        trial = Trial(known[job.name], name, number, fresh(folder / "trial"), draw)
        yield asdict(FAULTS[name].happens(trial))


def _noted(rows: Iterable[dict[str, Any]], record: Path | None) -> list[dict[str, Any]]:
    """The outcomes, each written to the record as soon as it is known."""
    found = []
    for row in rows:
        found.append(row)
        if row["verdict"] not in ("good", "missed"):
            note(json.dumps(row, ensure_ascii=False))
        if record is not None:
            with record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row | {"said": row["said"][-_SAID:]}, ensure_ascii=False) + "\n")
    return found


def summary(rows: list[dict[str, Any]], seed: str) -> dict[str, Any]:
    """The document that is printed; trials whose job ended before anything happened do not count."""
    tried = [row for row in rows if row["verdict"] != "missed"]

    def counted(some: list[dict[str, Any]]) -> dict[str, int]:
        verdicts = Counter(row["verdict"] for row in some)
        return {"tried": len(some), "lost": verdicts["lost"], "not_identical": verdicts["not_identical"]}

    def by(key: str) -> dict[str, Any]:
        return {
            name: counted([row for row in tried if row[key] == name]) for name in dict.fromkeys(r[key] for r in tried)
        }

    return {"seed": seed} | counted(tried) | {"faults": by("fault"), "jobs": by("job")}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", choices=("short", "long"), default="short")
    parser.add_argument("--faults", nargs="+", choices=list(FAULTS), default=list(FAULTS))
    parser.add_argument("--jobs", nargs="+", choices=[job.name for job in JOBS], default=[job.name for job in JOBS])
    parser.add_argument("--count", type=int, help="trials of each fault and job")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--record", type=Path, help="file of outcomes, one a line: what it holds is not run again")
    options = parser.parse_args(arguments)
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1700000000")  # the time that pages and model files state
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        document = summary(campaign(options, folder), options.seed)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(document, indent=2))
    return 1 if document["lost"] or document["not_identical"] else 0


if __name__ == "__main__":
    sys.exit(main())
