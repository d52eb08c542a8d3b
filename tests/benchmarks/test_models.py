"""The page of the networks: what was measured, what was not, and what stopped runs leave."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import models
from benchmarks.honest_page import document
from benchmarks.honest_store import Outcome, Store
from benchmarks.models import PROTOCOLS, Deadline, TimeIsUpError, every_name, page

OUTCOME = Outcome(
    cells=[[0, 0, 0, 6], [0, 1, 0, 2], [1, 1, 1, 2]], n_classes=2, n_train=7, seconds=0.25, leakage=0.5, device="cpu",
    commit="abc", machine="a chip",
)  # fmt: skip
BETTER = replace(OUTCOME, cells=[[0, 0, 0, 6], [0, 1, 0, 1], [1, 1, 1, 3]])


def test_every_network_of_one_scene_is_a_candidate_the_cheapest_first() -> None:
    names = every_name()
    assert names[:3] == ["svm", "spectral_cnn_5px", "mlp"]
    assert names[-1] == "ssrn"
    assert "two_sources" not in names
    assert len(names) == len(set(names)) == 25


def test_the_page_lists_what_was_measured_and_what_was_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "every_name", lambda: ["svm", "mlp", "hybridsn_plain", "hybridsn_separable"])
    store, target = tmp_path / "models.jsonl", tmp_path / "page.md"
    kept = Store(store)
    for seed, outcome in enumerate((OUTCOME, BETTER)):
        kept.add(f"mlp {seed}", PROTOCOLS["random"], "mlp", seed, outcome)
    for name, outcome in (("hybridsn_plain", BETTER), ("hybridsn_separable", OUTCOME)):
        kept.add(name, PROTOCOLS["random"], name, 0, outcome)
    stated = {
        name: {"seconds": s, "commit": "", "machine": ""}
        for name, s in (("hybridsn_plain", 3.3), ("hybridsn_separable", 1.0), ("mlp", 2.0))
    }
    (tmp_path / models.SPEEDS).write_text(json.dumps(stated))
    models.main(["--show", "--store", str(store), "--page", str(target)])
    text = target.read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows[:4]] == ["hybridsn_plain", "mlp", "hybridsn_separable", "svm"]
    assert "| 85.0 ± 7.1 | 81.2 ± 8.8 |" in rows[1]
    assert "| 98.4, 98.0, 0.982 |" in rows[0]
    assert "| not run here |" in rows[3]
    assert all("| not run here |" in row for row in rows[4:])
    assert "needs 0.19 of the dense operations" in text
    assert (
        "maps 3.3 times as fast. At random pixels its overall accuracy differs by -10.0 points (mean of 1 seed)" in text
    )
    assert "- 4 trainings at abc, a chip." in text


def test_a_page_without_any_result_says_so() -> None:
    empty = document({name: ({}, {}) for name in PROTOCOLS.values()}, machine={}, commit="")
    text = page(empty, ["mlp"], {})
    assert text.count("| `mlp` | not run here |") == 2
    assert "was not measured here" in text


def test_a_run_ends_when_its_time_is_up_with_the_result_kept(tmp_path: Path) -> None:
    store = Deadline(tmp_path / "kept.jsonl", minutes=0)
    with pytest.raises(TimeIsUpError):
        store.add("k", "a", "mlp", 0, OUTCOME)
    assert Store(tmp_path / "kept.jsonl").get("k") == OUTCOME
