"""The architectures there are. The list is data: reading it does not load torch.

An architecture is a class of torch modules made of two parts:

``features``
    translation-equivariant: valid convolutions with stride 1 and point-wise layers only, so that it
    may run over a patch or over a whole tile and gives the same numbers;
``head``
    sees one q×q window of the features and gives one score per class.

That contract lets :mod:`hsi_engine.inference.dense` compute features once for a whole tile. An
architecture that cannot keep it is registered with ``dense=False`` and is predicted patch by patch.
Classifiers of single spectra have no features, and a head that sees one pixel.

The registry is also the list of what a model file may name: whatever is not in it is refused.
"""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..errors import ParameterError
from ..phrases import plain_requirement
from .architectures.architecture import Architecture, Options
from .architectures.onnx_graph import ARCHITECTURE as ONNX_GRAPH

if TYPE_CHECKING:
    from .networks.patch_network import PatchNetwork

_SIMPLE = ("logistic_regression", "lda", "svm", "random_forest", "spectral_cnn")
_OTHERS = ("two_sources",)
_CLASSIC = ("mlp", "lenet", "alexnet", "zfnet", "vgg", "inception", "resnet")
_BASELINES = ("cnn_2d", "cnn_3d", "m3d_cnn", "ssrn")
_HYBRID = (
    "hybridsn_separable",
    "hybridsn_mobilenet_v2",
    "hybridsn_mobilenet_v3",
    "hybridsn_se_resnet",
    "hybridsn_res2net",
    "hybridsn_strip_pooling",
    "hybridsn_attention",
)
_RECENT = ("ssftt", "spectralformer")

NAMES = (
    *_SIMPLE,
    "hybridsn",
    *(f"hybrid.{name}" for name in _HYBRID),
    *(f"classic.{name}" for name in _CLASSIC),
    *(f"baselines.{name}" for name in _BASELINES),
    *(f"recent.{name}" for name in _RECENT),
    *_OTHERS,
)
"""All architectures by their modules in ``architectures``, the simple ones first. The last part of each is its name."""


@cache
def architectures() -> MappingProxyType[str, Architecture]:
    """All architectures by name."""
    modules = [importlib.import_module(f"{__package__}.architectures.{name}") for name in NAMES]
    return MappingProxyType({module.ARCHITECTURE.name: module.ARCHITECTURE for module in modules})


def get(name: str) -> Architecture:
    """The architecture called ``name``; a :class:`ParameterError` names near matches if there is none."""
    known = architectures()
    if name in known:
        return known[name]
    if name == ONNX_GRAPH.name:
        return ONNX_GRAPH
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    raise ParameterError(
        f"There is no model called {name!r}.",
        code="unknown_model",
        hint=f"Did you mean {' or '.join(near)}?" if near else f"Known models: {', '.join(known)}.",
    )


def option_names() -> tuple[str, ...]:
    """The names of the options of all architectures, each once."""
    return tuple(dict.fromkeys(name for a in architectures().values() for name in a.options.model_fields))


def parse_options(name: str, options: dict[str, Any]) -> Options:
    """The options of an architecture, checked.

    Raises
    ------
    ParameterError : unknown architecture, unknown option, or a value that is not allowed.
    """
    architecture = get(name)
    try:
        return architecture.options.model_validate(options)
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(map(str, first["loc"]))
        known = architecture.options.model_fields
        if first["type"] == "extra_forbidden":
            raise ParameterError(
                f"{architecture.title} has no option {option!r}.",
                code="model_option",
                hint=f"Its options are {', '.join(known)}." if known else "It has no options.",
            ) from None
        raise ParameterError(
            f"Option {option!r} of model {name!r}: {plain_requirement(first['msg'])}; found {first['input']!r}.",
            code="model_option",
            hint=f"Options: {', '.join(known)}.",
        ) from None


def build(name: str, options: dict[str, Any], n_components: int, patch_size: int, n_classes: int) -> PatchNetwork:
    """Make an untrained network.

    Parameters
    ----------
    name, options : an architecture of the registry and its options.
    n_components : channels of the input, after preprocessing.
    patch_size : edge of a patch in pixels, odd.
    n_classes : number of scores.

    Raises
    ------
    ParameterError : unknown name or option; too few components or a patch size that the network cannot have.
    """
    architecture = get(name)
    parsed = parse_options(name, options)
    check_patch_size(architecture, patch_size)
    network: PatchNetwork = load(architecture.network)(
        n_components=n_components, patch_size=patch_size, n_classes=n_classes, options=parsed
    )
    network.patch_size = patch_size
    network.dense = architecture.dense
    return network


def check_patch_size(architecture: Architecture, patch_size: int) -> None:
    """Make sure that an architecture can have patches of this edge in pixels.

    Raises
    ------
    ParameterError : it cannot; the message lists those it can have.
    """
    smallest, largest = architecture.patch_sizes
    if not smallest <= patch_size <= largest:
        allowed = f"{smallest}×{smallest}" if smallest == largest else f"{smallest}×{smallest} to {largest}×{largest}"
        raise ParameterError(
            f"{architecture.title.partition(' (')[0]} needs a patch of {allowed} pixels; found "
            f"{patch_size}×{patch_size}.",
            code="patch_too_small" if patch_size < smallest else "patch_too_large",
            hint=f"Set the patch size from {smallest} to {largest}, or leave it out to use the default of the model.",
        )


def load(reference: str) -> Any:
    """What ``module:attribute`` names; the module is imported on first use."""
    module, _, attribute = reference.partition(":")
    return getattr(importlib.import_module(module), attribute)
