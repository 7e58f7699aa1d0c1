"""Honest wrong attempts at SSLComparison: the losses of SimCLR, BYOL and DINO."""

import numpy as np
import torch
import torch.nn.functional as F

from lesson_code.byol import regression_loss as _regression
from lesson_code.dino import dino_loss as _dino
from lesson_code.simclr import simclr_loss as _simclr

EXPECTED: dict[str, str] = {
    "OneDirectionOfSimCLR": "simclr_loss: from the first view to the second only",
    "KeepsTheViewItself": "simclr_loss: the diagonal is not masked",
    "NoLengthOne": "simclr_loss: not scaled to length one",
    "MultipliesByTemperature": "simclr_loss: multiplies by the temperature",
    "OtherDefaultTemperature": "simclr_loss: default temperature of 0.1, not 0.5",
    "SumOfBothDirections": "convention: byol_loss is the sum of both directions",
    "TargetsGetGradient": "byol_loss: missing detach, gradient flows into the targets",
    "DetachesThePredictions": "byol_loss: detaches the predictions, not the targets",
    "SameViewPairs": "byol_loss: each prediction meets the target of its own view",
    "PlainSquaredError": "byol_loss: mean squared error without scaling to length one",
    "MeanOverEntries": "byol_loss: mean over entries, D times too small",
    "NegativeCosine": "convention: byol_loss is the negative cosine, from -1 to 1",
    "PredictionsFirst": "byol_loss: arguments in another order, so pairs are wrong",
    "ForgetsOneDirection": "byol_loss: one direction only",
    "TeacherAndStudentSwapped": "dino_loss: student and teacher are swapped",
    "TemperaturesSwapped": "dino_loss: the temperatures are swapped",
    "CenterIgnored": "dino_loss: the center is not used",
    "CenterAdded": "dino_loss: wrong sign, the center is added",
    "CenterOnTheStudent": "dino_loss: centers the student, not the teacher",
    "CenterAfterSharpening": "dino_loss: the center is subtracted after the temperature",
    "TeacherGetsGradient": "dino_loss: missing detach of the teacher",
    "KullbackLeibler": "dino_loss: KL divergence, less by the teacher's entropy",
    "LogOfSoftmax": "dino_loss: unstable, log of a softmax underflows",
    "SumOverTheBatch": "dino_loss: sum over the batch where the mean is asked",
    "CenterMoves": "dino_loss: mutates its argument, updates the center in place",
    "ScalesInPlace": "byol_loss: mutates its arguments, scales them in place",
    "NeedsAnObject": "convention: plain methods, which need an object",
    "ReturnsNumbers": "no gradient: all three return Python numbers",
    "ForgetsToReturn": "byol_loss returns None",
    "ComputedInNumpy": "simclr_loss: no gradient, computed in numpy",
    "EachLossARow": "all three: losses of the rows, not their mean",
    "TakesTheFirstOnly": "two: byol_loss one direction, dino_loss without center",
    "NotDefinedHelper": "raises: byol_loss calls a name that does not exist",
}


class OneDirectionOfSimCLR:
    """Believes InfoNCE across the two views is NT-Xent."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        a, b = F.normalize(z1, dim=1), F.normalize(z2, dim=1)
        return F.cross_entropy(a @ b.T / temperature, torch.arange(len(a)))

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        a = _regression(p1, z2.detach())
        b = _regression(p2, z1.detach())
        return (a + b) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class KeepsTheViewItself:
    """Believes a view may be its own negative."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.cat([z1, z2], dim=0), dim=1)
        n = z1.shape[0]
        labels = torch.cat([torch.arange(n, 2 * n), torch.arange(n)])
        return F.cross_entropy(z @ z.T / temperature, labels)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        cos = F.cosine_similarity(p1, z2.detach()) + F.cosine_similarity(p2, z1.detach())
        return (2 - cos).mean()

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        c = 0 if center is None else center
        t = F.softmax((teacher_out.detach() - c) / temp_t, dim=1)
        return -(t * F.log_softmax(student_out / temp_s, dim=1)).sum(1).mean()


class NoLengthOne:
    """Believes embeddings come scaled already."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = torch.cat([z1, z2])
        n = len(z1)
        sim = z @ z.T / temperature
        sim = sim.masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
        return F.cross_entropy(sim, torch.arange(2 * n).roll(n))

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return 0.5 * (_regression(p1, z2.detach()) + _regression(p2, z1.detach()))

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class MultipliesByTemperature:
    """Believes a temperature is a factor."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, 1 / temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        with torch.no_grad():
            z1, z2 = F.normalize(z1), F.normalize(z2)
        one = (F.normalize(p1) - z2).pow(2).sum(dim=1).mean()
        two = (F.normalize(p2) - z1).pow(2).sum(dim=1).mean()
        return (one + two) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class OtherDefaultTemperature:
    """Believes 0.1, the value for ImageNet, is the default."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.1):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        loss = _regression(p1, z2.detach()) + _regression(p2, z1.detach())
        return loss / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class SumOfBothDirections:
    """Believes the paper: the two directions are added."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return _regression(p1, z2.detach()) + _regression(p2, z1.detach())

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class TargetsGetGradient:
    """Believes the lesson's loss detaches its targets."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class DetachesThePredictions:
    """Believes the predictor's side is the one that stands still."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p1 = p1.detach()
        p2 = p2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class SameViewPairs:
    """Believes equal numbers belong together: p1 with z1."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        one = _regression(p1, z1.detach())
        two = _regression(p2, z2.detach())
        return (one + two) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class PlainSquaredError:
    """Believes BYOL's loss is the mean squared error."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return (F.mse_loss(p1, z2.detach()) + F.mse_loss(p2, z1.detach())) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class MeanOverEntries:
    """Believes mse_loss of scaled rows is the squared distance."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        p1, p2 = F.normalize(p1, dim=-1), F.normalize(p2, dim=-1)
        z1, z2 = F.normalize(z1.detach(), dim=-1), F.normalize(z2.detach(), dim=-1)
        return 0.5 * F.mse_loss(p1, z2) + 0.5 * F.mse_loss(p2, z1)

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class NegativeCosine:
    """Believes BYOL and SimSiam share one loss."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        one = F.cosine_similarity(p1, z2.detach(), dim=1).mean()
        two = F.cosine_similarity(p2, z1.detach(), dim=1).mean()
        return -(one + two) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class PredictionsFirst:
    """Believes predictions come first and targets after them."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(pred_a, pred_b, target_a, target_b, /):
        one = _regression(pred_a, target_b.detach())
        two = _regression(pred_b, target_a.detach())
        return (one + two) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class ForgetsOneDirection:
    """Believes the second direction is the same by symmetry."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return _regression(p1, z2.detach())

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class TeacherAndStudentSwapped:
    """Believes the teacher's output is the prediction and the student's the target."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        if center is None:
            center = torch.zeros(student_out.shape[1])
        p = F.softmax(student_out / temp_s, dim=-1)
        log_q = F.log_softmax((teacher_out.detach() - center) / temp_t, dim=-1)
        return -(p * log_q).sum(dim=-1).mean()


class TemperaturesSwapped:
    """Believes the student is the sharper of the two."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_t, temp_s, center)


class CenterIgnored:
    """Believes the caller has centered the teacher already."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        targets = (teacher_out.detach() / temp_t).softmax(dim=1)
        return F.cross_entropy(student_out / temp_s, targets)


class CenterAdded:
    """Believes centering moves the outputs toward the center."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach()
        if center is not None:
            t = t + center
        t = torch.softmax(t / temp_t, dim=-1)
        return torch.sum(-t * F.log_softmax(student_out / temp_s, dim=-1), dim=-1).mean()


class CenterOnTheStudent:
    """Believes both outputs must be centered alike, and begins with the student."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        if center is not None:
            student_out = student_out - center
        return _dino(student_out, teacher_out, temp_s, temp_t)


class CenterAfterSharpening:
    """Believes the teacher is sharpened first and centered after that."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        logits = teacher_out.detach() / temp_t
        if center is not None:
            logits = logits - center
        targets = torch.softmax(logits, dim=1)
        return F.cross_entropy(student_out / temp_s, targets)


class TeacherGetsGradient:
    """Believes the teacher network's frozen parameters are enough."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        if center is not None:
            teacher_out = teacher_out - center
        targets = F.softmax(teacher_out / temp_t, dim=1)
        logs = F.log_softmax(student_out / temp_s, dim=1)
        return -(targets * logs).sum(dim=1).mean()


class KullbackLeibler:
    """Believes cross-entropy and KL divergence are one and the same loss."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        with torch.no_grad():
            t = teacher_out if center is None else teacher_out - center
            t = F.softmax(t / temp_t, dim=1)
        s = F.log_softmax(student_out / temp_s, dim=1)
        return F.kl_div(s, t, reduction="batchmean")


class LogOfSoftmax:
    """Believes log(softmax(x)) is what log_softmax does."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = teacher_out.detach()
        t = t - center if center is not None else t
        t = torch.softmax(t / temp_t, dim=1)
        s = torch.softmax(student_out / temp_s, dim=1)
        return -(t * torch.log(s)).sum(dim=1).mean()


class SumOverTheBatch:
    """Believes a loss is a sum over all that is there."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        center = 0.0 if center is None else center
        t = F.softmax((teacher_out.detach() - center) / temp_t, dim=1)
        return -torch.sum(t * F.log_softmax(student_out / temp_s, dim=1))


class CenterMoves:
    """Believes the loss is the place to update the center."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        loss = _dino(student_out, teacher_out, temp_s, temp_t, center)
        if center is not None:
            with torch.no_grad():
                center.mul_(0.9).add_(0.1 * teacher_out.mean(dim=0))
        return loss


class ScalesInPlace:
    """Believes a tensor may be scaled where it lies."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        with torch.no_grad():
            for each in (p1, z2, p2, z1):
                each /= each.norm(dim=1, keepdim=True)
        cos = (p1 * z2.detach()).sum(1).mean() + (p2 * z1.detach()).sum(1).mean()
        return 2 - cos

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class NeedsAnObject:
    """Believes methods have self, whatever the stub says."""

    def simclr_loss(self, z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    def byol_loss(self, p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    def dino_loss(self, student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class ReturnsNumbers:
    """Believes a comparison wants numbers to print."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature).item()

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        one = _regression(p1, z2).item()
        two = _regression(p2, z1).item()
        return (one + two) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center).item()


class ForgetsToReturn:
    """Believes that a loss once named is there."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        loss = _regression(p1, z2.detach())
        loss = (loss + _regression(p2, z1.detach())) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class ComputedInNumpy:
    """Believes numpy is as good for a contrast."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = np.concatenate([z1.detach().numpy(), z2.detach().numpy()])
        z /= np.linalg.norm(z, axis=1, keepdims=True)
        sim = z @ z.T / temperature
        e = np.exp(sim - sim.max(axis=1, keepdims=True))
        np.fill_diagonal(e, 0)
        n = len(z1)
        positives = e[np.arange(2 * n), np.arange(2 * n) - n]
        return torch.tensor(-np.log(positives / e.sum(axis=1)).mean())

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        z1, z2 = z1.detach(), z2.detach()
        return (_regression(p1, z2) + _regression(p2, z1)) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)


class EachLossARow:
    """Believes a comparison shows each row by itself."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        z = F.normalize(torch.cat([z1, z2]), dim=1)
        sim = (z @ z.T / temperature).fill_diagonal_(float("-inf"))
        target = torch.arange(len(z)).roll(len(z1))
        return F.cross_entropy(sim, target, reduction="none")

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        a = 2 - 2 * F.cosine_similarity(p1, z2.detach(), dim=1)
        b = 2 - 2 * F.cosine_similarity(p2, z1.detach(), dim=1)
        return (a + b) / 2

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        center = 0.0 if center is None else center
        t = F.softmax((teacher_out.detach() - center) / temp_t, dim=1)
        return -(t * F.log_softmax(student_out / temp_s, dim=1)).sum(dim=1)


class TakesTheFirstOnly:
    """Believes the short forms do for a comparison."""

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return 2 - 2 * F.cosine_similarity(p1, z2.detach(), dim=1).mean()

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        t = F.softmax(teacher_out.detach() / temp_t, dim=1)
        return F.cross_entropy(student_out / temp_s, t)


class NotDefinedHelper:
    """Believes one static method sees another by its bare name."""

    @staticmethod
    def _distance(p, z):
        return (F.normalize(p) - F.normalize(z.detach())).square().sum(1).mean()

    @staticmethod
    def simclr_loss(z1, z2, temperature=0.5):
        return _simclr(z1, z2, temperature)

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        return (_distance(p1, z2) + _distance(p2, z1)) / 2  # noqa: F821

    @staticmethod
    def dino_loss(student_out, teacher_out, temp_s=0.1, temp_t=0.04, center=None):
        return _dino(student_out, teacher_out, temp_s, temp_t, center)
