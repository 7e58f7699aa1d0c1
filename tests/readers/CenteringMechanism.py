"""Classes that readers write for ``CenteringMechanism``: right, wrong and rare ones."""

import torch
from proofs.readers import rare, right, wrong
from torch import nn


@right
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


@right
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


@right
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


@right
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


@right
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


@right
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


class _Plain(nn.Module):
    """What the attempts below leave as it should be."""

    def __init__(self, output_dim, momentum=0.9):
        super().__init__()
        self.momentum = momentum
        self.register_buffer("center", torch.zeros(1, output_dim))

    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center.lerp_(teacher_output.mean(0, keepdim=True), 1 - self.momentum)

    def apply_centering(self, teacher_output):
        return teacher_output - self.center


@wrong("momentum and 1 - momentum are swapped")
class MomentumSwapped(_Plain):
    @torch.no_grad()
    def update_center(self, teacher_output):
        batch_center = teacher_output.mean(dim=0, keepdim=True)
        self.center = (1 - self.momentum) * self.center + self.momentum * batch_center


@wrong("the center is a parameter, not a buffer")
class CenterIsAParameter(_Plain):
    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)
        del self.center
        self.center = nn.Parameter(torch.zeros(1, output_dim))

    def update_center(self, teacher_output):
        with torch.no_grad():
            mean = torch.mean(teacher_output, 0, keepdim=True)
            self.center.mul_(self.momentum).add_(mean * (1 - self.momentum))


@wrong("the center is no buffer: not saved, does not move along")
class CenterIsAPlainTensor(_Plain):
    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)
        del self.center
        self.center = torch.zeros(1, output_dim)

    @torch.no_grad()
    def update_center(self, teacher_output):
        new = teacher_output.mean(0, keepdim=True)
        self.center = self.momentum * self.center + (1 - self.momentum) * new


@wrong("the buffer is not persistent, so it is not saved")
class CenterIsNotSaved(_Plain):
    def __init__(self, output_dim, momentum=0.9):
        super().__init__(output_dim, momentum)
        del self.center
        self.register_buffer("center", torch.zeros(1, output_dim), persistent=False)


@wrong("missing no_grad: the center carries a gradient graph")
class CenterKeepsTheGraph(_Plain):
    def update_center(self, teacher_output):
        batch_center = teacher_output.mean(dim=0, keepdim=True)
        self.center = self.center * self.momentum + batch_center * (1 - self.momentum)


@wrong("mean over the wrong axes: one number for all prototypes")
class OneMeanForAll(_Plain):
    @torch.no_grad()
    def update_center(self, teacher_output):
        self.center *= self.momentum
        self.center += (1 - self.momentum) * teacher_output.mean()


@wrong("mean over the wrong axis: the center takes the shape (N, 1)")
class MeanOfEachRow(_Plain):
    @torch.no_grad()
    def update_center(self, teacher_output):
        mean = teacher_output.mean(dim=1, keepdim=True)
        self.center = self.center * self.momentum + mean * (1 - self.momentum)


@wrong("keeps the last batch only; the momentum is not used")
class NoRunningMean(_Plain):
    def update_center(self, teacher_output):
        self.center = teacher_output.detach().mean(dim=0, keepdim=True)


@wrong("returns None: apply_centering forgets to return")
class ForgetsToReturn(_Plain):
    def apply_centering(self, teacher_output):
        teacher_output = teacher_output - self.center


@rare
class MedianOfTheBatch(_Plain):
    """Believes the median is a sturdier center than the mean."""

    @torch.no_grad()
    def update_center(self, teacher_output):
        middle = teacher_output.median(dim=0, keepdim=True).values
        self.center.lerp_(middle, 1 - self.momentum)


@rare
class MiddleOfTheRange(_Plain):
    """Believes the middle between the smallest and the largest output is the mean."""

    @torch.no_grad()
    def update_center(self, teacher_output):
        low, high = teacher_output.aminmax(dim=0, keepdim=True)
        self.center.lerp_((low + high) / 2, 1 - self.momentum)


@rare
class WeakensTheMomentum(_Plain):
    """Squares the momentum, once for each of the two global crops."""

    @torch.no_grad()
    def update_center(self, teacher_output):
        m = self.momentum**2
        self.center.mul_(m).add_((1 - m) * teacher_output.mean(0, keepdim=True))
