"""A few operations that do what a worker must survive, and a worker that offers them: run this file."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from hsi_engine.errors import ParameterError, SceneError
from hsi_engine.io.files.outputs import StagedOutputs
from hsi_engine.operations.catalogue import Catalogue
from hsi_engine.operations.definition.base import Operation, OperationParams, OperationResult, parameter
from hsi_engine.reporting import Reporter


class EchoParams(OperationParams):
    text: str = parameter(title="Text", description="What to say.", kind="text")
    size: int = parameter(5, title="Size", description="Edge.", kind="integer", unit="px", ge=3, le=9, odd=True)
    share: float = parameter(0.5, title="Share", description="A share.", kind="number", gt=0, lt=1, advanced=True)
    mode: Literal["loud", "quiet"] = parameter(
        "loud", title="Mode", description="How.", kind="choice", choices={"loud": "Loud", "quiet": "Quiet"}
    )
    twice: bool = parameter(False, title="Twice", description="Say it again.", kind="boolean")
    scene: Path | None = parameter(None, title="Scene", description="Not used.", kind="scene")

    @model_validator(mode="after")
    def _quiet_texts_are_short(self) -> EchoParams:
        if self.mode == "quiet" and len(self.text) > 50:
            raise ParameterError("Quiet texts are short.", code="too_long", hint="Say less.")
        return self


class EchoResult(OperationResult):
    text: str
    ratio: float = float("nan")


def echo(params: EchoParams, reporter: Reporter) -> EchoResult:
    print("a print of Python")
    os.write(1, b"a print of a C library\n")
    reporter.progress(0.5, "speaking")
    reporter.log("careful", level="warning")
    reporter.metric("loss", float("inf"), 1)
    reporter.artifact("report", Path("r.html"))
    if params.mode == "quiet":
        raise SceneError("Nothing to hear.", code="silence", hint="Speak up.")
    if params.text == "crash":
        raise RuntimeError("a fault\nin two lines")
    if params.text == "exit":
        raise SystemExit(0)
    return EchoResult(text=params.text * (2 if params.twice else 1))


class BlockParams(OperationParams):
    how: Literal["polls", "in_c", "at_once"] = parameter(
        title="How",
        description="Where it hangs.",
        kind="choice",
        choices={"polls": "Polls", "in_c": "In C", "at_once": "At once"},
    )
    output: Path = parameter(title="Output", description="A file.", kind="raster_out")


class BlockResult(OperationResult):
    output: Path


def block(params: BlockParams, reporter: Reporter) -> BlockResult:
    with StagedOutputs() as stage:
        stage.path(params.output).write_text("half")
        reporter.progress(0.1, "staged")
        while params.how == "polls":
            reporter.check_cancelled()
        if params.how == "in_c":
            # PyDLL would keep the interpreter to itself; CDLL lets other threads run, as torch and GDAL do.
            library = ctypes.CDLL(None)
            while True:
                library.sleep(60)
    return BlockResult(output=params.output)


class FloodParams(OperationParams):
    lines: int = parameter(title="Lines", description="How much to say.", kind="integer", ge=1)
    output: Path = parameter(title="Output", description="A file.", kind="raster_out")


class FloodResult(OperationResult):
    output: Path


def flood(params: FloodParams, reporter: Reporter) -> FloodResult:
    with StagedOutputs() as stage:
        stage.path(params.output).write_text("whole")
        for number in range(params.lines):
            reporter.log(f"{number:100}")
    return FloodResult(output=params.output)


ECHO = Operation(
    name="echo",
    command="echo",
    title="Echo",
    summary="Say a text.",
    group="Test",
    params=EchoParams,
    result=EchoResult,
    run=f"{__name__}:echo",
    example="hsi echo --text hello",
)
BLOCK = Operation(
    name="block",
    command="block",
    title="Block",
    summary="Hang until cancelled.",
    group="Test",
    params=BlockParams,
    result=BlockResult,
    run=f"{__name__}:block",
)
FLOOD = Operation(
    name="flood",
    command="flood",
    title="Flood",
    summary="Say more than a pipe takes.",
    group="Test",
    params=FloodParams,
    result=FloodResult,
    run=f"{__name__}:flood",
    example="hsi flood --lines 9 --output map.tif",
)
CATALOGUE = Catalogue.of(ECHO, BLOCK, FLOOD)

if __name__ == "__main__":
    entry = sys.argv.pop(1)
    if entry == "worker":
        from hsi_engine.worker import main

        sys.exit(main(CATALOGUE))
    from hsi_engine.cli import main as cli_main

    sys.exit(cli_main(catalogue=CATALOGUE))
