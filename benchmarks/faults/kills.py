"""Jobs that are killed, stopped for a while, or meet another one with the same output."""

from __future__ import annotations

import os
import signal
import time

from .running import Act, killed_after
from .trials import Outcome, Trial


def kill(trial: Trial) -> Outcome:
    """SIGKILL at a random moment, twice in every other trial, then the job once more, resumed."""
    said = []
    for _ in range(1 + trial.number % 2):
        moment = trial.moment()
        end = trial.run(killed_after(moment))
        said.append(f"{end.how} {end.said} after {moment:.2f} s")
        if end.how not in ("killed", "done"):
            return trial.outcome("lost", " ".join(said))
        if broken := trial.broken():
            return trial.outcome("lost", f"broken {broken}; {said}")
    return trial.repeated(", ".join(said))


def stop_for_a_while(trial: Trial) -> Outcome:
    """SIGSTOP at a random moment, and SIGCONT half a second later."""
    moment = trial.moment()
    stopped = Act(moment, lambda process: os.kill(process, signal.SIGSTOP))
    goes_on = Act(moment + 0.5, lambda process: os.kill(process, signal.SIGCONT))
    return trial.judged(trial.run(stopped, goes_on), f"stopped after {moment:.2f} s:")


def two_at_once(trial: Trial) -> Outcome:
    """Two jobs with the same output, the second a moment later: one of them may be refused."""
    first = trial.begin()
    time.sleep(trial.moment())
    second = trial.run()
    ends = [first.end(), second]
    said = "; ".join(f"{end.how} {end.said}" for end in ends)
    if any(end.how not in ("done", "refused") for end in ends) or all(end.how == "refused" for end in ends):
        return trial.outcome("lost", said)
    if all(end.how == "done" for end in ends):
        return trial.judged(second, said)
    return trial.repeated(said)
