"""Children of a seed."""

from __future__ import annotations

from hsi_engine.runtime.seeds import child_seed


def test_children_are_fixed_for_ever() -> None:
    # A change of this number would break the promise that a seed repeats a run.
    assert child_seed(0, "shuffle", 1) == child_seed(0, "shuffle", 1)
    assert 0 <= child_seed(0, "shuffle", 1) < 2**63


def test_children_differ_by_seed_name_and_number() -> None:
    children = {child_seed(s, n, e) for s in range(5) for n in ("shuffle", "dropout") for e in range(5)}
    assert len(children) == 50
