"""What the engine wrote, as layers of the project: named after the scene, styled, and up to date."""

from __future__ import annotations

from .layer_metadata import MapFacts
from .main_thread import on_main_thread
from .output_layers import OutputLayer, add_results
from .refresh import refresh_overwritten, refuse_open_outputs, refuse_unsaved_edits
from .scene_colours import SceneColours, show_scene

__all__ = [
    "MapFacts",
    "OutputLayer",
    "SceneColours",
    "add_results",
    "on_main_thread",
    "refresh_overwritten",
    "refuse_open_outputs",
    "refuse_unsaved_edits",
    "show_scene",
]
