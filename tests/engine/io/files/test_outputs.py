import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hsi_engine.errors import HsiError, OutputError
from hsi_engine.io.files.output_names import check_folder
from hsi_engine.io.files.outputs import (
    StagedOutputs,
    check_output,
    check_outputs,
    sha256_of,
)


def write_then_stop(stage: StagedOutputs, folder: Path) -> None:
    stage.path(folder / "map.tif").write_text("new")
    stage.path(folder / "map.qml").write_text("new")
    raise KeyboardInterrupt


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_good_output_is_returned_as_an_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert check_output("map.tif", suffixes=(".tif",)) == tmp_path / "map.tif"
    assert names(tmp_path) == []


def test_a_missing_folder_names_the_nearest_that_exists(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=f"nearest one that does is '{tmp_path}'") as caught:
        check_output(tmp_path / "a" / "b" / "map.tif")
    assert caught.value.code == "output.no_folder"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder; a file name is expected"):
        check_output(tmp_path)


def test_a_folder_that_takes_no_files(tmp_path: Path) -> None:
    # The kernel refuses new files here to everybody, root included, whom file modes do not stop.
    folder = Path("/proc/self")
    if not folder.is_dir():
        folder = tmp_path / "read_only"
        folder.mkdir(mode=0o555)
    with pytest.raises(OutputError, match="No file can be written in folder"):
        check_output(folder / "map.tif")


def write_all(target: Path, endings: tuple[str, ...]) -> None:
    with StagedOutputs() as stage:
        for ending in ("", *endings):
            stage.path(f"{target}{ending}").write_text("x")


@pytest.mark.skipif(not hasattr(os, "pathconf"), reason="the limit is not known here")
@pytest.mark.parametrize("letter", ["a", "ü"])
@pytest.mark.parametrize(
    ("suffix", "ending"), [(".tif", ".aux.xml"), (".hsimodel", ".checkpoint"), (".gpkg", "-journal"), (".html", "")]
)
def test_a_name_that_leaves_no_room_for_its_sidecars_is_refused(
    tmp_path: Path, suffix: str, ending: str, letter: str
) -> None:
    def target(size: int) -> Path:
        count = (size - len(suffix)) // len(letter.encode())
        return tmp_path / f"{letter * count}{suffix}"

    limit = os.pathconf(tmp_path, "PC_NAME_MAX")
    longest = max(size for size in range(20, limit) if taken(target(size)))
    assert limit - 50 < longest < limit - 20
    for _ in range(2):  # the second time, the old files are put aside
        write_all(target(longest), (ending,) if ending else ())
    assert {path.name for path in tmp_path.iterdir()} == {f"{target(longest).name}{e}" for e in ("", ending)}
    for size in (longest + 2, limit, limit + 50):
        with pytest.raises(
            OutputError,
            match=rf"is too long: it has {len(os.fsencode(target(size).name))} bytes, .* names with up to \d\d more",
        ) as caught:
            check_output(target(size))
        assert caught.value.code == "output.name_too_long"
        found = re.match(r"Choose a name of at most (\d+) bytes", caught.value.hint or "")
        assert found is not None
        assert int(found[1]) - 3 < len(os.fsencode(target(longest).name)) <= int(found[1])


def taken(path: Path) -> bool:
    try:
        return check_output(path) == path
    except OutputError:
        return False


@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_a_link_in_the_place_of_an_output_is_refused(tmp_path: Path, there: bool) -> None:
    (tmp_path / "archive").mkdir()
    if there:
        (tmp_path / "archive" / "map.tif").write_text("old")
    (tmp_path / "map.tif").symlink_to(Path("archive") / "map.tif")
    with pytest.raises(
        OutputError, match=r"map\.tif' is a symbolic link to 'archive/map\.tif'.*Name the file that"
    ) as caught:
        check_output(tmp_path / "map.tif")
    assert caught.value.code == "output.link"
    assert (tmp_path / "map.tif").is_symlink()


def test_a_link_to_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "results").symlink_to("disk")
    target = check_output(tmp_path / "results" / "map.tif")
    with StagedOutputs() as stage:
        stage.path(target).write_text("new")
    assert names(tmp_path / "disk") == ["map.tif"]


@pytest.mark.parametrize("link", ["same", "symbolic", "hard"])
def test_an_input_is_never_an_output(tmp_path: Path, link: str) -> None:
    scene = tmp_path / "scene.tif"
    scene.write_bytes(b"x")
    output = scene if link == "same" else tmp_path / "map.tif"
    if link == "symbolic":
        output.symlink_to(scene)
    if link == "hard":
        os.link(scene, output)
    with pytest.raises(OutputError, match="is also an input"):
        check_output(output, inputs=[scene])


def test_an_existing_file_is_kept_where_asked(tmp_path: Path) -> None:
    (tmp_path / "map.tif").write_bytes(b"x")
    check_output(tmp_path / "map.tif")
    with pytest.raises(OutputError, match="already exists"):
        check_output(tmp_path / "map.tif", overwrite=False)


def test_a_wrong_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"must end in \.tif or \.tiff; found '\.png'"):
        check_output(tmp_path / "map.png", suffixes=(".tif", ".tiff"))


def test_two_outputs_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="Two outputs have the same name"):
        check_outputs([tmp_path / "a.json", tmp_path / "b.json", tmp_path.parent / tmp_path.name / "a.json"])


def test_staged_files_appear_together_at_the_end(tmp_path: Path) -> None:
    with StagedOutputs() as stage:
        for name in ("map.tif", "map.tif.aux.xml", "map.qml"):
            temporary = stage.path(tmp_path / name)
            assert temporary == stage.path(tmp_path / name)
            assert temporary.name.startswith(".")
            assert temporary.suffixes == Path(name).suffixes
            temporary.write_text(name)
        assert not (tmp_path / "map.tif").exists()
    assert names(tmp_path) == ["map.qml", "map.tif", "map.tif.aux.xml"]
    assert (tmp_path / "map.qml").read_text() == "map.qml"


def test_an_exception_removes_everything_and_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "map.tif").write_text("old")
    with pytest.raises(KeyboardInterrupt), StagedOutputs() as stage:
        write_then_stop(stage, tmp_path)
    assert names(tmp_path) == ["map.tif"]
    assert (tmp_path / "map.tif").read_text() == "old"


def test_an_output_that_was_never_written_is_an_error(tmp_path: Path) -> None:
    stage = StagedOutputs()
    stage.path(tmp_path / "a.json").write_text("{}")
    stage.path(tmp_path / "b.json")
    with pytest.raises(OutputError, match="announced but not written"), stage:
        pass
    assert names(tmp_path) == []


def test_companions_of_an_old_raster_do_not_survive_it(tmp_path: Path) -> None:
    for name in ("map.tif", "map.tif.ovr", "map.tif.aux.xml", "other.tif.ovr"):
        (tmp_path / name).write_text("old")
    with StagedOutputs() as stage:
        stage.path(tmp_path / "map.tif").write_text("new")
    assert names(tmp_path) == ["map.tif", "other.tif.ovr"]


def test_companions_of_a_new_raster_come_along(tmp_path: Path) -> None:
    with StagedOutputs() as stage:
        temporary = stage.path(tmp_path / "map.tif")
        temporary.write_text("new")
        Path(f"{temporary}.aux.xml").write_text("crs")
    assert names(tmp_path) == ["map.tif", "map.tif.aux.xml"]


def test_a_refused_rename_restores_the_old_files(tmp_path: Path) -> None:
    (tmp_path / "map.qml").write_text("old")
    stage = StagedOutputs()
    stage.path(tmp_path / "map.tif").write_text("new")
    stage.path(tmp_path / "map.qml").write_text("new")
    (tmp_path / "map.tif").mkdir()
    with pytest.raises(OutputError, match=r"map\.tif' cannot be replaced"), stage:
        pass
    assert (tmp_path / "map.qml").read_text() == "old"
    assert names(tmp_path) == ["map.qml", "map.tif"]


def test_a_killed_process_leaves_nothing_under_the_name_of_the_output(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from hsi_engine.io.files.outputs import StagedOutputs\n"
        "with StagedOutputs() as stage:\n"
        "    stage.path(sys.argv[1]).write_text('half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "map.tif")], check=False)
    assert all(name.startswith(".tmp-") for name in names(tmp_path))


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "x").write_bytes(data)
    assert sha256_of(tmp_path / "x") == hashlib.sha256(data).hexdigest()
    with pytest.raises(HsiError, match="cannot be read"):
        sha256_of(tmp_path / "y")


@pytest.mark.skipif(os.name == "nt", reason="such names are relative to the drive on Windows")
def test_a_name_that_gdal_takes_for_a_virtual_file_is_refused() -> None:
    with pytest.raises(OutputError, match=r"Output '/vsimem/x.tif' has the name of a virtual file: GDAL takes names"):
        check_folder(Path("/vsimem/x.tif"))
