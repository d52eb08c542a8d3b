"""The benchmark of a GPU: what it measures, tried on the CPU, and what it says where there is no GPU."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks import gpu


def test_without_a_gpu_it_says_so_and_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit) as ended:
        gpu.main()
    assert ended.value.code == 2
    out, said = capsys.readouterr()
    assert not out
    assert said.endswith("sees no CUDA GPU on this machine: nothing was measured.\n")


def test_it_states_training_and_each_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "TILE_PX", 40)
    monkeypatch.setattr(gpu, "REPEATS", 1)
    tf32 = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    found = gpu.measure(torch.device("cpu"), {"epochs": 2, "train_share": 0.004, "patch_size": 9}, edge_px=80)
    assert (torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == tf32
    assert found["training"]["seconds_to_goal"] is None
    assert found["training"]["seconds"] > 0
    assert set(found["prediction"]) == {"float32", "tf32", "bfloat16"}
    assert found["prediction"]["float32"]["label_agreement"] == 1
    assert all(one["megapixels_per_second"] > 0 for one in found["prediction"].values())
    json.dumps(found)
