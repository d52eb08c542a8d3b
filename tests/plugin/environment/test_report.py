from __future__ import annotations

from pathlib import Path

from qgis_plugin.environment.records.failure_log import last_failures, remember_failure
from qgis_plugin.environment.records.state import managed_state
from qgis_plugin.environment.report import (
    Section,
    engine_section,
    failure_section,
    report_html,
    report_text,
    self_test_section,
)


def test_the_text_can_be_copied_and_keeps_names_and_passwords_back() -> None:
    rows = [
        ("One", f"{Path.home()}/engine"),
        ("Longer", "https://me:secret@host/simple\nsecond line"),  # pragma: allowlist secret
    ]  # pragma: allowlist secret
    assert report_text([Section("Title", rows)]) == (
        "## Title\nOne     ~/engine\nLonger  https://***@host/simple\n    second line\n"
    )


def test_the_page_holds_the_same_and_no_markup_of_others() -> None:
    page = report_html([Section("Title", [("Name", "<b>value</b>")])], "Report", "Copy")
    assert "&lt;b&gt;value&lt;/b&gt;" in page
    assert page.count("<h2>") == 1


def test_a_missing_engine_can_be_reported(location) -> None:
    section = engine_section(managed_state(location, "print"), location)
    assert dict(section.rows)["State"] == "missing"
    assert dict(section.rows)["Free on its disk"].endswith(" GB")


def test_the_self_test_says_what_failed() -> None:
    answer = {"checks": [{"check": "GDAL", "ok": False, "message": "no driver"}], "gdal": "3.9"}
    assert self_test_section(answer).rows == [("GDAL", "FAILED: no driver"), ("gdal", "3.9")]


def test_the_last_five_failures_are_kept_newest_first(location) -> None:
    assert failure_section(location).rows == [("None", "")]
    for number in range(7):
        remember_failure(location.failures, "Set up engine", f"failure {number}", "\n".join(map(str, range(100))))

    kept = last_failures(location.failures)
    assert [failure["message"] for failure in kept] == [f"failure {number}" for number in range(2, 7)]
    assert kept[0]["details"].splitlines() == [str(number) for number in range(70, 100)]
    assert failure_section(location).rows[0][1].startswith("failure 6\n70")


def test_no_password_is_kept(location) -> None:
    remember_failure(
        location.failures,
        "Train",
        "no https://me:secret@host/x",  # pragma: allowlist secret
        "line\nhttps://me:secret@host/y",  # pragma: allowlist secret
    )
    assert "secret" not in location.failures.read_text()
    assert "https://***@host/x" in last_failures(location.failures)[0]["message"]


def test_a_damaged_file_of_failures_does_no_harm(location) -> None:
    location.folder.mkdir()
    location.failures.write_text("{")
    remember_failure(location.failures, "what", "message")
    assert len(last_failures(location.failures)) == 1
