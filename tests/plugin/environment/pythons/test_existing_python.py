from __future__ import annotations

from pathlib import Path

import pytest

from qgis_plugin.environment.errors import SetUpCancelled, SetUpError
from qgis_plugin.environment.pythons.existing_python import adopt_python
from qgis_plugin.environment.pythons.requirements import engine_requirements
from qgis_plugin.environment.records.state import existing_state

ENOUGH = {r.name: r.minimum for r in engine_requirements().required}


def test_a_python_with_all_packages_is_checked_and_recorded(fake, location, listener) -> None:
    fake.behave(packages=ENOUGH)
    record = adopt_python(fake.path, location, listener)

    assert (record.python, record.base_python, record.installer) == (str(fake.path), "", "")
    assert existing_state(fake.path, location, record.requirements).kind == "ready"
    assert len(fake.calls("hsi_engine.worker")) == 1
    assert not fake.calls("pip"), "nothing is installed in a Python of the user's own"


def test_missing_and_old_packages_are_named(fake, location, listener) -> None:
    fake.behave(packages={**ENOUGH, "torch": "2.1.2", "rasterio": "1.4"})
    fake.behave(packages={"numpy": "1.20"})
    with pytest.raises(SetUpError, match=r"Python 3\.11\.2\) lacks.*numpy 1\.20 is too old.*torch 2\.1\.2 is too old"):
        adopt_python(fake.path, location, listener)
    assert not location.existing_record.exists()


def test_a_python_that_will_not_do_is_refused(fake, location, listener, tmp_path) -> None:
    fake.behave(facts={"version": [3, 9, 2]})
    with pytest.raises(SetUpError, match=r"cannot run the engine: it is Python 3\.9\.2; 3\.10 or newer"):
        adopt_python(fake.path, location, listener)
    with pytest.raises(SetUpError, match="does not exist"):
        adopt_python(tmp_path / "gone", location, listener)


def test_a_failed_check_leaves_no_record(fake, location, listener) -> None:
    error = {"code": "engine.check_failed", "message": "GDAL cannot write.", "hint": "Mend it.", "exit_code": 1}
    fake.behave(packages=ENOUGH, check={"type": "error", "error": error})
    with pytest.raises(SetUpError, match=r"did not pass its check\. GDAL cannot write\. Mend it\."):
        adopt_python(fake.path, location, listener)
    assert not location.existing_record.exists()


def test_it_can_be_cancelled(fake, location, listener) -> None:
    listener.cancelled = True
    with pytest.raises(SetUpCancelled):
        adopt_python(Path(fake.path), location, listener)
