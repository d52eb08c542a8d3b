"""Scripts and models that use the names of the version before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingException

from qgis_plugin.algorithms.kinds import engine_algorithm as base
from qgis_plugin.engine.operations import OldName, load_operations
from recording_feedback import RecordingFeedback

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def _renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scene information, as if SCENE had been IMAGE, and DEPTH had gone."""
    operations = load_operations()
    old = (OldName("image", "scene", ""), OldName("depth", None, "Use Statistics."))
    changed = {**operations, "inspect_scene": replace(operations["inspect_scene"], old_names=old)}
    monkeypatch.setattr(base, "load_operations", lambda: MappingProxyType(changed))


@pytest.mark.usefixtures("_renamed")
def test_an_old_name_works_with_a_warning(run: Run, world: Any, feedback: RecordingFeedback) -> None:
    results = run("scene_information", {"IMAGE": world.scene}, feedback)

    assert results["ROWS"] == 72
    assert feedback.warnings[0] == (
        "Parameter IMAGE is now called SCENE. The old name will stop working in the next version."
    )
    assert feedback.commands == [f"hsi info --scene {world.scene}"]


@pytest.mark.usefixtures("_renamed")
def test_the_new_name_goes_first(run: Run, world: Any) -> None:
    assert run("scene_information", {"IMAGE": "gone.tif", "SCENE": world.scene})["ROWS"] == 72


@pytest.mark.usefixtures("_renamed")
def test_a_parameter_that_is_gone_says_what_to_do(run: Run, world: Any, provider: Any) -> None:
    parameters = {"SCENE": world.scene, "DEPTH": 3}
    words = "Parameter DEPTH no longer exists. Use Statistics."
    algorithm = provider.algorithm("scene_information").create()

    assert algorithm.checkParameterValues(parameters, QgsProcessingContext()) == (False, words)
    with pytest.raises(QgsProcessingException, match=words):
        run("scene_information", parameters)
