"""Where the cache of a user lies, on each platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine.io.files.user_cache import user_cache


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {}, Path.home() / ".cache"),
        ("linux", {"XDG_CACHE_HOME": "/data/cache"}, Path("/data/cache")),
        ("linux", {"XDG_CACHE_HOME": "relative"}, Path.home() / ".cache"),
        ("darwin", {"XDG_CACHE_HOME": "/data/cache"}, Path.home() / "Library" / "Caches"),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local")),
        ("win32", {}, Path.home() / "AppData" / "Local"),
    ],
)
def test_platforms(platform: str, variables: dict[str, str], folder: Path) -> None:
    assert user_cache(variables, platform) == folder / "hsi_engine"


def test_a_folder_that_is_named_goes_before_all() -> None:
    named = {"HSI_ENGINE_CACHE": " ~/here ", "XDG_CACHE_HOME": "/data/cache"}
    assert user_cache(named, "linux") == Path.home() / "here"
