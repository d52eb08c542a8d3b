"""Models of several members, branches and a smoothing; and weights that are indices, from files that lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from classifiers import trained
from hsi_engine.bundle.format import MANIFEST, read_members, write_members
from hsi_engine.bundle.model_bundle import Member, ModelBundle, SmoothingSettings
from hsi_engine.bundle.model_card import model_card
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.errors import BundleError
from hsi_engine.evaluation.confidence_scaling import ConfidenceScaling
from hsi_engine.preprocess.branch import Branch
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.covariance import StreamedCovariance
from hsi_engine.preprocess.standardisation import standardisation_of

MakeBundle = Callable[..., ModelBundle]
N_BANDS, N_CLASSES = 15, 3


@pytest.fixture(scope="module")
def preprocessing(bundle: ModelBundle) -> Preprocessing:
    """Principal components, and first derivatives standardised."""
    sums = StreamedCovariance(N_BANDS - 1)
    sums.add(np.random.default_rng(2).normal(3, 2, (80, N_BANDS - 1)))
    old = bundle.preprocessing
    derivative = Branch(n_bands=N_BANDS, normalisation="derivative", reduction=standardisation_of(sums))
    return Preprocessing(
        bands=old.bands,
        band_indices=old.band_indices,
        scene_bands=old.scene_bands,
        scene_dtype=old.scene_dtype,
        pixels=old.pixels,
        mean_spectrum=old.mean_spectrum,
        branches=(*old.branches, derivative),
    )


def member(name: str, components: int, patch_size: int = 1, **more: Any) -> Member:
    network, options = trained(name, {}, n_components=components, patch_size=patch_size, n_classes=N_CLASSES)
    return Member(
        architecture=name, options=options, weights=network.state_dict(), patch_size=patch_size, **more
    )  # fmt: skip


@pytest.fixture(scope="module")
def members() -> tuple[Member, ...]:
    return (
        member("hybridsn", 13, 9, branch=0, temperature=1.25, share=2.0),
        member("random_forest", 14, branch=1, temperature=0.5),
        member("svm", 14, branch=1),
    )


@pytest.fixture
def several(make_bundle: MakeBundle, preprocessing: Preprocessing, members: tuple[Member, ...]) -> ModelBundle:
    return make_bundle(
        members=members,
        preprocessing=preprocessing,
        temperature=0.875,
        confidence_scaling=ConfidenceScaling(slope=0.625, offset=0.5),
        smoothing=SmoothingSettings(radius_px=2, epsilon=0.05, branch=0),
    )


def test_round_trip(several: ModelBundle, tmp_path: Path) -> None:
    path, again = tmp_path / "a.hsimodel", tmp_path / "b.hsimodel"
    write_bundle(several, path)
    found = read_bundle(path)
    assert found.id == several.id
    for name in ("preprocessing", "temperature", "confidence_scaling", "smoothing"):
        assert getattr(found, name) == getattr(several, name)
    assert [m.to_json() for m in found.members] == [m.to_json() for m in several.members]
    for mine, theirs in zip(found.members, several.members, strict=True):
        assert mine.weights.keys() == theirs.weights.keys()
        assert all(torch.equal(mine.weights[name], tensor) for name, tensor in theirs.weights.items())
        assert all(mine.weights[name].dtype == tensor.dtype for name, tensor in theirs.weights.items())
    write_bundle(found, again)
    assert again.read_bytes() == path.read_bytes()


def test_what_is_said_of_it(several: ModelBundle) -> None:
    assert several.patch_size == 9
    assert several.title == "HybridSN (3-D–2-D CNN) + Random forest + SVM (RBF kernel)"
    card = model_card(several)
    for words in (
        "Breiman (2001)",
        "- Seen by the classifier: 13 principal components, whitened",
        "- Seen by the classifier: first derivative, standardised bands",
        "- member 2.architecture: random_forest",
        "- confidence: p of the chosen class is scaled: logit(p') = 0.625 · logit(p) + 0.5",
    ):
        assert words in card


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        ({"temperature": 0.875}, False),
        ({"temperature": 0.9}, True),
        ({"confidence_scaling": ConfidenceScaling(slope=0.625, offset=0.5)}, False),
        ({"confidence_scaling": ConfidenceScaling(slope=0.625, offset=0.25)}, True),
        ({"confidence_scaling": ConfidenceScaling(slope=0.75, offset=0.5)}, True),
        ({"confidence_scaling": ConfidenceScaling()}, True),
        ({"smoothing": None}, True),
        ({"smoothing": SmoothingSettings(radius_px=3, epsilon=0.05, branch=0)}, True),
    ],
)
def test_the_id_follows_what_decides_a_map(
    several: ModelBundle, make_bundle: MakeBundle, changes: dict[str, Any], differs: bool
) -> None:
    names = ("members", "preprocessing", "temperature", "confidence_scaling", "smoothing")
    parts = {name: getattr(several, name) for name in names}
    assert (make_bundle(**(parts | changes)).id != several.id) is differs


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"members": ()}, "needs at least one member"),
        ({"smoothing": SmoothingSettings(radius_px=2, epsilon=0.1, branch=2)}, "use branch 2 .* which has 2"),
    ],
    ids=["no member", "smoothing guided by nothing"],
)
def test_parts_that_do_not_fit(
    several: ModelBundle, make_bundle: MakeBundle, changes: dict[str, Any], words: str
) -> None:
    parts = {name: getattr(several, name) for name in ("members", "preprocessing", "smoothing")}
    with pytest.raises(BundleError, match=words):
        make_bundle(**(parts | changes))


def test_a_member_of_another_branch_is_refused(
    make_bundle: MakeBundle, preprocessing: Preprocessing, members: tuple[Member, ...]
) -> None:
    for branch, words in ((0, "'head.layers.support_vectors' does not fit .*×13 .*×14"), (2, "use branch 2")):
        wrong = Member(**{**vars(members[2]), "branch": branch})
        with pytest.raises(BundleError, match=words):
            make_bundle(members=(wrong,), preprocessing=preprocessing)


def rewritten(several: ModelBundle, path: Path, change: Callable[[Any], object]) -> Path:
    write_bundle(several, path)
    content = read_members(path)
    data = json.loads(content[MANIFEST])
    change(data)
    write_members(path, content | {MANIFEST: json.dumps(data).encode()})
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d["members"][1].update(architecture="transformer"), "no model called 'transformer'.*newer engine"),
        (lambda d: d["members"][1].update(architecture="os.system"), "no model called 'os.system'.*newer engine"),
        (
            lambda d: d["members"].pop(),
            r"\d+ tensors? do(es)? not belong to any member of the model, among them "
            r"'members\.2\.",
        ),
        (lambda d: d["members"].append(d["members"][2]), r"tensors? that it lacks"),
        (lambda d: d["members"][1].update(branch=7), "use branch 7 of the preprocessing, which has 2"),
        (lambda d: d["smoothing"].update(branch=7), "use branch 7 of the preprocessing, which has 2"),
        (lambda d: d["preprocessing"]["branches"].pop(), "expected the arrays|which has 1"),
        (lambda d: d["members"][1]["options"].update(nodes=10**8), "does not fit 'random_forest'"),
        (lambda d: d["members"][1]["options"].update(nodes=10**12), "cannot be built: Option 'nodes'"),
    ],
)
def test_a_file_whose_manifest_was_changed_is_refused(
    several: ModelBundle, tmp_path: Path, change: Callable[[Any], object], words: str
) -> None:
    with pytest.raises(BundleError, match=words):
        read_bundle(rewritten(several, tmp_path / "m.hsimodel", change))


def inner_node(weights: dict[str, torch.Tensor]) -> int:
    """The first node below the root of the first tree that is no leaf."""
    return int(torch.nonzero(weights["head.layers.left"] >= 0)[1])


def _set(name: str, value: Callable[[dict[str, torch.Tensor], int], int]) -> Callable[[dict[str, torch.Tensor]], None]:
    def change(weights: dict[str, torch.Tensor]) -> None:
        node = inner_node(weights)
        weights[f"head.layers.{name}"][node] = value(weights, node)

    return change


def _sizes(change: Callable[[torch.Tensor], object]) -> Callable[[dict[str, torch.Tensor]], None]:
    def changed(weights: dict[str, torch.Tensor]) -> None:
        change(weights["head.layers.sizes"])

    return changed


def _wrapped_around(sizes: torch.Tensor) -> None:
    """The sum of 64-bit numbers is that of the nodes again."""
    nodes = int(sizes.sum())
    sizes[0] = sizes[1] = 2**63 - 1
    sizes[2:-1] = 1
    sizes[-1] = nodes + 2 - len(sizes[2:-1])
    assert int(sizes.sum()) == nodes


ASTRAY = "leads nowhere, or back"
FORESTS: dict[str, tuple[Callable[[dict[str, torch.Tensor]], None], str]] = {
    "itself": (_set("left", lambda w, node: node), ASTRAY),
    "back to the root": (_set("right", lambda w, node: 0), ASTRAY),
    "no node on one side": (_set("left", lambda w, node: -1), ASTRAY),
    "below the first node": (_set("left", lambda w, node: -5), ASTRAY),
    "into the next tree": (_set("left", lambda w, node: int(w["head.layers.sizes"][0])), ASTRAY),
    "beyond all memory": (_set("right", lambda w, node: 2**62), ASTRAY),
    "no such channel": (_set("feature", lambda w, node: 14), "compares a channel beyond the 14"),
    "a channel below the first": (_set("feature", lambda w, node: -1), "compares a channel beyond the 14"),
    "a tree of no nodes": (_sizes(lambda s: (s[1].add_(s[0]), s[0].zero_())), "do not add up"),
    "sizes of another forest": (_sizes(lambda s: s[0].add_(1)), "do not add up"),
    "sizes that overflow": (_sizes(_wrapped_around), "do not add up"),
}


@pytest.mark.parametrize("case", FORESTS)
def test_a_forest_that_leads_astray_is_refused(
    case: str, make_bundle: MakeBundle, preprocessing: Preprocessing, members: tuple[Member, ...], tmp_path: Path
) -> None:
    change, words = FORESTS[case]
    forest = members[1]
    weights = {name: tensor.clone() for name, tensor in forest.weights.items()}
    change(weights)
    with pytest.raises(BundleError, match=f"weights do not fit 'random_forest'.*{words}") as caught:
        make_bundle(members=(Member(**{**vars(forest), "weights": weights}),), preprocessing=preprocessing)
    assert caught.value.code == "model.tensors"
