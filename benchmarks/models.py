"""The family of networks on Indian Pines: accuracy at random pixels and in new places, time, size.

``python -m benchmarks.models`` trains every method of the registry with three seeds, on 10 % of the pixels drawn at random and
on five folds of blocks, the cheapest first, and writes ``docs/results-models.md``. Results are kept as those of
:mod:`benchmarks.honest` are, in ``benchmarks/results/models.jsonl`` (``--store FILE``): a run that was stopped, or was made
on another machine and committed, is continued. The page lists all that is kept, and says of the rest that it was not run. All
of it takes a day on two cores.

``--only PROTOCOL``, ``--candidates NAME…``, ``--seeds N`` and ``--minutes N``, after which nothing is begun, measure a part;
``--show`` measures nothing. ``--outdated`` measures again what was kept of other sources, ``--fresh`` all that was kept;
``--device cuda`` trains on a GPU.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import torch

from benchmarks import honest_scenes
from benchmarks.honest import ROOT, commit, machine, measure, say, words_of
from benchmarks.honest_page import document
from benchmarks.honest_scenes import Scene, all_scenes
from benchmarks.honest_store import RESULTS, Outcome, Store, hash_sources
from hsi_engine.inference.dense import DenseNetwork, can_run_densely, patchwise_logits
from hsi_engine.inference.macs import count_macs
from hsi_engine.models import registry
from hsi_engine.models.networks.patch_network import PatchNetwork
from hsi_engine.runtime.device import resolve_device

PAGE = ROOT / "docs" / "results-models.md"
SPEEDS = "mapping.json"
PROTOCOLS = {"random": "indian_pines_random_10", "blocks": "indian_pines_blocks"}
TITLES = {"random": "10 % of the pixels at random", "blocks": "Five folds of blocks"}
# HybridSN as it was published has no batch normalisation; all else is what the methods propose for themselves.
_VARIANTS: dict[str, dict[str, Any]] = {
    "hybridsn_plain": {"model": "hybridsn", "batch_norm": False},
    "hybridsn_se": {"model": "hybridsn", "squeeze_excitation": True},
}
# What Roy et al. (2020) state for 10 % of the pixels at random: OA, AA in percent, kappa.
PUBLISHED = {"hybridsn_plain": (98.39, 98.01, 0.9816)}
_BASELINES = ("svm", "spectral_cnn_5px")
_TILE_PX, _ROUNDS, _CLASSES, _BANDS = 128, 3, 16, 200

_HEAD = """\
# The networks on Indian Pines

What every network of [Methods](models.md) reaches with the settings it has by default. Random pixels ask how well a method fills
the gaps between labels, blocks how well it does in new places ([why](accuracy.md)); for a comparison with the automatic choice
see [Results](results.md). `hybridsn` has batch normalisation; `hybridsn_plain` has none, and `hybridsn_se` adds
squeeze-and-excitation; all three see 15×15 pixels and 20 components. Means and standard deviations over the seeds, OA and AA in
percent. *Training* is the time of training and testing, *mapping* that of the network alone for a million pixels.

Published figures were measured by their authors with their patches (HybridSN: 25×25 pixels, 30 components), split and number
of epochs. *Not run here* means that nothing was measured under this protocol yet; `svm`, `spectral_cnn_5px` and `hybridsn` stand
in [Results](results.md), from earlier runs.
"""


def candidates() -> dict[str, dict[str, Any]]:
    """The parameters of each candidate but those that the standard effort names already."""
    networks = [
        a.name
        for a in registry.architectures().values()
        if a.fit is None and not a.second_source and a.name != "spectral_cnn"
    ]
    return {**{name: {"model": name} for name in networks}, **_VARIANTS}


def every_name() -> list[str]:
    """All candidates, the cheapest to train first."""
    return [*_BASELINES, *sorted(candidates(), key=lambda name: count_macs(*_network_of(name), (1, 1)).patchwise)]


def _network_of(name: str) -> tuple[PatchNetwork, int]:
    """A network without training, and the number of channels it sees."""
    params = candidates()[name]
    architecture = registry.get(params["model"])
    channels = architecture.suggested.get("components", _BANDS)
    options = {option: value for option, value in params.items() if option != "model"}
    edge = architecture.suggested["patch_size"]
    return registry.build(architecture.name, options, channels, edge, _CLASSES).eval(), channels


def scenes_of(protocols: Sequence[str], names: Sequence[str], seeds: Sequence[int], device: str) -> list[Scene]:
    """The scenes of :mod:`benchmarks.honest` with these candidates, and nothing to choose."""
    honest_scenes.OTHERS.update(candidates())
    found = {scene.name: scene for scene in all_scenes(resolve_device(device))}
    wanted = dict.fromkeys(names, tuple(seeds))
    return [replace(found[PROTOCOLS[protocol]], candidates=wanted, auto_seeds=()) for protocol in protocols]


@torch.inference_mode()
def mapping_seconds(name: str) -> float:
    """Seconds of a network for a megapixel, without reading and writing; the fastest of three rounds."""
    network, channels = _network_of(name)
    rows = _TILE_PX if can_run_densely(network) else 8
    edge = network.patch_size
    tile = torch.randn(channels, rows - 1 + edge, rows - 1 + edge)
    run = DenseNetwork(network, (rows, rows)).logits if network.dense else lambda tile: patchwise_logits(network, tile)
    spent = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        run(tile)
        spent.append(time.perf_counter() - began)
    return min(spent) / rows**2 * 1e6


def speeds(path: Path, names: Sequence[str], fresh: bool) -> dict[str, dict[str, Any]]:
    """Seconds per megapixel of each network, with commit and machine; those that are not in the file are measured and kept."""
    kept: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    missing = [name for name in names if name in candidates() and (fresh or name not in kept)]
    stamp = {"commit": commit(), "machine": words_of(machine())}
    kept |= {name: {"seconds": round(mapping_seconds(name), 2), **stamp} for name in missing}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return kept


def table(found: dict[str, Any], names: Sequence[str], mapping: dict[str, Any], published: bool) -> list[str]:
    """Rows of Markdown, the most accurate first; then what was not run."""
    head = "| | OA | AA | kappa | seeds | training, s | mapping, s/Mpx | weights |"
    head += " published OA, AA, kappa |" if published else ""
    lines = [head, "| --- " * (head.count("|") - 1) + "|"]
    for name in sorted(names, key=lambda name: -found[name]["overall_accuracy"] if name in found else 0):
        figures = ["not run here", "", "", "", ""]
        if name in found:
            seeds, seconds = found[name]["seeds"], found[name]["seconds"]
            figures = [_spread([s[key] for s in seeds], 100) for key in ("overall_accuracy", "average_accuracy")]
            figures += [_spread([s["kappa"] for s in seeds], 1, 3), str(len(seeds))]
            figures.append(f"{seconds:.1f}" if seconds < 10 else f"{seconds:,.0f}")
        weights = sum(p.numel() for p in _network_of(name)[0].parameters()) if name in candidates() else None
        figures += [f"{mapping[name]['seconds']:.1f}" if name in mapping else "", f"{weights:,}" if weights else ""]
        if published:
            stated = PUBLISHED.get(name)
            figures.append(f"{stated[0]:.1f}, {stated[1]:.1f}, {stated[2]:.3f}" if stated else "")
        lines.append(f"| `{name}` | {' | '.join(figures)} |")
    return lines


def _spread(values: Sequence[float], factor: float, digits: int = 1) -> str:
    scaled = [factor * value for value in values]
    mean = f"{fmean(scaled):.{digits}f}"
    return mean if len(scaled) == 1 else f"{mean} ± {stdev(scaled):.{digits}f}"


def page(found: dict[str, Any], names: Sequence[str], mapping: dict[str, Any]) -> str:
    """The page as text.

    Parameters
    ----------
    found : see :func:`benchmarks.honest_page.document`.
    names : all candidates; those that were not measured are listed as such.
    mapping : of :func:`speeds`.
    """
    lines = [_HEAD]
    stamps: Counter[tuple[str, str]] = Counter()
    for protocol, scene in PROTOCOLS.items():
        measured = found["scenes"].get(scene, {}).get("candidates", {})
        stamps.update((s["commit"], s["machine"]) for one in measured.values() for s in one["seeds"])
        lines += [f"## {TITLES[protocol]}", "", *table(measured, names, mapping, protocol == "random"), ""]
    lines += ["## Depthwise separable convolutions", "", separable(found, mapping), "", "## How this was measured", ""]
    lines.append(
        "`python -m benchmarks.models` writes this page from `benchmarks/results/models.jsonl`, and continues it: `--candidates"
        " NAME` adds rows. Seconds of training are those of the processor (those at a0ef2a1, of the clock); read them as an order"
        " of magnitude. By commit and machine:"
    )
    lines += ["", *(f"- {n} trainings at {at or 'an unknown commit'}, {where}." for (at, where), n in stamps.items())]
    return "\n".join(lines) + "\n"


def separable(found: dict[str, Any], mapping: dict[str, Any]) -> str:
    """What the depthwise separable form costs and loses, in a sentence or two."""
    plain, other = ("hybridsn_plain", "hybridsn_separable")
    dense = [count_macs(*_network_of(name), (256, 256)).dense for name in (plain, other)]
    text = f"`{other}` needs {dense[1] / dense[0]:.2f} of the dense operations per pixel of `{plain}`"
    if plain in mapping and other in mapping:
        text += f", and maps {mapping[plain]['seconds'] / mapping[other]['seconds']:.1f} times as fast"
    measured = found["scenes"][PROTOCOLS["random"]]["candidates"]
    if plain not in measured or other not in measured:
        return f"{text}. What it loses of the accuracy at random pixels was not measured here."
    by_seed = [{s["seed"]: s["overall_accuracy"] for s in measured[name]["seeds"]} for name in (plain, other)]
    common = sorted(by_seed[0].keys() & by_seed[1].keys())
    change = 100 * fmean([by_seed[1][seed] - by_seed[0][seed] for seed in common])
    return f"{text}. At random pixels its overall accuracy differs by {change:+.1f} points (mean of {len(common)} seed{'s' * (len(common) != 1)})."


class TimeIsUpError(Exception):
    """Nothing more is begun."""


class Deadline(Store):
    """A store that ends the run once its time is up and a result is kept.

    Parameters
    ----------
    minutes : after which nothing is begun; None: no limit.
    """

    def __init__(self, path: Path, *, minutes: float | None, **settings: Any) -> None:
        super().__init__(path, **settings)
        self._end = None if minutes is None else time.monotonic() + 60 * minutes

    def add(self, key: str, scene: str, candidate: str, seed: int, outcome: Outcome) -> None:
        """Keep a result, at once; :class:`TimeIsUpError` when the time is up."""
        super().add(key, scene, candidate, seed, outcome)
        if self._end is not None and time.monotonic() > self._end:
            raise TimeIsUpError


def main(arguments: Sequence[str] | None = None) -> None:
    every = every_name()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models")
    parser.add_argument("--only", choices=PROTOCOLS, help="measure one protocol")
    parser.add_argument("--candidates", nargs="+", choices=every, metavar="NAME", help="measure these only")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each")
    parser.add_argument("--minutes", type=float, help="begin no training after this time")
    parser.add_argument("--show", action="store_true", help="measure nothing; write the page of what is kept")
    parser.add_argument("--store", type=Path, default=RESULTS / "models.jsonl", help="file that keeps the results")
    parser.add_argument("--page", type=Path, default=PAGE, help="page to write")
    parser.add_argument("--outdated", action="store_true", help="measure again what was kept of other sources")
    parser.add_argument("--fresh", action="store_true", help="measure again what was kept")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    given = parser.parse_args(arguments)
    names = given.candidates or every
    asked = [given.only] if given.only else list(PROTOCOLS)
    seeds = range(given.seeds)
    if not given.show:
        scenes = scenes_of(asked, names, seeds, given.device)
        sources = hash_sources() if given.outdated else None
        forget = [scene.name for scene in scenes] if given.fresh else ()
        with contextlib.suppress(TimeIsUpError):
            measure(scenes, Deadline(given.store, minutes=given.minutes, forget=forget, sources=sources))
    # The page shows all that is kept, whatever was asked for.
    kept = Store(given.store)
    found = document({name: (kept.results(name), {}) for name in PROTOCOLS.values()}, machine={}, commit="")
    mapping = speeds(given.store.with_name(SPEEDS), names, given.fresh)
    given.page.parent.mkdir(parents=True, exist_ok=True)
    given.page.write_text(page(found, every, mapping), encoding="utf-8")
    say(f"Written: {given.page}")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
