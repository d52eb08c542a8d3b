"""The architectures there are. The list is data: reading it does not load torch.

An architecture is a class of networks made of two parts:

``features``
    translation-equivariant: valid convolutions with stride 1 and point-wise layers only, so that it
    may run over a patch or over a whole tile and gives the same numbers;
``head``
    sees one q×q window of the features and gives one logit a class.

That contract lets :mod:`hsi_engine.inference.dense` compute features once for a whole tile. An
architecture that cannot keep it is registered with ``dense=False`` and is predicted patch by patch.
"""

from __future__ import annotations

import difflib
import importlib
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import ParameterError

if TYPE_CHECKING:
    from .network import PatchNetwork


class HybridSNOptions(BaseModel):
    """What may vary in HybridSN."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_norm: bool = False
    squeeze_excitation: bool = False
    dropout: float = Field(default=0.4, ge=0, lt=1)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """One entry of the registry.

    Parameters
    ----------
    name : the name by which users and model files know it.
    factory : ``module:class`` of the network, imported when it is built.
    options : pydantic model of what may vary.
    dense : whether ``features`` and ``head`` keep the contract of this module.
    variants : the sets of options that tests and ``hsi models`` show.
    """

    name: str
    title: str
    reference: str
    factory: str
    options: type[BaseModel]
    dense: bool = True
    variants: MappingProxyType[str, dict[str, Any]] = field(default_factory=lambda: MappingProxyType({"default": {}}))


_ARCHITECTURES = MappingProxyType(
    {
        "hybridsn": Architecture(
            name="hybridsn",
            title="HybridSN (3-D–2-D CNN)",
            reference=(
                "Roy, Krishna, Dubey, Chaudhuri (2020): HybridSN: Exploring 3-D–2-D CNN feature hierarchy for"
                " hyperspectral image classification. IEEE Geoscience and Remote Sensing Letters 17(2)."
            ),
            factory="hsi_engine.models.hybridsn:HybridSN",
            options=HybridSNOptions,
            variants=MappingProxyType(
                {
                    "plain": {},
                    "batch_norm": {"batch_norm": True},
                    "squeeze_excitation": {"squeeze_excitation": True},
                    "batch_norm+squeeze_excitation": {"batch_norm": True, "squeeze_excitation": True},
                }
            ),
        ),
    }
)


def architectures() -> MappingProxyType[str, Architecture]:
    """All architectures by name."""
    return _ARCHITECTURES


def get(name: str) -> Architecture:
    """The architecture called ``name``; a :class:`ParameterError` names near matches where there is none."""
    if name in _ARCHITECTURES:
        return _ARCHITECTURES[name]
    near = difflib.get_close_matches(name.lower(), _ARCHITECTURES, n=3, cutoff=0.5)
    raise ParameterError(
        f"There is no model called {name!r}.",
        code="unknown_model",
        hint=f"Did you mean {' or '.join(near)}?" if near else f"Known models: {', '.join(_ARCHITECTURES)}.",
    )


def build(name: str, options: dict[str, Any], n_components: int, patch_size: int, n_classes: int) -> PatchNetwork:
    """Make an untrained network.

    Parameters
    ----------
    name, options : an architecture of the registry and its options.
    n_components : channels of the input, after preprocessing.
    patch_size : edge of a patch in pixels, odd.
    n_classes : number of logits.

    Raises
    ------
    ParameterError : unknown name or option; too few components or too small a patch for the network.
    """
    architecture = get(name)
    try:
        parsed = architecture.options.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        raise ParameterError(
            f"Option {'.'.join(map(str, first['loc']))!r} of model {name!r}: {first['msg']}; found {first['input']!r}.",
            code="model_option",
            hint=f"Options: {', '.join(architecture.options.model_fields)}.",
        ) from None
    module, _, attribute = architecture.factory.partition(":")
    factory = getattr(importlib.import_module(module), attribute)
    network: PatchNetwork = factory(
        n_components=n_components, patch_size=patch_size, n_classes=n_classes, options=parsed
    )
    network.patch_size = patch_size
    network.dense = architecture.dense
    return network
