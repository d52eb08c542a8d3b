"""Outputs that cannot or must not be written."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rasterio.shutil

from hsi_engine.errors import HsiError, OutputError, ParameterError
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.reporting import SilentReporter
from projects import Project

Refused = Callable[..., HsiError]

# Operation, parameter of an output, ending that it must have.
OUTPUTS = [
    (operation.name, name, kind.suffixes[0])
    for operation in CATALOGUE.values()
    for name, kind in operation.params.kinds().items()
    if kind.is_file_of("out")
]


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which this user may not write; root may write anywhere but in a file system of the kernel."""
    if os.name == "posix" and os.geteuid() != 0:
        folder = tmp_path / "read_only"
        folder.mkdir(mode=0o555)
        yield folder
        folder.chmod(0o755)
    elif Path("/proc/self").exists():
        yield Path("/proc")
    else:
        pytest.skip("There is no folder on this machine in which this user may not write.")


@pytest.mark.parametrize(("operation", "parameter", "suffix"), OUTPUTS)
def test_folders_that_cannot_take_an_output(
    operation: str, parameter: str, suffix: str, project: Project, read_only_folder: Path, refused: Refused
) -> None:
    missing = project / "maps" / "2024" / f"x{suffix}"
    words = ("does not exist", f"nearest one that does is '{project.folder}'", "Create the folder")
    refused(operation, OutputError, "no_folder", *words, **{parameter: missing})
    in_file = project / "scene.tif" / f"x{suffix}"
    refused(operation, OutputError, "no_folder", "does not exist", **{parameter: in_file})
    locked = read_only_folder / f"x{suffix}"
    words = ("No file can be written", str(read_only_folder), "can write to")
    refused(operation, OutputError, "not_writable", *words, **{parameter: locked})
    refused(operation, OutputError, "is_folder", "is a folder", "file name", **{parameter: project / "out"})


@pytest.mark.parametrize(("operation", "parameter", "suffix"), OUTPUTS)
def test_a_name_that_is_too_long_or_empty(
    operation: str, parameter: str, suffix: str, project: Project, refused: Refused
) -> None:
    long = project / ("x" * 300 + suffix)
    refused(operation, ParameterError, "value", f"'{parameter}'", "too long", **{parameter: long})
    refused(operation, ParameterError, "value", f"'{parameter}'", "found ''", **{parameter: ""})


@pytest.mark.parametrize(("operation", "parameter", "suffix"), OUTPUTS)
def test_an_ending_that_says_something_else(
    operation: str, parameter: str, suffix: str, project: Project, refused: Refused
) -> None:
    words = (f"must end in {suffix}", "found '.pdf'", "For example: x.")
    refused(operation, OutputError, "suffix", *words, **{parameter: project / "out" / "x.pdf"})
    refused(operation, OutputError, "suffix", "found no extension", **{parameter: project / "out" / "x"})


EQUAL = [
    ("denoise_scene", "output", "scene.tif"),
    ("fit_pca", "output", "scene.tif"),
    ("train_classifier", "split_output", "scene.tif"),
    ("classify_scene", "output", "scene.tif"),
    ("classify_scene", "confidence", "scene.tif"),
    ("assess_map", "report", "polygons.gpkg"),
    ("assess_map", "metrics", "map.tif"),
    ("clean_map", "output", "map.tif"),
    ("clean_map", "table", "map.tif"),
    ("export_map", "cog", "map.tif"),
]


@pytest.mark.parametrize(("operation", "parameter", "name"), EQUAL)
def test_an_output_that_is_an_input(
    operation: str, parameter: str, name: str, project: Project, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("is also an input", name, "destroy the input", "another name")
    monkeypatch.chdir(project.folder)
    link, hard_link = project / f"link_{name}", project / f"hard_{name}"
    link.symlink_to(project / name)
    os.link(project / name, hard_link)
    for same in (project / name, name, f"out/../{name}", link, hard_link):
        refused(operation, OutputError, "equals_input", *words, **{parameter: same})


def test_label_rasters_and_models_are_inputs_too(project: Project, refused: Refused) -> None:
    labels = project / "labels.tif"
    refused("train_classifier", OutputError, "equals_input", "labels.tif", labels=labels, split_output=labels)
    refused("classify_scene", OutputError, "equals_input", "model.hsimodel", output=project / "model.hsimodel")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("classify_scene", ("output", "confidence")),
        ("classify_scene", ("confidence", "probabilities")),
        ("assess_map", ("metrics", "table")),
        ("clean_map", ("output", "table")),
        ("export_map", ("cog", "polygons")),
    ],
)
def test_two_outputs_of_one_name(
    operation: str, parameters: tuple[str, str], project: Project, refused: Refused
) -> None:
    same = dict.fromkeys(parameters, project / "out" / "same.tif")
    refused(operation, OutputError, "duplicate", "same.tif", "its own file name", **same)


@contextlib.contextmanager
def disk_full_after(size: int) -> Iterator[None]:
    """No file may grow beyond ``size`` bytes, which the system reports where a full disk is reported too."""
    resource = pytest.importorskip("resource", reason="Only POSIX systems limit the size of files.")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("operation", "size", "output"),
    [
        ("fit_pca", 3000, "pca.tif"),
        ("classify_scene", 500, "map.tif"),
        ("classify_scene", 1500, "confidence.tif"),
        ("train_classifier", 20_000, "m.hsimodel.checkpoint"),
        ("clean_map", 500, "map.tif"),
        ("clean_map", 3000, "map.tif"),  # the map has room, the numbers of its areas have none
        ("sample_reference_points", 500, "points.gpkg"),
        ("sample_reference_points", 60_000, "points.gpkg"),
        ("sample_reference_points", 120_000, "points.gpkg"),
        ("assess_map", 300, "metrics.json"),
        ("assess_map", 20_000, "metrics.json"),  # the first of the files names them all
    ],
)
def test_a_disk_that_fills_up_half_way(
    operation: str, size: int, output: str, project: Project, refused: Refused
) -> None:
    with disk_full_after(size):
        refused(operation, OutputError, "write_failed", output, "cannot be written", "or choose another")


def test_a_disk_with_room_for_the_pixels_of_a_map_but_not_for_the_map(refused: Refused) -> None:
    with disk_full_after(1500):
        words = ("map.tif", "cannot be written", "or choose another")
        refused("classify_scene", OutputError, "write_failed", *words, confidence=None)


def test_an_older_output_is_replaced_as_a_whole(project: Project) -> None:
    old = project.contents()
    project.run("classify_scene")
    new = project.contents()
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    replaced = {"out/map.tif", "out/map.qml", "out/map.tif.aux.xml", "out/confidence.tif"}
    assert changed == replaced | {"out/confidence.qml"}


def test_a_training_whose_model_cannot_be_written_is_not_lost(project: Project) -> None:
    model = project / "out" / "new.hsimodel"

    class InTheWay(SilentReporter):
        """Puts a folder under the name of the model after it was checked."""

        def progress(self, fraction: float, message: str = "") -> None:
            model.mkdir(exist_ok=True)

    before = project.contents()
    with pytest.raises(OutputError, match="run it again with Resume") as caught:
        project.run("train_classifier", output=model, reporter=InTheWay())
    assert caught.value.code == "output.locked"
    checkpoint = "out/new.hsimodel.checkpoint"
    assert project.contents().keys() - before.keys() == {checkpoint}
    model.rmdir()
    resumed = project.run("train_classifier", output=model, resume=True)
    assert len(resumed.history) == 1
    assert project.contents().keys() - before.keys() == {"out/new.hsimodel"}


@pytest.mark.parametrize(
    ("operation", "parameter"),
    [
        ("fit_pca", "output"),
        ("colour_scene", "image"),
        ("preview", "output"),
        ("train_classifier", "split_output"),
        ("classify_scene", "output"),
    ],
)
def test_no_file_of_the_scene_is_replaced(operation: str, parameter: str, project: Project, refused: Refused) -> None:
    virtual = project / "virtual.vrt"
    rasterio.shutil.copy(project / "scene.tif", virtual, driver="VRT")
    scene = project / "scene.tif"
    refused(operation, OutputError, "equals_input", "is also an input", scene=virtual, **{parameter: scene})
    (project / "scene.hdr").write_text("ENVI\nfile type = TIFF\n")
    refused(
        operation, OutputError, "equals_input", "is also an input", scene=project / "scene.hdr", **{parameter: scene}
    )
