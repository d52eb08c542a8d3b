"""Write qgis_plugin/resources/operations.json: the engine's operations as the plugin reads them.

python tools/write_operations.py [FILE]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hsi_engine.operations.catalogue import CATALOGUE
from hsi_engine.operations.definition.describe import describe

OPERATIONS = Path(__file__).resolve().parents[1] / "qgis_plugin" / "resources" / "operations.json"


def operations() -> str:
    """The text of the file: what ``hsi describe`` prints."""
    return json.dumps(describe(CATALOGUE.values()), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else OPERATIONS
    target.write_text(operations(), encoding="utf-8")
