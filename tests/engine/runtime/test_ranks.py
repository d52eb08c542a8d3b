"""Ranks: shares without gap or overlap, and no job that is done several times over."""

from __future__ import annotations

import pytest
import torch

from hsi_engine.errors import DeviceError
from hsi_engine.runtime.device import resolve_devices
from hsi_engine.runtime.ranks import Ranks, check_started_once


@pytest.mark.parametrize("count", [0, 1, 2, 13, 14])
@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_shares_follow_each_other_and_differ_by_one_at_most(count: int, size: int) -> None:
    everything = list(range(count))
    shares = [everything[Ranks(rank, size).share(count)] for rank in range(size)]
    assert [one for share in shares for one in share] == everything
    lengths = [len(share) for share in shares]
    assert max(lengths) - min(lengths) <= 1


def test_a_single_rank_exchanges_nothing() -> None:
    values = torch.tensor([1.0, 2.0])
    assert Ranks().sum(values) is values
    assert Ranks().from_first(values) is values
    assert Ranks().is_first


def test_a_job_that_torchrun_starts_several_times_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "4")
    check_started_once()  # set by something else, such as a queue
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    with pytest.raises(DeviceError, match=r"torchrun as one of 4 processes.*without torchrun, with --processes 4"):
        check_started_once()
    monkeypatch.setenv("WORLD_SIZE", "1")
    check_started_once()


def test_processes_share_the_cpu() -> None:
    assert resolve_devices("cpu", 3) == (torch.device("cpu"),) * 3


@pytest.mark.parametrize("name", ["cuda", "auto"])
def test_each_process_has_a_gpu(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    two_gpus(monkeypatch)
    assert [str(device) for device in resolve_devices(name, 2)] == ["cuda:0", "cuda:1"]
    assert [str(device) for device in resolve_devices(name, 1)] == ["cuda:0"]


@pytest.mark.parametrize(
    ("name", "processes", "message"),
    [
        ("cuda", 3, r"3 processes were asked for, one per GPU, but torch sees 2 GPUs\. Ask for at most 2"),
        ("cuda:1", 2, r"2 processes were asked for, but device 'cuda:1' is a single one.*leave processes at 1"),
        ("mps", 2, r"2 processes were asked for, but device 'mps' is a single one"),
    ],
)
def test_devices_that_do_not_go_round_are_refused(
    name: str, processes: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    two_gpus(monkeypatch)
    with pytest.raises(DeviceError, match=message):
        resolve_devices(name, processes)


def two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
