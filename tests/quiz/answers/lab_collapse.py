"""The collapse laboratory."""

import torch
from statements import about, cell, given

from answers.common import accuracy, close, normal
from lesson_code import effective_rank, embedding_std, knn_predict, simsiam_loss
from lesson_code.lab.data import load
from lesson_code.lab.evaluate import judge

PAGE = "docs/lab/collapse.md"
SIMSIAM, BYOL = "lab/simsiam_collapse", "lab/byol_collapse"

better = about(PAGE, "Your run's std is 0.8 and its loss better than ever. Has it collapsed?")


def spread_of_point_eight(directions: int) -> torch.Tensor:
    """Embeddings in 64 dimensions whose std is near 0.8, along so many directions."""
    axes = torch.linalg.qr(normal(64, 64, seed=1)).Q
    inside = normal(512, directions) @ axes[:directions]
    inside = inside / inside.norm(dim=1, keepdim=True)
    return inside + {2: 0.4, 60: 0.75}[directions] * axes[-1]


@better.states("No: collapsed embeddings have a std near 0.")
def without_stop_gradient_the_std_is_near_zero() -> bool:
    return cell(SIMSIAM, "ablations", "no stop-gradient", "std") < 0.1


@better.states("That cannot be said before you have looked at the rank.")
def one_std_goes_with_few_directions_and_with_many() -> bool:
    few, many = spread_of_point_eight(2), spread_of_point_eight(60)
    alike = all(close(embedding_std(z), 0.8, 0.05) for z in (few, many))
    return alike and float(effective_rank(few)) < 4 and float(effective_rank(many)) > 40


@better.states("Yes: a better loss means collapse.")
def the_run_whose_loss_got_better_has_collapsed() -> bool:
    fell = cell(BYOL, "ablations", "BYOL", "loss") < cell(
        BYOL, "ablations", "before training", "loss"
    )
    given(fell)
    return cell(BYOL, "ablations", "BYOL", "few labels") < cell(
        BYOL, "ablations", "before training", "few labels"
    )


mended = about(
    PAGE,
    "After 50 epochs std has fallen to 0.02. You find the missing `detach()`, and mend it. What "
    "next?",
)


@mended.states("Train on: the stop-gradient will spread the embeddings again.")
def the_embeddings_spread_after_it_is_put_back() -> bool:
    return cell(SIMSIAM, "switched", "collapsed, then put back", "std") > 0.5 * cell(
        SIMSIAM, "ablations", "SimSiam", "std"
    )


@mended.states("Start again, or from a checkpoint of healthy std and rank.")
def only_a_run_that_has_it_from_the_start_spreads() -> bool:
    fresh, late = (
        cell(SIMSIAM, "ablations", "SimSiam", "std"),
        cell(SIMSIAM, "switched", "collapsed, then put back", "std"),
    )
    return fresh > 0.9 and late < 0.1 and cell(SIMSIAM, "ablations", "SimSiam", "rank") > 10


@mended.states("Raise the learning rate: the gradient leads out of the collapse.")
def a_step_along_the_gradient_spreads_the_embeddings() -> bool:
    point = normal(64) / 8
    images = point + 0.002 * normal(256, 64, seed=1)
    views = [(images + 0.001 * normal(256, 64, seed=seed)).requires_grad_() for seed in (2, 3)]
    before = torch.cat([view.detach() for view in views])
    simsiam_loss(*views, *views).backward()
    steepest = torch.cat([view.grad for view in views])
    # As long as the embeddings spread: a step so small that it cannot overshoot.
    step = 0.3 * (before - before.mean(dim=0)).norm() / steepest.norm()
    return float(embedding_std(before - step * steepest)) > float(embedding_std(before))


kept = about(
    PAGE,
    "The projections have collapsed, but k-NN on the encoder's features is far above chance. Why?",
)


@kept.states("k-NN was measured on the training images.")
def the_lab_asks_for_images_that_it_knows() -> bool:
    digits = load("digits")
    told = judge(lambda images: images.flatten(1), digits)["knn"]
    known, labels = digits.train.images.flatten(1), digits.train.labels
    own = accuracy(knn_predict(known, labels, known), labels)
    new = accuracy(knn_predict(known, labels, digits.test.images.flatten(1)), digits.test.labels)
    return abs(told - own) < abs(told - new)


@kept.states("The collapse is not real.")
def the_projections_still_spread() -> bool:
    return (
        max(
            cell(SIMSIAM, "ablations", "no stop-gradient, bare", "std"),
            cell(BYOL, "ablations", "no stop-gradient", "std"),
        )
        > 0.1
    )


@kept.states(
    "The encoder stands below the collapse, and on small digits even random weights do well."
)
def the_features_keep_what_random_weights_give() -> bool:
    collapsed = cell(BYOL, "ablations", "no stop-gradient", "std") < 0.05
    return (
        collapsed
        and cell(BYOL, "ablations", "no stop-gradient", "k-NN") > 0.5
        and cell(BYOL, "ablations", "before training", "k-NN") > 0.8
    )
