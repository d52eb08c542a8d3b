from __future__ import annotations

import pytest

from qgis_plugin.environment.errors import SetUpError
from qgis_plugin.environment.options import SetUpOptions
from qgis_plugin.environment.records.lock import is_held, only_set_up
from qgis_plugin.environment.records.removal import remove_environment
from qgis_plugin.environment.records.state import managed_state
from qgis_plugin.environment.set_up import set_up


def test_all_of_it_is_removed_and_the_log_stays(fake, location, listener) -> None:
    set_up(SetUpOptions(python=fake.path, device_build="cpu"), location, listener)
    remove_environment(location)

    assert managed_state(location, "print").kind == "missing"
    assert sorted(path.name for path in location.folder.iterdir()) == [".lock", "set_up.log"]


def test_what_an_earlier_removal_left_is_removed(location) -> None:
    (location.folder / "environment.removing-1" / "bin").mkdir(parents=True)
    (location.environment / "bin").mkdir(parents=True)
    remove_environment(location)
    assert not list(location.folder.glob("environment*"))


def test_nothing_is_removed_while_a_set_up_runs(location) -> None:
    location.environment.mkdir(parents=True)
    with only_set_up(location.lock):
        assert is_held(location.lock)
        with pytest.raises(SetUpError, match="Another set-up"):
            remove_environment(location)
    assert location.environment.exists()
    assert not is_held(location.lock)


def test_without_an_environment_there_is_nothing_to_do(location) -> None:
    remove_environment(location)
    assert not location.folder.exists()
