"""An engine whose worker follows a script, for tests of whoever starts it: standard library only."""

from __future__ import annotations

import textwrap
from pathlib import Path

HEAD = """
import json, os, signal, subprocess, sys, time

def write(line):
    sys.stdout.buffer.write(line + b"\\n")
    sys.stdout.buffer.flush()

def say(kind, /, **fields):
    write(json.dumps({"type": kind, **fields}, ensure_ascii=False).encode())

def hello(**fields):
    say("hello", **{"protocol": 1, "version": "7.8.9", "pid": os.getpid(), "temporary_prefix": ".tmp-0000aaaa-", **fields})

def read():
    line = sys.stdin.buffer.readline()
    return json.loads(line) if line else None

"""


def write_engine(folder: Path, text: str) -> Path:
    """Write an engine of version 7.8.9 into ``folder``, whose worker runs ``text`` after :data:`HEAD`."""
    package = folder / "hsi_engine"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    (package / "version.py").write_text('VERSION = "7.8.9"\n', encoding="utf-8")
    (package / "worker.py").write_text(HEAD + textwrap.dedent(text), encoding="utf-8")
    return folder
