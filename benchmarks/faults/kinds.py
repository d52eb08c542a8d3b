"""The faults: each brings one into a job and judges what comes of it."""

from __future__ import annotations

import locale
import os
import random
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hsi_engine
from hsi_engine.reporting import SilentReporter

from .jobs import JOBS, Job, contents
from .running import End, forked, hidden, leftovers


@dataclass(frozen=True)
class Outcome:
    """``verdict`` is good, lost (an output is missing or broken, or the job cannot be resumed), or not_identical."""

    fault: str
    job: str
    number: int
    verdict: str
    said: str


@dataclass(frozen=True)
class Whole:
    """What a job that nothing happened to makes, and in which time."""

    job: Job
    expected: dict[str, str]
    seconds: float
    largest: int


def whole(job: Job, inputs: Path, folder: Path) -> Whole:
    """Run a job undisturbed; the second run is timed, with everything loaded."""
    for name in ("first", "second"):
        out = _fresh(folder / name)
        begun = time.monotonic()
        end = forked(lambda out=out: job.run(inputs, out, False))
        seconds = time.monotonic() - begun
        if end.how != "done":
            raise SystemExit(f"{job.name} fails without any fault: {end}")
    first, second = contents(folder / "first"), contents(folder / "second")
    if first != second:
        differ = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
        raise SystemExit(f"{job.name} is not repeatable: {', '.join(differ)}")
    largest = max(path.stat().st_size for path in out.rglob("*") if path.is_file())
    return Whole(job, first, seconds, largest)


def kills(known: Whole, inputs: Path, folder: Path, count: int, draw: random.Random) -> Iterator[Outcome]:
    """SIGKILL at a random moment, twice in every other trial, then the job once more, resumed."""
    for number in range(count):
        out = _fresh(folder / "killed")
        said = []
        for _ in range(1 + number % 2):
            moment = draw.uniform(0, known.seconds)
            end = _again(known, inputs, out, kill_after_s=moment)
            said.append(f"{end.how} after {moment:.2f} s")
            if broken := _broken(known, out):
                yield Outcome("kill", known.job.name, number, "lost", f"{said}: {broken}")
                break
        else:
            yield _judged("kill", known, out, _again(known, inputs, out), number, " ".join(said))


def full_disks(known: Whole, inputs: Path, folder: Path, count: int, draw: random.Random) -> Iterator[Outcome]:
    """A limit on the size of files below that of the largest output; then the job once more, without."""
    for number in range(count):
        out = _fresh(folder / "full")
        limit = draw.randrange(1, max(2, known.largest))

        def run(out: Path = out, limit: int = limit) -> Any:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            return known.job.run(inputs, out, False)

        end = forked(run)
        words = f"limit {limit} of {known.largest}: {end.how} {end.said}"
        if end.how not in ("refused", "done") or (end.how == "refused" and not end.said.startswith("output")):
            yield Outcome("full disk", known.job.name, number, "lost", words)
        elif (left := leftovers(out, set(), known.job.kept)) and end.how == "refused":
            yield Outcome("full disk", known.job.name, number, "lost", f"left {left}; {words}")
        elif hidden(out) and not any((out / name).exists() for name in known.job.kept):
            yield Outcome("full disk", known.job.name, number, "lost", f"left {hidden(out)}; {words}")
        else:
            yield _judged("full disk", known, out, _again(known, inputs, out), number, words)


class _Saboteur(SilentReporter):
    """Does something to the inputs once a job has come so far."""

    def __init__(self, act: Callable[[], None], at: float) -> None:
        super().__init__()
        self._act, self._at, self._done = act, at, False

    def progress(self, fraction: float, message: str = "") -> None:
        super().progress(fraction, message)
        if fraction >= self._at and not self._done:
            self._done = True
            self._act()


def _classified(inputs: Path, out: Path, act: Callable[[], None], at: float) -> None:
    hsi_engine.classify_scene(
        scene=inputs / "large.tif",
        model=inputs / "network.hsimodel",
        output=out / "map.tif",
        tile_size=32,
        reporter=_Saboteur(act, at),
    )


def _sabotaged(inputs: Path, out: Path, draw: random.Random, how: str) -> None:
    own = out.with_name("own inputs")
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir()
    for name in ("large.tif", "network.hsimodel"):
        shutil.copy(inputs / name, own)
    scene = own / "large.tif"
    size = scene.stat().st_size
    acts: dict[str, Callable[[], None]] = {
        "truncated": lambda: os.truncate(scene, draw.randrange(size)),
        "removed": scene.unlink,
        "emptied": lambda: os.truncate(scene, 0),
    }
    _classified(own, out, acts[how], draw.random() * 0.8)


def _few_descriptors(draw: random.Random) -> None:
    used = len(list(Path("/proc/self/fd").iterdir()))
    limit = used + draw.randrange(12)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))


def _comma(draw: random.Random) -> None:
    names = [name for name in ("de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8") if _has_locale(name)]
    if names:
        locale.setlocale(locale.LC_ALL, draw.choice(names))
    os.environ.update(LC_ALL="de_DE.UTF-8", LC_NUMERIC="de_DE.UTF-8")


def _has_locale(name: str) -> bool:
    with suppress(locale.Error):
        locale.setlocale(locale.LC_ALL, name)
        return True
    return False


def _without_home(draw: random.Random) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "USER", "LOGNAME", "HSI_ENGINE_CACHE"):
        os.environ.pop(name, None)
    if draw.random() < 0.5:
        os.environ["HOME"] = "/nonexistent/home"


def _nowhere(draw: random.Random) -> None:
    gone = Path(f"/tmp/gone-{os.getpid()}")
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()


def _jumping_clock(draw: random.Random) -> None:
    true, step = time.time, draw.choice((-1e6, 1e6))
    time.time = lambda: true() + (step if draw.random() < 0.5 else 0)


# What surrounds a job; after each, the job is done as ever, or refused.
SURROUNDINGS: dict[str, Callable[[random.Random], None]] = {
    "few descriptors": _few_descriptors,
    "comma locale": _comma,
    "no home": _without_home,
    "no working folder": _nowhere,
    "jumping clock": _jumping_clock,
}
SABOTAGE = ("truncated", "removed", "emptied")


def surroundings(known: Whole, inputs: Path, folder: Path, count: int, draw: random.Random) -> Iterator[Outcome]:
    """Odd surroundings of a process: the job is done with the same bytes, or refused and leaves nothing."""
    for number in range(count):
        for fault, prepare in SURROUNDINGS.items():
            out = _fresh(folder / "odd é ñ 中")

            def run(out: Path = out, prepare: Callable[[random.Random], None] = prepare) -> Any:
                prepare(draw)
                return known.job.run(inputs, out, False)

            yield _done_or_refused(fault, known, out, forked(run), number)


def vanishing(known: Whole, inputs: Path, folder: Path, count: int, draw: random.Random) -> Iterator[Outcome]:
    """The scene is truncated, emptied or removed while it is mapped."""
    for number in range(count):
        how = SABOTAGE[number % len(SABOTAGE)]
        out = _fresh(folder / "vanishing")
        end = forked(lambda out=out, how=how: _sabotaged(inputs, out, draw, how))
        bad = end.how not in ("done", "refused") or (end.how == "refused" and (leftovers(out, set()) or hidden(out)))
        said = f"{end.how} {end.said}"
        yield Outcome(f"scene {how}", known.job.name, number, "lost" if bad else "good", said)


def two_at_once(known: Whole, inputs: Path, folder: Path, count: int, draw: random.Random) -> Iterator[Outcome]:
    """Two jobs with the same output, the second a moment later."""
    for number in range(count):
        out = _fresh(folder / "two")
        child = os.fork()
        if not child:
            _again(known, inputs, out)
            os._exit(0)
        time.sleep(draw.uniform(0, known.seconds))
        end = _again(known, inputs, out)
        os.waitpid(child, 0)
        yield _judged(
            "two at once",
            known,
            out,
            End("done") if end.how == "refused" else end,
            number,
            f"second {end.how} {end.said}",
        )


FAULTS = {
    "kill": (kills, JOBS),
    "full disk": (full_disks, JOBS),
    "surroundings": (surroundings, JOBS),
    "vanishing scene": (vanishing, (JOBS[2],)),
    "two at once": (two_at_once, JOBS),
}


def _again(known: Whole, inputs: Path, out: Path, *, kill_after_s: float | None = None) -> End:
    return forked(lambda: known.job.run(inputs, out, True), kill_after_s=kill_after_s)


def _judged(fault: str, known: Whole, out: Path, end: End, number: int, said: str) -> Outcome:
    words = f"{said}; then {end.how} {end.said}"
    found = contents(out)
    if end.how != "done" or set(known.expected) - set(found):
        return Outcome(fault, known.job.name, number, "lost", words)
    odd = leftovers(out, {name.split("/")[0] for name in known.expected})
    if odd:
        return Outcome(fault, known.job.name, number, "lost", f"left {odd}; {words}")
    differ = sorted(name for name, print_ in known.expected.items() if found[name] != print_)
    verdict = "not_identical" if differ else "good"
    return Outcome(fault, known.job.name, number, verdict, f"{', '.join(differ)} {words}")


def _done_or_refused(fault: str, known: Whole, out: Path, end: End, number: int) -> Outcome:
    if end.how == "refused":
        left = [*leftovers(out, set(), known.job.kept), *hidden(out)]
        return Outcome(fault, known.job.name, number, "lost" if left else "good", f"left {left}; {end.said}")
    return _judged(fault, known, out, end, number, "")


def _broken(known: Whole, out: Path) -> list[str]:
    """Outputs that are there under their names and not what they should be; what is kept for resuming aside."""
    found = {name: print_ for name, print_ in contents(out).items() if name.split("/")[0] not in known.job.kept}
    return sorted(name for name, print_ in found.items() if known.expected.get(name) != print_)


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
