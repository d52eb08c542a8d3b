"""Applying the first layers of a model with its preprocessing, so that a strip of a scene holds fewer channels.

A linear layer that sees single pixels and the linear reduction before it are one matrix. The scores are the same up to
rounding; channels of pixels without data are zero before and after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ..bundle.model_bundle import ModelBundle
from ..preprocess.branch import Branch
from ..preprocess.chain import Preprocessing
from ..preprocess.linear_reduction import LinearReduction
from ..preprocess.spectra import RawBands
from .classifier import Classifier, ReadyMember, ready_network


@dataclass(frozen=True, kw_only=True, eq=False)
class Projected:
    """A model in the form that holds the smallest number of channels.

    Parameters
    ----------
    guide : the channels that guide the smoothing; None if there is none.
    kept : the channels of the branch that was to be kept as it is; None if none was.
    """

    preprocessing: Preprocessing
    classifier: Classifier
    guide: slice | None
    kept: slice | None


def project_first_layers(bundle: ModelBundle, device: torch.device, *, keep_branch: int | None = None) -> Projected:
    """Preprocessing and classifier of a model, the classifier on ``device``.

    ``keep_branch`` is a branch of the preprocessing whose channels are wanted as they are.
    """
    kept: dict[int, int] = {}  # branches that are used as they are, with their new position
    branches: list[Branch] = []
    members: list[tuple[int, ReadyMember]] = []
    for member in bundle.members:
        branch = bundle.preprocessing.branches[member.branch]
        # On the device before it is taken apart: the remaining part may hold tensors that do not move with it.
        network = ready_network(member, bundle).to(device)
        projected = network.projected()
        own = branch.reduction
        if projected is not None and not isinstance(own, RawBands) and len(projected[0]) < branch.n_components:
            weights, network = projected
            matrix = weights.double().cpu().numpy() @ own.matrix
            reduction = LinearReduction(kind="decorrelated", whiten=0.0, mean=own.mean, matrix=matrix)
            place = len(branches)
            branches.append(replace(branch, reduction=reduction))
        else:
            place = _keep(member.branch, bundle, kept, branches)
        ready = ReadyMember(
            network=network.eval().to(device),
            channels=slice(0, 0),
            temperature=member.temperature,
            share=member.share,
        )
        members.append((place, ready))
    guide = None if bundle.smoothing is None else _keep(bundle.smoothing.branch, bundle, kept, branches)
    wanted = None if keep_branch is None else _keep(keep_branch, bundle, kept, branches)
    preprocessing = replace(bundle.preprocessing, branches=tuple(branches))
    classifier = Classifier(
        members=tuple(replace(ready, channels=preprocessing.channels_of(place)) for place, ready in members)
    )
    return Projected(
        preprocessing=preprocessing,
        classifier=classifier,
        guide=None if guide is None else preprocessing.channels_of(guide),
        kept=None if wanted is None else preprocessing.channels_of(wanted),
    )


def _keep(branch: int, bundle: ModelBundle, kept: dict[int, int], branches: list[Branch]) -> int:
    """Position of a branch that is used as it is; it is shared by all that use it."""
    if branch not in kept:
        kept[branch] = len(branches)
        branches.append(bundle.preprocessing.branches[branch])
    return kept[branch]
