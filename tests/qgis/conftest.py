"""Real QGIS, without a display and without the settings of whoever runs the tests.

The environment is set while this file is imported: QGIS reads it once, when pytest-qgis starts it.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from recording_feedback import RecordingFeedback

ROOT = Path(__file__).resolve().parents[2]
_SCRATCH = tempfile.TemporaryDirectory(prefix="hsi-qgis-", ignore_cleanup_errors=True)


def _scratch_folder(name: str) -> str:
    folder = Path(_SCRATCH.name) / name
    folder.mkdir(mode=0o700)
    return str(folder)


os.environ.update(
    QT_QPA_PLATFORM="offscreen",
    HOME=_scratch_folder("home"),
    XDG_RUNTIME_DIR=_scratch_folder("run"),
    # Nothing of a user's own engine may decide a test, and no test may touch it.
    HSI_ENGINE_HOME=_scratch_folder("engine"),
    HSI_ENGINE_CACHE=_scratch_folder("cache"),
)
for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "QGIS_PLUGINPATH", "PYTHONPATH"):
    os.environ.pop(name, None)

pytest_plugins = ["pytest_qgis.plugin"]

_MEASURED = pytest.StashKey[list[str]]()
_NEW_PROCESS = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note for ``forked_workers`` what kind of worker this test and its fixtures want."""
    item.config.stash[_NEW_PROCESS] = item.get_closest_marker("new_process") is not None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    """Free the contexts and layers that the tracebacks of expected errors hold, while QGIS is there to close their files."""
    gc.collect()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Give this run settings of its own: pytest-qgis would keep those of the last run."""
    from qgis.PyQt.QtCore import QSettings

    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, _scratch_folder("settings"))


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """``measured("Mapping: 0.12 s")`` shows what was measured at the end of the run, whatever became of the test."""
    return pytestconfig.stash.setdefault(_MEASURED, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what the tests measured."""
    lines = config.stash.get(_MEASURED, [])
    if lines:
        terminalreporter.section("measured")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def engine_python() -> Iterator[Path]:
    """The engine's Python of the repository, named by HSI_ENGINE_PYTHON; a test of a missing engine unsets that."""
    python = ROOT / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        pytest.fail(f"The engine's environment is missing: {python} does not exist. Make it with: make env")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HSI_ENGINE_PYTHON", str(python))
        yield python


@pytest.fixture(scope="session", autouse=True)
def forked_workers(engine_python: Path, pytestconfig: pytest.Config) -> Iterator[None]:
    """Jobs in that Python run in forks of a process that has imported the engine; any other Python or engine is started.

    A test that is marked ``new_process`` starts the worker as a user's QGIS does.
    """
    if not hasattr(os, "fork"):
        yield
        return
    import forking_engine
    from qgis_plugin.engine import process
    from qgis_plugin.engine.clean_environment import worker_environment
    from qgis_plugin.engine.source import engine_source

    start, forking = process._start, None

    def start_or_fork(python: Path) -> Any:
        nonlocal forking
        if pytestconfig.stash[_NEW_PROCESS] or python != engine_python.absolute() or engine_source() != ROOT:
            return start(python)
        variables = worker_environment()
        # What it imports is compiled next to its sources already, and need not be once more in the scratch folder.
        once = {name: value for name, value in variables.items() if name != "PYTHONPYCACHEPREFIX"}
        forking = forking or forking_engine.ForkingEngine(python, once, engine_source())
        return forking.start(variables)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "_start", start_or_fork)
        yield
    if forking is not None:
        forking.close()


@pytest.fixture(scope="session")
def share_bytecode(engine_python: Path) -> Callable[[Path], None]:
    """``share_bytecode(home)`` gives a home of the engine what was compiled for others: torch alone takes ten seconds."""
    compiled = Path(os.environ["HSI_ENGINE_HOME"]) / "bytecode"

    def share(home: Path) -> None:
        compiled.mkdir(exist_ok=True)
        home.mkdir(parents=True, exist_ok=True)
        (home / compiled.name).symlink_to(compiled, target_is_directory=True)

    return share


@pytest.fixture(scope="session")
def provider(qgis_processing: None) -> Any:
    """The provider ``hsi`` as the repository has it, registered once: a second one with its id deletes the first."""
    from qgis.core import QgsApplication

    from qgis_plugin.provider import HsiProvider

    registered = HsiProvider()
    assert QgsApplication.processingRegistry().addProvider(registered)
    return registered


@pytest.fixture(scope="session")
def enmap() -> Path:
    """Folder of the real EnMAP scene: scene.tif, labels.tif, polygons.gpkg and split.tif."""
    folder = Path(os.environ.get("HSI_TEST_DATA", ROOT.parent / "shared" / "data")) / "enmap_potsdam"
    if not folder.is_dir():
        pytest.fail(f"The EnMAP test scene is not here: {folder} does not exist (HSI_TEST_DATA names its parent).")
    return folder


@pytest.fixture
def make_scene(tmp_path: Path) -> Callable[..., Path]:
    """Factory: ``make_scene("name.tif", bands=3, …)`` writes a small scene and returns its path."""
    import gdal_scenes

    def make(name: str = "scene.tif", **options: Any) -> Path:
        return gdal_scenes.write_scene(tmp_path / name, **options)

    return make


@pytest.fixture
def scene_path(make_scene: Callable[..., Path]) -> Path:
    """A GeoTIFF of 12 bands int16, 44 rows × 36 columns, with wavelengths and a hole without data."""
    return make_scene()


@pytest.fixture
def labels_path(scene_path: Path) -> Path:
    """Label raster (0, 2, 5, 11) on the grid of ``scene_path``."""
    import gdal_scenes

    return gdal_scenes.write_labels(scene_path.with_name("labels.tif"))


@pytest.fixture
def polygons_path(scene_path: Path) -> Path:
    """The same labels as polygons in a GeoPackage, with class_id, class_name and color."""
    import gdal_scenes

    return gdal_scenes.write_polygons(scene_path.with_name("polygons.gpkg"))


@pytest.fixture
def feedback() -> RecordingFeedback:
    """A feedback that keeps what an algorithm told it."""
    from recording_feedback import RecordingFeedback

    return RecordingFeedback()
