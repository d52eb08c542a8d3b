"""The error of a denoiser, estimated without the truth (Stein 1981; for networks Soltanayev and Chun 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ...models.networks.residual_denoiser import KERNEL, ResidualDenoiser

# The step of the difference by which the divergence is measured, in units of the noise.
_EPSILON = 0.1


@dataclass(frozen=True, kw_only=True, eq=False)
class Risk:
    """Estimated error of each component, (components,), per pixel.

    Parameters
    ----------
    of_linear : of the linear filter.
    power : mean square of what the stack subtracts.
    common : half of what subtracting it saves before :attr:`power` is paid for.
    """

    of_linear: Tensor
    power: Tensor
    common: Tensor

    @property
    def of_stack(self) -> Tensor:
        """What the stack adds to the error."""
        return self.power - 2 * self.common


def stein_risk(network: ResidualDenoiser, images: Tensor, valid: Tensor, probe: Tensor) -> Risk:
    """Stein's estimate over the valid pixels.

    The divergence of the linear filter is known; that of the stack is measured along a random direction.
    """
    device, edge = network.scale.device, network.margin_px
    images, valid, probe = images.to(device), valid.to(device), probe.to(device)
    weight = valid[:, None] / valid.sum().clamp(min=1)
    centre, direction = (part[:, :, edge:-edge, edge:-edge] for part in (images, probe))

    def mean(part: Tensor) -> Tensor:
        return (part * weight).sum((0, 2, 3))

    with torch.no_grad():
        own = network.linear.weight[:, :, KERNEL // 2, KERNEL // 2].diagonal()
        rest = network.filtered(images) - centre
        of_linear = mean(rest**2) - 1 + 2 * own
    found, moved = network.remaining_noise(torch.cat([images, images + _EPSILON * probe])).chunk(2)
    divergence = mean(direction * (moved - found)) / _EPSILON
    return Risk(of_linear=of_linear, power=mean(found**2), common=mean(rest * found) + divergence)
