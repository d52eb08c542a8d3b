"""Scripts and saved models that call a parameter by the name it had one version ago."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import QgsProcessingException

from ..engine.operations import OperationDescription
from ..translation import tr
from .parameters import qgis_name


def with_new_names(operation: OperationDescription, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """``values`` of QGIS under the names of today, and a warning for each old one; a new name goes first.

    Raises
    ------
    QgsProcessingException : a parameter no longer exists.
    """
    found, warnings = dict(values), []
    for old in operation.old_names:
        name = qgis_name(old.name)
        if name not in found:
            continue
        if old.new is None:
            raise QgsProcessingException(tr("Parameter {} no longer exists. {}").format(name, old.instead))
        value, new = found.pop(name), qgis_name(old.new)
        found.setdefault(new, value)
        warnings.append(
            tr("Parameter {} is now called {}. The old name will stop working in the next version.").format(name, new)
        )
    return found, warnings
