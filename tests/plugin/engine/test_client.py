"""A job from the first line to the last, with whatever a worker may say in between."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qgis_plugin.engine.client import run_operation
from qgis_plugin.engine.failures import EngineFailure, EngineMissing

Run = Callable[..., dict[str, Any]]


def test_a_job_from_hello_to_result(run: Run, recorder: Any) -> None:
    listener = recorder()
    result = run(
        """
        hello()
        request = read()
        say("progress", fraction=0.25, message="Lesen der Bänder")
        say("log", level="warning", message="careful")
        say("metric", name="loss", value=None, step=3)
        say("artifact", kind="class_map", path="/maps/Äcker.tif")
        say("result", result=request)
        """,
        listener,
        scene="a scene.tif",
        epochs=3,
    )
    assert result == {"protocol": 1, "operation": "scripted", "params": {"scene": "a scene.tif", "epochs": 3}}
    assert listener.heard == [
        ("progress", 0.25, "Lesen der Bänder"),
        ("log", "warning", "careful"),
        ("metric", "loss", None, 3),
        ("artifact", "class_map", "/maps/Äcker.tif"),
    ]


def test_many_messages_arrive_in_their_order(run: Run, recorder: Any) -> None:
    listener = recorder()
    run(
        """
        hello(), read()
        for i in range(20_000):
            say("metric", name="loss", value=0.5, step=i)
        say("result", result={})
        """,
        listener,
    )
    assert [heard[3] for heard in listener.heard] == list(range(20_000))


def test_a_line_may_be_long(run: Run) -> None:
    result = run('hello(), read(), say("result", result={"long": "ä" * 4_000_000})')
    assert result == {"long": "ä" * 4_000_000}


def test_a_request_may_be_long(run: Run) -> None:
    assert run('hello(), say("result", result={"length": len(read()["params"]["bands"])})', bands="1," * 200_000) == {
        "length": 400_000
    }


def test_a_file_name_that_is_no_utf_8_is_sent_as_it_is(run: Run) -> None:
    text = 'hello(), write(json.dumps({"type": "result", "result": read()["params"]}).encode())'
    assert run(text, scene=Path("/Äcker\udcff.tif")) == {"scene": "/Äcker\udcff.tif"}


def test_what_is_no_message_is_kept_for_the_log(run: Run) -> None:
    with pytest.raises(EngineFailure) as caught:
        run(
            r"""
            write(b"Welcome to this Python!")
            write(b"[1, 2, 3]"), write(b"{}"), write(b'{"type": 5}'), write(b"\xff\xfe\x00"), write(b"[" * 100_000)
            hello(), read()
            write(b"Have a nice day!")
            say("error", error={"code": "scene.x", "message": "No scene.", "hint": None, "exit_code": 3})
            """
        )
    assert str(caught.value) == "No scene."
    assert "Have a nice day!" in caught.value.details


def test_types_and_fields_that_are_not_known_are_left_out(run: Run, recorder: Any) -> None:
    listener = recorder()
    result = run(
        """
        hello(mood="good"), read()
        say("weather", message="sunny")
        say("log", level="info", message="hi", colour="red")
        say("result", result={"n": 1}, more=2)
        """,
        listener,
    )
    assert result == {"n": 1}
    assert listener.heard == [("log", "info", "hi")]


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ('say("progress", message="half")', "its field 'fraction' must be of type float or int; found nothing"),
        ('say("log", level="info", message=5)', "its field 'message' must be of type str; found 5"),
        ('say("result", result=None)', "its field 'result' must be of type dict; found None"),
        ('say("error", error="bad")', "its field 'error' must be of type dict; found 'bad'"),
    ],
)
def test_a_message_that_breaks_the_protocol_ends_the_job(run: Run, message: str, words: str) -> None:
    with pytest.raises(EngineFailure, match=re.escape(words)) as caught:
        run(f"hello(), read(), {message}, time.sleep(60)")
    assert caught.value.code == "engine.protocol"
    assert "reinstall the plugin" in caught.value.hint


@pytest.mark.parametrize(
    ("hello", "found"),
    [
        ("hello(protocol=2)", "found version 7.8.9, protocol 2"),
        ('hello(version="7.8.8")', "found version 7.8.8, protocol 1"),
        ('say("hello")', "found version None, protocol None"),
    ],
)
def test_another_engine_than_the_plugins_is_not_asked(run: Run, tmp_path: Path, hello: str, found: str) -> None:
    asked = tmp_path / "asked"
    with pytest.raises(EngineFailure) as caught:
        run(f"{hello}\nif read(): open({str(asked)!r}, 'w')")
    assert "does not match this plugin: expected version 7.8.9, protocol 1; " + found in caught.value.message
    assert "Restart QGIS after an update" in caught.value.hint
    assert not asked.exists()


def test_an_error_keeps_its_words_code_and_what_libraries_printed(run: Run) -> None:
    with pytest.raises(EngineFailure) as caught:
        run(
            """
            hello(), read()
            print("GDAL: cannot open", file=sys.stderr)
            say("error", error={"code": "scene.missing", "message": "No file.", "hint": "Look.", "exit_code": 3})
            sys.exit(3)
            """
        )
    failure = caught.value
    assert type(failure) is EngineFailure
    assert (failure.code, failure.message, failure.hint) == ("scene.missing", "No file.", "Look.")
    assert str(failure) == "No file. Look."
    assert failure.details == "GDAL: cannot open"


def test_a_library_that_is_missing_asks_for_a_repair(run: Run) -> None:
    with pytest.raises(EngineMissing, match=r"cannot run the engine\. No torch\. Run 'Set up engine'"):
        run(
            'hello(), read(), say("error", error={"code": "engine.missing_library", "message": "No torch.", "hint": ""})'
        )


def test_a_flood_on_stderr_neither_stops_the_worker_nor_fills_the_memory(run: Run) -> None:
    with pytest.raises(EngineFailure) as caught:
        run(
            """
            hello(), read()
            for i in range(200_000):
                print("warning: this library is chatty", i, file=sys.stderr)
            say("error", error={"code": "x", "message": "m", "hint": "h"})
            """
        )
    assert caught.value.details.endswith("chatty 199999")
    assert len(caught.value.details) <= 32 * 1024


def test_a_crash_after_the_result_does_not_take_it_back(run: Run) -> None:
    assert run('hello(), read(), say("result", result={"n": 1}), os.abort()') == {"n": 1}


def test_an_exception_of_the_listener_ends_the_worker(run: Run, recorder: Any, tmp_path: Path) -> None:
    class Broken(recorder):  # type: ignore[misc]
        def log(self, level: str, message: str) -> None:
            self.pid = int(message)
            raise ZeroDivisionError

    listener = Broken()
    with pytest.raises(ZeroDivisionError):
        run('hello(), read(), say("log", level="info", message=str(os.getpid())), time.sleep(60)', listener)
    with pytest.raises(ProcessLookupError):
        os.kill(listener.pid, 0)


def test_the_worker_gets_absolute_paths(
    script: Callable[[str], Path], recorder: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script('hello(), say("result", result=read()["params"])')
    monkeypatch.chdir(tmp_path)
    params = {"scene": "scene.tif", "output": tmp_path / "m.hsimodel", "report": None, "class_field": "id"}
    result = run_operation(Path(sys.executable), "train_classifier", params, recorder())
    assert result == {
        "scene": str(tmp_path / "scene.tif"),
        "output": str(tmp_path / "m.hsimodel"),
        "report": None,
        "class_field": "id",
    }


def test_modules_beside_the_users_project_are_not_found(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong json')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run('hello(), read(), say("result", result={"n": 1})') == {"n": 1}
