"""Phrases on the list are found in what users and developers read, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

import check_words
from check_words import findings, main, read_rules


def found_in(tmp_path: Path, name: str, content: str) -> list[str]:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return [line.removeprefix(f"{name}:") for line in findings([path], read_rules(), tmp_path)]


@pytest.mark.parametrize(
    "call",
    [
        'error("Install the packages anew.")',
        'parameter(title="Resume", description="Go on with an earlier run.")',
        'notes.add(f"{count} pixels lie beside the border.")',
        'tr("{}: “{}” is no choice.")',
        'error("The model fits. "\n    "Its bands are found by themselves.")',
        'description = "One band a class."',
        'error("The map, where both are given.")',
        '"""Read the file anew."""',
        'def f() -> None:\n    """The note\n    goes on."""',
        "x = 1  # go on, at once",
        "# a run goes\n# on after this\nx = 1",
        'class A:\n    x = 1\n    """A text."""',
    ],
)
def test_a_bad_phrase_in_a_text_is_found(tmp_path: Path, call: str) -> None:
    assert len(found_in(tmp_path, "module.py", call)) == 1


@pytest.mark.parametrize(
    "code",
    [
        'name = "anew"',
        '"""Calls ``go_on`` and :func:`beside`."""',
        'def f(texts: list[str]) -> None:\n    """Write.\n\n    Parameters\n    ----------\n    texts : one each.\n    """',
        "# a run that may go\n\n# on after this",
        "x = 1  # as `go on` says",
        "x = 1  # it may go on  # words: ok",
        'error("The scene has no data there, so its pixels are left out.")',
        'error("Pixels where the scene has no data are left out.")',
        'error("Continue on Monday, by hand.")',
        'error("Go on.")  # words: ok',
        'error(f"The file {beside.go_on(path)} no longer exists.")',
    ],
)
def test_code_and_good_english_pass(tmp_path: Path, code: str) -> None:
    assert found_in(tmp_path, "module.py", code) == []


def test_a_finding_names_line_phrase_and_what_to_say(tmp_path: Path) -> None:
    source = 'error(\n    "All is well."\n    " The run goes on."\n)\n'
    (finding,) = found_in(tmp_path, "module.py", source)
    assert finding.startswith("3: “goes on”: say “continue")


def test_the_code_of_a_page_is_not_prose(tmp_path: Path) -> None:
    page = "Run `go on --anew` or\n\n```sh\ngo on\n```\n\nsee [this](beside.md).\n\nIt goes\non.\n"
    assert [line.partition(":")[0] for line in found_in(tmp_path, "page.md", page)] == ["9"]


def test_the_markup_of_a_template_is_not_prose(tmp_path: Path) -> None:
    page = '<p class="anew">{{ go.on }}{% if beside %}Fine.{% endif %}</p>\n<p>What is left.</p>\n'
    assert [line.partition(":")[0] for line in found_in(tmp_path, "page.html.j2", page)] == ["2"]


@pytest.mark.parametrize("line", ["anew => again", "( => x => y", "a =>  => b"])
def test_a_line_of_the_list_that_cannot_be_read_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(f"# a remark\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"words\.txt:3: "):
        read_rules(path)


def test_the_exit_status_tells_whether_something_is_to_correct(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_words, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("The run goes on.\n", encoding="utf-8")
    assert main([str(page)]) == 1
    assert "page.md:1: “goes on”" in capsys.readouterr().out
    page.write_text("The run continues.\nIt was *go on* before. <!-- words: ok -->\n", encoding="utf-8")
    assert main([str(page)]) == 0


def test_all_that_is_read_is_there() -> None:
    """What it says of the project is a check of its own: ``make words``."""
    assert [name for name in check_words.READ if not (check_words.ROOT / name).exists()] == []
