"""What is said about a layer while it is read."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio

from hsi_engine.io.vectors.layers import read_layer


def test_entries_that_are_no_json_are_read_as_text_and_named(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"class_id": number, "remark": remark},
            "geometry": {"type": "Point", "coordinates": [13.0, 52.4]},
        }
        for number, remark in enumerate([{"a": 1}, "no braces"], start=1)
    ]
    path = tmp_path / "labels.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    layer = read_layer(path, None)
    # Older releases read the text of such fields as it is.
    parses_json = tuple(map(int, pyogrio.__version__.split(".")[:2])) >= (0, 11)
    note = "Field 'remark' is declared to hold JSON, but its entries are not JSON; they are read as text."
    assert layer.notes == ((note,) if parses_json else ())
    assert layer.frame["remark"][1] == "no braces"
