"""Hostile input of every kind that a user can hand in: ``python -m benchmarks.hostile``.

Damages files and parameters at random but repeatably, runs the job that reads them, and judges what comes of it: **ok**, **refused** with
a message, or one of **traceback** (an error that nobody foresaw), **crash**, **hang** (20 s), **memory** (more than 2 GB) and **broken**
(an output that cannot be read, or a refused job that changed its folder). Prints one JSON document: ``tried`` and the ``outcomes`` of
each kind. Exits with 1 if there is anything but the first two; the inputs of these are written out (``--failures``).

    python -m benchmarks.hostile                           a short round
    python -m benchmarks.hostile --rounds long             800 of each kind; resumes from --record
    python -m benchmarks.hostile --kinds style legend --seed 7 --count 50
    python -m benchmarks.hostile --kinds style --number 31     one trial alone, with what it said
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .kinds import KINDS
from .protocol import PROTOCOL, protocol_outcomes
from .running import BAD, Outcome, make_clean, outcomes, preload

_COUNTS = {"short": 12, "long": 800}


def recorded(record: Path | None) -> dict[str, dict[int, str]]:
    """The outcomes that earlier rounds noted, by kind and number."""
    found: dict[str, dict[int, str]] = {}
    if record is not None and record.is_file():
        for line in record.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.setdefault(row["kind"], {})[row["number"]] = row["outcome"]
    return found


def campaign(options: argparse.Namespace, clean: Path) -> dict[str, dict[int, str]]:
    """Run what is not recorded yet; the outcomes of all."""
    done = recorded(options.record)
    count = options.count or _COUNTS[options.rounds]
    for name in options.kinds or [*KINDS, PROTOCOL]:
        known = done.setdefault(name, {})
        left = [number for number in range(count) if number not in known]
        for outcome in _of_kind(name, left, options, clean):
            known[outcome.number] = outcome.outcome
            _note(outcome, options.record)
        print(f"{name}: {dict(Counter(known.values()))}", file=sys.stderr, flush=True)
    return done


def _of_kind(name: str, numbers: list[int], options: argparse.Namespace, clean: Path) -> Iterator[Outcome]:
    if name == PROTOCOL:
        return protocol_outcomes(numbers, options.seed, clean)
    return outcomes(name, numbers, options.seed, clean, options.failures)


def _note(outcome: Outcome, record: Path | None) -> None:
    row = asdict(outcome)
    if outcome.outcome in BAD:
        print(json.dumps(row), file=sys.stderr, flush=True)
    if record is not None:
        with record.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row if outcome.outcome in BAD else row | {"said": row["said"][:200]}) + "\n")


def summary(done: dict[str, dict[int, str]], seed: str) -> dict[str, Any]:
    """The document that is printed."""
    kinds = {
        name: {"tried": len(of_kind), "outcomes": dict(Counter(of_kind.values()))} for name, of_kind in done.items()
    }
    total = Counter(outcome for of_kind in done.values() for outcome in of_kind.values())
    return {"seed": seed, "tried": sum(total.values()), "outcomes": dict(total), "kinds": kinds}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", choices=_COUNTS, default="short")
    parser.add_argument("--count", type=int, help="trials of each kind, in place of those of the round")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS, PROTOCOL], metavar="KIND")
    parser.add_argument("--number", type=int, help="only this trial of the kind")
    parser.add_argument("--record", type=Path, help="file of outcomes that a later run resumes from")
    parser.add_argument(
        "--failures", type=Path, default=Path("hostile_failures"), help="folder for the inputs of bad outcomes"
    )
    parser.add_argument("--clean", type=Path, help="folder of the clean files; made there if it is missing")
    options = parser.parse_args()
    preload()
    with tempfile.TemporaryDirectory() as folder:
        clean = (options.clean or Path(folder) / "clean").absolute()
        if not clean.is_dir():
            try:
                make_clean(clean)
            except RuntimeError:
                shutil.rmtree(clean, ignore_errors=True)
                raise
        if options.number is not None:
            for outcome in _of_kind(options.kinds[0], [options.number], options, clean):
                print(json.dumps(asdict(outcome), indent=1))
            return
        found = summary(campaign(options, clean), options.seed)
    print(json.dumps(found, indent=1))
    raise SystemExit(any(found["outcomes"].get(bad) for bad in BAD))


if __name__ == "__main__":
    main()
