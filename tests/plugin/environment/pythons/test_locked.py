"""The list of packages with hashes is read as it is written, and nothing in it is passed over."""

from __future__ import annotations

import pytest

from qgis_plugin.environment.pythons.locked import engine_lock, parse_lock, write_tool

HASH = "    --hash=sha256:" + "0a" * 32
ONE = f"one==1.0 ; python_full_version < '3.12' \\\n{HASH} \\\n{HASH}\n"


def test_packages_have_version_marker_size_and_their_lines() -> None:
    one, two = parse_lock(f"# head\n\n# up to 12 bytes\n{ONE}\ntwo==2 \\\n{HASH}")
    assert (one.name, one.version, one.marker, one.most_bytes) == ("one", "1.0", "python_full_version < '3.12'", 12)
    assert one.entry == ONE
    assert (two.name, two.version, two.marker, two.most_bytes) == ("two", "2", "", 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one==1.0\n", "Line 2 of the list of packages: one has no hash"),
        (f"one==1.0 \\\ntwo==2 \\\n{HASH}\n", "Line 2 of the list of packages: one has no hash"),
        (f"one>=1.0 \\\n{HASH}\n", "Line 1 of the list of packages is not understood: 'one>=1.0"),
        (f"one==1.0 \\\n    --hash=md5:{'0' * 32}\n", "one has no hash"),
        (f"{ONE}--index-url elsewhere\n", "Line 4 of the list of packages is not understood"),
    ],
)
def test_a_line_that_is_not_understood_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_lock(text)


def test_the_list_that_travels_has_sizes_and_knows_what_depends_on_the_build_of_torch() -> None:
    packages = engine_lock()
    assert all(package.most_bytes > 0 for package in packages)
    of_torch = {package.name for package in packages if package.of_torch}
    assert {"torch", "triton"} < of_torch
    assert all(name in ("torch", "triton") or name.startswith(("nvidia-", "cuda-")) for name in of_torch)
    assert {package.name for package in packages if package.is_tool} == {"pip", "uv"}


def test_an_installer_alone(tmp_path) -> None:
    assert [package.name for package in parse_lock(write_tool(tmp_path, "uv").read_text())] == ["uv"]
