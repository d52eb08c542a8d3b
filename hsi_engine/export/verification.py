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
from ..inference.classifier import Classifier, ReadyMember, ready_network
from ..inference.predictor import LEAST
from ..io.scenes.scene import SceneBlock
from ..models.networks.imported.onnx_graph import LOGITS, SCENE, SECOND
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
        theirs.append(_graph_scores(session, bundle, form, image))
    expected, found = (
        np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1) for parts in (ours, theirs)
    )
    known = np.isfinite(expected).all(axis=0)
    if not np.array_equal(known, np.isfinite(found).all(axis=0)) or not known.any():
        raise _disagreement("pixels without data are not the same in both")
    return _compared(expected[:, known], found[:, known])


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


def _graph_scores(session: Any, bundle: ModelBundle, form: Form, image: Values) -> Values:
    if form == "dense":
        scores: Values = _run(session, bundle, image[None])[0]
        return scores
    radius, edge = bundle.patch_size // 2, bundle.patch_size
    padded = np.pad(image, ((0, 0), (radius, radius), (radius, radius)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (edge, edge), axis=(1, 2))
    lines = [_run(session, bundle, windows[:, row].transpose(1, 0, 2, 3)) for row in range(image.shape[1])]
    return np.stack(lines).transpose(2, 0, 1)


def _run(session: Any, bundle: ModelBundle, values: Values) -> Values:
    own = values.shape[1] - bundle.preprocessing.second_bands
    inputs = {SCENE: np.ascontiguousarray(values[:, :own])}
    if bundle.preprocessing.second_bands:
        inputs[SECOND] = np.ascontiguousarray(values[:, own:])
    logits: Values = session.run([LOGITS], inputs)[0]
    return logits
