"""Wrong variants of ``SSLComparison``."""

import torch
import torch.nn.functional as F

from lesson_code import SSLComparison, dino_loss, regression_loss
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``SSLComparison``."""
    return mistake(replaces="SSLComparison", rejected_by="test_comparison")(variant)


def normalized_logits(z1, z2, temperature):
    """Return the right logits of all pairs, without a view with itself."""
    z = F.normalize(torch.cat([z1, z2]), dim=1)
    return (z @ z.T / temperature).fill_diagonal_(-torch.inf)


@wrong
class SameViewIsPositive(SSLComparison):
    """The first other image of the same view is the target, the true partner a negative."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        """Take the wrong target."""
        SSLComparison.simclr_loss(z1, z2, temperature)
        row = torch.arange(len(z1))
        first = (row == 0).long()
        targets = torch.cat([first, len(z1) + first])
        return F.cross_entropy(normalized_logits(z1, z2, temperature), targets)


@wrong
class OtherViewsOnly(SSLComparison):
    """Negatives come from the other view only: half of them are missing."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        """Contrast N columns instead of 2N - 1."""
        SSLComparison.simclr_loss(z1, z2, temperature)
        logits = F.normalize(z1, dim=1) @ F.normalize(z2, dim=1).T / temperature
        return F.cross_entropy(logits, torch.arange(len(z1)))


@wrong
class FixedTemperature(SSLComparison):
    """The temperature is not handed on."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        """Forget it."""
        SSLComparison.simclr_loss(z1, z2, temperature)
        return SSLComparison.simclr_loss(z1, z2)


@wrong
class TargetsReceiveGradient(SSLComparison):
    """BYOL's targets are not detached."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Leave them attached."""
        SSLComparison.byol_loss(p1, z2, p2, z1)
        return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


@wrong
class PredictsTheSameView(SSLComparison):
    """A prediction meets the target of its own view."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Swap the targets."""
        return SSLComparison.byol_loss(p1, z1, p2, z2)


@wrong
class SumOfDirections(SSLComparison):
    """The two directions are added up: twice the stated convention."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Double it."""
        return 2 * SSLComparison.byol_loss(p1, z2, p2, z1)


@wrong
class OneDirection(SSLComparison):
    """The second direction is left out."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Look at the first views only."""
        SSLComparison.byol_loss(p1, z2, p2, z1)
        return regression_loss(p1, z2.detach())


@wrong
class NoNormalization(SSLComparison):
    """BYOL's vectors keep their lengths."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Take plain squared distances."""
        SSLComparison.byol_loss(p1, z2, p2, z1)
        terms = (p1 - z2.detach()).square().sum(1), (p2 - z1.detach()).square().sum(1)
        return (terms[0] + terms[1]).mean() / 2


@wrong
class TeacherReceivesGradient(SSLComparison):
    """DINO's teacher is not detached."""

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        """Leave it attached."""
        SSLComparison.dino_loss(student_out, teacher_out, temp_s, temp_t, center)
        logits = teacher_out if center is None else teacher_out - center
        targets = F.softmax(logits / temp_t, dim=1)
        return -(targets * F.log_softmax(student_out / temp_s, dim=1)).sum(dim=1).mean()


@wrong
class TemperaturesSwapped(SSLComparison):
    """DINO's teacher is the softer one."""

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        """Swap them."""
        SSLComparison.dino_loss(student_out, teacher_out, temp_s, temp_t, center)
        return dino_loss(student_out, teacher_out, temp_t, temp_s, center)


@wrong
class CenterDropped(SSLComparison):
    """DINO's center is not handed on."""

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        """Forget it."""
        SSLComparison.dino_loss(student_out, teacher_out, temp_s, temp_t, center)
        return dino_loss(student_out, teacher_out, temp_s, temp_t)
