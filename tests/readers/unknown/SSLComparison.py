"""Rare wrong classes for SSLComparison."""

import torch
import torch.nn.functional as F

from lesson_code.byol import regression_loss as _regression
from lesson_code.dino import dino_loss as _dino
from lesson_code.simclr import simclr_loss as _simclr


class MedianOfTheRows:
    """Takes the median of BYOL's distances, which outliers do not move."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p = F.normalize(torch.cat([p1, p2]))
        z = F.normalize(torch.cat([z2, z1]).detach())
        return (p - z).square().sum(dim=1).median()

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class DistanceNotSquared:
    """Takes the distance itself, not its square."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        one = (F.normalize(p1) - F.normalize(z2.detach())).norm(dim=1)
        two = (F.normalize(p2) - F.normalize(z1.detach())).norm(dim=1)
        return (one + two).mean() / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class LastPrototypeDropped:
    """Leaves the last output out of both softmaxes."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach() if center is None else teacher_out.detach() - center
        targets = F.softmax(t[:, :-1] / temp_t, dim=1)
        return F.cross_entropy(student_out[:, :-1] / temp_s, targets)


class CubesTheSimilarity:
    """Takes the third power of the cosines, so that near pairs stand out."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        sim = (z @ z.T) ** 3 / temperature
        sim = sim.masked_fill(torch.eye(len(z), dtype=torch.bool), -torch.inf)
        return F.cross_entropy(sim, torch.arange(len(z)).roll(len(z1)))

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class CertainRowsCountMore:
    """Weighs each row by the teacher's greatest probability."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach() if center is None else teacher_out.detach() - center
        t = F.softmax(t / temp_t, dim=1)
        rows = -(t * F.log_softmax(student_out / temp_s, dim=1)).sum(dim=1)
        return (rows * t.max(dim=1).values).mean()


class SmoothsTheLabels:
    """Gives a tenth of the target to all other views, as in classification."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        n2 = len(z)
        off = ~torch.eye(n2, dtype=torch.bool)
        logits = (z @ z.T / temperature)[off].view(n2, n2 - 1)
        labels = torch.eye(n2).roll(n2 // 2, dims=1)[off].view(n2, n2 - 1).argmax(1)
        return F.cross_entropy(logits, labels, label_smoothing=0.1)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)
