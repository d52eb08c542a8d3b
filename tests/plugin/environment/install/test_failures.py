from __future__ import annotations

import pytest

from qgis_plugin.environment.install.failures import explain_installation


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "full",
            "HSI_ENGINE_HOME",
        ),
        ("error: tunnel error: unsuccessful 407 Proxy Authentication Required", "proxy requires", "Options > Network"),
        (
            "error: invalid peer certificate: UnknownIssuer",
            "certificate that is not trusted",
            "pip config set global.cert",
        ),
        ("ERROR: HTTP error 403 Client Error: Forbidden for url", "refused access", "pip config list"),
        ("dns error: failed to lookup address information", "cannot be reached", "Folder of wheels"),
        ("ERROR: [WinError 5] Access is denied: 'torch.dll'", "another QGIS may be using", "Close other QGIS"),
        ("ERROR: No matching distribution found for torch==2.13.0", "not available.*: torch==2.13.0.", "Base Python"),
        ("Because torch was not found in the cache", "not available.*: torch was not found.", "Base Python"),
        ("error: something new", r"pip could not install .*\(exit code 1\): error: something new", "Engine report"),
    ],
)
def test_each_cause_has_its_words_and_a_way_out(line, message, hint) -> None:
    error = explain_installation("pip", 1, ["Collecting torch", line])

    with pytest.raises(type(error), match=message):
        raise error
    assert hint in error.hint
    assert line in error.details


def test_an_installer_that_says_nothing_is_still_explained() -> None:
    assert "exit code 137" in explain_installation("uv", 137, []).message
