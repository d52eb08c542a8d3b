"""The packages the engine needs, and whether a Python has them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...engine.source import constraints_text, lock_text, requirements_text

_LINE = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)\s*(\[[^\]]*\])?\s*(?P<specifiers>[^;]*?)\s*(;(?P<marker>.*))?$")
_SPECIFIER = re.compile(r"^(>=|==|~=|!=|<=|<|>)\s*([\w.+!*-]+)$")


@dataclass(frozen=True)
class Requirement:
    """One package: its line, and the lowest version that will do."""

    name: str
    line: str
    specifiers: tuple[tuple[str, str], ...]
    has_marker: bool

    @property
    def pin(self) -> str | None:
        """The one version that is asked for, if it is one."""
        return next((version for operator, version in self.specifiers if operator == "=="), None)

    @property
    def minimum(self) -> str | None:
        return next((version for operator, version in self.specifiers if operator == ">="), None)


@dataclass(frozen=True)
class Requirements:
    """What the engine requires, and the versions it is shipped with.

    Attributes
    ----------
    required : the packages with the versions that will do; an existing Python is held to these
    pinned : exact versions for an environment that is built from nothing, of required packages or of others
    lock : the list of all packages with hashes, as text
    """

    required: tuple[Requirement, ...]
    pinned: tuple[Requirement, ...]
    lock: str = ""

    def install_lines(self) -> list[str]:
        """What to ask an installer for: if a required package has a pin, exactly that version."""
        pins = {pin.name: pin.line for pin in self.pinned}
        return [pins.get(requirement.name, requirement.line) for requirement in self.required]

    def fingerprint(self) -> str:
        """SHA-256 of what is required, pinned and locked, whatever the order; pins of other packages do not count."""
        lines = {requirement.line for requirement in self.required} | set(self.install_lines()) | {self.lock}
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()

    def version_to_install(self, name: str) -> str | None:
        return next((pin.pin for pin in (*self.pinned, *self.required) if pin.name == name), None)

    def problems(self, installed: Mapping[str, str]) -> list[str]:
        """Which required packages are missing or too old, one string each; empty if all is well."""
        found = []
        for requirement in self.required:
            version = installed.get(requirement.name)
            wanted = ", ".join(f"{operator}{text}" for operator, text in requirement.specifiers)
            if version is None:
                found.append(f"{requirement.name} is missing" + (f" (needed: {wanted})" if wanted else ""))
            elif requirement.minimum is not None and release(version) < release(requirement.minimum):
                found.append(f"{requirement.name} {version} is too old (needed: {wanted})")
        return found


def engine_requirements() -> Requirements:
    """Those of the engine that travels with the plugin.

    Raises
    ------
    EngineMissing : the plugin is not complete
    """
    return parse_requirements(requirements_text(), constraints_text(), lock_text())


def canonical_name(name: str) -> str:
    """The spelling that PEP 503 makes of a package's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version, without what follows them: 2.13.0+cpu → (2, 13), so that 2.13 equals 2.13.0."""
    match = re.match(r"(?:\d+!)?(\d+(?:\.\d+)*)", version)
    numbers = [int(number) for number in match.group(1).split(".")] if match else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def parse_requirements(text: str, constraints: str = "", lock: str = "") -> Requirements:
    """Requirements and constraints from the lines of their files.

    Raises
    ------
    ValueError : a line is not of the form ``name>=version`` with an optional marker
    """
    required = tuple(_parse(line) for line in _lines(text))
    pinned = tuple(_parse(line) for line in _lines(constraints))
    return Requirements(required, pinned, lock)


def _lines(text: str) -> list[str]:
    without_comments = (re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip() for line in text.splitlines())
    return [line for line in without_comments if line]


def _parse(line: str) -> Requirement:
    match = _LINE.match(line)
    parts = [part.strip() for part in match["specifiers"].split(",") if part.strip()] if match else []
    specifiers = [_SPECIFIER.match(part) for part in parts]
    if match is None or not all(specifiers):
        raise ValueError(f"Not a requirement of the form 'name>=version': {line!r}")
    pairs = tuple((specifier[1], specifier[2]) for specifier in specifiers if specifier)
    return Requirement(canonical_name(match["name"]), line, pairs, match["marker"] is not None)
