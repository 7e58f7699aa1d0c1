"""Correct classes for SSLComparison in many styles."""

import torch
import torch.nn.functional as F
from torch import nn

import lesson_code.byol as _byol
import lesson_code.dino as _dino
import lesson_code.simclr as _simclr


class CallsTheLessons:
    """Calls the losses of the lessons."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr.simclr_loss(z1, z2, temperature=temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        loss_12 = _byol.regression_loss(p1, z2.detach())
        loss_21 = _byol.regression_loss(p2, z1.detach())
        return 0.5 * (loss_12 + loss_21)

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino.dino_loss(
            student_out,
            teacher_out,
            temperature_s=temp_s,
            temperature_t=temp_t,
            center=center,
        )


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


class RowByRow:
    """Loops over the rows."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = [F.normalize(row, dim=0) for row in torch.cat([z1, z2])]
        n = len(z1)
        losses = []
        for a in range(2 * n):
            others = [b for b in range(2 * n) if b != a]
            logits = torch.stack([torch.dot(z[a], z[b]) / temperature for b in others])
            partner = others.index((a + n) % (2 * n))
            losses.append(torch.logsumexp(logits, 0) - logits[partner])
        return torch.stack(losses).mean()

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        total = 0.0
        for a, b, c, d in zip(p1, z2.detach(), p2, z1.detach()):
            total = total + (F.normalize(a, dim=0) - F.normalize(b, dim=0)).square().sum()
            total = total + (F.normalize(c, dim=0) - F.normalize(d, dim=0)).square().sum()
        return total / (2 * len(p1))

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        c = None if center is None else center.detach().flatten()
        losses = []
        for s, t in zip(student_out, teacher_out.detach()):
            p = torch.softmax((t if c is None else t - c) / temp_t, dim=0)
            losses.append(-(p @ torch.log_softmax(s / temp_s, dim=0)))
        return sum(losses) / len(losses)


class OtherNames:
    """Has other names of arguments, by position only."""

    @staticmethod
    def simclr_loss(a, b, tau=0.5, /):
        return _simclr.simclr_loss(a, b, tau)

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


def _contrast(z1, z2, temperature=0.5):
    """The loss of SimCLR by logsumexp."""
    z = torch.cat([z1, z2])
    z = z / z.norm(dim=1, keepdim=True).clamp_min(1e-12)
    sim = torch.mm(z, z.T) / temperature
    pos = torch.diagonal(sim.roll(len(z1), dims=1))
    return (torch.logsumexp(sim - torch.diag(sim.new_full((len(z),), torch.inf)), 1) - pos).mean()


def _regress(p1, z2, p2, z1):
    """The loss of BYOL by cosines."""
    cos = F.cosine_similarity(torch.cat([p1, p2]), torch.cat([z2, z1]).detach(), dim=1)
    return 2 - 2 * cos.mean()


def _distill(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
    """The loss of DINO as KL divergence and entropy."""
    t = teacher_out.detach() - (0 if center is None else center.detach())
    log_t = F.log_softmax(t / temp_t, dim=1)
    log_s = F.log_softmax(student_out / temp_s, dim=1)
    kl = F.kl_div(log_s, log_t, reduction="batchmean", log_target=True)
    return kl - (log_t.exp() * log_t).sum(dim=1).mean()


class FunctionsFromOutside:
    """Puts functions of the module under one roof."""

    simclr_loss = staticmethod(_contrast)
    byol_loss = staticmethod(_regress)
    dino_loss = staticmethod(_distill)


class ChecksItsArguments:
    """Refuses what makes no sense, then calls the lessons."""

    @staticmethod
    def _same(a, b):
        if a.shape != b.shape or a.ndim != 2:
            raise ValueError(f"shapes differ: {tuple(a.shape)} and {tuple(b.shape)}")

    @staticmethod
    def simclr_loss(z1: torch.Tensor, z2: torch.Tensor, temperature: float = 0.5) -> torch.Tensor:
        """Contrasts two views."""
        SSL = ChecksItsArguments
        SSL._same(z1, z2)
        if temperature <= 0:
            raise ValueError("temperature must be positive")
        return _simclr.simclr_loss(z1, z2, temperature)

    @staticmethod
    def byol_loss(
        p1: torch.Tensor, z2: torch.Tensor, p2: torch.Tensor, z1: torch.Tensor
    ) -> torch.Tensor:
        """Predicts both ways."""
        for other in (z2, p2, z1):
            ChecksItsArguments._same(p1, other)
        losses = [_byol.regression_loss(p, z.detach()) for p, z in ((p1, z2), (p2, z1))]
        return torch.stack(losses).mean()

    @staticmethod
    def dino_loss(
        student_out: torch.Tensor,
        teacher_out: torch.Tensor,
        temp_s: float = 0.1,
        temp_t: float = 0.04,
        center: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Distills."""
        ChecksItsArguments._same(student_out, teacher_out)
        if min(temp_s, temp_t) <= 0:
            raise ValueError("temperatures must be positive")
        return _dino.dino_loss(student_out, teacher_out, temp_s, temp_t, center)


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


class _Parent:
    """Holds what the three losses share."""

    @staticmethod
    def _unit(x):
        return F.normalize(x, dim=1)


class Inherits(_Parent):
    """Takes its helper from a parent."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        a, b = _Parent._unit(z1), _Parent._unit(z2)
        z = torch.cat([a, b])
        positives = (a * b).sum(dim=1).repeat(2) / temperature
        logits = (z / temperature) @ z.T
        logits.fill_diagonal_(-torch.inf)
        return torch.mean(torch.logsumexp(logits, dim=1) - positives)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        first = _Parent._unit(p1) - _Parent._unit(z2).detach()
        second = _Parent._unit(p2) - _Parent._unit(z1).detach()
        return (first.norm(dim=1) ** 2 + second.norm(dim=1) ** 2).mean() / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        shift = torch.zeros(student_out.shape[1]) if center is None else center
        shift = shift.to(teacher_out.dtype)
        with torch.no_grad():
            p = torch.exp(F.log_softmax((teacher_out - shift) / temp_t, dim=1))
        s = student_out / temp_s
        return (torch.logsumexp(s, dim=1) - (p * s).sum(dim=1)).mean()


class HalvesOfTheBatch:
    """Stops gradients by no_grad and sums before it divides."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        n2 = len(z)
        s = z @ z.T / temperature
        s = s - s.detach().max()
        e = s.exp() * (1 - torch.eye(n2, dtype=z.dtype))
        pos = s[torch.arange(n2), torch.arange(n2).roll(n2 // 2)]
        return (e.sum(dim=1).log() - pos).sum() / n2

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        with torch.no_grad():
            y2 = F.normalize(z2, dim=1)
            y1 = F.normalize(z1, dim=1)
        x1 = p1 / p1.norm(dim=1, keepdim=True).clamp(min=1e-12)
        x2 = p2 / p2.norm(dim=1, keepdim=True).clamp(min=1e-12)
        return ((x1 - y2).square().sum() + (x2 - y1).square().sum()) / (2 * len(p1))

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        g = teacher_out.clone().detach()
        if center is not None:
            g -= center.detach()
        targets = F.softmax(g.div(temp_t), dim=1)
        return F.cross_entropy(student_out.div(temp_s), targets, reduction="sum") / len(g)
