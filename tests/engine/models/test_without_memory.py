"""Networks that are built for the shapes of their tensors only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hsi_engine
from hsi_engine.models import registry
from hsi_engine.models.without_memory import without_memory

READY_MADE = Path(hsi_engine.__file__).with_name("demo") / "models" / "enmap_potsdam_land_cover.hsimodel"
READS_A_MODEL = """
import sys
from hsi_engine.bundle.model_file import read_bundle
read_bundle(sys.argv[1])
sys.exit("torch._dynamo" in sys.modules)
"""


@pytest.mark.parametrize("name", [name for name, known in registry.architectures().items() if known.fit is None])
def test_tensors_have_the_shapes_of_the_network_and_no_values(name: str) -> None:
    architecture = registry.get(name)
    # Components and bands may be fewer, patches not smaller than the network takes.
    values = {"n_components": 24, "patch_size": architecture.suggested.get("patch_size", 9), "n_classes": 4}
    options = {"second_bands": 3} if architecture.second_source else {}
    real = registry.build(name, options, **values).state_dict()
    with without_memory():
        shown = registry.build(name, options, **values).state_dict()
    assert {key: (tensor.shape, tensor.dtype) for key, tensor in shown.items()} == {
        key: (tensor.shape, tensor.dtype) for key, tensor in real.items()
    }
    assert {tensor.device.type for tensor in shown.values()} == {"meta"}


def test_reading_a_model_does_not_load_the_compiler_of_torch() -> None:
    done = subprocess.run([sys.executable, "-c", READS_A_MODEL, str(READY_MADE)], check=False, timeout=120)
    assert done.returncode == 0
