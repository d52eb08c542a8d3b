"""Applying the first layers of a model with its preprocessing, so that a strip of a scene holds fewer channels.

A linear layer that sees single pixels and the linear reduction before it are one matrix. The scores are the same up to
rounding; channels of pixels without data are zero before and after.
"""

from __future__ import annotations

from dataclasses import replace

import torch

from ..bundle.model_bundle import ModelBundle
from ..preprocess.branch import Branch
from ..preprocess.chain import Preprocessing
from ..preprocess.linear_reduction import LinearReduction
from .classifier import Classifier, ReadyMember, ready_network


def project_first_layers(bundle: ModelBundle, device: torch.device) -> tuple[Preprocessing, Classifier, slice | None]:
    """Preprocessing and classifier of a model in the form that holds the smallest number of channels.

    Returns
    -------
    The preprocessing, the classifier on ``device``, and the channels that guide the smoothing, None if there is none.
    """
    kept: dict[int, int] = {}  # branches that are used as they are, with their new position
    branches: list[Branch] = []
    members: list[tuple[int, ReadyMember]] = []
    for member in bundle.members:
        branch = bundle.preprocessing.branches[member.branch]
        # On the device before it is taken apart: the remaining part may hold tensors that do not move with it.
        network = ready_network(member, bundle).to(device)
        projected = network.projected()
        if projected is not None and len(projected[0]) < branch.n_components:
            weights, network = projected
            matrix = weights.double().cpu().numpy() @ branch.reduction.matrix
            reduction = LinearReduction(kind="decorrelated", whiten=0.0, mean=branch.reduction.mean, matrix=matrix)
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
    preprocessing = replace(bundle.preprocessing, branches=tuple(branches))
    classifier = Classifier(
        members=tuple(replace(ready, channels=preprocessing.channels_of(place)) for place, ready in members)
    )
    return preprocessing, classifier, None if guide is None else preprocessing.channels_of(guide)


def _keep(branch: int, bundle: ModelBundle, kept: dict[int, int], branches: list[Branch]) -> int:
    """Position of a branch that is used as it is; it is shared by all that use it."""
    if branch not in kept:
        kept[branch] = len(branches)
        branches.append(bundle.preprocessing.branches[branch])
    return kept[branch]
