"""Write the golden tensors of architectures: what fixed weights make of fixed inputs, for tests of later versions.

python tools/write_golden.py                     those that have no file yet, as after adding an architecture
python tools/write_golden.py --again NAME…       those of these names, such as hybridsn-plain, once more

A file says what the model files of users rely on. Writing one again is right where no user can have such a model: the
architecture has not been released, or it gets another name or version and old model files are upgraded to map as before.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.torch
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from hsi_engine.models import registry  # noqa: E402 - it is found only now
from hsi_engine.models.networks.patch_network import PatchNetwork  # noqa: E402
from hsi_engine.training.estimators import SpectrumSamples  # noqa: E402
from hsi_engine.training.initial_weights import new_network  # noqa: E402

FOLDER = ROOT / "tests" / "data" / "golden"
SUFFIX = ".safetensors"

_SEED = 20260
_CHANNELS, _CLASSES, _PATCHES, _SPECTRA = 13, 3, 2, 12
_STATE = "state."  # before the names of the weights of a classifier that was fitted
# So small that a file stays small.
_FITTED: dict[str, dict[str, Any]] = {
    "svm": {"regularisation": 10.0, "gamma": 1.0},
    "random_forest": {"trees": 3},
}


@dataclass(frozen=True)
class Case:
    """One architecture with one set of options."""

    architecture: str
    variant: str
    options: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.architecture}-{self.variant}"

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.name}{SUFFIX}"

    @property
    def patch_size(self) -> int:
        smallest, largest = registry.get(self.architecture).patch_sizes
        return min(max(smallest, 5), largest)

    @property
    def channels(self) -> int:
        return max(_CHANNELS, registry.get(self.architecture).least_components)


@dataclass(frozen=True)
class Golden:
    """What a file holds.

    Attributes
    ----------
    patches : float32 (n, channels, patch, patch), exact in float16
    logits : float32 (n, classes)
    network : the module with the weights that the logits come from, in eval mode: a network draws them from the seed, a
        classifier of spectra has them in the file
    initial : float32 (tensors, 3), mean, standard deviation and last number of each weight of a new network; else empty
    written_with : versions of torch and numpy
    """

    patches: torch.Tensor
    logits: torch.Tensor
    network: PatchNetwork
    initial: torch.Tensor
    written_with: dict[str, str]


def cases() -> list[Case]:
    """Every architecture of the registry in each of its variants."""
    return [
        Case(architecture.name, variant, dict(options))
        for architecture in registry.architectures().values()
        for variant, options in architecture.variants.items()
    ]


def read(case: Case) -> Golden:
    """What the file of a case holds, and the network of today with the weights that belong to it."""
    with safetensors.safe_open(case.path, "pt") as opened:
        about = json.loads(opened.metadata()["about"])
        tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - it is no mapping
    state = {name.removeprefix(_STATE): value for name, value in tensors.items() if name.startswith(_STATE)}
    if state:
        network = registry.build(case.architecture, about["options"], _CHANNELS, 1, _CLASSES)
        network.load_state_dict(state)
    else:
        network = as_trained(initial_network(case))
    return Golden(tensors["patches"].float(), tensors["logits"], network.eval(), tensors["initial"], about["versions"])


def initial_network(case: Case) -> PatchNetwork:
    """The network that a training with a fixed seed begins with."""
    sizes = {"n_components": case.channels, "patch_size": case.patch_size, "n_classes": _CLASSES}
    return new_network(case.architecture, case.options, **sizes, seed=_SEED)


def summary(network: PatchNetwork) -> torch.Tensor:
    """Mean, standard deviation and last number of each floating-point weight, (tensors, 3)."""
    weights = [value.double() for value in network.state_dict().values() if value.is_floating_point()]
    rows = [(value.mean(), value.std(correction=0), value.flatten()[-1]) for value in weights]
    return torch.tensor(rows, dtype=torch.float32)


def as_trained(network: PatchNetwork) -> PatchNetwork:
    """The network with weights that tell inputs apart, and batch normalisations that do something; new ones hardly do."""
    rng = np.random.default_rng(_SEED)
    for module in network.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            for tensor, low, high in (
                (module.running_mean, -0.2, 0.2),
                (module.running_var, 0.3, 2.0),
                (module.weight, 0.5, 1.5),
                (module.bias, -0.2, 0.2),
            ):
                assert tensor is not None
                tensor.data.copy_(torch.from_numpy(rng.uniform(low, high, len(tensor))))
        elif isinstance(module, (torch.nn.Conv2d, torch.nn.Conv3d, torch.nn.Linear)):
            module.weight.data.mul_(2)
    return network


def write(case: Case) -> None:
    """Write the file of a case with the code, torch and numpy at hand."""
    tensors, options = _fitted(case) if registry.get(case.architecture).fit else _seeded(case)
    versions = {"torch": torch.__version__, "numpy": np.__version__}
    # One entry only: safetensors keeps no order among several.
    about = json.dumps({"options": options, "versions": versions}, sort_keys=True)
    FOLDER.mkdir(exist_ok=True)
    safetensors.torch.save_file(tensors, case.path, {"about": about})
    case.path.chmod(0o644)
    print(f"{case.path.relative_to(ROOT)}: {case.path.stat().st_size / 1024:.1f} KiB")


@torch.inference_mode()
def _seeded(case: Case) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    network = initial_network(case)
    initial = summary(network)
    patches = _inputs(_PATCHES, case.patch_size, case.channels)
    logits = as_trained(network).eval()(patches.float())
    return {"patches": patches, "logits": logits, "initial": initial}, case.options


@torch.inference_mode()
def _fitted(case: Case) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    architecture = registry.get(case.architecture)
    parsed = registry.parse_options(case.architecture, _FITTED.get(case.architecture, case.options))
    options, state = registry.load(str(architecture.fit))(_samples(), parsed)
    network = registry.build(case.architecture, options, _CHANNELS, 1, _CLASSES)
    network.load_state_dict(state)
    patches = _inputs(_SPECTRA, 1, _CHANNELS)
    tensors = {f"{_STATE}{name}": value.contiguous() for name, value in state.items()}
    return tensors | {
        "patches": patches,
        "logits": network.eval()(patches.float()),
        "initial": torch.zeros(0, 3),
    }, options


def _inputs(n: int, patch: int, channels: int) -> torch.Tensor:
    """float16 (n, channels, patch, patch)"""
    return torch.from_numpy(np.random.default_rng(_SEED).normal(size=(n, channels, patch, patch))).half()


def _samples() -> SpectrumSamples:
    """Three clusters that overlap."""
    rng = np.random.default_rng(_SEED)
    classes = np.resize(np.arange(_CLASSES), 36)
    centres = 0.7 * rng.normal(size=(_CLASSES, _CHANNELS))
    spectra: npt.NDArray[np.float64] = centres[classes] + rng.normal(size=(len(classes), _CHANNELS))
    return SpectrumSamples(
        spectra=spectra.astype(np.float32),
        classes=classes.astype(np.int64),
        units=np.arange(len(classes)),
        n_classes=_CLASSES,
        seed=0,
    )


def chosen(again: list[str], known: list[Case]) -> Iterator[Case]:
    """The cases to write: those of these names, or those without a file."""
    unknown = sorted(set(again) - {case.name for case in known})
    if unknown:
        raise SystemExit(f"There is no {', '.join(unknown)}; there are {', '.join(case.name for case in known)}.")
    yield from (case for case in known if case.name in again or (not again and not case.path.exists()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--again", nargs="+", default=[], metavar="NAME")
    for case in chosen(parser.parse_args().again, cases()):
        write(case)


if __name__ == "__main__":
    main()
