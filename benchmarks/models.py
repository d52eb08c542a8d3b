"""The family of networks on Indian Pines: accuracy at random pixels and in new places, time, size.

``python -m benchmarks.models`` trains every method of the registry with three seeds, on 10 % of the pixels drawn at random and
on five folds of blocks, prints one JSON document and writes ``docs/models-measured.md``. Results are kept as those of
:mod:`benchmarks.honest` are, in ``build/benchmarks/models.jsonl``: a run that was stopped resumes where it was. It takes many hours
on two cores.

``--only PROTOCOL``, ``--candidates NAME…`` and ``--seeds N`` measure a part and write ``build/benchmarks/models.md``;
``--device cuda`` trains on a GPU.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, stdev
from typing import Any

import torch

from benchmarks import honest_scenes
from benchmarks.honest import ROOT, measure, say
from benchmarks.honest_scenes import BUILD, Scene, all_scenes
from benchmarks.honest_store import Store
from hsi_engine.inference.dense import DenseNetwork, can_run_densely, patchwise_logits
from hsi_engine.models import registry
from hsi_engine.runtime.device import resolve_device

PAGE = ROOT / "docs" / "models-measured.md"
PROTOCOLS = {"random": "indian_pines_random_10", "blocks": "indian_pines_blocks"}
TITLES = {"random": "10 % of the pixels at random", "blocks": "Five folds of blocks"}
# HybridSN as it was published has no batch normalisation; all else is what the methods propose for themselves.
_VARIANTS: dict[str, dict[str, Any]] = {
    "hybridsn_plain": {"model": "hybridsn", "batch_norm": False},
    "hybridsn_se": {"model": "hybridsn", "squeeze_excitation": True},
}
# What publications state for 10 % of the pixels at random: OA, AA in percent, kappa.
PUBLISHED = {"hybridsn_plain": (98.39, 98.01, 0.9816)}
_BASELINES = ("svm", "spectral_cnn_5px")
_TILE_PX, _ROUNDS, _CLASSES, _BANDS = 128, 3, 16, 200


def candidates() -> dict[str, dict[str, Any]]:
    """The parameters of each candidate but those that the standard effort names already."""
    networks = [a.name for a in registry.architectures().values() if a.fit is None and a.name != "spectral_cnn"]
    return {**{name: {"model": name} for name in networks}, **_VARIANTS}


def scenes_of(protocols: Sequence[str], names: Sequence[str], seeds: Sequence[int], device: str) -> list[Scene]:
    """The scenes of :mod:`benchmarks.honest` with these candidates, and nothing to choose."""
    honest_scenes.OTHERS.update(candidates())
    wanted = {PROTOCOLS[protocol] for protocol in protocols}
    found = [scene for scene in all_scenes(resolve_device(device)) if scene.name in wanted]
    return [replace(scene, candidates=dict.fromkeys(names, tuple(seeds)), auto_seeds=()) for scene in found]


@torch.inference_mode()
def mapping_seconds(name: str) -> float | None:
    """Seconds of a network for a megapixel, without reading and writing; the fastest of three rounds."""
    params = candidates().get(name)
    if params is None:
        return None
    architecture = registry.get(params["model"])
    channels = architecture.suggested.get("components", _BANDS)
    edge = architecture.suggested["patch_size"]
    options = {option: value for option, value in params.items() if option != "model"}
    network = registry.build(architecture.name, options, channels, edge, _CLASSES).eval()
    rows = _TILE_PX if can_run_densely(network) else 8
    tile = torch.randn(channels, rows - 1 + edge, rows - 1 + edge)
    run = DenseNetwork(network, (rows, rows)).logits if network.dense else lambda tile: patchwise_logits(network, tile)
    spent = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        run(tile)
        spent.append(time.perf_counter() - began)
    return min(spent) / rows**2 * 1e6


def table(candidates_of: dict[str, Any], published: bool) -> list[str]:
    """Rows of Markdown, the most accurate first."""
    head = "| | OA | AA | kappa | seconds | mapping, s/Mpx | weights |" + (" published OA |" if published else "")
    lines = [head, "| --- " * (head.count("|") - 1) + "|"]
    for name, found in sorted(candidates_of.items(), key=lambda item: -item[1]["overall_accuracy"]):
        seeds = found["seeds"]
        figures = [_spread([s[key] for s in seeds], 100) for key in ("overall_accuracy", "average_accuracy")]
        figures.append(_spread([s["kappa"] for s in seeds], 1, 3))
        mapped, weights = found.get("mapping_seconds"), found.get("parameters")
        figures += [f"{found['seconds']:.0f}", "" if mapped is None else f"{mapped:.1f}"]
        figures.append("" if weights is None else f"{weights:,}")
        if published:
            figures.append(f"{PUBLISHED[name][0]}" if name in PUBLISHED else "")
        lines.append(f"| `{name}` | {' | '.join(figures)} |")
    return lines


def _spread(values: Sequence[float], factor: float, digits: int = 1) -> str:
    scaled = [factor * value for value in values]
    mean = f"{fmean(scaled):.{digits}f}"
    return mean if len(scaled) == 1 else f"{mean} ± {stdev(scaled):.{digits}f}"


def page(found: dict[str, Any]) -> str:
    """The page as text."""
    lines = ["# Measured: the networks on Indian Pines", ""]
    lines.append(
        "Means and standard deviations over the seeds; every figure was measured here. Random pixels ask how well a method fills"
        " the gaps between labels, blocks how well it does in new places ([why](accuracy.md)). Seconds are those of training and"
        " testing on the machine below."
    )
    for protocol, scene in PROTOCOLS.items():
        if candidates_of := found["scenes"].get(scene, {}).get("candidates"):
            lines += ["", f"## {TITLES[protocol]}", "", *table(candidates_of, protocol == "random")]
    machine = found["machine"]
    lines += [
        "",
        f"`python -m benchmarks.models` at commit {found['commit']}, {machine['processor']}, {machine['threads']} threads.",
    ]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    every = [*_BASELINES, *candidates()]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models")
    parser.add_argument("--only", choices=PROTOCOLS, help="measure one protocol")
    parser.add_argument("--candidates", nargs="+", choices=every, metavar="NAME", help="measure these only")
    parser.add_argument("--seeds", type=int, default=3, help="seeds of each")
    parser.add_argument("--fresh", action="store_true", help="measure again what was kept")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, …")
    given = parser.parse_args(arguments)
    protocols = [given.only] if given.only else list(PROTOCOLS)
    scenes = scenes_of(protocols, given.candidates or every, range(given.seeds), given.device)
    found = measure(scenes, Store(BUILD / "models.jsonl", forget=[s.name for s in scenes] if given.fresh else ()))
    for scene in found["scenes"].values():
        for name, figures in scene["candidates"].items():
            figures["mapping_seconds"] = mapping_seconds(name)
            params = candidates().get(name)
            figures["parameters"] = None if params is None else registry.get(params["model"]).parameters
    whole = not given.only and not given.candidates and given.seeds >= 3
    target = PAGE if whole else BUILD / "models.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(found), encoding="utf-8")
    say(f"Written: {target}")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
