"""The benchmark of growing scenes and networks, on small ones."""

from __future__ import annotations

import json

import pytest

from benchmarks import scaling
from benchmarks.scaling import Case


def test_it_states_the_cost_of_each_part(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(scaling, "BASE", Case(edge_px=48, bands=40, components=13, patch_px=9, classes=3))
    monkeypatch.setattr(scaling, "CHANGES", (("edge_px", (48, 224)), ("gate", (True,))))
    monkeypatch.setattr(scaling, "MATRIX", 128)
    monkeypatch.setattr(scaling, "LEAST_S", 0.01)
    scaling.main()
    out, table = capsys.readouterr()
    found = json.loads(out)
    assert [row["changed"] for row in found["rows"]] == ["edge_px", "edge_px", "gate", "paper"]
    assert found["matrix_rate"] > 0
    for row in found["rows"]:
        assert set(row["seconds_per_megapixel"]) == {"reading", "pca", "network"}
        assert min(row["seconds_per_megapixel"].values()) > 0
        work = row["multiply_adds_per_pixel"]
        assert work["done"] <= work["dense_directly"] < work["patchwise"]
        assert row["share_of_rate"] == pytest.approx(row["network_rate"] / found["matrix_rate"])
    assert "| 224×224 pixels |" in table
    assert table.count("\n| ") == 5


def test_cases_change_one_thing_at_a_time() -> None:
    for changed, case in scaling.cases():
        if changed != "paper":
            differing = [
                name for name in Case.__dataclass_fields__ if getattr(case, name) != getattr(scaling.BASE, name)
            ]
            assert differing in ([], [changed])
