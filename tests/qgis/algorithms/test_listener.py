"""What the user sees of the worker's messages."""

from __future__ import annotations

import pytest

from qgis_plugin.runs import listener as listener_module
from qgis_plugin.runs.listener import FeedbackListener, phase_of
from recording_feedback import RecordingFeedback


@pytest.mark.parametrize(
    ("message", "phase"),
    [
        ("Training the network: epoch 3 of 40, batch 2 of 33", "Training the network"),
        ("Looking for bands without data", "Looking for bands without data"),
        ("", ""),
    ],
)
def test_phase(message: str, phase: str) -> None:
    assert phase_of(message) == phase


def test_the_bar_moves_from_where_the_layers_left_it_and_the_text_changes_with_the_phase_only(
    feedback: RecordingFeedback,
) -> None:
    listener = FeedbackListener(feedback)
    for fraction, message in [
        (0.1, "PCA: 1 of 2"),
        (0.2, "PCA: 2 of 2"),
        (0.5, "Training the network: epoch 1"),
        (1.2, ""),
    ]:
        listener.progress(fraction, message)

    assert feedback.progress_values == pytest.approx([14.5, 24, 52.5, 100])
    assert feedback.texts == ["PCA", "Training the network"]


def test_a_long_phase_tells_every_minute_how_far_it_is(
    feedback: RecordingFeedback, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(listener_module.time, "monotonic", lambda: now)
    listener = FeedbackListener(feedback)
    for number in range(1, 6):
        listener.progress(number / 10, f"Classifying the scene: tile {number} of 9, about {9 - number} min left")
        now += 35
    listener.progress(1, "Writing the map")

    assert feedback.texts == [
        "Classifying the scene",
        "Classifying the scene: tile 3 of 9, about 6 min left",
        "Classifying the scene: tile 5 of 9, about 4 min left",
        "Writing the map",
    ]


def test_warnings_stand_out(feedback: RecordingFeedback) -> None:
    listener = FeedbackListener(feedback)
    listener.log("info", "16 bands are used.")
    listener.log("warning", "20 pixels were left out.")
    listener.artifact("class_map", "map.tif")

    assert feedback.infos == ["16 bands are used."]
    assert feedback.warnings == ["20 pixels were left out."]


def test_files_are_kept_for_the_end_of_the_log(feedback: RecordingFeedback) -> None:
    listener = FeedbackListener(feedback)
    listener.artifact("class_map", "map.tif")
    listener.artifact("report", "r.html")

    assert feedback.log == []
    assert listener.written == {"map.tif": "class_map", "r.html": "report"}


def test_cancel_is_passed_on(feedback: RecordingFeedback) -> None:
    listener = FeedbackListener(feedback)
    assert not listener.is_cancelled()
    feedback.cancel()
    assert listener.is_cancelled()
