"""The list of the engine's packages meets what is asked for, and holds files of the systems that the plugin supports only."""

from __future__ import annotations

import pytest

import stage_plugin
from write_lock import LOCK, entries, findings, fits

A, B = "a" * 64, "b" * 64


def wheel(name: str, digest: str, size: int) -> dict[str, object]:
    return {"url": f"files/{name}", "size": size, "hashes": {"sha256": digest}}


def test_the_list_meets_what_the_project_asks_for() -> None:
    constraints = (stage_plugin.ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert list(findings(LOCK.read_text(encoding="utf-8"), stage_plugin.requirements_text(), constraints)) == []


def test_what_is_missing_or_too_old_is_said_with_what_to_do() -> None:
    text = f"numpy==1.0 \\\n    --hash=sha256:{A}\n"
    found = list(findings(text, "numpy>=1.26\nscipy>=1.11\n", "numpy==1.0.1  # tested\n"))
    assert found[0] == "engine_lock.txt has numpy 1.0; numpy>=1.26 is asked for. Renew it with: make lock"
    assert "engine_lock.txt has no scipy, which pyproject.toml asks for. Renew it with: make lock" in found
    assert any("numpy==1.0.1 is asked for" in line for line in found)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", True),
        ("a-1-cp310-cp310-manylinux2014_aarch64.manylinux_2_17_aarch64.whl", True),
        ("a-1-cp39-abi3-win_amd64.whl", True),
        ("a-1-cp314-cp314-macosx_11_0_arm64.whl", True),
        ("a-1-cp314-cp314t-macosx_11_0_arm64.whl", False),
        ("a-1-cp39-cp39-win_amd64.whl", False),
        ("a-1-cp311-cp311-win32.whl", False),
        ("a-1-cp311-cp311-musllinux_1_2_x86_64.whl", False),
        ("a-1-pp310-pypy310_pp73-manylinux_2_28_x86_64.whl", False),
    ],
)
def test_files_are_those_of_supported_systems(name: str, kept: bool) -> None:
    assert fits(name) is kept


def test_an_entry_has_size_marker_and_hashes_and_no_address() -> None:
    packages = [
        {
            "name": "one",
            "version": "1.2",
            "marker": "python_full_version >= '3.10' and sys_platform == 'linux'",
            "sdist": wheel("one-1.2.tar.gz", "c" * 64, 9),
            "wheels": [
                wheel("one-1.2-cp311-cp311-win_amd64.whl", B, 7),
                wheel("one-1.2-py3-none-any.whl", A, 5),
                wheel("one-1.2-cp311-cp311-win32.whl", "d" * 64, 70),
            ],
        },
        {"name": "two", "version": "2", "sdist": wheel("two-2.tar.gz", B, 9)},
        {"name": "three", "version": "3", "wheels": [wheel("three-3-cp311-cp311-win32.whl", A, 3)]},
    ]
    assert list(entries(packages)) == [
        f"# up to 7 bytes\none==1.2 ; sys_platform == 'linux' \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n",
        f"# up to 9 bytes\ntwo==2 \\\n    --hash=sha256:{B}\n",
    ]
