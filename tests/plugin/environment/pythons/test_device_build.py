from __future__ import annotations

import pytest

from qgis_plugin.environment.programs.torch_index import find_wheel
from qgis_plugin.environment.pythons.device_build import choose_torch_source, decide_build, nvidia_driver


def reachable(index: str) -> str:
    return ""


def unreachable(index: str) -> str:
    return "it cannot be reached (timed out)"


@pytest.mark.parametrize(
    ("wanted", "driver", "platform", "build", "variant"),
    [
        ("auto", None, "linux", "cpu", "cpu"),
        ("auto", 580, "linux", "gpu", None),
        ("auto", 0, "linux", "gpu", None),
        ("auto", 535, "linux", "gpu", "cu126"),
        ("auto", 470, "linux", "cpu", "cpu"),
        ("cpu", 580, "linux", "cpu", "cpu"),
        ("gpu", None, "linux", "gpu", None),
        ("auto", None, "win32", "cpu", None),
        ("auto", 581, "win32", "gpu", "cu130"),
        ("gpu", 535, "win32", "gpu", "cu126"),
        ("auto", None, "darwin", "cpu", None),
        ("gpu", None, "darwin", "cpu", None),
    ],
)
def test_build_and_source_for_each_computer(wanted, driver, platform, build, variant) -> None:
    source = choose_torch_source(wanted, driver, "2.13.0", reachable, platform)

    assert source.build == build
    assert (source.index or "").rpartition("/")[2] == (variant or "")
    assert source.warning == ""


@pytest.mark.parametrize(
    ("wanted", "driver", "platform", "words"),
    [
        ("cpu", None, "linux", "the GPU build, several gigabytes larger"),
        ("gpu", 580, "win32", "they may give the CPU build"),
        ("gpu", 535, "linux", "a build for a newer driver"),
    ],
)
def test_an_index_that_does_not_answer_is_said_loudly(wanted, driver, platform, words) -> None:
    source = choose_torch_source(wanted, driver, "2.13.0", unreachable, platform)

    assert source.index is None
    assert "PyTorch 2.13.0 should come from" in source.warning
    assert "cannot be reached (timed out)" in source.warning
    assert words in source.warning


def test_the_decision_has_a_reason() -> None:
    assert "no NVIDIA driver" in decide_build("auto", None, "linux")[1]
    assert "driver 470 is older" in decide_build("auto", 470, "linux")[1]
    assert "as chosen" in decide_build("gpu", None, "linux")[1]


def test_the_driver_is_asked_for_its_version(fake, tmp_path) -> None:
    (tmp_path / "bin").mkdir()
    smi = tmp_path / "bin" / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 535.183.01\necho 535.183.01\n")
    smi.chmod(0o755)

    assert nvidia_driver({"PATH": str(smi.parent)}, fake.path, lambda: False) == 535


PAGE = """
<a href="/whl/cpu/torch-2.13.0%2Bcpu-cp311-cp311-manylinux_2_28_x86_64.whl#sha256=0">torch</a>
<a href="/whl/cpu/torch-2.13.0%2Bcpu-cp312-cp312-win_amd64.whl#sha256=0">torch</a>
<a href="/whl/cpu/torch-2.13.0.post1-cp313-cp313-manylinux_2_28_x86_64.whl">torch</a>
"""


@pytest.mark.parametrize(
    ("tag", "platform_part", "wheel"),
    [
        ("cp311", r"linux\S*x86_64", "torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"),
        ("cp311", r"linux\S*aarch64", ""),
        ("cp312", r"win_\S*amd64", "torch-2.13.0+cpu-cp312-cp312-win_amd64.whl"),
        ("cp313", r"linux\S*x86_64", ""),
    ],
)
def test_a_wheel_is_found_on_the_page_of_an_index(tag, platform_part, wheel) -> None:
    assert find_wheel(PAGE, "2.13.0", tag, platform_part) == wheel
