"""The folder that each test spoils in its own way, and what must hold whenever an operation refuses."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from hsi_engine.errors import HsiError
from projects import Project, make_project

Refused = Callable[..., HsiError]


@pytest.fixture(scope="session")
def clean_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def project(clean_project: Project, tmp_path: Path) -> Project:
    """A copy that the test may do anything to."""
    return Project(Path(shutil.copytree(clean_project.folder, tmp_path / "project")))


@pytest.fixture
def refused(project: Project) -> Refused:
    """``refused("fit_pca", SceneError, "truncated", "copy", scene=path)`` checks error, words and the folder.

    The words must stand in message and hint; no file of the folder may come, go or change, temporary ones
    and outputs of an earlier day among them.
    """

    def check(operation: str, error: type[HsiError], code: str, *words: str, **changes: object) -> HsiError:
        before = project.contents()
        with pytest.raises(HsiError) as caught:
            project.run(operation, **changes)
        said = str(caught.value)
        assert (type(caught.value), caught.value.code) == (error, f"{error.family}.{code}"), said
        for word in words:
            assert word in said
        assert caught.value.hint, f"nobody is told what to do: {said}"
        assert project.contents() == before
        return caught.value

    return check
