"""What an architecture is, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Options(BaseModel):
    """Base of the options of an architecture: frozen, unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """One entry of the registry.

    Parameters
    ----------
    name : the name by which users and model files know it.
    title : the name in a form or report.
    reference : the publication, as author, year and title.
    network : ``module:class`` of the torch module, imported when it is built.
    options : pydantic model of what may vary.
    consumes : ``patch`` for a network that sees the surroundings of a pixel, ``spectrum`` for a classifier of single
        pixels.
    fit : ``module:function`` that fits it with scikit-learn; None if it is trained by gradient descent.
    dense : whether ``features`` and ``head`` keep the contract of :mod:`hsi_engine.models.registry`.
    variants : the sets of options that tests and ``hsi models`` show.
    suggested : settings of a training that suit it, by the names of the parameters of training.
    least_components : channels that it needs at least.
    patch_sizes : allowed edges of a patch in pixels, (smallest, largest).
    parameters : weights of the network with its suggested view of a scene of 200 bands and 16 classes; None for what is
        fitted by scikit-learn.
    second_source : whether it sees a second raster next to the scene; its option ``second_bands`` says how many of the last
        channels are those of it.
    simplicity : place in the order from simple to complex; of two equally accurate candidates the simpler is chosen.
    """

    name: str
    title: str
    reference: str
    network: str
    options: type[Options]
    consumes: Literal["patch", "spectrum"]
    fit: str | None = None
    dense: bool = True
    variants: Mapping[str, dict[str, Any]] = field(default_factory=lambda: MappingProxyType({"default": {}}))
    suggested: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    least_components: int = 1
    patch_sizes: tuple[int, int] = (1, 99)
    parameters: int | None = None
    second_source: bool = False
    simplicity: int
