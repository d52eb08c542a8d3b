"""What an examination of bands writes: a page and a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...io.files.outputs import StagedOutputs
from ...moment import shown_time
from ...reporting import Reporter
from ...runtime.versions import versions
from ...selection.importance import HeldOutPatches
from ..parts.csv_table import csv_text
from ..train_classifier.preparation import Prepared
from .operation import BandImportanceParams, BandImportanceResult


def write_files(
    params: BandImportanceParams,
    result: BandImportanceResult,
    prepared: Prepared,
    tested: HeldOutPatches,
    reporter: Reporter,
) -> None:
    """Write the files that are asked for; they appear together.

    Raises
    ------
    OutputError : one cannot be written.
    """
    pages: dict[str, tuple[Any, Callable[[], str]]] = {
        "report": (params.report, lambda: _page(params, result, prepared, tested)),
        "table": (params.table, lambda: _table(result)),
    }
    with StagedOutputs() as stage:
        for path, text in pages.values():
            if path is not None:
                stage.path(path).write_text(text(), encoding="utf-8")
        reporter.check_cancelled()
    for kind, (path, _) in pages.items():
        if path is not None:
            reporter.artifact(kind, path)


def _table(result: BandImportanceResult) -> str:
    rows: list[tuple[Any, ...]] = [
        ("what", "first_band", "last_band", "bands", "first_nm", "last_nm", "drop", "deviation", "most_affected")
    ]
    rows += [
        ("bands", min(g.bands), max(g.bands), len(g.bands), g.first_nm, g.last_nm, g.drop, g.deviation, g.most_affected)
        for g in result.groups
    ]
    rows += [
        (f"component {c.reduction} {c.number}", None, None, None, None, None, c.drop, c.deviation, None)
        for c in result.components
    ]
    return csv_text(rows)


def _page(
    params: BandImportanceParams, result: BandImportanceResult, prepared: Prepared, tested: HeldOutPatches
) -> str:
    from ...report.pages.importance import ImportancePage, render_importance_page  # loads matplotlib
    from ...report.record import fact_table

    preprocessing = prepared.cubes.preprocessing
    settings = {
        "Model": params.model.name,
        "Scene": params.scene.name,
        "Labels": params.labels.name,
        "Folds": result.folds,
        "Repeats": params.repeats,
        "Seed": params.seed,
        "Correlation": params.correlation,
        "Most groups": params.groups,
    }
    page = ImportancePage(
        model=params.model.name,
        scene=params.scene.name,
        created=shown_time(),
        result=result.to_json(),
        numbers=tuple(band + 1 for band in preprocessing.band_indices),
        wavelength_nm=preprocessing.bands.wavelength_nm,
        mean_spectrum=tested.spectra.mean(axis=0),
        facts=(
            fact_table("Inputs and settings", settings, as_labels=False),
            fact_table("Versions", versions(), as_labels=False),
        ),
    )
    return render_importance_page(page)
