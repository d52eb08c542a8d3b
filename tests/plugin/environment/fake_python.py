"""Plays a Python with venv and pip, an installer uv, and the worker of an engine; a script says how each behaves.

It is started through a link or a copy whose JSON file lies beside the original. What it is asked for is written down.
"""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(sys.argv[0]).absolute()
ORIGINAL = HERE.resolve()
SCRIPT = json.loads(ORIGINAL.with_suffix(".json").read_text())
ENVIRONMENT = HERE.parent.parent
INSTALLED = ENVIRONMENT / "installed.json"


def main(arguments: list[str]) -> int:
    if HERE.name == "uv":
        return uv(arguments)
    while arguments and arguments[0] in ("-I", "-X", "utf8"):
        arguments = arguments[1:]
    first = Path(arguments[0]).name
    if first == "supervise.py":
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")
    elif first == "describe_python.py":
        print(json.dumps({**SCRIPT["facts"], "packages": installed()}))
    elif first == "missing_wheels.py":
        print(json.dumps(SCRIPT["missing_wheels"]))
    elif first == "packages_to_fetch.py":
        print(json.dumps(pins(arguments[1])))
    elif first == "torch_index.py":
        print(json.dumps({"wheel": "", "problem": SCRIPT["index_problem"]}))
    elif first == "-m":
        note(arguments[1:])
        return {"venv": venv, "pip": pip, "hsi_engine.worker": worker}[arguments[1]](arguments[2:])
    return 0


def note(arguments: list[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "HTTP", "SSL"))}
    with ORIGINAL.with_suffix(".calls").open("a") as file:
        file.write(json.dumps({"arguments": arguments, "variables": kept}) + "\n")


def installed() -> dict[str, str]:
    return json.loads(INSTALLED.read_text()) if INSTALLED.exists() else SCRIPT.get("packages", {})


def venv(arguments: list[str]) -> int:
    folder = Path(arguments[0]) / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(ORIGINAL)
    return int(SCRIPT["venv_status"])


def pip(arguments: list[str]) -> int:
    if arguments == ["config", "list"]:
        print("\n".join(SCRIPT["pip_config"]))
    elif arguments == ["--version"]:
        print("pip 99.1 from somewhere")
    elif Path(arguments[-1]).name == "uv.txt" or arguments[-1].startswith("uv"):
        if SCRIPT["uv_problem"]:
            print(f"ERROR: {SCRIPT['uv_problem']}")
            return 1
        (HERE.parent / "uv").symlink_to(ORIGINAL)
    elif "--requirement" in arguments:
        return install("pip", arguments)
    return 0


def uv(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print("uv 99.2.0 (fake)")
        return 0
    note(["uv", *arguments])
    return install("uv", arguments)


def install(installer: str, arguments: list[str]) -> int:
    behaviour = SCRIPT[installer]
    for line in behaviour["lines"]:
        print(line, flush=True)
    if behaviour["hangs"]:
        child = subprocess.Popen(["/bin/sleep", "600"])
        ORIGINAL.with_suffix(".pids").write_text(f"{os.getpid()} {child.pid}")
        print("hanging", flush=True)
        time.sleep(600)
    if behaviour["status"] == 0:
        packages = [
            pin.replace("==", ">=").split(">=") for pin in pins(arguments[arguments.index("--requirement") + 1])
        ]
        there = json.loads(INSTALLED.read_text()) if INSTALLED.exists() else {}
        INSTALLED.write_text(json.dumps({**there, **dict(packages)}))
    return int(behaviour["status"])


def pins(path: str) -> list[str]:
    lines = [line.split() for line in Path(path).read_text().splitlines()]
    return [words[0] for words in lines if words and not words[0].startswith(("#", "--hash"))]


def worker(arguments: list[str]) -> int:
    hello = {
        "type": "hello",
        "protocol": 1,
        "version": SCRIPT["engine_version"],
        "pid": 1,
        "temporary_prefix": ".tmp-1-",
    }
    print(json.dumps(hello), flush=True)
    sys.stdin.readline()
    print(json.dumps(SCRIPT["check"]), flush=True)
    return 0


sys.exit(main(sys.argv[1:]))
