"""One trial: what is known of a job that nothing happened to, and what comes of one that something happened to."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .contents import contents, hidden, visible
from .jobs import Job
from .running import Act, End, Fork, forked


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    Parameters
    ----------
    fault, job, number : what happened to which job, and which trial it was.
    verdict : good; lost (an output is missing or broken, the job cannot be repeated, or something was left); not_identical; or
        missed: the job ended before anything happened to it.
    said : how the job and the one after it ended.
    """

    fault: str
    job: str
    number: int
    verdict: str
    said: str


@dataclass(frozen=True)
class Whole:
    """A job, what it makes if nothing happens to it, in which time, and the size of its largest file and of all its files."""

    job: Job
    inputs: Path
    expected: dict[str, str]
    seconds: float
    largest: int
    size: int

    @property
    def places(self) -> dict[str, str]:
        return {str(self.inputs): "IN"}


@dataclass(frozen=True)
class Trial:
    """One trial of a fault.

    Parameters
    ----------
    fault : its name.
    out : an empty folder.
    draw : of this trial alone, the same every time.
    """

    known: Whole
    fault: str
    number: int
    out: Path
    draw: random.Random

    def moment(self) -> float:
        """Some moment of the job, in seconds from its start."""
        return self.draw.uniform(0, self.known.seconds)

    def begin(self, prepare: Callable[[], None] = lambda: None, *, resume: bool = True) -> Fork:
        """Start the job in a fork, after ``prepare`` there."""

        def run() -> object:
            prepare()
            return self.known.job.run(self.known.inputs, self.out, resume)

        return Fork(run)

    def run(self, *acts: Act, prepare: Callable[[], None] = lambda: None, resume: bool = True) -> End:
        """The job from its start to its end, while ``acts`` happen to it."""
        return self.begin(prepare, resume=resume).end(acts)

    def outcome(self, verdict: str, said: str) -> Outcome:
        return Outcome(self.fault, self.known.job.name, self.number, verdict, said)

    def judged(self, end: End, said: str = "", *, may_be_killed: bool = False) -> Outcome:
        """What to think of a job that ended like this; if it made nothing, it is run once more and has to."""
        said = f"{said} {end.how} {end.said}".strip()
        if end.how == "done":
            return self._of_done(said)
        if end.how == "refused":
            if left := self._left_by_refused():
                return self.outcome("lost", f"left {left}; {said}")
        elif not (may_be_killed and end.how in ("killed", "crash")):
            return self.outcome("lost", said)
        return self.repeated(said)

    def repeated(self, said: str) -> Outcome:
        """What to think of a job that was killed or refused: whether it can be run again, and makes what it should."""
        if broken := self.broken():
            return self.outcome("lost", f"broken {broken}; {said}")
        end = self.run()
        said = f"{said}; then {end.how} {end.said}"
        return self._of_done(said) if end.how == "done" else self.outcome("lost", said)

    def broken(self) -> list[str]:
        """Outputs that are there under their names and not what they should be."""
        job, found = self.known.job, contents(self.out, self.known.places)
        return sorted(
            name
            for name, print_ in found.items()
            if (not job.keeps(name) and self.known.expected.get(name) != print_)
            or (print_.startswith("damaged") and name.endswith((".json", ".html")))
        )

    def _of_done(self, said: str) -> Outcome:
        found, expected = contents(self.out, self.known.places), self.known.expected
        if missing := sorted(set(expected) - set(found)):
            return self.outcome("lost", f"missing {missing}; {said}")
        if odd := sorted(set(found) - set(expected)):
            return self.outcome("lost", f"left {odd}; {said}")
        differ = sorted(name for name, print_ in expected.items() if found[name] != print_)
        return self.outcome("not_identical" if differ else "good", f"{', '.join(differ)} {said}".strip())

    def _left_by_refused(self) -> list[str]:
        """What a job that was refused must not leave: anything but what resuming needs, and what was finished before."""
        job, found = self.known.job, contents(self.out, self.known.places)
        done = {n for n, print_ in found.items() if job.keeps_finished and self.known.expected.get(n) == print_}
        files = [str(path.relative_to(self.out)) for path in visible(self.out) if path.is_file()]
        bad = {name for name in files if not job.keeps(name) and name not in done}
        return [*sorted(bad), *hidden(self.out)]


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def whole(job: Job, inputs: Path, folder: Path) -> Whole:
    """Run a job undisturbed, twice; the second run is timed, with everything loaded."""
    found = []
    for name in ("first", "second"):
        out = fresh(folder / name)
        begun = time.monotonic()
        end = forked(lambda out=out: job.run(inputs, out, False))
        seconds = time.monotonic() - begun
        if end.how != "done":
            raise SystemExit(f"{job.name} fails without any fault: {end}")
        found.append(contents(out, {str(inputs): "IN"}))
    first, second = found
    if first != second:
        differ = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
        raise SystemExit(f"{job.name} is not repeatable: {', '.join(differ)}")
    sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    return Whole(job, inputs, first, seconds, max(sizes), sum(sizes))
