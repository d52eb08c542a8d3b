"""What pip is configured to do, passed to uv, which reads none of it.

Firms point pip to their own mirrors, in pip.conf or PIP_* variables. An installation that ignored this would fail
behind their firewalls, or fetch other builds than they offer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# Settings that have no bearing on which packages are installed, or that this plugin decides itself.
_IRRELEVANT = frozenset(
    "break-system-packages cache-dir disable-pip-version-check exists-action log no-cache-dir no-color no-input "
    "no-python-version-warning no-warn-script-location prefix progress-bar python quiet require-venv "
    "require-virtualenv root-user-action target upgrade-strategy use-feature use-deprecated user verbose".split()
)
# In rising precedence, as pip itself reads them.
_SECTIONS = ("global", "install", ":env:")
_LINE = re.compile(r"^(?P<section>global|install|:env:)\.\.?(?P<key>[\w-]+)=(?P<value>.+)$")
# From the beginning of a word only: in a long word each letter would be tried.
_CREDENTIALS = re.compile(r"(?P<scheme>(?<!\w)\w+://)[^/\s@]+@")


@dataclass(frozen=True)
class PipSettings:
    """Names and values of pip's settings for ``pip install``."""

    values: Mapping[str, str]

    def many(self, key: str) -> list[str]:
        """The parts of a setting that takes several values."""
        return self.values.get(key, "").split()

    def is_on(self, key: str) -> bool:
        return self.values.get(key, "").lower() in {"1", "true", "yes", "on"}

    def unknown_to_uv(self) -> list[str]:
        """Settings that would be lost with uv, so that pip has to do the work."""
        return sorted(key for key in self.values if key not in _IRRELEVANT and key not in _TRANSLATED)

    def for_uv(self) -> dict[str, str]:
        """The same as variables of uv. They may hold passwords, which command lines would show to everybody."""
        variables = {
            variable: separator.join(self.many(key))
            for key, (variable, separator) in _TRANSLATED.items()
            if variable and self.many(key)
        }
        proxy = self.values.get("proxy")
        if proxy:
            variables.update(HTTP_PROXY=proxy, HTTPS_PROXY=proxy)
        # pip compares all its sources and takes the best version; uv stops by default at the first that has the name.
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
        return variables

    def uv_flags(self) -> list[str]:
        return ["--no-index"] if self.is_on("no-index") else []


# Setting of pip → variable of uv and what separates its values; no variable: it is handled in code.
_TRANSLATED = {
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "extra-index-url": ("UV_EXTRA_INDEX_URL", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "constraint": ("UV_CONSTRAINT", " "),
    "trusted-host": ("UV_INSECURE_HOST", " "),
    "cert": ("SSL_CERT_FILE", " "),
    "client-cert": ("SSL_CLIENT_CERT", " "),
    "keyring-provider": ("UV_KEYRING_PROVIDER", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "retries": ("UV_HTTP_RETRIES", " "),
    "proxy": ("", " "),
    "no-index": ("", " "),
}


def parse_pip_settings(lines: Iterable[str]) -> PipSettings:
    """Settings from the output of ``pip config list``; a variable beats [install], which beats [global]."""
    sections: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    for line in lines:
        match = _LINE.match(line.strip())
        if match:
            sections[match["section"]][match["key"].lower()] = _unquoted(match["value"])
    merged: dict[str, str] = {}
    for section in _SECTIONS:
        merged.update(sections[section])
    return PipSettings(merged)


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):  # not written as a Python text
        return value


def without_credentials(text: str) -> str:
    """A line for the log: user and password of an address become ***."""
    return _CREDENTIALS.sub(r"\g<scheme>***@", text)
