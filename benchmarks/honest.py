"""What the engine's classifiers and its automatic choice reach, and which question each figure answers.

``python -m benchmarks.honest`` measures all scenes of :mod:`benchmarks.honest_scenes`, prints one JSON document and writes
``docs/results.md``. Each result is kept in ``benchmarks/results/honest.jsonl`` (``--store FILE``) as soon as it is there: a
run that was stopped, or was made on another machine and committed, is continued (:mod:`benchmarks.honest_store`). It takes
hours on two cores.

``--only SCENE`` and ``--candidates NAME…`` measure a part and write ``build/benchmarks/honest.md`` in place of the page;
``--outdated`` measures again what was kept of other sources, ``--fresh`` all that was kept; ``--device cuda`` trains on a
GPU, in float32.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.honest_page import Results, document, page
from benchmarks.honest_runs import (
    OnFolds,
    block_folds,
    choose_on_split,
    run_on_split,
    settings_of,
)
from benchmarks.honest_scenes import BUILD, Scene, all_scenes
from benchmarks.honest_store import RESULTS, Outcome, Store, hash_sources, key_of
from hsi_engine.errors import HsiError
from hsi_engine.runtime.device import resolve_device
from hsi_engine.runtime.machine import describe_torch, list_devices, usable_cores
from hsi_engine.runtime.versions import versions
from hsi_engine.selection.cross_fit import CrossFitted

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "results.md"
AUTO, SMOOTHED = "auto", "auto_smoothed"


class Measuring:
    """Fills the results of one scene, from the store where they are there.

    Parameters
    ----------
    stamp : ``commit``, ``machine`` and ``sources`` of what is measured.
    wanted : candidates to measure unless they are kept; None: all, and the choice.
    """

    def __init__(
        self, scene: Scene, store: Store, stamp: Mapping[str, str], wanted: Collection[str] | None = None
    ) -> None:
        self._scene, self._store, self._stamp, self._wanted = scene, store, stamp, wanted
        self.results: Results = {}
        self.failed: dict[str, str] = {}

    def run(self) -> None:
        """Measure all candidates, then the choice among them."""
        names, n_folds = self._scene.compared
        if self._scene.split is None:
            for seed in sorted({seed for seeds in self._scene.candidates.values() for seed in seeds}):
                self._run_on_folds(names, seed)
            return
        for name, seeds in self._scene.candidates.items():
            for seed in seeds:
                self._candidate_on_split(name, seed)
        for seed in self._scene.auto_seeds:
            key = self._key(AUTO, seed, names, folds=n_folds)
            if not self._kept(key, AUTO, seed) and self._asks_for(AUTO):
                split = self._scene.split(self._scene.place, seed)
                self._keep(key, AUTO, seed, choose_on_split(self._scene, split, seed))

    def _candidate_on_split(self, name: str, seed: int) -> None:
        assert self._scene.split is not None
        place, key = self._scene.place, self._key(name, seed, (name,))
        if self._kept(key, name, seed) or not self._asks_for(name):
            return
        try:
            outcome = run_on_split(place, self._scene.split(place, seed), place.method(name), seed)
        except HsiError as error:
            self._fail(name, seed, error)
            return
        self._keep(key, name, seed, outcome)

    def _run_on_folds(self, names: Sequence[str], seed: int) -> None:
        scene = self._scene
        folds = block_folds(scene, seed)
        on_folds = OnFolds(place=scene.place, folds=folds, seed=seed)
        guard = max(scene.place.method(name).recipe.radius for name in names)
        # Kept of all candidates; of fewer it is looked for again below.
        key = self._key(AUTO, seed, names, guard_px=guard)
        chosen = seed not in scene.auto_seeds or self._store.get(key) is not None
        fitted: dict[str, CrossFitted] = {}
        for name in (name for name, seeds in scene.candidates.items() if seed in seeds):
            method, key = scene.place.method(name), self._key(name, seed, (name,), guard_px=guard)
            # Only a choice that was not made yet needs scores.
            scores = self._store.scores_path(key) if name in names and not chosen else None
            ready = scores is None or scores.exists() or not self._asks_for(AUTO)
            if self._kept(key, name, seed) and ready:
                if scores is not None and scores.exists():
                    seconds = self.results[name][seed].seconds
                    fitted[name] = on_folds.restored(method, np.load(scores), seconds)
                continue
            if not self._asks_for(name):
                continue
            try:
                found = on_folds.cross_fit(method)
            except HsiError as error:
                self._fail(name, seed, error)
                continue
            if scores is not None:
                np.save(scores, found.log_scores)
                fitted[name] = found
            self._keep(key, name, seed, on_folds.outcome(found))
        if seed not in scene.auto_seeds:
            return
        among = [*names] if chosen else [name for name in names if name in fitted]
        key, smoothed_key = (self._key(name, seed, among, guard_px=guard) for name in (AUTO, SMOOTHED))
        if not self._kept(key, AUTO, seed):
            if not self._asks_for(AUTO) or not among:
                return
            plain, smoothed = on_folds.choose([fitted[name] for name in among], scene.place.can_smooth)
            if smoothed is not None:  # before the other, without which both are made again
                self._keep(smoothed_key, SMOOTHED, seed, smoothed)
            self._keep(key, AUTO, seed, plain)
        else:
            self._kept(smoothed_key, SMOOTHED, seed)

    def _asks_for(self, name: str) -> bool:
        return self._wanted is None or name in self._wanted

    def _key(self, candidate: str, seed: int, names: Sequence[str], **more: Any) -> str:
        settings = settings_of(self._scene, names, **more)
        return key_of(scene=self._scene.name, candidate=candidate, seed=seed, settings=settings)

    def _kept(self, key: str, candidate: str, seed: int) -> bool:
        outcome = self._store.get(key)
        if outcome is not None:
            self.results.setdefault(candidate, {})[seed] = outcome
        return outcome is not None

    def _keep(self, key: str, candidate: str, seed: int, outcome: Outcome) -> None:
        outcome = replace(outcome, **self._stamp)
        self._store.add(key, self._scene.name, candidate, seed, outcome)
        self.results.setdefault(candidate, {})[seed] = outcome
        reference, predicted, _ = outcome.samples
        right = 100 * float((reference == predicted).mean())
        chosen = f" ({outcome.chosen})" if outcome.chosen else ""
        say(f"{self._scene.name}, {candidate}{chosen}, seed {seed}: {right:.1f} % in {outcome.seconds:.0f} s")

    def _fail(self, name: str, seed: int, error: HsiError) -> None:
        self.failed[name] = error.message
        say(f"{self._scene.name}, {name}, seed {seed} failed: {error.message}")


def measure(scenes: Sequence[Scene], store: Store, wanted: Collection[str] | None = None) -> dict[str, Any]:
    """All scenes, as the document that is printed."""
    # Before the run, which takes hours: what is checked out may be another commit afterwards.
    at, where, measured = commit(), machine(), {}
    stamp = {"commit": at, "machine": words_of(where), "sources": hash_sources()}
    for scene in scenes:
        measuring = Measuring(scene, store, stamp, wanted)
        measuring.run()
        measured[scene.name] = (measuring.results, measuring.failed)
    return document(measured, machine=where, commit=at)


def machine() -> dict[str, Any]:
    """What the seconds were measured on."""
    found = versions()
    return {
        "processor": list_devices()[0].title,
        "cores": usable_cores(),
        "threads": describe_torch()["threads"],
        "system": platform.system(),
        "python": platform.python_version(),
        "torch": found["torch"],
    }


def words_of(machine: dict[str, Any]) -> str:
    """A machine in the words that stand with each result."""
    threads = machine["threads"]
    return f"{machine['processor']}, {threads} thread{'s' * (threads != 1)} of torch {machine['torch']}"


def commit() -> str:
    """The commit that is checked out, and whether the engine was changed since; empty outside a repository."""
    try:
        git = ["git", "-C", str(ROOT)]
        head = subprocess.run([*git, "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True).stdout
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "hsi_engine"], check=True, capture_output=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.strip() + (" with changes" if changed.strip() else "")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> None:
    names = [scene.name for scene in all_scenes()]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.honest")
    parser.add_argument("--only", choices=names, help="measure one scene, and leave docs/results.md as it is")
    parser.add_argument(
        "--candidates", nargs="+", metavar="NAME", help="measure these only ('auto' is the choice); show what is kept"
    )
    parser.add_argument("--store", type=Path, default=RESULTS / "honest.jsonl", help="file that keeps the results")
    parser.add_argument("--outdated", action="store_true", help="measure again what was kept of other sources")
    parser.add_argument("--fresh", action="store_true", help="measure again what was kept")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    given = parser.parse_args(arguments)
    scenes = [scene for scene in all_scenes(resolve_device(given.device)) if given.only in (None, scene.name)]
    known = {AUTO, *(name for scene in scenes for name in scene.candidates)}
    if unknown := sorted(set(given.candidates or ()) - known):
        parser.error(f"no such candidate: {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    store = Store(
        given.store,
        scores=BUILD / "honest_scores",
        forget=[scene.name for scene in scenes] if given.fresh else (),
        sources=hash_sources() if given.outdated else None,
    )
    found = measure(scenes, store, given.candidates)
    target = BUILD / "honest.md" if given.only or given.candidates else PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(found), encoding="utf-8")
    say(f"Written: {target}")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
