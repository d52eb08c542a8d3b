"""Copies of layers are called after them, as far as file names allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from qgis_plugin.layers.files import file_stem, free_name


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Fields 2024 (new)", "Fields_2024_new"),
        ("Äcker – Süd", "Äcker_Süd"),
        ("a/b\\c:d", "a_b_c_d"),
        ("..", "_layer"),
        ("", "_layer"),
        ("con", "con_layer"),
        ("x" * 300, "x" * 60),
    ],
)
def test_what_a_file_of_a_layer_is_called(name: str, stem: str) -> None:
    assert file_stem(name) == stem


def test_a_name_that_is_taken_gets_a_number_and_an_ending_is_not_repeated(tmp_path: Path) -> None:
    first = free_name(tmp_path, "fields.gpkg", ".gpkg")
    first.touch()
    assert first == tmp_path / "fields.gpkg"
    assert free_name(tmp_path, "fields", ".gpkg") == tmp_path / "fields_2.gpkg"
