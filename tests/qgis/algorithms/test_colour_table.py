"""A map of another program, whose colour table has all 256 entries and names for some of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from osgeo import gdal

from recording_feedback import RecordingFeedback


def test_only_classes_with_names_are_spoken_of(run: Callable[..., Any], world: Any, tmp_path: Path) -> None:
    path = str(tmp_path / "map.tif")
    copy = gdal.Translate(path, world.labels, outputType=gdal.GDT_Byte)
    table = gdal.ColorTable()
    for value in range(256):
        table.SetColorEntry(value, (value, 255 - value, 7, 255))
    copy.GetRasterBand(1).SetColorTable(table)
    copy.GetRasterBand(1).SetCategoryNames(["", "", "lake", "", "", "hay"])
    copy.FlushCache()
    del copy
    feedback = RecordingFeedback()
    results = run("clean_map", {"MAP": path, "OUTPUT": str(tmp_path / "clean.tif")}, feedback)

    assert "255 classes" not in feedback.everything
    assert Path(results["OUTPUT"]).is_file()
    lines = [line.strip() for line in feedback.infos]
    assert any(line.startswith("2  lake:") for line in lines)
    assert any(line.startswith("11  ") for line in lines)
