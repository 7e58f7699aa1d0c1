"""Barlow Twins."""

import torch
from statements import about

from answers.common import close, normal
from lesson_code import barlow_twins_loss

PAGE = "docs/module-1/beyond-1.3/barlow-twins.md"
D = 8

one = about(PAGE, "All embeddings of a batch become one vector. What does Barlow Twins say?")


def of_one_vector() -> tuple[float, float]:
    """The loss, and the length of its gradient."""
    z = normal(1, D).repeat(32, 1).requires_grad_()
    loss = barlow_twins_loss(z, z)
    loss.backward()
    return loss.item(), z.grad.norm().item()


@one.states("The loss is 0: the views agree perfectly.")
def the_loss_is_zero() -> bool:
    return close(of_one_vector()[0], 0, 0.1)


@one.states("The loss is $D$, and the gradient is zero.")
def the_loss_is_the_number_of_dimensions_and_nothing_moves() -> bool:
    loss, gradient = of_one_vector()
    return close(loss, D) and close(gradient, 0)


@one.states("The loss is NaN.")
def the_loss_is_no_number() -> bool:
    loss, _ = of_one_vector()
    return loss != loss


same = about(PAGE, "Which of these changes leaves the loss as it is?")


def views() -> tuple[torch.Tensor, torch.Tensor]:
    """Two views of 64 images that agree, in dimensions that depend on each other."""
    images = normal(64, D) @ (torch.eye(D) + 0.3 * normal(D, D, seed=1))
    return images + 0.3 * normal(64, D, seed=2), images + 0.3 * normal(64, D, seed=3)


def stays(z_1: torch.Tensor, z_2: torch.Tensor) -> bool:
    """Whether the loss is that of the unchanged views, to a hundredth of it."""
    before = float(barlow_twins_loss(*views(), lambd=0.1))
    return close(barlow_twins_loss(z_1, z_2, lambd=0.1), before, 0.01 * before)


@same.states("Rotating all embeddings of both views in the same way.")
def a_rotation_leaves_it() -> bool:
    rotation = torch.linalg.qr(normal(D, D, seed=4)).Q
    return stays(*(z @ rotation for z in views()))


@same.states("Multiplying dimension 3 of the second view by 10 and adding 5.")
def another_scale_and_origin_of_a_dimension_leave_it() -> bool:
    z_1, z_2 = views()
    z_2[:, 3] = 10 * z_2[:, 3] + 5
    return stays(z_1, z_2)


@same.states("Making every embedding of length one.")
def length_one_leaves_it() -> bool:
    return stays(*(torch.nn.functional.normalize(z) for z in views()))


@same.states("Shuffling the second views among the images.")
def a_shuffle_leaves_it() -> bool:
    z_1, z_2 = views()
    return stays(z_1, z_2[torch.randperm(64, generator=torch.Generator().manual_seed(0))])
