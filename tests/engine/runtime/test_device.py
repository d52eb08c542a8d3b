"""Devices that are there, and those that are not."""

from __future__ import annotations

import pytest
import torch

from hsi_engine.errors import DeviceError
from hsi_engine.runtime.device import describe_device, resolve_device, resolve_precision


def test_auto_takes_what_is_there() -> None:
    expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert resolve_device("auto").type == expected


def test_an_unknown_device_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DeviceError, match=r"no device called 'gpu'.*auto, cpu, cuda"):
        resolve_device("gpu")


def test_a_gpu_that_is_not_there_is_refused_with_what_torch_sees() -> None:
    with pytest.raises(DeviceError, match=r"'cuda:99' was requested, but torch sees .*CUDA build.*device auto or cpu"):
        resolve_device("cuda:99")


def test_precision_on_the_cpu_is_float32() -> None:
    assert resolve_precision("auto", torch.device("cpu")) == "32-true"
    assert resolve_precision("bf16-mixed", torch.device("cpu")) == "bf16-mixed"


@pytest.mark.parametrize(("threads", "words"), [(1, "1 thread"), (2, "2 threads")])
def test_a_cpu_is_described_with_its_threads(threads: int, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert describe_device(torch.device("cpu")) == f"cpu ({words})"
