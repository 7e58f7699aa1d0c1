"""What functions answer to the probes of an exercise, asked when it is needed."""

import contextlib
import io
import warnings
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch

from lesson_code.checker.register import Bug, patched
from lesson_code.checker.exercise import Exercise, Probe, Seen, difference

#: Stands in an answer for what could not be seen, with the type of the error.
RAISED = "raised"


class TooSlow(BaseException):
    """The time limit is over; raised inside the reader's code, past any ``except Exception``."""


class Answers:
    """What a candidate answers to each probe, asked when it is needed and then kept.

    Args:
        candidate: called by the exercise's names of arguments.
    """

    def __init__(self, candidate: Callable[..., Any]) -> None:
        self.candidate = candidate
        self.seen: dict[str, Seen] = {}
        self.errors: dict[str, BaseException] = {}
        self.output = io.StringIO()

    def to(self, probe: Probe) -> Seen:
        """The answer to one probe; nothing that the candidate raises or prints gets out."""
        if probe.name not in self.seen:
            self.seen[probe.name] = self._asked(probe)
        return self.seen[probe.name]

    def differing(self, other: "Answers", probes: Sequence[Probe]) -> list[Probe]:
        """The probes that both answer differently."""
        return [probe for probe in probes if difference(probe, self.to(probe), other.to(probe))]

    def agrees(self, other: "Answers", probes: Sequence[Probe]) -> bool:
        """Whether both answer all of these alike; asks no further after a difference."""
        return not any(difference(probe, self.to(probe), other.to(probe)) for probe in probes)

    def _asked(self, probe: Probe) -> Seen:
        torch.default_generator.manual_seed(0)  # of the CPU: the others take a ms
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(self.output),
            contextlib.redirect_stderr(self.output),
        ):
            warnings.simplefilter("ignore")
            try:
                return probe.ask(self.candidate)
            except TooSlow:
                raise
            except BaseException as error:
                self.errors[probe.name] = error
                return {RAISED: type(error).__name__}


@cache
def expected(exercise: Exercise) -> Answers:
    """What the published function answers."""
    return Answers(exercise.reference)


@cache
def answers_with(*bugs: Bug) -> Answers:
    """What the function with these bugs answers.

    Raises:
        BankError: if the bugs exclude each other.
    """
    return Answers(patched(*bugs))


def asked(candidate: Callable[..., Any], exercise: Exercise) -> Answers:
    """Put all required probes to a candidate, and those with a remark if it answers them right."""
    answers = Answers(candidate)
    if not answers.differing(expected(exercise), exercise.required):
        for probe in exercise.remarked:
            answers.to(probe)
    return answers
