"""Every architecture makes of fixed weights and inputs what it made of them when its golden tensors were written."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import write_golden
from hsi_engine.inference.dense import dense_logits
from hsi_engine.models import registry
from write_golden import Case

# Of how far the logits of the inputs lie apart. Rounding in float32 takes up to 1.5e-5 of it: other instructions of a CPU,
# other numbers of threads, another order of the products.
TOLERANCE = 2e-4
CASES = pytest.mark.parametrize("case", write_golden.cases(), ids=lambda case: case.name)

MEANING = """\
{name}: {what} differ from those in {path} by up to {worst:.1e} (allowed: {allowed:.1e}; written with {versions}).
{so}
If that is not meant, look for what changed in hsi_engine/models or in torch. Only where no user can have such a model \
(the architecture is not released, or gets another name, or old files are upgraded to map as before) write them again:
    python tools/write_golden.py --again {name}"""
FILES = "Every model file of this architecture now maps to something else."
STARTS = "A training with the same seed now begins with other weights and gives another model."


def fail_where_apart(
    case: Case, what: str, so: str, found: torch.Tensor, expected: torch.Tensor, *, allowed: float
) -> None:
    assert found.shape == expected.shape
    worst = (found - expected).abs().max().item()
    if not worst <= allowed:
        versions = ", ".join(f"{name} {version}" for name, version in write_golden.read(case).written_with.items())
        place = case.path.relative_to(write_golden.ROOT)
        facts = {"path": place, "worst": worst, "allowed": allowed, "versions": versions, "so": so}
        pytest.fail(MEANING.format(name=case.name, what=what, **facts), pytrace=False)


def allowed(logits: torch.Tensor) -> float:
    apart = logits.std(dim=0).mean().item()
    assert apart > 0.02  # a tolerance on what does not vary would hold for anything
    return TOLERANCE * apart


def test_every_architecture_has_golden_tensors_in_each_variant() -> None:
    found = {path.name.removesuffix(write_golden.SUFFIX) for path in write_golden.FOLDER.iterdir()}
    wanted = {case.name for case in write_golden.cases()}
    assert found == wanted, "python tools/write_golden.py writes those that are missing"


@CASES
@torch.inference_mode()
def test_weights_and_inputs_give_the_logits_of_that_time(case: Case) -> None:
    golden = write_golden.read(case)
    found = golden.network(golden.patches)
    fail_where_apart(case, "the logits", FILES, found, golden.logits, allowed=allowed(golden.logits))


@CASES
@torch.inference_mode()
def test_so_does_the_form_that_maps_are_made_with(case: Case) -> None:
    golden = write_golden.read(case)
    found = torch.stack([dense_logits(golden.network, patch)[:, 0, 0] for patch in golden.patches])
    fail_where_apart(case, "the logits of a map", FILES, found, golden.logits, allowed=allowed(golden.logits))


@CASES
def test_the_seed_gives_the_weights_of_that_time(case: Case) -> None:
    if registry.get(case.architecture).fit is not None:
        return  # fitted by scikit-learn; its weights stand in the file
    golden = write_golden.read(case)
    assert len(golden.initial) > 1
    found = write_golden.summary(write_golden.initial_network(case))
    fail_where_apart(case, "the first weights", STARTS, found, golden.initial, allowed=1e-6)


def test_a_change_of_an_architecture_is_found_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    (case,) = (case for case in write_golden.cases() if case.name == "hybridsn-batch_norm")
    network_of = write_golden.initial_network

    def changed(case: Case) -> torch.nn.Module:
        network = network_of(case)
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm3d):
                module.eps = 1e-3
        return network

    monkeypatch.setattr(write_golden, "initial_network", changed)
    with pytest.raises(pytest.fail.Exception, match=r"(?s)the logits differ .*by up to .*--again hybridsn-batch_norm"):
        test_weights_and_inputs_give_the_logits_of_that_time.__wrapped__(case)


def test_files_that_stand_are_left_alone_unless_named() -> None:
    known = [case for case in write_golden.cases() if case.path.exists()]
    assert list(write_golden.chosen([], known)) == []
    assert [case.name for case in write_golden.chosen(["lda-default"], known)] == ["lda-default"]
    with pytest.raises(SystemExit, match=r"There is no lda; there are .*lda-default"):
        list(write_golden.chosen(["lda"], known))


def test_what_has_no_file_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(write_golden, "FOLDER", tmp_path)
    monkeypatch.setattr(write_golden, "ROOT", tmp_path)
    (case,) = (case for case in write_golden.cases() if case.name == "spectral_cnn-default")
    assert list(write_golden.chosen([], [case])) == [case]
    write_golden.write(case)
    golden = write_golden.read(case)
    torch.testing.assert_close(golden.network(golden.patches), golden.logits)
