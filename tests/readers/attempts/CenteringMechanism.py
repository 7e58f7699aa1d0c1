"""Honest wrong attempts at CenteringMechanism: a running mean of the teacher's outputs."""

import torch
from torch import nn

EXPECTED: dict[str, str] = {
    "MomentumSwapped": "momentum and 1 - momentum are swapped",
    "CenterIsAParameter": "the center is a parameter, not a buffer",
    "CenterIsAPlainTensor": "the center is no buffer: not saved, does not move along",
    "CenterIsNotSaved": "the buffer is not persistent, so it is not saved",
    "CenterKeepsTheGraph": "missing no_grad: the center carries a gradient graph",
    "OneMeanForAll": "mean over the wrong axes: one number for all prototypes",
    "MeanOfEachRow": "mean over the wrong axis: the center takes the shape (N, 1)",
    "SumOfTheBatch": "sum over the batch where the mean is asked",
    "AddsTheCenter": "wrong sign: adds the center",
    "UpdatesWhileApplying": "updates the center inside apply_centering",
    "CentersBeforeUpdating": "updates with outputs that are centered already",
    "CentersProbabilities": "updates with softmax outputs, not raw ones",
    "AlsoDividesByTheSpread": "divides by the standard deviation like batch norm",
    "CumulativeMean": "plain average of all batches; the momentum is not used",
    "NoRunningMean": "keeps the last batch only; the momentum is not used",
    "StartsFromTheFirstBatch": "convention: starts at the first batch's mean, not zero",
    "CenterIsARow": "convention: the center has shape (K,), not (1, K)",
    "SubtractsInPlace": "mutates its input: subtracts in place",
    "ForgetsToReturn": "returns None: apply_centering forgets to return",
    "UpdateReturnsOnly": "the new center is returned but never stored",
    "SharedByAll": "mutable state: all instances share one center",
    "DetachesTheOutput": "convention: cuts the gradient inside apply_centering",
}


class MomentumSwapped(nn.Module):
    """Believes the momentum is the share of the new batch, as in batch norm."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        batch_center = teacher_output.mean(dim=0, keepdim=True)
        self.center = (1 - self.momentum) * self.center + self.momentum * batch_center

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CenterIsAParameter(nn.Module):
    """Believes whatever is to be saved with a module must be a parameter."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.center = nn.Parameter(torch.zeros(1, output_dim))
        self.momentum = momentum

    def update_center(self, teacher_output):
        with torch.no_grad():
            mean = torch.mean(teacher_output, 0, keepdim=True)
            self.center.mul_(self.momentum).add_(mean * (1 - self.momentum))

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CenterIsAPlainTensor(nn.Module):
    """Believes any tensor stored on a module is part of its state."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.m = momentum
        self.center = torch.zeros(1, output_dim)

    @torch.no_grad()
    def update_center(self, teacher_output):
        new = teacher_output.mean(0, keepdim=True)
        self.center = self.m * self.center + (1 - self.m) * new

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CenterIsNotSaved(nn.Module):
    """Believes a running value need not be in the checkpoint."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim), persistent=False)

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center.lerp_(teacher_output.mean(0, keepdim=True), 1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CenterKeepsTheGraph(nn.Module):
    """Believes a buffer never takes part in a gradient."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    def update_center(self, teacher_output):
        batch_center = teacher_output.mean(dim=0, keepdim=True)
        self.center = self.center * self.momentum + batch_center * (1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class OneMeanForAll(nn.Module):
    """Believes mean() without an axis is the mean of the batch."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center *= self.momentum
        self.center += (1 - self.momentum) * teacher_output.mean()

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class MeanOfEachRow(nn.Module):
    """Believes dim=1 averages over the images."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=1, keepdim=True)
        self.center = self.center * self.momentum + mean * (1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class SumOfTheBatch(nn.Module):
    """Believes the sum is enough, having seen torch.sum in the official code."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.center_momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        batch_center = torch.sum(teacher_output, dim=0, keepdim=True)
        self.center = self.center * self.center_momentum + batch_center * (1 - self.center_momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class AddsTheCenter(nn.Module):
    """Believes centering shifts toward the center, so it adds it."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center.copy_(self.momentum * self.center + (1 - self.momentum) * mean)

    def apply_centering(self, teacher_output):
        return teacher_output + self.center


class UpdatesWhileApplying(nn.Module):
    """Believes the center of the present batch has to be in before it is subtracted."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * mean

    def apply_centering(self, teacher_output):
        self.update_center(teacher_output)
        return teacher_output - self.center


class CentersBeforeUpdating(nn.Module):
    """Believes the update is about the outputs that the loss has used, the centered."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        centered = self.apply_centering(teacher_output)
        mean = centered.mean(dim=0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * mean

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CentersProbabilities(nn.Module):
    """Believes the teacher's output means its probabilities."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        p = torch.softmax(teacher_output, dim=-1)
        mean = p.mean(dim=0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * mean

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class AlsoDividesByTheSpread(nn.Module):
    """Believes centering is standardizing, as batch norm does it."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center.lerp_(teacher_output.mean(0, keepdim=True), 1 - self.momentum)

    def apply_centering(self, teacher_output):
        spread = teacher_output.std(dim=0, keepdim=True) + 1e-6
        return (teacher_output - self.center) / spread


class CumulativeMean(nn.Module):
    """Believes a running mean is the mean of everything seen so far."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.steps = 0
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.steps += 1
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center += (mean - self.center) / self.steps

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class NoRunningMean(nn.Module):
    """Believes the mean of the last batch is the center."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    def update_center(self, teacher_output):
        self.center = teacher_output.detach().mean(dim=0, keepdim=True)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class StartsFromTheFirstBatch(nn.Module):
    """Believes the first batch should set the center, or it is biased toward zero."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))
        self.started = False

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=0, keepdim=True)
        if not self.started:
            self.center.copy_(mean)
            self.started = True
        else:
            self.center.mul_(self.momentum).add_(mean, alpha=1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CenterIsARow(nn.Module):
    """Believes a vector is all that broadcasting needs."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(0)
        self.center = self.center * self.momentum + mean * (1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class SubtractsInPlace(nn.Module):
    """Believes x -= c is short for x - c."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * mean

    @torch.no_grad()
    def apply_centering(self, teacher_output):
        teacher_output -= self.center
        return teacher_output


class ForgetsToReturn(nn.Module):
    """Believes the centered outputs reach the caller by themselves."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * mean

    def apply_centering(self, teacher_output):
        teacher_output = teacher_output - self.center


class UpdateReturnsOnly(nn.Module):
    """Believes a local name called center changes the buffer."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        center = self.center
        mean = teacher_output.mean(dim=0, keepdim=True)
        center = self.momentum * center + (1 - self.momentum) * mean
        return center

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class SharedByAll(nn.Module):
    """Believes a dictionary on the class belongs to the object."""

    _memory: dict = {}

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self._memory.setdefault(output_dim, torch.zeros(1, output_dim))
        self.register_buffer("center", self._memory[output_dim])

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center.mul_(self.momentum).add_((1 - self.momentum) * mean)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class DetachesTheOutput(nn.Module):
    """Believes the stop-gradient of the teacher belongs into the centering."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center.lerp_(teacher_output.mean(0, keepdim=True), 1 - self.momentum)

    @torch.no_grad()
    def apply_centering(self, teacher_output):
        return teacher_output - self.center
