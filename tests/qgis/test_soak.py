"""Jobs of all kinds in a row leave no process, thread or file: the short form of ``python -m benchmarks.soak``."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProcessingUtils, QgsProject

import gdal_scenes
from benchmarks.soak.jobs import Inputs, Job, job_mix, open_layers, run_job, settle
from benchmarks.soak.measuring import growth_per_step, holdings, temporary_files
from qgis_plugin.layers import files

SIZE = {"rows": 44, "cols": 36}


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    folder = tmp_path / "work"
    folder.mkdir()
    system = tmp_path / "system"
    system.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(system))
    return Inputs(
        str(gdal_scenes.write_scene(tmp_path / "scene.tif", **SIZE)),
        str(gdal_scenes.write_polygons(tmp_path / "polygons.gpkg", **SIZE)),
        str(gdal_scenes.write_labels(tmp_path / "classes.tif", **SIZE)),
        folder,
    )


def test_jobs_in_a_row_leave_nothing(
    provider: Any,
    qgis_new_project: None,
    inputs: Inputs,
    monkeypatch: pytest.MonkeyPatch,
    measured: Callable[[str], None],
) -> None:
    kept = 2
    monkeypatch.setattr(files, "KEPT_RUNS", kept)
    layers = open_layers(inputs)
    mix = {job.name: job for job in job_mix(inputs, layers)}
    folders = QgsProcessingUtils.tempFolder(), tempfile.gettempdir()
    # Once, so that all is loaded that is loaded once.
    for name in ("train", "check labels", "information"):
        run_job(mix[name], inputs, layers)
    settle()
    before, temporary = holdings(*folders), temporary_files(*folders)
    names = ("classify", "check labels", "preview", "cancel", "damaged model", "no scene", "check labels")
    ended = [run_job(mix[name], inputs, layers) for name in names]
    settle()
    after = holdings(*folders)

    measured(f"{len(names)} jobs in a row: from {before} to {after}")
    assert ended == [mix[name].ends for name in names]
    assert after.processes <= before.processes
    assert after.job_threads == 0
    assert after.descriptors <= before.descriptors + 2  # files of QGIS itself, opened when it first needs them
    left = temporary_files(*folders) - temporary
    # Labels and legend of the last runs, which can be repeated without QGIS.
    assert len({Path(path).parent for path in left}) <= kept, left
    assert {Path(path).suffix for path in left} <= {".gpkg", ".json"}
    assert set(QgsProject.instance().mapLayers()) == layers.ids


def test_what_is_left_is_seen(provider: Any, qgis_new_project: None, inputs: Inputs) -> None:
    layers = open_layers(inputs)
    job = Job("wrong", "scene_information", {"SCENE": layers.scene.id()}, ends="failed")
    with pytest.raises(RuntimeError, match="job 'wrong' ended as 'done', not as 'failed'"):
        run_job(job, inputs, layers)
    folder = tempfile.gettempdir()
    before = holdings(folder)
    with tempfile.NamedTemporaryFile():
        after = holdings(folder)
    assert after.temporary_files == before.temporary_files + 1
    assert after.descriptors == before.descriptors + 1
    assert growth_per_step([5.0, 7.0, 9.0]) == pytest.approx(2.0)
