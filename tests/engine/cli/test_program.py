"""The command ``hsi``, as a user and as a script see it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fake_operations
import hsi_engine
from hsi_engine.cli import main
from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.function import make_function

ROOT = Path(hsi_engine.__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
Run = Any


@pytest.fixture
def hsi(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``hsi`` with the operations of the tests: exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("HSI_DEBUG", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(list(words), catalogue=fake_operations.CATALOGUE)
        out, err = capfd.readouterr()
        return code, out, err

    return run


def test_a_result_for_a_person(hsi: Run) -> None:
    code, out, err = hsi("echo", "--text", "hi", "--twice")
    assert code == 0
    assert out == "text: hihi\n"
    assert "50% speaking" in err
    assert "warning: careful" in err
    assert "a print of a C library" in err


def test_a_result_for_a_program_is_what_python_gives(hsi: Run, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = hsi("echo", "--text", "hi", "--size", "7", "--share", "0.25", "--json")
    assert code == 0
    echo: Any = make_function(fake_operations.ECHO)
    assert json.loads(out) == echo(text="hi", size=7, share=0.25).to_json()


def test_the_only_required_parameter_needs_no_name(hsi: Run) -> None:
    assert hsi("echo", "hi", "--json")[:2] == hsi("echo", "--text", "hi", "--json")[:2]


def test_quiet_shows_warnings_only(hsi: Run) -> None:
    _, _, err = hsi("echo", "hi", "--quiet")
    assert "speaking" not in err
    assert "warning: careful" in err


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["echo"], ["--text (Text) is required and was not given.", "What to say."]),
        (["echo", "--txet", "hi"], ["hsi echo has no option '--txet'.", "Did you mean --text?"]),
        (["echo", "hi", "--size", "5", "--txet=hi"], ["hsi echo has no option '--txet'.", "Did you mean --text?"]),
        (
            ["block", "--how", "polls", "--outptu", "x"],
            ["hsi block has no option '--outptu'.", "Did you mean --output?"],
        ),
        (["block", "--how", "polls"], ["--output (Output) is required and was not given.", "A file."]),
        (["echo", "hi", "--quite"], ["hsi echo has no option '--quite'.", "Did you mean --quiet?"]),
        (
            ["echo", "hi", "--size", "4"],
            ["--size (Size) must be an odd whole number from 3 to 9; found 4."],
        ),
        (
            ["echo", "hi", "--size", "-3"],
            ["--size (Size) must be an odd whole number from 3 to 9; found -3."],
        ),
        (
            ["echo", "hi", "--size", "big"],
            ["--size (Size) must be an odd whole number from 3 to 9; found 'big'."],
        ),
        (
            ["echo", "hi", "--size", "5.4"],
            ["--size (Size) must be an odd whole number from 3 to 9; found '5.4'."],
        ),
        (
            ["echo", "hi", "--mode", "laud"],
            ["--mode (Mode) must be one of loud, quiet; found 'laud'.", "Did you mean loud?"],
        ),
        (["ecko", "hi"], ["hsi has no command 'ecko'.", "Did you mean echo?"]),
        (["echo", "hi", "ho"], ["The command line cannot be read: Unused Tokens: ['ho'].", "See hsi echo --help."]),
        (["run", "nothing.json"], ["The request 'nothing.json' cannot be read: No such file or directory."]),
        (["describe", "ecko"], ["There is no operation 'ecko'.", "Did you mean echo?"]),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_2(hsi: Run, words: list[str], lines: list[str]) -> None:
    code, out, err = hsi(*words)
    assert code == 2
    assert out == ""
    assert err.splitlines() == [f"hsi: error: {lines[0]}", *(f"  {line}" for line in lines[1:])]
    code, out, _ = hsi(*words, "--json")
    assert code == 2
    assert json.loads(out)["error"]["message"] == lines[0]


def test_coordinates_may_begin_with_a_minus(hsi: Run) -> None:
    assert hsi("echo", "--text", "-71.3,42.4,EPSG:4326", "--size", "7")[:2] == (0, "text: -71.3,42.4,EPSG:4326\n")


def test_an_option_without_a_value_says_what_it_needs(hsi: Run) -> None:
    code, _, err = hsi("echo", "--size", "7", "--text", "-x")
    assert (code, err) == (2, "hsi: error: Option --text has no value; expected text.\n")
    code, _, err = hsi("echo", "--text")
    assert (code, err) == (2, "hsi: error: Option --text has no value; expected text.\n")


def test_the_family_of_an_error_is_the_exit_code(hsi: Run) -> None:
    code, out, err = hsi("echo", "hi", "--mode", "quiet", "--json")
    assert code == 3
    assert json.loads(out) == {
        "error": {"code": "scene.silence", "message": "Nothing to hear.", "hint": "Speak up.", "exit_code": 3}
    }
    assert err.endswith("hsi: error: Nothing to hear.\n  Speak up.\n")


def test_an_unexpected_error_asks_for_a_report(hsi: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _, err = hsi("echo", "crash")
    assert code == 1
    assert "Traceback" not in err
    assert f"bug in hsi-engine {hsi_engine.__version__}. Report it" in err
    monkeypatch.setenv("HSI_DEBUG", "1")
    assert "Traceback" in hsi("echo", "crash")[2]


def test_a_request_file_is_the_same_job(hsi: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({"protocol": 1, "operation": "echo", "params": {"text": "hi", "size": 7}})
    request = tmp_path / "request.json"
    request.write_text(text)
    expected = hsi("echo", "hi", "--size", "7", "--json")[:2]
    assert hsi("run", str(request), "--json")[:2] == expected
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert hsi("run", "-", "--json")[:2] == expected


def test_help_is_grouped_and_complete(hsi: Run) -> None:
    code, out, _ = hsi("echo", "--help")
    assert code == 0
    headings = [out.index(f"─ {name} ─") for name in ("Inputs", "Options", "Advanced", "Terminal")]
    assert headings == sorted(headings)
    assert "Edge. (px, odd, from 3 to 9) [default: 5]" in out
    assert "[choices: loud, quiet] [default: loud]" in out
    assert out.index("--size") < out.index("--mode") < out.index("--twice")
    assert out.rstrip().endswith("Example:\n\nhsi echo --text hello")


def test_describe_prints_json(hsi: Run) -> None:
    code, out, _ = hsi("describe")
    assert code == 0
    assert [operation["name"] for operation in json.loads(out)["operations"]] == ["echo", "block", "flood"]


def test_models_lists_the_architectures(hsi: Run) -> None:
    listed = hsi("models")[1]
    assert re.search(r"^hybridsn +HybridSN .*; 1,005,816 parameters$", listed, re.MULTILINE)
    assert re.search(r"^spectralformer .*; maps patch by patch: slow$", listed, re.MULTILINE)
    models = {model["name"]: model for model in json.loads(hsi("models", "--json")[1])["models"]}
    assert len(models) == len([line for line in listed.splitlines() if line.startswith(tuple(models))])
    assert models["hybridsn_attention"]["options"]["nodes"]["default"] == 16
    assert models["svm"]["parameters"] is None


def test_models_shows_one_with_its_options(hsi: Run) -> None:
    code, out, _ = hsi("models", "hybridsn_attention")
    assert code == 0
    assert '--model-options "name=value, …"' in out
    assert "attention  low_rank or non_local; default low_rank" in out
    assert "nodes  an integer from 1 to 64; default 16" in out
    assert "dropout  a number from 0 below 1; default 0.4" in out
    assert "Li, Zhong" in out


def test_models_of_an_unknown_name_names_near_ones(hsi: Run) -> None:
    code, _, err = hsi("models", "hybridns")
    assert code == 2
    assert "There is no model called 'hybridns'." in err
    assert "Did you mean hybridsn" in err


def test_doctor_finds_this_machine_healthy(hsi: Run) -> None:
    code, out, _ = hsi("doctor", "--json")
    report = json.loads(out)
    assert code == 0
    assert report["healthy"] is True
    assert report["devices"][0]["name"] == "cpu"
    assert report["gdal"]
    assert report["cores"] >= 1
    assert hsi("doctor")[1].endswith("Ready.\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("how", ["polls", "in_c"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_says_one_line_and_leaves_nothing(tmp_path: Path, how: str, number: int) -> None:
    words = ["cli", "block", "--how", how, "--output", str(tmp_path / "map.tif"), "--json"]
    with subprocess.Popen(
        [sys.executable, fake_operations.__file__, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stderr is not None
        assert "staged" in process.stderr.readline()
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "Cancelled; no output was written.\n"
    assert json.loads(out)["error"]["code"] == "cancelled"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is full is a thing of Linux")
@pytest.mark.parametrize(
    ("streams", "code", "words"),
    [
        (">&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
        ("2>/dev/full", 0, ""),
        (">/dev/full", 7, "hsi: error: The result cannot be written to standard output: No space left on device."),
        (
            "--json >/dev/full",
            7,
            "hsi: error: The result cannot be written to standard output: No space left on device.",
        ),
    ],
)
def test_streams_that_take_nothing_do_not_end_a_job(
    scene_path: Path, tmp_path: Path, streams: str, code: int, words: str
) -> None:
    page = tmp_path / "page.html"
    command = f'"{sys.executable}" -m hsi_engine info "{scene_path}" --report "{page}" {streams}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == code, done.stderr
    assert page.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert ("error" in done.stderr) is bool(words)


@pytest.mark.skipif(os.name == "nt", reason="Windows does not delete a folder that is in use")
def test_a_working_folder_that_was_deleted_is_said(scene_path: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -m hsi_engine info "{scene_path}"'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 1
    assert "hsi: error: The working folder of this process cannot be used: No such file" in done.stderr


HEAVY = {"torch", "rasterio", "geopandas", "matplotlib", "lightning_fabric", "sklearn", "scipy", "pyogrio", "pandas"}


@pytest.mark.parametrize(
    "statement",
    [
        "import hsi_engine",
        "import hsi_engine; hsi_engine.classify_scene.__doc__",
        "from hsi_engine.cli import main; assert main(['--help']) == 0",
        "from hsi_engine.cli import main; assert main(['classify', '--help']) == 0",
        "from hsi_engine.cli import main; assert main(['describe']) == 0",
        "from hsi_engine.cli import main; assert main(['models']) == 0",
        "from hsi_engine.cli import main; assert main(['train']) == 2",
    ],
)
def test_help_and_descriptions_load_nothing_heavy(statement: str) -> None:
    code = f"import sys; {statement}; print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True)
    assert done.stderr.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["models"], []), (["classify", "--help"], ["classify_scene"]), (["train", "--scen", "x"], ["train_classifier"])],
)
def test_a_command_loads_no_other_operation(words: list[str], expected: list[str]) -> None:
    code = (
        "import json, sys; from hsi_engine.cli import main; main(sys.argv[1:]);"
        "print(json.dumps([m for m in sys.modules if m.endswith('.operation')]), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    loaded = json.loads(done.stderr.splitlines()[-1])
    assert loaded == [f"hsi_engine.operations.{name}.operation" for name in expected]


@pytest.mark.parametrize("command", [operation.command for operation in CATALOGUE.values()])
def test_every_operation_has_help_with_an_example(
    command: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    assert main([command, "--help"]) == 0
    out, _ = capfd.readouterr()
    assert out.startswith(f"Usage: hsi {command} ")
    assert f"hsi {command} " in out[out.index("Example:") :]
