"""A small DINO transformer."""

import torch
from statements import about, cell, value

from answers.common import normal
from lesson_code import CenteringMechanism, embedding_std, teacher_targets

PAGE = "docs/lab/dino-vit.md"
RESULT = "lab/dino_vit"
LOG_K = "lab/dino_collapse", "log_k"

centered = about(PAGE, "The teacher is centered and sharpened. Why can it collapse all the same?")


@centered.states("Centering and sharpening only work for CNNs.")
def every_transformer_stays_undecided() -> bool:
    undecided = cell(RESULT, "variants", "both", "H") > 0.9 * value(*LOG_K)
    return (
        undecided
        or cell(RESULT, "variants", "both", "k-NN")
        < cell(RESULT, "variants", "untrained, even start", "k-NN") + 0.1
    )


@centered.states("Centering takes the common part out of the targets, not out of the network.")
def targets_do_not_feel_a_common_part_that_the_outputs_keep() -> bool:
    own, common = 0.1 * normal(64, 32), 20 * normal(1, 32, seed=1)
    targets = []
    for outputs in (own, own + common):
        centering = CenteringMechanism(32, momentum=0.0)
        centering.update_center(outputs)
        targets.append(teacher_targets(outputs, 0.04, centering.center))
    gone = torch.allclose(*targets, atol=1e-2)
    kept = float(embedding_std(own + common)) < 0.1 < float(embedding_std(own))
    # The network of the page that collapses is the one whose outputs have most in common.
    most = (
        cell(RESULT, "common", "ViT, as the CNN", "before training")
        < 0.1
        < cell(RESULT, "common", "CNN", "before training")
    )
    return (
        gone
        and kept
        and most
        and cell(RESULT, "variants", "as the CNN", "H") > 0.98 * value(*LOG_K)
    )


@centered.states("The teacher's temperature is too high.")
def half_the_temperature_mends_it() -> bool:
    return cell(RESULT, "tried", "teacher temperature 0.02", "H") < 0.9 * value(*LOG_K)


gauges = about(
    PAGE, "With a normalized head H, KL and H of mean look healthy. Is the encoder good?"
)


@gauges.states("Yes, all gauges are as they should be.")
def the_encoder_is_as_good_as_the_one_with_an_even_start() -> bool:
    return (
        cell(RESULT, "variants", "normalized head", "k-NN")
        > cell(RESULT, "variants", "both", "k-NN") - 0.1
    )


@gauges.states("That must be measured; here it is not.")
def healthy_gauges_stand_beside_poor_neighbors() -> bool:
    healthy = (
        cell(RESULT, "variants", "normalized head", "H of mean")
        - cell(RESULT, "variants", "normalized head", "H")
        > 0.4
    )
    return (
        healthy
        and cell(RESULT, "variants", "normalized head", "k-NN")
        < cell(RESULT, "variants", "both", "k-NN") - 0.2
    )


@gauges.states("No: batch normalization hides a collapse.")
def every_image_gets_the_same_answer() -> bool:
    return (
        cell(RESULT, "variants", "normalized head", "H of mean")
        - cell(RESULT, "variants", "normalized head", "H")
        < 0.1
    )
