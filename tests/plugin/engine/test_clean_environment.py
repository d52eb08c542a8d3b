"""What of QGIS's environment reaches the engine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qgis_plugin.engine.clean_environment import clean_environment, worker_environment
from qgis_plugin.engine.home import engine_home
from qgis_plugin.engine.source import engine_source

STRIPPED = """
PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONUSERBASE PYTHONWARNINGS PYTHONINSPECT VIRTUAL_ENV CONDA_PREFIX PIP_USER
PIP_TARGET PIP_PREFIX QGIS_PREFIX_PATH QGIS_PLUGINPATH PROJ_DATA PROJ_LIB GDAL_DATA GDAL_DRIVER_PATH QT_PLUGIN_PATH
LD_LIBRARY_PATH LD_PRELOAD DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH
""".split()
KEPT = ("PATH", "HOME", "HTTPS_PROXY", "CUDA_VISIBLE_DEVICES", "GDAL_CACHEMAX", "OMP_NUM_THREADS", "PIP_INDEX_URL")


def test_what_is_meant_for_qgis_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*STRIPPED, *KEPT):
        monkeypatch.setenv(name, "/of/qgis")
    variables = clean_environment()
    assert [name for name in STRIPPED if name in variables] == []
    assert [name for name in KEPT if variables.get(name) != "/of/qgis"] == []
    set_here = {name: value for name, value in variables.items() if name.startswith("PYTHON")}
    assert set_here == {"PYTHONUTF8": "1", "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1"}


def test_the_worker_finds_its_source_and_writes_nothing_into_it(home: Path) -> None:
    variables = worker_environment()
    assert variables["PYTHONPATH"] == str(engine_source())
    assert Path(variables["PYTHONPYCACHEPREFIX"]).is_relative_to(home)


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "~/.local/share/hsi_classifier/engine"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/hsi_classifier/engine"),
        ("linux", {"XDG_DATA_HOME": "data"}, "~/.local/share/hsi_classifier/engine"),
        ("darwin", {}, "~/Library/Application Support/hsi_classifier/engine"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/hsi_classifier/engine"),
        ("win32", {}, "~/AppData/Local/hsi_classifier/engine"),
        (sys.platform, {"HSI_ENGINE_HOME": "~/elsewhere"}, "~/elsewhere"),
    ],
)
def test_the_home_is_where_the_platform_keeps_data(platform: str, variables: dict[str, str], expected: str) -> None:
    assert engine_home(variables, platform) == Path(expected).expanduser()
