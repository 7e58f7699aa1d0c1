"""Wrong variants of ``CenteringMechanism``."""

import torch
from torch import nn

from lesson_code import CenteringMechanism
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``CenteringMechanism``."""
    return mistake(replaces="CenteringMechanism", rejected_by="test_centering")(variant)


@wrong
class PlainAttribute(CenteringMechanism):
    """The center is an attribute, no buffer: not saved, not moved to the device."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)
        center = self.center
        del self.center
        self.__dict__["center"] = center


@wrong
class NotPersistent(CenteringMechanism):
    """The center is a buffer that the state dict leaves out."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)
        center = self.center
        del self.center
        self.register_buffer("center", center, persistent=False)


@wrong
class TrainedCenter(CenteringMechanism):
    """The center is a parameter, which an optimizer would change."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)
        center = self.center
        del self.center
        self.center = nn.Parameter(center)


class Variant(CenteringMechanism):
    """Updates from what a variant makes of the batch, after the checks of the real one."""

    def batch_center(self, batch):
        """Return what enters the center."""
        return batch.mean(dim=0, keepdim=True)

    def kept(self):
        """Return the share of the old center that stays."""
        return self.momentum

    @torch.no_grad()
    def update_center(self, teacher_output):
        """Check as the real one does, on a center that is thrown away; then update."""
        before = self.center.clone()
        super().update_center(teacher_output)
        new = self.batch_center(teacher_output.to(before.dtype))
        self.center.copy_(self.kept() * before + (1 - self.kept()) * new)


@wrong
class MomentumInverted(Variant):
    """Momentum weighs the batch, so the center is nearly the last batch's mean."""

    def kept(self):
        """Return the wrong share."""
        return 1 - self.momentum


@wrong
class NeverMoves(Variant):
    """The center stays at zero for ever."""

    def kept(self):
        """Keep everything."""
        return 1.0


@wrong
class SumOfRows(Variant):
    """The sum over the batch enters, not its mean."""

    def batch_center(self, batch):
        """Sum."""
        return batch.sum(dim=0, keepdim=True)


@wrong
class OneNumber(Variant):
    """The mean runs over rows and columns: a constant, which changes no softmax."""

    def batch_center(self, batch):
        """Average everything."""
        return batch.mean().expand(1, batch.shape[1])


@wrong
class FirstViewOnly(Variant):
    """Only the first half of the rows, one of the two global crops, enters."""

    def batch_center(self, batch):
        """Leave the second half out."""
        return batch[: (len(batch) + 1) // 2].mean(dim=0, keepdim=True)


@wrong
class AlreadyCentered(Variant):
    """Centered outputs enter instead of raw ones, so the center lags behind."""

    def batch_center(self, batch):
        """Subtract the center first."""
        return (batch - self.center).mean(dim=0, keepdim=True)


@wrong
class NotDetached(CenteringMechanism):
    """The center keeps the graph of every batch, and the memory with it."""

    def update_center(self, teacher_output):
        """Update with gradient."""
        with torch.no_grad():
            CenteringMechanism.update_center(self, teacher_output)
        if teacher_output.requires_grad:
            mean = teacher_output.mean(dim=0, keepdim=True)
            self.center = self.center + 0 * mean


@wrong
class NanEnters(CenteringMechanism):
    """One NaN stays in the center for good."""

    @torch.no_grad()
    def update_center(self, teacher_output):
        """Update without a look at the numbers."""
        self._check_output(teacher_output)
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
class Adds(CenteringMechanism):
    """The center is added, as the paper's running text has it."""

    def apply_centering(self, teacher_output):
        """Add."""
        super().apply_centering(teacher_output)
        return teacher_output + self.center


@wrong
class CentersByTheBatch(CenteringMechanism):
    """The batch's own mean is subtracted, not the running one."""

    def apply_centering(self, teacher_output):
        """Subtract the wrong mean."""
        super().apply_centering(teacher_output)
        return teacher_output - teacher_output.mean(dim=0)


@wrong
class UpdatesWhenApplied(CenteringMechanism):
    """Subtracting moves the center as well, so it moves twice a step and too early."""

    def apply_centering(self, teacher_output):
        """Update, then subtract."""
        if torch.isfinite(torch.as_tensor(teacher_output)).all():
            self.update_center(teacher_output)
        return super().apply_centering(teacher_output)


@wrong
class DoesNothing(CenteringMechanism):
    """The outputs come back as they are."""

    def apply_centering(self, teacher_output):
        """Forget the center."""
        super().apply_centering(teacher_output)
        return teacher_output


@wrong
class AcceptsAnyMomentum(CenteringMechanism):
    """A momentum above 1 lets the center run away."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim)
        self.momentum = momentum
