"""Exceptions of libraries, in words for a user."""

from __future__ import annotations

import marshal
from pathlib import Path

import pytest
import rasterio
import torch

from hsi_engine.errors import DeviceError, LabelError
from hsi_engine.failures import as_hsi_error


def test_an_error_of_the_engine_stays_what_it_is() -> None:
    error = LabelError("wrong", code="x")
    assert as_hsi_error(error) is error


def test_a_full_gpu_is_an_error_of_the_device() -> None:
    error = as_hsi_error(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    assert isinstance(error, DeviceError)
    assert error.code == "device.memory"
    assert "smaller batches" in error.hint


def test_memory_that_torch_does_not_get_is_told_like_pythons_own() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    for error in (as_hsi_error(caught.value), as_hsi_error(MemoryError())):
        assert error.code == "engine.memory"
        assert "enough memory" in error.message


def test_what_gdal_stumbles_over_is_no_fault_of_the_engine(tmp_path: Path) -> None:
    (tmp_path / "none.tif").write_bytes(b"II*\0")
    with pytest.raises(rasterio.errors.RasterioIOError) as caught:
        rasterio.open(tmp_path / "none.tif")
    error = as_hsi_error(caught.value)
    assert error.code == "engine.gdal"
    assert "one of the files of this job (" in error.message
    assert "none.tif" in error.message
    assert "copy or download it again" in error.hint


def test_a_compiled_module_that_is_cut_off_speaks_of_the_disk() -> None:
    with pytest.raises(EOFError) as caught:
        marshal.loads(marshal.dumps(("a", "b"))[:-1])
    error = as_hsi_error(caught.value)
    assert error.code == "engine.compiled_modules"
    assert "as happens when the disk is full" in error.message
    assert "space on the disk" in error.hint
    assert as_hsi_error(EOFError("the file ended")).code == "engine.unexpected"


def test_a_thread_that_is_not_started_speaks_of_limits() -> None:
    error = as_hsi_error(RuntimeError("can't start new thread"))
    assert error.code == "engine.threads"
    assert "ulimit -u" in error.hint


def test_what_the_system_refuses_is_no_fault_of_the_engine() -> None:
    name = "9" * 5000
    with pytest.raises(OSError, match="name too long") as caught:
        Path(name).stat()
    error = as_hsi_error(caught.value)
    assert error.code == "engine.system"
    assert error.message.startswith("A file or folder of this job cannot be used ([Errno")
    assert len(error.message) < 600
    assert "its disk works" in error.hint


def test_anything_else_asks_for_a_report() -> None:
    error = as_hsi_error(ZeroDivisionError("division\n by zero"))
    assert error.code == "engine.unexpected"
    assert "ZeroDivisionError: division by zero" in error.message
    assert "Report it" in error.hint


def test_a_library_that_is_missing_is_named_with_what_to_do() -> None:
    error = as_hsi_error(ModuleNotFoundError("No module named 'pydantic'"))
    assert error.code == "engine.missing_library"
    assert error.message == "A library that the engine needs cannot be loaded (No module named 'pydantic')."
    assert "Reinstall hsi-engine" in error.hint


def test_little_memory_while_a_library_is_loaded_is_no_broken_installation() -> None:
    found = as_hsi_error(ImportError("libtorch_cpu.so: failed to map segment from shared object"))
    assert found.message == (
        "The memory does not suffice to load a library that the engine needs (libtorch_cpu.so: failed to map segment from"
        " shared object)."
    )
    assert "ulimit -v" in found.hint
    assert "einstall" not in found.hint


def test_limits_on_files_are_no_full_disk() -> None:
    assert "ulimit -n" in as_hsi_error(OSError(24, "Too many open files", "x")).hint
    assert "ulimit -f" in as_hsi_error(OSError(27, "File too large", "x")).hint
