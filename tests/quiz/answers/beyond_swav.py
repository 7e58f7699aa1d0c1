"""SwAV."""

import math

import torch
from statements import about

from answers.common import close, normal, unit
from lesson_code import sinkhorn, swav_loss

PAGE = "docs/module-1/beyond-1.3/swav.md"
K = 3000

stuck = about(PAGE, "The loss stands at 8.006 and does not move. $K$ is 3,000. What has happened?")


@stuck.states("The learning rate is too low.")
def an_untrained_network_has_this_loss() -> bool:
    """A rate that is too low leaves the loss where it began, with weights as they were drawn."""
    prototypes = unit(K, 128, 3)
    views = [unit(256, 128, seed) @ prototypes.T for seed in (1, 2)]
    losses = [
        swav_loss(views[0], other) for other in views
    ]  # of views that are equal, or unrelated
    return any(close(loss, 8.006, 0.1) for loss in losses)


@stuck.states("Predictions are uniform: no image prefers any prototype.")
def uniform_predictions_have_this_loss_whatever_the_targets() -> bool:
    even = torch.zeros(64, K)
    targets = sinkhorn(normal(64, K))
    cross_entropy = -(targets * even.log_softmax(dim=1)).sum(dim=1).mean()
    return all(close(loss, 8.006, 1e-3) for loss in (swav_loss(even, even), cross_entropy))


@stuck.states("All images have gone to one prototype, with confidence.")
def one_prototype_for_all_has_this_loss() -> bool:
    one = torch.zeros(64, K)
    one[:, 0] = 1  # a cosine of 1 with the first prototype
    return close(swav_loss(one, one), math.log(K), 0.3)


rows = about(PAGE, "Why are the rows scaled last, and not the columns?")


def scaled() -> tuple[torch.Tensor, torch.Tensor]:
    """Assignments of images (rows), as the book makes them, and with the columns scaled last.

    Columns are scaled to equal shares of the images.
    """
    q = sinkhorn(unit(64, 32) @ unit(20, 32, 1).T, iterations=3)
    return q, q / q.sum(dim=0) * len(q) / q.shape[1]


@rows.states("A target must be a distribution over prototypes; shares may be a little off.")
def rows_are_exact_and_columns_nearly_even() -> bool:
    q, columns_last = scaled()
    shares = q.sum(dim=0) * q.shape[1] / len(q)
    exact = float((q.sum(dim=1) - 1).abs().max()) < 1e-5
    spoiled = float((columns_last.sum(dim=1) - 1).abs().max()) > 0.01
    return exact and spoiled and 0.01 < float((shares - 1).abs().max()) < 0.5


@rows.states("The order makes no difference.")
def after_three_iterations_both_orders_agree() -> bool:
    q, columns_last = scaled()
    return float((q - columns_last).abs().max()) < 1e-3


@rows.states("It makes the assignments softer.")
def rows_are_softer_where_they_are_scaled_last() -> bool:
    """Of rows, made into distributions, the entropy says how soft they are."""
    softness = []
    for q in scaled():
        q = q / q.sum(dim=1, keepdim=True)
        softness.append(float(torch.special.entr(q).sum(dim=1).mean()))
    return softness[0] > 1.05 * softness[1]
