"""The program runs in a real Python, as it needs pip's parser of markers."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

from qgis_plugin.environment.programs import program


def test_what_applies_here_and_is_not_there_is_named(tmp_path: Path) -> None:
    there = importlib.metadata.version("numpy")
    wanted = tmp_path / "locked.txt"
    wanted.write_text(
        "# up to 5 bytes\n"
        f"numpy=={there} \\\n    --hash=sha256:00\n"
        "no-such-package==1.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n\n"
        "no-such-package==2.0 ; sys_platform == 'nothing' \\\n    --hash=sha256:00\n"
        "scipy==0.0.1 ; python_full_version >= '3.8' \\\n    --hash=sha256:00\n"
    )
    command = [sys.executable, "-I", program("packages_to_fetch"), str(wanted)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == ["no-such-package==1.0", "scipy==0.0.1"]
