"""Classes that readers write for ``SSLComparison``: right, wrong and rare ones."""

import torch
import torch.nn.functional as F
from proofs.readers import rare, right, wrong
from torch import nn

from lesson_code.byol import regression_loss as _regression
from lesson_code.dino import dino_loss as _dino
from lesson_code.simclr import simclr_loss as _simclr


@right
class CallsTheLessons:
    """Calls the losses of the lessons."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature=temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        loss_12 = _regression(p1, z2.detach())
        loss_21 = _regression(p2, z1.detach())
        return 0.5 * (loss_12 + loss_21)

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(
            student_out, teacher_out, temperature_s=temp_s, temperature_t=temp_t, center=center
        )


@right
class WrittenAnew:
    """Writes all three losses out."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.cat([z1, z2], dim=0), dim=1)
        n = len(z1)
        sim = z @ z.T / temperature
        sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
        labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
        return F.cross_entropy(sim, labels)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p1, p2 = F.normalize(p1, dim=-1), F.normalize(p2, dim=-1)
        z1, z2 = F.normalize(z1.detach(), dim=-1), F.normalize(z2.detach(), dim=-1)
        one = 2 - 2 * (p1 * z2).sum(dim=-1)
        two = 2 - 2 * (p2 * z1).sum(dim=-1)
        return (one + two).mean() / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        with torch.no_grad():
            if center is not None:
                teacher_out = teacher_out - center
            targets = F.softmax(teacher_out / temp_t, dim=-1)
        logs = F.log_softmax(student_out / temp_s, dim=-1)
        return torch.sum(-targets * logs, dim=-1).mean()


@right
class ClassMethods:
    """Has class methods and a helper within the class."""

    @classmethod
    def _ce(cls, logits, targets):
        return (torch.logsumexp(logits, 1) - (targets * logits).sum(1)).mean()

    @classmethod
    def simclr_loss(cls, z1, z2, temperature=0.5):
        n = z1.size(0)
        z = F.normalize(torch.cat((z1, z2)))
        off = ~torch.eye(2 * n, dtype=torch.bool)
        logits = (z @ z.t() / temperature)[off].view(2 * n, 2 * n - 1)
        full = torch.eye(2 * n, dtype=logits.dtype).roll(n, dims=1)
        return cls._ce(logits, full[off].view(2 * n, 2 * n - 1))

    @classmethod
    def byol_loss(cls, p1, z2, p2, z1):
        total = 0
        for p, z in ((p1, z2), (p2, z1)):
            total = total + 2 - 2 * F.cosine_similarity(p, z.detach(), dim=1).mean()
        return total / 2

    @classmethod
    def dino_loss(cls, student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach()
        if center is not None:
            t = t - center.detach().view(1, -1)
        return cls._ce(student_out / temp_s, torch.softmax(t / temp_t, dim=1))


@right
class IsAModule(nn.Module):
    """Is a module, though it has no weights."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        a, b = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        n = len(a)
        own = torch.eye(n, dtype=torch.bool)
        aa = (a @ a.T / temperature).masked_fill(own, -torch.inf)
        bb = (b @ b.T / temperature).masked_fill(own, -torch.inf)
        ab = a @ b.T / temperature
        rows = torch.arange(n)
        loss_a = F.cross_entropy(torch.cat([ab, aa], dim=1), rows)
        loss_b = F.cross_entropy(torch.cat([ab.T, bb], dim=1), rows)
        return (loss_a + loss_b) / 2

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p = F.normalize(torch.cat([p1, p2]), dim=1)
        with torch.no_grad():
            z = F.normalize(torch.cat([z2, z1]), dim=1)
        return (p - z).pow(2).sum(dim=1).mean()

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        center = teacher_out.new_zeros(1) if center is None else center
        targets = ((teacher_out - center) / temp_t).softmax(dim=1).detach()
        return F.cross_entropy(student_out / temp_s, targets)


@right
class OtherNames:
    """Has other names of arguments, by position only."""

    @staticmethod
    def simclr_loss(a, b, tau=0.5, /):
        return _simclr(a, b, tau)

    @staticmethod
    def byol_loss(q, t_other, q_other, t, /):
        with torch.no_grad():
            targets = F.normalize(torch.stack([t_other, t]), dim=-1)
        predictions = F.normalize(torch.stack([q, q_other]), dim=-1)
        return (predictions - targets).square().sum(-1).mean()

    @staticmethod
    def dino_loss(s, t, tps=0.1, tpt=0.04, C=None, /):
        t = t.detach()
        C = 0 if C is None else C.detach()
        s = F.log_softmax(s / tps, dim=1)
        t = F.softmax((t - C) / tpt, dim=1)
        return -(t * s).sum(dim=1).mean()


@right
class WithEinsum:
    """Writes products of matrices as sums over indices."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.stack([z1, z2]), dim=-1).flatten(0, 1)
        logits = torch.einsum("ad,bd->ab", z, z) / temperature
        logits = logits - 1e9 * torch.eye(len(z), dtype=z.dtype)
        log_p = F.log_softmax(logits, dim=1)
        index = torch.arange(len(z))
        return F.nll_loss(log_p, (index + len(z1)) % len(z))

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        def cos(p, z):
            return torch.einsum("nd,nd->n", F.normalize(p), F.normalize(z.detach())).mean()

        return 2 - cos(p1, z2) - cos(p2, z1)

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach() if center is None else (teacher_out - center).detach()
        t = F.softmax(t / temp_t, dim=1)
        log_s = F.log_softmax(student_out / temp_s, dim=1)
        return -torch.einsum("nk,nk->", t, log_s) / len(t)


class _Plain:
    """What the attempts below leave as it should be."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


@wrong("convention: byol_loss is the sum of both directions")
class SumOfBothDirections(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return _regression(p1, z2.detach()) + _regression(p2, z1.detach())


@wrong("byol_loss: missing detach, gradient flows into the targets")
class TargetsGetGradient(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return (_regression(p1, z2) + _regression(p2, z1)) / 2


@wrong("byol_loss: detaches the predictions, not the targets")
class DetachesThePredictions(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p1 = p1.detach()
        p2 = p2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2


@wrong("byol_loss: each prediction meets the target of its own view")
class SameViewPairs(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        one = _regression(p1, z1.detach())
        two = _regression(p2, z2.detach())
        return (one + two) / 2


@wrong("byol_loss: mean squared error without scaling to length one")
class PlainSquaredError(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return (F.mse_loss(p1, z2.detach()) + F.mse_loss(p2, z1.detach())) / 2


@wrong("byol_loss: mean over entries, D times too small")
class MeanOverEntries(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p1, p2 = F.normalize(p1, dim=-1), F.normalize(p2, dim=-1)
        z1, z2 = F.normalize(z1.detach(), dim=-1), F.normalize(z2.detach(), dim=-1)
        return 0.5 * F.mse_loss(p1, z2) + 0.5 * F.mse_loss(p2, z1)


@wrong("dino_loss: the temperatures are swapped")
class TemperaturesSwapped(_Plain):
    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_t, temp_s, center)


@wrong("byol_loss returns None")
class ForgetsToReturn(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        loss = _regression(p1, z2.detach())
        loss = (loss + _regression(p2, z1.detach())) / 2


@wrong("two: byol_loss one direction, dino_loss without center")
class TakesTheFirstOnly(_Plain):
    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return 2 - 2 * F.cosine_similarity(p1, z2.detach(), dim=1).mean()

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = F.softmax(teacher_out.detach() / temp_t, dim=1)
        return F.cross_entropy(student_out / temp_s, t)


@rare
class MedianOfTheRows(_Plain):
    """Takes the median of BYOL's distances, which outliers do not move."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p = F.normalize(torch.cat([p1, p2]))
        z = F.normalize(torch.cat([z2, z1]).detach())
        return (p - z).square().sum(dim=1).median()


@rare
class DistanceNotSquared(_Plain):
    """Takes the distance itself, not its square."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        one = (F.normalize(p1) - F.normalize(z2.detach())).norm(dim=1)
        two = (F.normalize(p2) - F.normalize(z1.detach())).norm(dim=1)
        return (one + two).mean() / 2


@rare
class LastPrototypeDropped(_Plain):
    """Leaves the last output out of both softmaxes."""

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach() if center is None else teacher_out.detach() - center
        targets = F.softmax(t[:, :-1] / temp_t, dim=1)
        return F.cross_entropy(student_out[:, :-1] / temp_s, targets)
