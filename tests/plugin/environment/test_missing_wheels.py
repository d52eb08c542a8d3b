"""The program runs in a real Python, as it needs pip's parser; the wheels are made up."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile

import pytest

from qgis_plugin.environment.programs import program


@pytest.fixture
def ask(tmp_path):
    folder = tmp_path / "wheels"
    folder.mkdir()

    def make(wheels: dict[str, list[str]], requirements: list[str]) -> list[dict[str, str]]:
        for file_name, needs in wheels.items():
            name, version = file_name.split("-")[:2]
            metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            with zipfile.ZipFile(folder / file_name, "w") as archive:
                text = metadata + "".join(f"Requires-Dist: {need}\n" for need in needs)
                archive.writestr(f"{name}-{version}.dist-info/METADATA", text)
        wanted = tmp_path / "requirements.txt"
        wanted.write_text("\n".join(requirements))
        command = [sys.executable, "-I", program("missing_wheels"), str(folder), str(wanted)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    return make


def test_a_complete_folder_lacks_nothing(ask) -> None:
    assert ask({"one-1.0-py3-none-any.whl": ["two>=2"], "two-2.1-py3-none-any.whl": []}, ["one>=1"]) == []


def test_what_a_wheel_requires_is_looked_for_too(ask) -> None:
    wheels = {"one-1.0-py3-none-any.whl": ["two>=2", "three; sys_platform == 'nothing'", "four; extra == 'more'"]}
    assert ask(wheels, ["one"]) == [{"requirement": "two>=2", "required_by": "one", "found": ""}]


def test_extras_that_are_asked_for_count(ask) -> None:
    wheels = {"one-1.0-py3-none-any.whl": ["two[more]"], "two-1.0-py3-none-any.whl": ["three; extra == 'more'"]}
    assert [wheel["requirement"] for wheel in ask(wheels, ["one"])] == ["three"]


def test_what_is_there_instead_is_named(ask) -> None:
    wheels = {"one-1.0-py3-none-any.whl": [], "one-3.0-cp27-cp27m-win32.whl": []}
    assert ask(wheels, ["one>=2"]) == [
        {
            "requirement": "one>=2",
            "required_by": "the engine",
            "found": "one-1.0-py3-none-any.whl, one-3.0-cp27-cp27m-win32.whl",
        }
    ]


def test_a_build_for_the_cpu_meets_a_pin(ask) -> None:
    assert ask({"torch-2.13.0+cpu-py3-none-any.whl": []}, ["torch==2.13.0"]) == []
    assert len(ask({}, ["torch==2.13.1"])) == 1


def test_packages_that_require_each_other_come_to_an_end(ask) -> None:
    assert ask({"one-1-py3-none-any.whl": ["two"], "two-1-py3-none-any.whl": ["one"]}, ["one"]) == []


def test_a_package_is_named_once_for_whoever_asks_first(ask) -> None:
    wheels = {"one-1-py3-none-any.whl": ["torch>=2"]}
    assert [wheel["requirement"] for wheel in ask(wheels, ["one", "torch==2.13.0"])] == ["torch==2.13.0"]
