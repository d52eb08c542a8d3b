"""Support vector machine with an RBF kernel, all pairs of classes against each other."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..architectures.svm import SvmOptions
from ..networks.heads import PixelHead
from ..networks.patch_network import PatchNetwork

# Kernel values that are held at once.
_CHUNK_BYTES = 32 * 2**20
# Decisions are about ±1 at the margin; the sigmoid of twice that is a fair share of a pair's probability (Platt 1999).
SLOPE = 2.0


class SvmClassifier(PatchNetwork):
    """The decision of every pair of classes, coupled to one score per class.

    The score of a class is the sum of the log-sigmoids of its decisions against all others: a smooth form of voting,
    in which a close decision counts less than a clear one (Hastie and Tibshirani 1998, in spirit).
    """

    def __init__(self, *, n_components: int, patch_size: int, n_classes: int, options: SvmOptions) -> None:
        super().__init__()
        pairs = n_classes * (n_classes - 1) // 2
        self.features = nn.Identity()
        self.head = PixelHead(
            channels=n_components,
            layers=PairwiseDecisions(n_components, n_classes, options.support_vectors),
            macs_px=options.support_vectors * (n_components + pairs),
        )


class PairwiseDecisions(nn.Module):
    """(…, channels) → scores (…, classes).

    Attributes
    ----------
    support_vectors : (vectors, channels).
    coefficients : of each vector in the decision of each pair, (vectors, pairs); pairs in the order (0, 1), (0, 2), …
    intercepts : (pairs,).
    gamma : width of the kernel ``exp(-gamma |x - v|²)``, ().
    """

    support_vectors: Tensor
    coefficients: Tensor
    intercepts: Tensor
    gamma: Tensor

    def __init__(self, channels: int, n_classes: int, vectors: int) -> None:
        super().__init__()
        pairs = n_classes * (n_classes - 1) // 2
        self.n_classes = n_classes
        self.register_buffer("support_vectors", torch.zeros(vectors, channels))
        self.register_buffer("coefficients", torch.zeros(vectors, pairs))
        self.register_buffer("intercepts", torch.zeros(pairs))
        self.register_buffer("gamma", torch.ones(()))

    def forward(self, spectra: Tensor) -> Tensor:
        flat = spectra.reshape(-1, spectra.shape[-1])
        step = max(1, _CHUNK_BYTES // (4 * len(self.support_vectors)))
        decisions = torch.cat([self._decisions(flat[at : at + step]) for at in range(0, len(flat), step)])
        return self._scores(decisions).view(*spectra.shape[:-1], self.n_classes)

    def _decisions(self, flat: Tensor) -> Tensor:
        vectors = self.support_vectors
        squared = vectors.square().sum(1) + flat.square().sum(1, keepdim=True)
        squared = torch.addmm(squared, flat, vectors.T, alpha=-2).clamp_(min=0)
        kernel = squared.mul_(-self.gamma).exp_()
        return torch.addmm(self.intercepts, kernel, self.coefficients)

    def _scores(self, decisions: Tensor) -> Tensor:
        first, second = torch.triu_indices(self.n_classes, self.n_classes, 1, device=decisions.device)
        scores = decisions.new_zeros(len(decisions), self.n_classes)
        scores.index_add_(1, first, functional.logsigmoid(SLOPE * decisions))
        scores.index_add_(1, second, functional.logsigmoid(-SLOPE * decisions))
        return scores
