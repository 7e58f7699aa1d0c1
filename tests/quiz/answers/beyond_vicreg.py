"""VICReg."""

import torch
from statements import about

from answers.common import close, normal
from lesson_code import covariance_term, vicreg_loss

PAGE = "docs/module-1/beyond-1.3/vicreg.md"

stuck = about(PAGE, "The loss stands at 24.75 and does not move. What has happened?")


@stuck.states("The learning rate is too small.")
def embeddings_of_an_untrained_network_have_this_loss() -> bool:
    """A rate that is too small leaves outputs as they are drawn: of some spread, and apart."""
    losses = [
        vicreg_loss(images + 0.1 * scale * normal(64, 16, seed=1), images)
        for scale in (0.1, 0.3, 1.0)
        for images in [scale * normal(64, 16)]
    ]
    return any(close(loss, 24.75, 0.05) for loss in losses)


@stuck.states("All embeddings of each view are equal, and so are the views.")
def one_vector_for_all_has_this_loss_and_no_gradient() -> bool:
    z = normal(1, 16).repeat(64, 1).requires_grad_()
    loss = vicreg_loss(z, z)
    loss.backward()
    return close(loss, 24.75) and close(z.grad.norm(), 0)


@stuck.states("The views are unrelated.")
def unrelated_views_have_this_loss() -> bool:
    return close(vicreg_loss(normal(256, 16), normal(256, 16, seed=1)), 24.75, 5)


@stuck.states("It is the minimum of the loss.")
def no_embeddings_have_a_lower_loss() -> bool:
    z = 1.5 * torch.linalg.qr(normal(64, 16) - normal(64, 16).mean(dim=0)).Q * 64**0.5
    return float(vicreg_loss(z, z)) >= 24.75


alone = about(PAGE, "Why is the covariance term alone no protection against collapse?")


@alone.states("It looks at one view only.")
def what_the_second_view_does_is_not_felt() -> bool:
    z = normal(64, 16)
    tied = z[:, :1].expand(64, 16) + 0.1 * normal(64, 16, seed=1)
    losses = [vicreg_loss(z, other, invariance=0, variance=0) for other in (z, tied)]
    return close(*losses, 0.1)


@alone.states("Embeddings that shrink to a point have covariance 0.")
def the_term_vanishes_as_embeddings_shrink() -> bool:
    z = normal(64, 16) @ normal(16, 16, seed=1)
    terms = [float(covariance_term(scale * z)) for scale in (1.0, 0.1, 0.001)]
    return terms[0] > 1 and terms[0] > terms[1] > terms[2] and close(terms[2], 0, 1e-6)


@alone.states("Its weight is 1, and 25 would do.")
def at_25_shrinking_no_longer_pays() -> bool:
    z = normal(64, 16) @ normal(16, 16, seed=1)
    losses = [
        vicreg_loss(scale * z, scale * z, invariance=0, variance=0, covariance=25)
        for scale in (1.0, 0.1)
    ]
    return float(losses[1]) >= float(losses[0])
