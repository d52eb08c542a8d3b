"""Which Pythons will do, and the words for those that will not."""

from __future__ import annotations

import dataclasses
import os
import sys
from pathlib import Path

import pytest

from qgis_plugin.environment.errors import SetUpCancelled, SetUpError
from qgis_plugin.environment.pythons import base_python
from qgis_plugin.environment.pythons.base_python import (
    Candidate,
    ProbeError,
    PythonFacts,
    candidates,
    choose_base_python,
    probe,
    why_unfit_as_base,
    why_unfit_for_engine,
)

GOOD = PythonFacts(
    path=Path("/usr/bin/python3.11"),
    version=(3, 11, 2),
    implementation="cpython",
    bits=64,
    machine="x86_64",
    platform="linux",
    free_threaded=False,
    has_venv=True,
    has_ensurepip=True,
    packages={},
)


def no() -> bool:
    return False


def test_a_usual_python_will_do() -> None:
    assert why_unfit_as_base(GOOD) is None
    assert GOOD.tag == "cp311"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": (3, 9, 18)}, "it is Python 3.9.18; 3.10 or newer is needed"),
        ({"version": (3, 15, 0)}, "it is Python 3.15.0; packages exist up to 3.14"),
        ({"implementation": "pypy"}, "it is pypy; PyTorch needs the usual CPython"),
        ({"bits": 32}, "it is a 32-bit Python"),
        ({"free_threaded": True}, "free-threaded"),
        ({"platform": "darwin"}, "Intel processors"),
        ({"has_ensurepip": False}, "its module ensurepip is missing"),
        ({"has_venv": False, "has_ensurepip": False}, "its module venv and ensurepip is missing"),
    ],
)
def test_others_are_refused_in_words(change, words) -> None:
    assert words in str(why_unfit_as_base(dataclasses.replace(GOOD, **change)))


def test_an_existing_python_needs_no_venv_and_may_be_newer() -> None:
    facts = dataclasses.replace(GOOD, has_venv=False, has_ensurepip=False, version=(3, 15, 0))
    assert why_unfit_for_engine(facts) is None


def test_a_real_python_answers() -> None:
    facts = probe(Path(sys.executable), {}, no)

    assert facts.version == sys.version_info[:3]
    assert facts.bits == 64
    assert "pytest" in facts.packages


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "the file does not exist"),
        ("#!/bin/sh\necho something else\nexit 3\n", r"exit code 3: something else"),
        ("#!/bin/sh\necho '{}'\n", "not understood"),
        ("#!/nowhere/python\n", "cannot be started"),
    ],
)
def test_what_is_no_python_is_refused_in_words(content, words, tmp_path) -> None:
    path = tmp_path / "python"
    if content is not None:
        path.write_text(content)
        path.chmod(0o755)
    with pytest.raises(ProbeError, match=words):
        probe(path, dict(os.environ), no)


def test_a_python_that_hangs_is_given_up(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(base_python, "_PROBE_S", 0.2)
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    path.chmod(0o755)
    with pytest.raises(ProbeError, match="did not answer"):
        probe(path, dict(os.environ), no)


def test_a_cancel_is_heard_while_a_python_hangs(tmp_path) -> None:
    path = tmp_path / "python"
    path.write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    path.chmod(0o755)
    with pytest.raises(SetUpCancelled):
        probe(path, dict(os.environ), lambda: True)


def test_the_first_that_will_do_is_taken(fake, tmp_path) -> None:
    gone = Candidate(tmp_path / "gone", "python3.12 on PATH")
    facts, origin = choose_base_python(None, [gone, Candidate(fake.path, "the Python of QGIS")], dict(os.environ), no)

    assert (facts.path, origin) == (fake.path, "the Python of QGIS")


def test_all_that_was_tried_is_listed_with_its_reason(fake, tmp_path) -> None:
    fake.behave(facts={"ensurepip": False})
    tried = [Candidate(fake.path, "the Python of QGIS"), Candidate(tmp_path / "gone", "python3.12 on PATH")]
    with pytest.raises(SetUpError) as caught:
        choose_base_python(None, tried, dict(os.environ), no)

    assert (
        f"{fake.path} (the Python of QGIS): it cannot make environments: its module ensurepip" in caught.value.message
    )
    assert "gone (python3.12 on PATH): the file does not exist." in caught.value.message
    assert "Install" in caught.value.hint
    assert "'Base Python'" in caught.value.hint


def test_a_python_that_the_user_named_is_the_only_one_looked_at(fake, tmp_path) -> None:
    with pytest.raises(SetUpError, match=r"the Python you named\. .*gone \(named by you\): the file does not exist"):
        choose_base_python(tmp_path / "gone", [Candidate(fake.path, "the Python of QGIS")], dict(os.environ), no)


def test_the_python_of_qgis_comes_first_and_sys_executable_does_not_count(monkeypatch, tmp_path) -> None:
    for folder in ("base", "other"):
        (tmp_path / folder / "bin").mkdir(parents=True)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    own = tmp_path / "base" / "bin" / version
    other = tmp_path / "other" / "bin" / "python3.13"
    for path in (own, other, tmp_path / "qgis-bin"):
        path.touch(mode=0o755)
    for name in ("base_prefix", "base_exec_prefix", "prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path / "base"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "qgis-bin"))
    found = candidates({"PATH": str(other.parent)})

    assert [(candidate.path, candidate.origin) for candidate in found] == [
        (own, "the Python of QGIS"),
        (other, "python3.13 on PATH"),
    ]
