"""What a set-up has to do, from what it finds."""

from __future__ import annotations

from dataclasses import dataclass

from ..paths import exists, is_file
from .options import SetUpOptions
from .records.location import Location
from .records.record import read_json, read_record

BUILD, UPDATE, CHECK = "build", "update", "check"
# Steps as they stand in the marker.
ENVIRONMENT_STEP, PACKAGES_STEP, CHECK_STEP = "environment", "packages", "check"


@dataclass(frozen=True)
class Plan:
    """What to do, and why, as text."""

    action: str
    reason: str


def make_plan(location: Location, options: SetUpOptions, fingerprint: str) -> Plan:
    """Build from nothing, bring packages up to date, or only check: the least that makes the engine work."""
    if options.rebuild:
        return Plan(BUILD, "The environment will be rebuilt from scratch, as requested.")
    if not exists(location.environment):
        return Plan(BUILD, "The engine's environment will be built.")
    if not is_file(location.python):
        return Plan(BUILD, "The engine's Python no longer works; the environment will be rebuilt from scratch.")
    record = read_record(location.record)
    if exists(location.marker):
        marker = read_json(location.marker)
        if isinstance(marker, dict) and marker.get("step") == CHECK_STEP and marker.get("requirements") == fingerprint:
            return Plan(CHECK, "The last set-up was interrupted during its check; the check will be repeated.")
        # An installer that was cut off may have left half a package that looks whole.
        return Plan(BUILD, "The last set-up was interrupted; the environment will be built from scratch.")
    if record is None:
        return Plan(BUILD, "The environment has no readable record; it will be rebuilt from scratch.")
    if options.python is not None and record.base_python != str(options.python):
        return Plan(BUILD, f"The environment will be rebuilt from {options.python}, as requested.")
    build = "cpu" if record.torch_build == "cpu" else "gpu"
    if options.device_build not in ("auto", build):
        return Plan(BUILD, f"The environment will be rebuilt with the {options.device_build.upper()} build of PyTorch.")
    if record.requirements != fingerprint:
        return Plan(UPDATE, "This version of the plugin needs newer packages; they will be updated.")
    return Plan(CHECK, "The engine is already set up; it will be checked again.")
