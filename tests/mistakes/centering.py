"""Wrong variants of ``CenteringMechanism``."""

import torch

from lesson_code import CenteringMechanism
from lesson_code.centering import _refuse_output
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``CenteringMechanism``."""
    return mistake(replaces="CenteringMechanism", rejected_by="test_centering")(variant)


@wrong
class NanEnters(CenteringMechanism):
    """One NaN stays in the center for good."""

    @torch.no_grad()
    def update_center(self, teacher_output):
        """Update without a look at the numbers."""
        _refuse_output(self, teacher_output)
        CenteringMechanism(1, self.momentum)
        mean = teacher_output.mean(dim=0, keepdim=True, dtype=self.center.dtype)
        self.center.lerp_(mean, 1 - self.momentum)


@wrong
class SumsInHalfPrecision(CenteringMechanism):
    """The mean is computed in the type of the outputs, where a long sum overflows or rounds."""

    @torch.no_grad()
    def update_center(self, teacher_output):
        """Add the rows up in their own type."""
        super().update_center(teacher_output)
        if teacher_output.dtype in (torch.float16, torch.bfloat16) and self.momentum == 0:
            total = teacher_output[0].clone()
            for row in teacher_output[1:]:
                total += row
            self.center.copy_(total / len(teacher_output))


@wrong
class AcceptsAnyMomentum(CenteringMechanism):
    """A momentum above 1 lets the center run away."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim)
        self.momentum = momentum
