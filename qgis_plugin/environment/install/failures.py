"""Explains why packages could not be installed."""

from __future__ import annotations

import re

from ..errors import SetUpError

_AGAIN = "and run 'Set up engine' again."
_OFFLINE = "On a computer without a network, use 'Folder of wheels'."
# What is looked for in the installer's last lines, what it means, and what to do; the first that fits counts.
_KNOWN = (
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "A downloaded file is not the one that this version of the plugin was made with: its hash differs.",
        "Nothing of it was installed. If pip's settings (pip config list) name a mirror that repacks files, ask for unchanged ones, or "
        "use 'Folder of wheels' or 'Existing Python'; otherwise report it to the maintainers.",
    ),
    (
        r"No space left on device|not enough space on the disk|os error (28|112)\b",
        "The disk became full while the engine's packages were being installed.",
        f"Free several gigabytes, or name a folder on another disk in the variable HSI_ENGINE_HOME, {_AGAIN}",
    ),
    (
        r"\b407\b|[Pp]roxy [Aa]uthentication",
        "The proxy requires a user name and password, or rejected those it was given.",
        f"Correct them in QGIS (Settings > Options > Network) {_AGAIN}",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|self.signed certificate",
        "The package index shows a certificate that is not trusted here; often because of a company proxy.",
        f"Ask your administrator for the company's certificate, set its file with 'pip config set global.cert FILE', "
        f"{_AGAIN}",
    ),
    (
        r"\b40[13]\b (Client Error|Unauthorized|Forbidden)|status code 40[13]|\(40[13] ",
        "The package index refused access.",
        f"Correct the address or the password in pip's settings (pip config list) {_AGAIN}",
    ),
    (
        r"Temporary failure in name resolution|Name or service not known|getaddrinfo|dns error|failed to lookup address"
        r"|Connection refused|timed out|[Nn]etwork is unreachable|NewConnectionError|Could not connect|error sending request",
        "The package index cannot be reached.",
        f"Check the network and QGIS's proxy (Settings > Options > Network) {_AGAIN} {_OFFLINE}",
    ),
    (
        r"Permission denied|Access is denied|os error (5|13)\b|EACCES",
        "A file of the engine's environment cannot be written; on Windows another QGIS may be using the engine.",
        f"Close other QGIS windows, check your permissions on the folder {_AGAIN}",
    ),
    (
        r"No matching distribution found for (?P<what>[^\s(]+)|Because (?P<that>there is no version of \S+|\S+ was "
        "not found)",
        "A required package is not available for this Python version from the configured index",
        "Choose another 'Base Python' (Python 3.11 or 3.12 have the most packages), or check pip's settings (pip "
        "config "
        "list).",
    ),
)


def explain_installation(installer: str, status: int, lines: list[str]) -> SetUpError:
    """The error for an installer that ended with `status` after these lines."""
    last = "\n".join(lines[-40:])
    for pattern, message, hint in _KNOWN:
        match = re.search(pattern, last)
        if match:
            what = next((text for text in match.groupdict().values() if text), "")
            return SetUpError(f"{message}: {what.rstrip(',.')}." if what else message, hint, last)
    said = next((line for line in reversed(lines) if re.match(r"error|ERROR|  ×", line)), lines[-1] if lines else "")
    return SetUpError(
        f"{installer} could not install the engine's packages (exit code {status}): {said}",
        "The log above has its whole output. Run 'Set up engine' again; if that does not help, send the text of "
        "'Engine report' to the maintainers.",
        last,
    )
