"""What the engine wrote, as layers of the project: named after the scene, styled, and up to date."""

from __future__ import annotations

from .layer_metadata import MapFacts
from .output_layers import OutputLayer, add_results
from .refresh import refresh_overwritten, refuse_open_outputs

__all__ = ["MapFacts", "OutputLayer", "add_results", "refresh_overwritten", "refuse_open_outputs"]
