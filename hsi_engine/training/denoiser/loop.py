"""Training the stack of a denoiser on a part of the squares, checked on the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...errors import TrainingError
from ...models.networks.residual_denoiser import ResidualDenoiser
from ...reporting import Reporter, TimedReporter
from ...runtime.seeds import generator
from ..optimizer import EagerAdamW
from .risk import stein_risk
from .settings import DenoiserSettings
from .squares import Square, held_out

_PATCH_PX = 24
_BATCH = 8
_WARM_UP = 20
# How often the network is checked on squares it has not seen.
_JUDGED = 5


def train_stack(
    network: ResidualDenoiser, squares: Sequence[Square], settings: DenoiserSettings, reporter: Reporter
) -> dict[str, float]:
    """Train the stack, and keep of it what is of use on squares it has not seen.

    Returns the estimated error on these, of the linear filter and of the network, as a share of the noise of the components.
    """
    seen, unseen = held_out(squares)
    optimizer = EagerAdamW(network.stack.parameters(), lr=settings.learning_rate, weight_decay=1e-4)
    draws = generator(settings.seed, "denoiser", "draws")
    best = _Judged.of(network, unseen or squares, settings.seed, reporter)
    linear = best.error
    timed = TimedReporter(reporter)
    for step in range(settings.steps if unseen else 0):
        reporter.check_cancelled()
        timed.progress(step / settings.steps, f"Training the network: step {step + 1} of {settings.steps}")
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(settings, step)
        images, valid = _batch(seen, network.margin_px, draws)
        gain = stein_risk(network, images, valid, torch.randn(images.shape, generator=draws)).of_stack.mean()
        if not bool(torch.isfinite(gain)):
            raise TrainingError(
                f"Training the denoiser diverged at step {step + 1}.",
                code="diverged",
                hint="Look for values in the scene that mean no data but are not declared.",
            )
        optimizer.zero_grad()
        gain.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if (step + 1) % max(1, settings.steps // _JUDGED) == 0:
            now = _Judged.of(network, unseen, settings.seed, reporter)
            reporter.metric("error", now.error, step + 1)
            best = min(best, now, key=lambda judged: judged.error)
    network.stack.load_state_dict(best.weights)
    _scale_result(network, best.factors)
    return {"error_linear": linear, "error": best.error}


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    """Weights of the stack at one moment, by what factor each of its components is of most use, and the error with it."""

    weights: dict[str, Tensor]
    factors: Tensor
    error: float

    @classmethod
    def of(cls, network: ResidualDenoiser, squares: Sequence[Square], seed: int, reporter: Reporter) -> _Judged:
        """Judge the network on squares it was not trained on. The best factor is known in closed form."""
        draws = generator(seed, "denoiser", "judging")
        components = len(network.scale)
        linear, power, common = torch.zeros(3, components, dtype=torch.float64)
        pixels = 0
        with torch.inference_mode():
            for square in squares:
                reporter.check_cancelled()
                probe = torch.randn(square.images[None].shape, generator=draws)
                risk = stein_risk(network, square.images[None], square.valid[None], probe)
                count = int(square.valid.sum())
                linear += count * risk.of_linear.double().cpu()
                power += count * risk.power.double().cpu()
                common += count * risk.common.double().cpu()
                pixels += count
        factors = torch.where(power > 0, common / power.clamp(min=1e-12), 0.0).clamp(0, 1)
        error = (linear + factors**2 * power - 2 * factors * common).mean() / pixels
        weights = {name: tensor.detach().clone() for name, tensor in network.stack.state_dict().items()}
        return cls(weights=weights, factors=factors.float(), error=float(error))


def _scale_result(network: ResidualDenoiser, factors: Tensor) -> None:
    last = network.stack[-1]
    factors = factors.to(network.scale.device)
    last.weight.data *= factors[:, None, None, None]  # type: ignore[operator]
    last.bias.data *= factors  # type: ignore[operator]


def _batch(squares: Sequence[Square], margin_px: int, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Patches of random squares, flipped and turned: components with margin, and which pixels hold data."""
    size = min(_PATCH_PX, *(edge for square in squares for edge in square.valid.shape))
    images: list[Tensor] = []
    valid: list[Tensor] = []
    for _ in range(_BATCH):
        square = squares[_draw(len(squares), draws)]
        row, col = (_draw(edge - size + 1, draws) for edge in square.valid.shape)
        turns, flip = _draw(4, draws), bool(_draw(2, draws))
        for part, grown, into in ((square.images, 2 * margin_px, images), (square.valid[None], 0, valid)):
            cut = part[:, row : row + size + grown, col : col + size + grown].rot90(turns, (1, 2))
            into.append(cut.flip(2) if flip else cut)
    return torch.stack(images), torch.stack(valid)[:, 0]


def _draw(below: int, draws: torch.Generator) -> int:
    return int(torch.randint(below, (1,), generator=draws))


def _learning_rate(settings: DenoiserSettings, step: int) -> float:
    falling = 0.5 * (1 + math.cos(math.pi * step / settings.steps))
    return settings.learning_rate * min(1.0, (step + 1) / _WARM_UP) * falling
