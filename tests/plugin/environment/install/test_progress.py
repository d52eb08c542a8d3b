from __future__ import annotations

from qgis_plugin.environment.install.progress import InstallProgress, is_progress_line


def test_bytes_of_pip_move_the_fraction() -> None:
    progress = InstallProgress(1000)
    seen = []
    for line in [
        "Collecting torch==2.13.0",
        "  Downloading torch-2.13.0.whl (600 bytes)".strip(),
        "Progress 300 of 600",
        "Progress 600 of 600",
        "Downloading numpy-2.0.whl (200 bytes)",
        "Progress 200 of 200",
        "Installing collected packages: numpy, torch",
        "Successfully installed numpy-2.0 torch-2.13.0",
    ]:
        progress.line(line)
        seen.append(round(progress.fraction, 2))
    assert seen == [0.0, 0.0, 0.24, 0.48, 0.48, 0.64, 0.85, 1.0]


def test_what_is_written_moves_the_fraction_while_uv_is_silent() -> None:
    progress = InstallProgress(1000)
    progress.line("Resolved 60 packages in 1s")
    assert progress.fraction == 0.05
    progress.grown(500)
    assert progress.fraction == 0.4
    progress.grown(-100)
    assert progress.fraction == 0.4
    progress.grown(5000)
    assert progress.fraction == 0.8
    progress.line("Prepared 60 packages in 9s")
    assert progress.fraction == 0.85


def test_the_file_that_arrives_is_named_without_its_folder() -> None:
    progress = InstallProgress(1000)
    progress.line("Processing /wheels/numpy-2.0.whl")
    assert progress.message == "Downloading packages: numpy-2.0.whl"
    progress.line("Downloading torch (180.1MiB)")
    assert progress.message == "Downloading packages: torch"


def test_lines_for_programs_are_told_from_lines_for_people() -> None:
    assert is_progress_line("Progress 5 of 10")
    assert not is_progress_line("Progress is good")
