"""Look for secrets in the project's files, and for known weaknesses of the packages that the plugin installs.

python tools/check_supply_chain.py

Secrets are looked for by detect-secrets in every file that Git tracks, apart from engine and plugin, which check_plugin.py looks
at; a line that was looked at ends with ``pragma: allowlist
secret``. pip-audit asks the package index about each package in engine_lock.txt. Where that service does not answer, a line says
so, and the check does not fail.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from qgis_plugin.environment.pythons.locked import LockedPackage, engine_lock  # noqa: E402 - it is found only now

_ANSWER_S = 20
# Engine and plugin are looked at as they are staged, see check_plugin.py; hashes and figures are long random-looking text.
_LEFT_OUT = r"^(qgis_plugin/|hsi_engine/|engine_lock\.txt$|tests/data/golden/|benchmarks/results/)|\.(png|svg|gz|npz)$"


def secret_findings(folder: Path) -> Iterator[str]:
    """What looks like a password or a key in the files that Git tracks, apart from those of the staged plugin."""
    done = _run(folder, "detect_secrets", "scan", "--exclude-files", _LEFT_OUT)
    if done.returncode != 0:
        raise SystemExit(f"detect-secrets failed with {done.returncode}: {done.stderr}")
    for name, secrets in json.loads(done.stdout)["results"].items():
        yield from (f"{name}:{secret['line_number']}: {secret['type']}" for secret in secrets)


def audit(packages: Iterable[LockedPackage]) -> tuple[list[str], str]:
    """Known weaknesses of packages, a sentence each; and why they are not known, empty if they are."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor() as pool:
        reports = list(pool.map(_report, _one_version_each(packages, Path(name))))
    unknown = next((report for report in reports if isinstance(report, str)), "")
    if unknown:
        return [], unknown
    return judged([package for report in reports for package in report])


def _report(file: Path) -> list[dict[str, Any]] | str:
    """What pip-audit says of each package in a file of requirements, or why it says nothing."""
    words = ["--format", "json", "--progress-spinner", "off", "--timeout", "5", "--no-deps", "--disable-pip"]
    try:
        done = _run(ROOT, "pip_audit", *words, "--requirement", str(file), timeout_s=_ANSWER_S)
    except subprocess.TimeoutExpired:
        return f"the service did not answer within {_ANSWER_S} s"
    try:
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
        return packages
    except json.JSONDecodeError:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return f"pip-audit gave no answer ({last[0][:200]})"


def judged(packages: Sequence[dict[str, Any]]) -> tuple[list[str], str]:
    """The same from what pip-audit says of each package."""
    found = []
    for package in packages:
        for weakness in package.get("vulns", ()):
            mended = ", ".join(weakness["fix_versions"]) or "none yet"
            found.append(f"{package['name']} {package['version']}: {weakness['id']}; mended in: {mended}")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped and len(skipped) == len(packages):
        return [], "the package index does not offer its service of weaknesses here"
    if skipped:
        print(f"pip-audit: no answer for {', '.join(sorted(set(skipped)))}")
    return found, ""


def _one_version_each(packages: Iterable[LockedPackage], folder: Path) -> list[Path]:
    """Files of requirements; pip-audit wants each package once in a file."""
    rounds: list[dict[str, str]] = []
    for package in packages:
        free = next((one for one in rounds if package.name not in one), None)
        if free is None:
            free = {}
            rounds.append(free)
        free[package.name] = package.version
    files = []
    for number, one in enumerate(rounds):
        files.append(folder / f"{number}.txt")
        files[-1].write_text("".join(f"{name}=={version}\n" for name, version in one.items()), encoding="utf-8")
    return files


def _run(folder: Path, module: str, *words: str, timeout_s: float | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False, timeout=timeout_s)


def main() -> int:
    found = list(secret_findings(ROOT))
    weak, unknown = audit(engine_lock())
    if unknown:
        print(f"pip-audit: not run: {unknown}")
    found += weak
    print(*found, sep="\n", end="\n" if found else "")
    print(f"Secrets and known weaknesses: {len(found)} findings")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
