"""SimSiam."""

import torch
import torch.nn.functional as F
from statements import about, given

from answers.common import close, normal, unit
from lesson_code import embedding_std, simsiam_loss

PAGE = "docs/module-1/beyond-1.3/simsiam.md"

removed = about(
    PAGE, "You remove the predictor and keep the stop-gradient. What happens to the gradient?"
)


def gradients() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The embeddings of both views, and the gradients with and without stop-gradient.

    Without a predictor, what predicts is what is predicted. Without stop-gradient, the loss is
    the negative cosine of the two views.
    """
    images = normal(32, 16)
    z = torch.cat([images + 0.5 * normal(32, 16, seed=seed) for seed in (1, 2)]).requires_grad_()
    z_1, z_2 = z.chunk(2)
    (stopped,) = torch.autograd.grad(simsiam_loss(z_1, z_2, z_1, z_2), z, retain_graph=True)
    (whole,) = torch.autograd.grad(-F.cosine_similarity(z_1, z_2).mean(), z)
    return z.detach(), stopped, whole


@removed.states("It vanishes, so nothing is learned.")
def the_gradient_vanishes() -> bool:
    _, stopped, whole = gradients()
    return float(stopped.norm()) < 0.01 * float(whole.norm())


@removed.states("It has the direction it would have without stop-gradient, at half the length.")
def the_gradient_is_half_of_what_it_would_be() -> bool:
    _, stopped, whole = gradients()
    return torch.allclose(stopped, whole / 2, atol=1e-6) and float(whole.norm()) > 1e-3


@removed.states("It points outward and spreads the outputs.")
def a_step_along_it_spreads_the_outputs() -> bool:
    z, stopped, _ = gradients()
    step = 0.1 * float(z.norm() / stopped.norm())
    return float(embedding_std(z - step * stopped)) > float(embedding_std(z)) + 1e-4


low = about(PAGE, "After 1,000 steps the loss is −0.99. What do you know?")


def states_of_that_loss() -> dict[str, torch.Tensor]:
    """Second views, each a little beside the first: of one point, and of many directions."""
    starts = {"collapsed": unit(1, 64).expand(256, 64), "healthy": unit(256, 64)}
    return {name: z + 0.0178 * normal(256, 64, seed=1) for name, z in starts.items()}


def loss_and_std(state: str) -> tuple[float, float]:
    """Of a state whose first views are without the little."""
    first = {"collapsed": unit(1, 64).expand(256, 64), "healthy": unit(256, 64)}[state]
    second = states_of_that_loss()[state]
    return float(simsiam_loss(first, second, first, second)), float(embedding_std(second))


@low.states("Training goes well: −1 is the minimum.")
def every_network_with_that_loss_spreads() -> bool:
    loss, std = loss_and_std("collapsed")
    given(close(loss, -0.99, 0.01))
    return std > 0.5


@low.states("The network has collapsed.")
def no_network_with_that_loss_spreads() -> bool:
    loss, std = loss_and_std("healthy")
    given(close(loss, -0.99, 0.01))
    return std < 0.5


@low.states("Nothing yet; look at the spread and the rank of the outputs.")
def that_loss_goes_with_any_spread() -> bool:
    collapsed, healthy = loss_and_std("collapsed"), loss_and_std("healthy")
    alike = close(collapsed[0], -0.99, 0.01) and close(healthy[0], -0.99, 0.01)
    return alike and collapsed[1] < 0.2 and healthy[1] > 0.9
