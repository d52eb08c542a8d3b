"""What a user can ask of a set-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class SetUpOptions:
    """Wishes for the plugin's own environment.

    Attributes
    ----------
    python : the base Python; None: one is looked for
    device_build : auto, cpu or gpu
    wheels : a folder that is the only source of packages; None: pip's usual sources
    rebuild : start from nothing even if something could be kept
    proxy : variables such as HTTPS_PROXY; never shown
    """

    python: Path | None = None
    device_build: str = "auto"
    wheels: Path | None = None
    rebuild: bool = False
    proxy: Mapping[str, str] = field(default_factory=dict)
