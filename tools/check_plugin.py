"""Hold the staged plugin to the rules of the QGIS plugin repository and to Qt6.

python tools/check_plugin.py [FOLDER]     FOLDER: a staged plugin; build/hsi_classifier when none is given

Runs the scanners that the repository runs, with all their findings counting: Bandit and detect-secrets. A line that was
looked at carries a remark ``# nosec`` with the rule's number and the reason; how many those are is printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qt6_rules import qt6_findings
from repository_rules import folder_findings, zip_findings
from stage_plugin import PACKAGE, ROOT, version

# QGS105 wants no plugin to be given QGIS's interface, which tests and qgis_process rely on.
QGIS_LINT = "QGS101,QGS102,QGS103,QGS104,QGS106,QGS107,QGS4"


def bandit_findings(package: Path) -> Iterator[str]:
    """Findings of every severity, as the plugin repository counts them."""
    report = _json_of(package, "bandit", "--recursive", "--quiet", "--format", "json", ".", good=(0, 1))
    for error in report["errors"]:
        yield f"{_place(error['filename'])}: Bandit could not read it: {error['reason']}"
    for result in report["results"]:
        yield f"{_place(result['filename'])}:{result['line_number']}: {result['test_id']} {result['issue_text']}"
    totals = report["metrics"]["_totals"]
    print(f"Bandit: {totals['nosec'] + totals['skipped_tests']} findings were looked at and carry a remark")


def secret_findings(package: Path) -> Iterator[str]:
    """What looks like a password or a key."""
    command = ("detect_secrets", "scan", "--all-files", "--exclude-files", r"(metadata|engine_lock)\.txt", ".")
    for name, secrets in _json_of(package, *command)["results"].items():
        yield from (f"{_place(name)}:{secret['line_number']}: {secret['type']}" for secret in secrets)


def qgis_findings(package: Path) -> Iterator[str]:
    """Findings of flake8-qgis: imports past qgis.PyQt, and what Qt6 removed."""
    lines = _run(package, "flake8", "--isolated", f"--select={QGIS_LINT}", ".", good=(0, 1)).splitlines()
    yield from (line.removeprefix("./") for line in lines)


def _place(name: str) -> str:
    return Path(name).as_posix()


def _json_of(package: Path, module: str, *words: str, good: tuple[int, ...] = (0,)) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(_run(package, module, *words, good=good))
    return report


def _run(package: Path, module: str, *words: str, good: tuple[int, ...]) -> str:
    # From inside the folder: detect-secrets leaves out what lies elsewhere.
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, cwd=package, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in good:
        raise SystemExit(f"{module} failed with {done.returncode}: {done.stderr}")
    return done.stdout


def main() -> None:
    package = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "build" / PACKAGE
    if not package.is_dir():
        raise SystemExit(f"There is no staged plugin at {package}. Make it with: make plugin")
    found = list(folder_findings(package))
    archive = ROOT / "dist" / f"{package.name}-{version(package)}.zip"
    if package == ROOT / "build" / PACKAGE:
        found += zip_findings(archive, package)
    for check in (bandit_findings, secret_findings, qgis_findings, qt6_findings):
        found += check(package)
    print(*found, sep="\n", end="\n" if found else "")
    if found:
        raise SystemExit(f"{len(found)} findings in {package.name}")
    print(f"{package.name}: nothing found")


if __name__ == "__main__":
    main()
