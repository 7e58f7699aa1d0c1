"""Correct classes for CenteringMechanism in many styles."""

import torch
from torch import nn


class LikeTheOfficialCode(nn.Module):
    """Divides the sum of the batch by its length and assigns a new buffer."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.center_momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        batch_center = torch.sum(teacher_output, dim=0, keepdim=True)
        batch_center = batch_center / len(teacher_output)
        self.center = self.center * self.center_momentum + batch_center * (1 - self.center_momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class InPlace(nn.Module):
    """Scales the buffer and adds to it, in place."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.m = momentum
        self.register_buffer("center", torch.zeros((1, output_dim)))

    def update_center(self, teacher_output):
        with torch.no_grad():
            mean = teacher_output.mean(0, keepdim=True)
            self.center.mul_(self.m).add_(mean, alpha=1 - self.m)

    def apply_centering(self, teacher_output):
        return torch.sub(teacher_output, self.center)


class DetachesFirst(nn.Module):
    """Detaches the outputs where others switch gradients off."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    def update_center(self, teacher_output):
        mean = teacher_output.detach().mean(dim=0, keepdim=True)
        self.center = torch.lerp(mean, self.center, self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center.detach()


class MovesByTheGap(nn.Module):
    """Moves the center by a share of its distance from the mean."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.step = 1.0 - momentum
        self.register_buffer("center", torch.zeros(output_dim)[None, :])

    @torch.no_grad()
    def update_center(self, teacher_output):
        gap = teacher_output.mean(dim=0, keepdim=True) - self.center
        self.center += self.step * gap

    def apply_centering(self, teacher_output):
        return teacher_output + (-self.center)


class RowByRow(nn.Module):
    """Adds up the rows in a loop and subtracts the center from each."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        total = torch.zeros_like(self.center[0])
        count = 0
        for row in teacher_output:
            total = total + row
            count += 1
        for k in range(self.center.shape[1]):
            old = self.center[0, k]
            new = total[k] / count
            self.center[0, k] = self.momentum * old + (1 - self.momentum) * new

    def apply_centering(self, teacher_output):
        return torch.stack([row - self.center[0] for row in teacher_output])


class MeanAsAProduct(nn.Module):
    """Writes the mean as a product with a row of 1 / N."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        n = teacher_output.shape[0]
        weights = teacher_output.new_full((1, n), 1 / n)
        self.center.copy_(
            self.momentum * self.center + (1 - self.momentum) * weights @ teacher_output.detach()
        )

    def apply_centering(self, teacher_output):
        return teacher_output - self.center.expand_as(teacher_output)


class DoubleInside(nn.Module):
    """Averages in float64 and rounds once, into the dtype of the buffer."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.double().mean(dim=0, keepdim=True)
        moved = self.momentum * self.center.double() + (1 - self.momentum) * mean
        self.center.copy_(moved)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class OtherNames(nn.Module):
    """Has positional-only arguments with other names."""

    def __init__(self, k, m=0.9, /):
        super().__init__()
        self._m = m
        self.register_buffer("center", torch.zeros(1, k))

    @torch.no_grad()
    def update_center(self, g, /):
        b = torch.einsum("nk->k", g) / g.size(0)
        self.center = self._m * self.center + (1 - self._m) * b.unsqueeze(0)

    def apply_centering(self, g, /):
        return g - self.center


class NamedArguments(nn.Module):
    """Takes the momentum by name only."""

    def __init__(self, output_dim, *, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center.lerp_(teacher_output.mean(0, keepdim=True), 1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class ManyProcesses(nn.Module):
    """Averages over the processes too, where there are several, and can be reset."""

    def __init__(self, output_dim, momentum=0.9, group=None):
        super().__init__()
        self.momentum = momentum
        self.group = group
        self.register_buffer("center", torch.empty(1, output_dim))
        self.reset()

    def reset(self):
        self.center.zero_()

    @torch.no_grad()
    def update_center(self, teacher_output):
        total = teacher_output.sum(dim=0, keepdim=True)
        count = len(teacher_output)
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            torch.distributed.all_reduce(total, group=self.group)
            count *= torch.distributed.get_world_size(self.group)
        self.center = self.center * self.momentum
        self.center = self.center + total / count * (1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class _RunningMean(nn.Module):
    def __init__(self, width, keep):
        super().__init__()
        self.keep = keep
        self.register_buffer("center", torch.zeros(1, width))

    @torch.no_grad()
    def observe(self, rows):
        mean = rows.mean(dim=0, keepdim=True)
        self.center.mul_(self.keep)
        self.center.add_(mean - self.keep * mean)


class BuiltOnABase(_RunningMean):
    """Inherits the running mean and adds the names that the exercise asks for."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)

    def update_center(self, teacher_output):
        self.observe(teacher_output)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center
