"""Whole set-ups with a scripted Python: what is asked for, what is left behind, and what is repaired."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from qgis_plugin.environment.errors import SetUpCancelled, SetUpError
from qgis_plugin.environment.options import SetUpOptions
from qgis_plugin.environment.pythons import device_build
from qgis_plugin.environment.pythons.requirements import engine_requirements
from qgis_plugin.environment.records import disk
from qgis_plugin.environment.records.failure_log import last_failures
from qgis_plugin.environment.records.lock import only_set_up
from qgis_plugin.environment.records.record import read_record, write_json
from qgis_plugin.environment.records.state import managed_state
from qgis_plugin.environment.set_up import set_up

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def options(fake) -> SetUpOptions:
    return SetUpOptions(python=fake.path, device_build="cpu")


def state(location):
    return managed_state(location, engine_requirements().fingerprint())


def test_an_environment_is_built_checked_and_recorded(fake, location, options, listener) -> None:
    record = set_up(options, location, listener)

    assert state(location).kind == "ready"
    assert read_record(location.record) == record
    assert record.python == str(location.python)
    assert record.base_python == str(fake.path)
    assert record.installer == "uv 99.2.0"
    assert record.devices == ("A processor (cpu)",)
    assert record.packages["torch"] == "2.13.0"
    assert not location.marker.exists()
    assert not location.cache.exists()


def test_torch_is_asked_for_with_exactly_its_pin(location, options, listener) -> None:
    set_up(options, location, listener)

    asked = location.requirements.read_text().splitlines()
    assert "torch==2.13.0" in asked
    assert [line for line in asked if "torch" in line] == ["torch==2.13.0"]
    assert any(line.startswith("rasterio>=") for line in asked)
    assert not any(line.startswith("pytest") for line in asked), "tools of the developers are not installed"


def test_progress_goes_forward_to_the_end(location, options, listener) -> None:
    set_up(options, location, listener)

    assert listener.fractions == sorted(listener.fractions)
    assert listener.fractions[0] == 0.0
    assert 0.85 <= listener.fractions[-1] <= 1.0
    assert len(set(listener.fractions)) > 5


def test_every_line_of_the_installer_is_shown_and_kept(location, options, listener) -> None:
    set_up(options, location, listener)

    assert "Resolved 60 packages in 1s" in listener.of("console")
    assert "Resolved 60 packages in 1s" in location.log.read_text()


def test_mirrors_of_pip_reach_uv_and_their_passwords_nobody_else(fake, location, options, listener) -> None:
    index = "https://me:secret@mirror.example/simple"  # pragma: allowlist secret
    fake.behave(
        pip_config=[f"global.index-url='{index}'", "global.find-links='/wheels /more'", "global.cert='/ca.pem'"],
        uv={"lines": [f"Looking at {index}"]},
    )
    set_up(options, location, listener)

    assert len(fake.calls("uv")) == 2, "PyTorch apart, as a mirror may have another build of it"
    for call in fake.calls("uv"):
        assert call["variables"]["UV_DEFAULT_INDEX"] == index
        assert call["variables"]["UV_FIND_LINKS"] == "/wheels,/more"
        assert call["variables"]["SSL_CERT_FILE"] == "/ca.pem"
        assert "secret" not in " ".join(call["arguments"])
    assert "secret" not in str(listener.lines)
    assert "secret" not in location.log.read_text()
    assert "https://***@mirror.example/simple" in listener.of("console")


def test_variables_of_uv_that_the_user_set_win(fake, location, options, listener, monkeypatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://chosen.example/simple")
    fake.behave(pip_config=["global.index-url='https://mirror.example/simple'"])
    set_up(options, location, listener)

    assert fake.calls("uv")[0]["variables"]["UV_DEFAULT_INDEX"] == "https://chosen.example/simple"


def test_a_build_of_torch_is_left_to_uv_only_if_the_user_says_so(
    fake, location, options, listener, monkeypatch
) -> None:
    """uv would then take torch from PyTorch's own index alone, and from no mirror and no folder of wheels."""
    fake.behave(pip_config=["global.find-links='/wheels'"])
    set_up(options, location, listener)
    assert "UV_TORCH_BACKEND" not in fake.calls("uv")[-1]["variables"]
    assert not [word for word in fake.calls("uv")[-1]["arguments"] if "torch-backend" in word]

    monkeypatch.setenv("UV_TORCH_BACKEND", "cu126")
    set_up(dataclasses.replace(options, rebuild=True), location, listener)
    assert fake.calls("uv")[-1]["variables"]["UV_TORCH_BACKEND"] == "cu126"
    assert fake.calls("uv")[-1]["variables"]["UV_FIND_LINKS"] == "/wheels"


def test_the_proxy_reaches_the_installer(fake, location, listener) -> None:
    options = SetUpOptions(
        python=fake.path,
        device_build="cpu",
        proxy={"HTTPS_PROXY": "http://u:secret@proxy:3128"},  # pragma: allowlist secret
    )
    set_up(options, location, listener)

    assert fake.calls("uv")[0]["variables"]["HTTPS_PROXY"] == "http://u:secret@proxy:3128"  # pragma: allowlist secret
    assert "secret" not in str(listener.lines)


def test_without_uv_pip_installs_and_says_why(fake, location, options, listener) -> None:
    fake.behave(uv_problem="No matching distribution found for uv")
    record = set_up(options, location, listener)

    assert record.installer == "pip 99.1"
    assert "pip is used instead of uv" in listener.of("warning")
    assert "No matching distribution found for uv" in listener.of("warning")


def test_settings_that_uv_does_not_know_are_left_to_pip(fake, location, options, listener) -> None:
    fake.behave(pip_config=["install.prefer-binary='true'"])
    record = set_up(options, location, listener)

    assert record.installer == "pip 99.1"
    assert "prefer-binary" in listener.of("warning")
    assert not fake.calls("uv")


def test_an_installation_that_uv_cannot_do_is_tried_with_pip(fake, location, options, listener) -> None:
    fake.behave(uv={"status": 2, "lines": ["error: invalid peer certificate: UnknownIssuer"]})
    record = set_up(options, location, listener)

    assert record.installer == "pip 99.1"
    assert "certificate" in listener.of("warning")


def test_a_failed_installation_is_explained_remembered_and_repaired(fake, location, options, listener) -> None:
    broken = {"status": 1, "lines": ["ERROR: [Errno 28] No space left on device"]}
    fake.behave(uv=broken, pip=broken)
    with pytest.raises(SetUpError, match=r"disk became full.*Free several gigabytes"):
        set_up(options, location, listener)

    assert state(location).kind == "interrupted"
    assert "run 'Set up engine'" in state(location).message
    assert "disk became full" in last_failures(location.failures)[-1]["message"]

    fake.behave(uv={"status": 0})
    set_up(options, location, listener)
    assert state(location).kind == "ready"
    assert len(fake.calls("venv")) == 2, "half an environment is not built upon"


def test_cancel_is_quick_ends_the_installer_and_is_repaired(fake, location, options, make_listener) -> None:
    moments = []

    def cancel(line: str) -> None:
        if line == "hanging":
            moments.append(time.monotonic())
            listener.cancelled = True

    listener = make_listener(cancel)
    fake.behave(uv={"hangs": True})
    with pytest.raises(SetUpCancelled, match="Run 'Set up engine' again"):
        set_up(options, location, listener)
    latency = time.monotonic() - moments[0]

    print(f"cancel while packages are installed: {latency:.2f} s")
    assert latency < 2.0
    wait_until_gone(fake.pids())
    assert json.loads(location.marker.read_text())["step"] == "packages"
    assert state(location).kind == "interrupted"

    fake.behave(uv={"hangs": False})
    set_up(options, location, make_listener())
    assert state(location).kind == "ready"


def test_a_killed_qgis_takes_its_installer_along(fake, location, options, listener) -> None:
    fake.behave(uv={"hangs": True})
    program = textwrap.dedent(f"""
        import sys; sys.path.insert(0, {str(ROOT)!r}); sys.path.insert(0, {str(Path(__file__).parent)!r})
        from pathlib import Path
        from conftest import Recorder
        from qgis_plugin.environment.records.location import Location
        from qgis_plugin.environment.options import SetUpOptions
        from qgis_plugin.environment.set_up import set_up
        options = SetUpOptions(python=Path({str(fake.path)!r}), device_build="cpu")
        set_up(options, Location(Path({str(location.folder)!r})), Recorder(lambda line: print(line, flush=True)))
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as qgis:
        assert qgis.stdout is not None
        for line in qgis.stdout:
            if line.strip() == "hanging":
                break
        assert "being set up at the moment" in state(location).message
        qgis.send_signal(signal.SIGKILL)
    wait_until_gone(fake.pids())
    assert state(location).kind == "interrupted"
    assert "interrupted" in state(location).message

    fake.behave(uv={"hangs": False})
    set_up(options, location, listener)
    assert state(location).kind == "ready"


def test_a_set_up_that_is_done_is_only_checked(fake, location, options, listener) -> None:
    first = set_up(options, location, listener)
    second = set_up(options, location, listener)

    assert len(fake.calls("venv")) == len(fake.calls("uv")) == 1
    assert len(fake.calls("hsi_engine.worker")) == 2
    assert (second.base_python, second.installer, second.seconds) == (first.base_python, first.installer, first.seconds)
    assert "already set up" in listener.of("info")


def test_an_interrupted_check_is_repeated_without_installing(fake, location, options, listener) -> None:
    fake.behave(
        check={
            "type": "error",
            "error": {"code": "engine.check_failed", "message": "torch.", "hint": "", "exit_code": 1},
        }
    )
    with pytest.raises(SetUpError, match=r"did not pass its check\. torch"):
        set_up(options, location, listener)
    assert not location.record.exists()
    assert state(location).kind == "interrupted"

    fake.behave(check={"type": "result"})
    record = set_up(options, location, listener)
    assert len(fake.calls("venv")) == len(fake.calls("uv")) == 1
    assert record.installer == "uv 99.2.0"
    assert record.base_python == str(fake.path)


def test_an_engine_that_stopped_working_is_built_anew(fake, location, options, listener) -> None:
    set_up(options, location, listener)
    (location.environment / "installed.json").write_text("{}")
    set_up(options, location, listener)

    assert len(fake.calls("venv")) == 2
    assert "torch is missing" in listener.of("warning")


def test_newer_packages_are_brought_up_to_date_in_place(fake, location, options, listener) -> None:
    set_up(options, location, listener)
    write_json(location.record, {**json.loads(location.record.read_text()), "requirements": "of an older plugin"})
    assert state(location).kind == "outdated"
    assert "newer packages" in state(location).message

    set_up(options, location, listener)
    assert state(location).kind == "ready"
    assert len(fake.calls("venv")) == 1
    assert len(fake.calls("uv")) == 2


def test_an_environment_whose_python_vanished_is_built_anew(fake, location, options, listener) -> None:
    set_up(options, location, listener)
    location.python.unlink()
    assert state(location).kind == "broken"
    assert str(fake.path) in state(location).message

    set_up(options, location, listener)
    assert state(location).kind == "ready"


def test_rebuilding_starts_from_nothing(fake, location, options, listener) -> None:
    set_up(options, location, listener)
    (location.environment / "mine").touch()
    set_up(SetUpOptions(python=fake.path, device_build="cpu", rebuild=True), location, listener)

    assert not (location.environment / "mine").exists()
    assert [path.name for path in location.folder.glob("environment*")] == ["environment"]


def test_a_full_disk_is_noticed_before_anything_is_touched(fake, location, options, listener, monkeypatch) -> None:
    usage = shutil.disk_usage(location.folder.parent)._replace(free=10**9)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(SetUpError, match=r"too full.*2\.5 GB are needed in .*, 1\.0 GB are free.*HSI_ENGINE_HOME"):
        set_up(options, location, listener)

    assert not fake.calls("venv")
    assert state(location).kind == "missing"


def test_a_folder_that_cannot_be_written_is_named(location, options, listener) -> None:
    location.folder.parent.mkdir(exist_ok=True)
    location.folder.touch()
    with pytest.raises(SetUpError, match=r"cannot be written: .*engine \(.*HSI_ENGINE_HOME"):
        set_up(options, location, listener)


def test_two_set_ups_do_not_meet(location, options, listener) -> None:
    location.folder.mkdir()
    with only_set_up(location.lock), pytest.raises(SetUpError, match="Another set-up of the engine is running"):
        set_up(options, location, listener)


def test_an_environment_that_cannot_be_made_is_explained(fake, location, options, listener) -> None:
    fake.behave(venv_status=1)
    with pytest.raises(SetUpError, match=r"could not make an environment in .*Base Python"):
        set_up(options, location, listener)


def test_wheels_are_the_only_source_and_missing_ones_are_named(fake, location, listener, tmp_path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    options = SetUpOptions(python=fake.path, wheels=wheels)
    with pytest.raises(SetUpError, match="no wheels"):
        set_up(options, location, listener)

    (wheels / "rasterio-1.3-cp310-cp310-win_amd64.whl").touch()
    fake.behave(
        missing_wheels=[
            {"requirement": "torch==2.13.0", "required_by": "the engine", "found": ""},
            {
                "requirement": "rasterio>=1.4",
                "required_by": "the engine",
                "found": "rasterio-1.3-cp310-cp310-win_amd64.whl",
            },
        ]
    )
    expected = (
        r"lacks 2 of the required wheels.*torch==2\.13\.0 \(for the engine\); rasterio.*found only rasterio-1\.3-cp310"
    )
    with pytest.raises(SetUpError, match=expected):
        set_up(options, location, listener)

    fake.behave(missing_wheels=[])
    set_up(options, location, listener)
    [call] = fake.calls("pip", "--isolated", "install")
    assert ["--no-index", "--find-links", str(wheels)] == call["arguments"][-3:]
    assert call["variables"]["PIP_CONFIG_FILE"] == os.devnull
    assert "the folder of wheels holds none" in listener.of("warning")


def test_the_index_of_pytorch_is_used_where_it_answers(fake, location, options, listener, monkeypatch) -> None:
    monkeypatch.setattr(device_build.sys, "platform", "linux")
    fake.behave(index_problem="")
    set_up(options, location, listener)

    rest, torch = fake.calls("uv")
    assert "--require-hashes" in rest["arguments"]
    assert "UV_INDEX" not in rest["variables"], "the index of PyTorch gives nothing but PyTorch"
    assert not re.search("^(torch|nvidia)", (location.folder / "locked.txt").read_text(), re.MULTILINE)
    assert torch["variables"]["UV_INDEX"].endswith("/whl/cpu")
    assert "--require-hashes" not in torch["arguments"]
    assert (location.folder / "torch.txt").read_text() == "torch==2.13.0\n"
    assert "PyTorch 2.13.0" in listener.of("info")
    assert "without comparing hashes, because they come from https://" in listener.of("info")
    assert not listener.of("warning")


def test_what_will_be_downloaded_is_said_before_and_held_to_its_hashes(fake, location, options, listener) -> None:
    set_up(options, location, listener)

    [call] = fake.calls("uv")
    assert {"--require-hashes", "--no-deps"} <= set(call["arguments"])
    said = next(text for kind, text in listener.lines if kind == "info" and text.startswith("To be downloaded: "))
    assert re.search(r"packages, [\d,]+ MB at most; each file is compared with the hash", said)
    assert "torch 2.13.0 (527 MB)" in said
    assert "affine 3." in said
    order = [text for _, text in listener.lines]
    assert order.index(said) < order.index("Resolved 60 packages in 1s")
    text = (location.folder / "locked.txt").read_text()
    assert "torch==2.13.0 \\\n    --hash=sha256:" in text
    assert not re.search("^(uv|pip)==", text, re.MULTILINE), "installers are not part of the engine"


def test_installers_themselves_are_held_to_hashes(fake, location, options, listener) -> None:
    fake.behave(uv={"status": 2, "lines": ["error: anything"]})
    set_up(options, location, listener)

    for name in ("uv", "pip"):
        [call] = [c for c in fake.calls("pip", "install") if c["arguments"][-1].endswith(f"{name}.txt")]
        assert "--require-hashes" in call["arguments"]
        assert re.fullmatch(
            rf"{name}==\S+ \\\n(    --hash=sha256:\w+( \\)?\n)+", (location.folder / f"{name}.txt").read_text()
        )


def test_other_sources_may_offer_another_build_of_torch(fake, location, options, listener) -> None:
    fake.behave(pip_config=["global.find-links='/wheels'"])
    set_up(options, location, listener)

    rest, torch = fake.calls("uv")
    assert "--require-hashes" in rest["arguments"]
    assert "--require-hashes" not in torch["arguments"]
    assert "the settings of pip or uv name other sources (find-links)" in listener.of("info")


def test_a_file_of_another_hash_is_refused_with_words(fake, location, options, listener) -> None:
    fake.behave(
        uv={"status": 1, "lines": ["error: Hash mismatch for `numpy==2.4.6`"]},
        pip={"status": 1, "lines": ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."]},
    )
    with pytest.raises(SetUpError, match=r"its hash differs.*mirror that repacks.*Folder of wheels"):
        set_up(options, location, listener)


def test_the_usual_sources_are_used_loudly_where_it_does_not(fake, location, options, listener) -> None:
    set_up(options, location, listener)

    assert "UV_INDEX" not in fake.calls("uv")[0]["variables"]
    assert "should come from" in listener.of("warning")
    assert "it cannot be reached" in listener.of("warning")


def wait_until_gone(pids: list[int]) -> None:
    """Ended processes may stay as zombies until whoever adopts them looks."""
    deadline = time.monotonic() + 10
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, "the installer still runs"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False
