"""What functions answer to the probes of an exercise, asked when it is needed."""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from lesson_code.checker.compare import Seen, difference
from lesson_code.checker.exercise import Exercise, NoPlace, Probe
from lesson_code.checker.register import Bug, patched
from lesson_code.checker.shelf import exercise_of

#: Stands in an answer for what could not be seen, with the type of the error.
RAISED = "raised"


class TooSlow(BaseException):
    """The time limit is over; raised inside the reader's code, past any ``except Exception``."""


#: The types of what names a device, or a type of numbers.
_WORDS = {str, torch.device, torch.dtype}
_HALF = (torch.float16, torch.bfloat16)


class OnTheCPU(TorchFunctionMode):
    """Lets code that asks for a GPU run without one; with ``full``, in float32 where it asks less.

    ``halved`` says whether it has asked for less.
    """

    def __init__(self, full: bool = False) -> None:
        super().__init__()
        self.full, self.halved = full, False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.cuda:
            return args[0]
        if func in (torch.Tensor.half, torch.Tensor.bfloat16):
            self.halved = True
            return args[0].float() if self.full else func(*args, **kwargs)
        if not _WORDS.isdisjoint(map(type, (*args, *kwargs.values()))):  # as in few calls
            args = [*map(self._here, args)]
            kwargs = {key: self._here(item) for key, item in kwargs.items()}
        if torch.is_autocast_enabled("cpu"):
            self.halved = True
            with torch.autocast("cpu", enabled=False) if self.full else contextlib.nullcontext():
                return func(*args, **kwargs)
        return func(*args, **kwargs)

    def _here(self, item: Any) -> Any:
        if type(item) is torch.dtype:
            self.halved = self.halved or item in _HALF
            return torch.float32 if self.full and item in _HALF else item
        is_gpu = type(item) in _WORDS and str(item).partition(":")[0] in ("cuda", "mps")
        return torch.device("cpu") if is_gpu else item


@contextlib.contextmanager
def ordinary_state() -> Iterator[None]:
    """Torch as it starts, whatever a file has set, while a block runs; then as it was before.

    Gradients on, float32, the CPU, one thread: for tensors as small as those of probes, more
    threads only wait.
    """
    before = torch.get_default_dtype(), _default_device(), torch.get_num_threads()
    _set(torch.float32, None, 1)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        _set(*before)


def _default_device() -> torch.device | None:
    """The default device that somebody has set, where there is such a device at all."""
    try:
        device = torch.get_default_device()
    except (RuntimeError, AssertionError):
        return None
    return None if device.type == "cpu" else device


def _set(dtype: torch.dtype, device: torch.device | None, threads: int) -> None:
    torch.set_default_dtype(dtype)
    torch.set_default_device(device)
    if torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


class Answers:
    """What a candidate answers to each probe, asked when it is needed and then kept.

    It is called by the exercise's names of arguments; ``others`` are its answers in other ways.
    """

    def __init__(self, candidate: Callable[..., Any], others: Sequence["Answers"] = ()) -> None:
        self.candidate = candidate
        self.others = tuple(others)
        self.seen: dict[str, Seen] = {}
        self.errors: dict[str, BaseException] = {}
        self.output = io.StringIO()
        self.watched: Any = None  # of a class, its layers in one probe
        self.halved = False  # whether it asks for half precision

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how it was called."""
        return tuple(getattr(self.candidate, "notes", ()))

    def to(self, probe: Probe) -> Seen:
        """The answer to one probe; nothing that the candidate raises or prints gets out."""
        if probe.name not in self.seen:
            self.seen[probe.name] = self._asked(probe)
        return self.seen[probe.name]

    def differing(self, other: "Answers", probes: Sequence[Probe]) -> list[Probe]:
        """The probes that both answer differently."""
        return [probe for probe in probes if difference(probe, self.to(probe), other.to(probe))]

    def agrees(self, other: "Answers", probes: Sequence[Probe], loosely: bool = False) -> bool:
        """Whether both answer all of these alike; asks no further after a difference."""
        return not any(
            difference(probe, self.to(probe), other.to(probe), loosely) for probe in probes
        )

    def required(self, exercise: Exercise) -> tuple[Probe, ...]:
        """The probes that it must answer right: without those beyond its use, where it fails."""
        left = self.beyond(exercise)
        return tuple(probe for probe in exercise.required if probe not in left)

    def beyond(self, exercise: Exercise) -> list[Probe]:
        """The probes beyond its use, in which it fails, and those that it has no place for."""
        return [p for p in exercise.required if self._fails(p, exercise)]

    def _fails(self, probe: Probe, exercise: Exercise) -> bool:
        """Whether it raises or overflows."""
        mine = self.to(probe)
        if isinstance(self.errors.get(probe.name), NoPlace) or not probe.beyond:
            return isinstance(self.errors.get(probe.name), NoPlace)
        return RAISED in mine or self.overflows(probe, exercise)

    def overflows(self, probe: Probe, exercise: Exercise) -> bool:
        """Whether it answers what is not finite where the published function does not."""
        return any(
            isinstance(item, torch.Tensor)
            and item.is_floating_point()
            and not item.isfinite().all()
            and bool(torch.as_tensor(expected(exercise).to(probe).get(key, 0)).isfinite().all())
            for key, item in self.to(probe).items()
        )

    def _asked(self, probe: Probe) -> Seen:
        is_readers = hasattr(self.candidate, "notes")
        home = OnTheCPU(getattr(self.candidate, "full", False))
        with (
            ordinary_state(),
            home if is_readers else contextlib.nullcontext(),
            warnings.catch_warnings(),
            contextlib.redirect_stdout(self.output),
            contextlib.redirect_stderr(self.output),
        ):
            torch.default_generator.manual_seed(0)  # of the CPU: the others take a ms
            warnings.simplefilter("ignore")
            try:
                return probe.ask(self.candidate)
            except TooSlow:
                raise
            except BaseException as error:
                self.errors[probe.name] = error
                return {RAISED: type(error).__name__}
            finally:
                self.halved = self.halved or home.halved


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
    answers = Answers(patched(*bugs))
    held = vars(answers.candidate) if isinstance(answers.candidate, type) else {}
    if any(isinstance(item, (dict, list)) for name, item in held.items() if name[0] != "_"):
        # What all instances share depends on what was asked before: all, in a reader's order.
        asked(answers, exercise_of(bugs[0].of))
    return answers


def asked(answers: Answers, exercise: Exercise) -> Answers:
    """Put all probes to a candidate."""
    for probe in exercise.probes:
        answers.to(probe)
    return answers
