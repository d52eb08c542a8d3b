"""Whether a graph in ONNX Runtime computes what the engine computes, on patches of a scene or on synthetic ones like them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..bundle.model_bundle import ModelBundle
from ..bundle.onnx.description import Form
from ..errors import BundleError
from ..evaluation.confidence_scaling import LEAST, ConfidenceScaling
from ..inference.classifier import Classifier, ReadyMember, ready_network
from ..inference.confidence.scaling import with_scaled_confidence
from ..io.scenes.scene import SceneBlock
from ..models.networks.imported.onnx_graph import LOGITS, PROBABILITIES, SCENE, SECOND
from ..phrases import counted
from ..runtime.onnx_session import make_session

TOLERANCE = 1e-4
"""Largest difference of two scores of up to 10; of larger scores, a hundred-thousandth of the largest."""

_LARGEST_ABSOLUTE = 10.0

Values = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How far graph and engine agree.

    Parameters
    ----------
    largest_difference : of any score.
    tolerance : that it was held to.
    pixels : that were compared.
    ties : pixels whose two best classes are so close that rounding decides, and did.
    """

    largest_difference: float
    tolerance: float
    pixels: int
    ties: int


def verify(content: bytes, bundle: ModelBundle, form: Form, images: list[Values]) -> Agreement:
    """Run a graph and the engine on the same values.

    Parameters
    ----------
    content : of the ONNX file.
    images : (bands, rows, cols) of any sizes, NaN in pixels without data.

    Raises
    ------
    BundleError : ONNX Runtime cannot run it, scores differ by more than the tolerance, or a pixel gets another class although
        its two best are further apart than that.
    """
    session = make_session(content)
    engine = _engine(bundle)
    ours, theirs = [], []
    for image in images:
        ours.append(_engine_scores(engine, bundle, image))
        theirs.append(_graph_outputs(session, bundle, form, image))
    expected = np.concatenate([part.reshape(len(part), -1) for part in ours], axis=1)
    # Scores and probabilities, (2, classes, pixels).
    found = np.concatenate([part.reshape(*part.shape[:2], -1) for part in theirs], axis=2)
    known = np.isfinite(expected).all(axis=0)
    if not all(np.array_equal(known, np.isfinite(output).all(axis=0)) for output in found) or not known.any():
        raise _disagreement("pixels without data are not the same in both")
    scores, probabilities = found[:, :, known]
    agreement = _compared(expected[:, known], scores)
    _compare_probabilities(expected[:, known], probabilities, bundle.confidence_scaling, agreement.tolerance)
    return agreement


def _compared(expected: Values, found: Values) -> Agreement:
    tolerance = TOLERANCE * max(1.0, float(np.abs(expected).max()) / _LARGEST_ABSOLUTE)
    largest = float(np.abs(expected - found).max())
    if largest > tolerance:
        raise _disagreement(f"scores differ by up to {largest:.2g}; allowed are {tolerance:.2g}")
    differ = expected.argmax(axis=0) != found.argmax(axis=0)
    best = np.sort(expected, axis=0)
    close = best[-1] - best[-2] <= 2 * tolerance if len(best) > 1 else np.ones(best.shape[1], bool)
    if wrong := int((differ & ~close).sum()):
        raise _disagreement(f"{counted(wrong, 'pixel')} of {differ.size:,} would get another class")
    return Agreement(
        largest_difference=largest, tolerance=tolerance, pixels=expected.shape[1], ties=int((differ & close).sum())
    )


def _compare_probabilities(expected: Values, found: Values, curve: ConfidenceScaling, tolerance: float) -> None:
    """Probabilities of a graph against those that follow from the engine's scores.

    In the order of size, as rounding decides which of two equal classes is the first.
    """
    right = with_scaled_confidence(torch.from_numpy(expected).softmax(dim=0), curve).numpy()
    # The curve makes differences of scores larger by its slope, and a probability changes by less than its logit.
    allowed = tolerance * max(1.0, curve.slope)
    largest = float(np.abs(np.sort(right, axis=0) - np.sort(found, axis=0)).max())
    if largest > allowed:
        raise _disagreement(f"probabilities differ by up to {largest:.2g}; allowed are {allowed:.2g}")
    best = np.sort(expected, axis=0)
    apart = best[-1] - best[-2] > 2 * tolerance if len(best) > 1 else np.zeros(best.shape[1], bool)
    if wrong := int((apart & (right.argmax(axis=0) != found.argmax(axis=0))).sum()):
        raise _disagreement(f"the probabilities of {counted(wrong, 'pixel')} of {apart.size:,} name another class")


def _disagreement(problem: str) -> BundleError:
    return BundleError(
        f"The exported graph does not compute in ONNX Runtime what the model does: {problem}. Nothing was written.",
        code="onnx_disagrees",
        hint="Update torch and onnxruntime, or use the model with this engine.",
    )


def _engine(bundle: ModelBundle) -> Classifier:
    steps = bundle.preprocessing
    return Classifier(
        members=tuple(
            ReadyMember(
                network=ready_network(member, bundle),
                channels=steps.channels_of(member.branch),
                temperature=member.temperature,
                share=member.share,
            )
            for member in bundle.members
        )
    )


@torch.inference_mode()
def _engine_scores(engine: Classifier, bundle: ModelBundle, image: Values) -> Values:
    """Scores (classes, rows, cols) as the engine makes them, NaN without data."""
    valid = np.asarray(np.isfinite(image).all(axis=0))
    channels = bundle.preprocessing.apply(SceneBlock(data=np.where(valid, image, 0), valid=valid))
    radius = engine.radius
    padded = torch.from_numpy(np.pad(channels, ((0, 0), (radius, radius), (radius, radius))))
    if len(engine.members) == 1 and bundle.temperature == 1:
        logits = engine.members[0].logits(padded, 0)
    else:
        logits = engine.probabilities(padded).clamp(min=LEAST).log() / bundle.temperature
    scores: Values = logits.numpy().copy()
    scores[:, ~valid] = np.nan
    return scores


def _graph_outputs(session: Any, bundle: ModelBundle, form: Form, image: Values) -> Values:
    """Scores and probabilities (2, classes, rows, cols) of a graph, NaN without data."""
    if form == "dense":
        outputs: Values = _run(session, bundle, image[None])[:, 0]
        return outputs
    radius, edge = bundle.patch_size // 2, bundle.patch_size
    padded = np.pad(image, ((0, 0), (radius, radius), (radius, radius)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (edge, edge), axis=(1, 2))
    lines = [_run(session, bundle, windows[:, row].transpose(1, 0, 2, 3)) for row in range(image.shape[1])]
    return np.stack(lines).transpose(1, 3, 0, 2)


def _run(session: Any, bundle: ModelBundle, values: Values) -> Values:
    own = values.shape[1] - bundle.preprocessing.second_bands
    inputs = {SCENE: np.ascontiguousarray(values[:, :own])}
    if bundle.preprocessing.second_bands:
        inputs[SECOND] = np.ascontiguousarray(values[:, own:])
    outputs: Values = np.stack(session.run([LOGITS, PROBABILITIES], inputs))
    return outputs
