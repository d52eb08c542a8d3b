"""The descriptions as the plugin reads them."""

from __future__ import annotations

import pytest

from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.parameter_spec import parameter_specs
from qgis_plugin.engine.operations import load_operations


def test_every_operation_and_parameter_is_read() -> None:
    operations = load_operations()
    assert list(operations) == list(CATALOGUE)
    for name, operation in operations.items():
        specs = parameter_specs(CATALOGUE[name].params)
        assert [parameter.name for parameter in operation.parameters] == list(specs)
        assert [parameter.name for parameter in operation.outputs] == [s.name for s in specs.values() if s.is_output]


def test_a_parameter_is_what_the_engine_says() -> None:
    patch_size = load_operations()["train_classifier"].parameter("patch_size")
    assert patch_size.type == "integer"
    assert patch_size.odd
    assert patch_size.bounds["ge"] == 1
    assert not patch_size.is_output
    class_field = load_operations()["train_classifier"].parameter("class_field")
    assert class_field.of == "labels"
    assert "drop" in load_operations()["train_classifier"].parameter("overlap").choices


def test_a_parameter_that_does_not_exist_is_named() -> None:
    with pytest.raises(KeyError, match="operation fit_pca has no parameter epochs"):
        load_operations()["fit_pca"].parameter("epochs")
