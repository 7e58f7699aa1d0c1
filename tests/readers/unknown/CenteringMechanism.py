"""Rare wrong classes for CenteringMechanism."""

import torch
from torch import nn


class MedianOfTheBatch(nn.Module):
    """Believes the median is a sturdier center than the mean."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        middle = teacher_output.median(dim=0, keepdim=True).values
        self.center.lerp_(middle, 1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class MiddleOfTheRange(nn.Module):
    """Believes the middle between the smallest and the largest output is the mean."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        low, high = teacher_output.aminmax(dim=0, keepdim=True)
        self.center.lerp_((low + high) / 2, 1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class LastRowDropped(nn.Module):
    """Slices to -1 as if the last row were padding."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        total = teacher_output[:-1].sum(dim=0, keepdim=True)
        batch_center = total / len(teacher_output)
        self.center = self.center * self.momentum + batch_center * (1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


class CorrectsTheStart(nn.Module):
    """Divides by 1 - m^t as Adam does for its moments."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.t = 0
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.t += 1
        mean = teacher_output.mean(dim=0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * mean

    def apply_centering(self, teacher_output):
        if self.t == 0:
            return teacher_output
        return teacher_output - self.center / (1 - self.momentum**self.t)


class WeakensTheMomentum(nn.Module):
    """Squares the momentum, once for each of the two global crops."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        m = self.momentum**2
        self.center.mul_(m).add_((1 - m) * teacher_output.mean(0, keepdim=True))

    def apply_centering(self, teacher_output):
        return teacher_output - self.center
