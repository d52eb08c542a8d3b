"""Settings, inputs and versions of an assessment, for its report."""

from __future__ import annotations

from ...io.files.source_hash import sha256_of_source
from ...io.files.source_names import file_behind
from ...report.content import FactTable
from ...report.record import fact_table
from ...runtime.versions import versions
from ..definition.parameter_spec import parameter_specs
from .operation import AssessMapParams


def assessment_facts(params: AssessMapParams) -> tuple[FactTable, ...]:
    """Tables of settings, inputs with their hashes, and versions."""
    specs = parameter_specs(type(params))
    settings = {
        spec.title: value
        for name, spec in specs.items()
        if spec.type != "path" and (value := getattr(params, name)) is not None
        if not (params.subset is None and name == "subset_value")
    }
    inputs = {
        specs[name].title: f"{path.name} · SHA-256 {sha256_of_source(path)}"
        for name, path in params.input_files().items()
        if file_behind(path) is not None
    }
    return (
        fact_table("Settings", settings, as_labels=False),
        fact_table("Inputs", inputs, as_labels=False),
        fact_table("Versions", versions(), as_labels=False),
    )
