"""Names that parameters had in the version before: they work for one version more, with a warning.

When a parameter is renamed, a line here is all that is needed: the command line, Python, requests to the worker and the
forms of QGIS take both names. When one is removed, its line names what to use instead. Lines of the version before the last
are deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class OldName:
    """What became of a parameter.

    Parameters
    ----------
    new : its name now; None if no parameter took its place.
    instead : what to do instead, a sentence; for parameters without a new name.
    """

    new: str | None = None
    instead: str = ""


_NO_WHITEN = OldName(instead="Set whiten to 0.")

# By operation, then by the old name.
OLD_NAMES: Mapping[str, Mapping[str, OldName]] = {
    "train_classifier": {"no_whiten": _NO_WHITEN},
    "train_and_classify": {"no_whiten": _NO_WHITEN},
    "run_demo": {"epochs": OldName(instead="Choose with effort (quick, standard, thorough) how long the demo trains.")},
}


def old_names(operation: str) -> Mapping[str, OldName]:
    """The old names of an operation; empty if it has none."""
    return OLD_NAMES.get(operation, {})


def with_new_names(operation: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """``values`` under the names of today, and a warning for each old one.

    Raises
    ------
    ParameterError : a parameter no longer exists, or is given under both names.
    """
    known, found, warnings = old_names(operation), dict(values), []
    for name in [name for name in values if name in known]:
        old = known[name]
        if old.new is None:
            raise removed_parameter(operation, name, old)
        if old.new in values:
            raise ParameterError(
                f"Parameters '{name}' and '{old.new}' are the same: '{old.new}' is the new name of '{name}'.",
                code="given_twice",
                hint=f"Give {old.new} only.",
            )
        found[old.new] = found.pop(name)
        warnings.append(
            f"Parameter '{name}' is now called '{old.new}'. The old name will stop working in the next version."
        )
    return found, warnings


def removed_parameter(operation: str, name: str, old: OldName) -> ParameterError:
    """The error for a parameter that has no successor."""
    return ParameterError(f"{operation} no longer has a parameter {name!r}.", code="removed", hint=old.instead)
