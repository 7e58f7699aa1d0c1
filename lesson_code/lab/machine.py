"""On what a run runs: device, precision, compiler, workers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

import torch

from lesson_code.lab.run import nearest

AMP = {"bf16": torch.bfloat16}


@dataclass(frozen=True)
class Machine:
    """On what a run runs; none of it is meant to change what comes out.

    Attributes:
        device: such as ``cpu`` or ``cuda``.
        amp: ``bf16`` for mixed precision, None for float32 throughout.
        compile: whether ``torch.compile`` makes the method faster.
        workers: processes that load and augment photographs.
    """

    device: str = "cpu"
    amp: str | None = None
    compile: bool = False
    workers: int = 0

    def __post_init__(self) -> None:
        if self.amp is not None and self.amp not in AMP:
            raise nearest(self.amp, AMP, "amp")
        if self.workers < 0:
            raise ValueError(f"workers must be 0 or more, got {self.workers}")

    def precision(self) -> contextlib.AbstractContextManager[Any]:
        """Mixed precision where it is asked for."""
        if self.amp is None:
            return contextlib.nullcontext()
        return torch.autocast(torch.device(self.device).type, AMP[self.amp])

    def eager(self) -> contextlib.AbstractContextManager[Any]:
        """Nothing is compiled anew for the larger batches of measuring."""
        if not self.compile:
            return contextlib.nullcontext()
        return torch.compiler.set_stance("force_eager")
