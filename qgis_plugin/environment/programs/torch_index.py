"""Asks an index of PyTorch wheels whether it has a version for a Python; prints JSON.

    python torch_index.py INDEX VERSION PYTHON_TAG PLATFORM_PART SECONDS

Proxies and certificates come from the usual variables.
"""

from __future__ import annotations

import html
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request


def find_wheel(page: str, version: str, python_tag: str, platform_part: str) -> str:
    """File name of the wheel on the page of an index, or an empty text."""
    wanted = re.compile(rf"torch-{re.escape(version)}(\+\w+)?-{python_tag}-{python_tag}-\S*{platform_part}\S*\.whl$")
    for link in re.findall(r'href="([^"]+)"', page):
        name = urllib.parse.unquote(html.unescape(link)).partition("#")[0].rpartition("/")[2]
        if wanted.match(name):
            return name
    return ""


def main(index: str, version: str, python_tag: str, platform_part: str, seconds: str) -> None:
    address = f"{index}/torch/"
    if not address.startswith("https://"):
        raise ValueError(f"Not an https address: {address}")
    answer = {"wheel": "", "problem": ""}
    try:
        with urllib.request.urlopen(address, timeout=float(seconds)) as page:  # noqa: S310  # nosec B310 - https only
            answer["wheel"] = find_wheel(page.read().decode("utf-8", "replace"), version, python_tag, platform_part)
        if not answer["wheel"]:
            answer["problem"] = f"it has no torch {version} for {python_tag} on this platform"
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        answer["problem"] = f"it cannot be reached ({reason})"
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
