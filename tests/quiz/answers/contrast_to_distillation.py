"""One question on each of the lesson's method pages."""

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from statements import about, cell, value
from torch import nn

from answers.common import close, normal, unit
from lesson_code import (
    MoCo,
    dino_loss,
    knowledge_distillation_loss,
    multi_crop_dino_loss,
    regression_loss,
    simclr_loss,
    temperature_scaling,
)

LESSON = "docs/module-1/1.3-contrast-to-distillation"

batch = about(f"{LESSON}/simclr.md", "Why does SimCLR profit from a large batch?")


@batch.states("Batch normalization works only with large batches.")
def a_network_with_batch_normalization_learns_less_from_small_batches() -> bool:
    small = cell("lab/sweep_batch", "equal-images", "32", "few labels")
    large = cell("lab/sweep_batch", "equal-images", "1024", "few labels")
    return small < large - 0.05


@batch.states(
    "Every other view of the batch is a negative, so a larger batch contrasts with more images."
)
def each_view_is_told_from_all_others_of_the_batch() -> bool:
    """Equal embeddings make every candidate as likely as the others, so their number shows."""
    counted = {n: simclr_loss(torch.ones(n, 8), torch.ones(n, 8), 0.5).exp() for n in (4, 32)}
    # The positive and 2N - 2 negatives.
    return all(close(candidates, 2 * n - 1, 1e-2) for n, candidates in counted.items())


@batch.states("The loss needs at least 8,192 images to be finite.")
def the_loss_of_few_images_is_infinite() -> bool:
    losses = [simclr_loss(unit(n, 16), unit(n, 16, 1), 0.5) for n in (2, 32, 256)]
    return not all(math.isfinite(loss) for loss in losses)


batch.published(
    "It needs fewer augmentations then.", "accuracy on ImageNet without color distortion"
)

queue = about(f"{LESSON}/moco.md", "What lets MoCo work with a batch of 256?")


@queue.states("A slow encoder; without it, a memory of earlier keys is worth nothing.")
def a_queue_from_a_plain_copy_leaves_the_network_untrained() -> bool:
    copied = cell("lab/sweep_moco", "ages", "0, 1,024", "few labels")
    return copied < cell("lab/byol_collapse", "ablations", "before training", "few labels") + 0.05


@queue.states("A queue of 65,536 keys from earlier batches; nothing else is needed.")
def a_long_queue_is_as_good_with_a_plain_copy() -> bool:
    """The lab's longest queue is as many steps long as a quarter of that one."""
    return cell("lab/sweep_moco", "gains", "16,384", "from") < 0.01


def stepped() -> tuple[MoCo, torch.Tensor, torch.Tensor]:
    """A MoCo after one step, its logits, and its query encoder's weights after that step."""
    moco = MoCo(nn.Linear(6, 8, bias=False), dim=8, K=64, m=0.999)
    with torch.no_grad():
        moco.encoder_q.weight.add_(1.0)  # as if an optimizer had moved it
    logits, _ = moco(normal(16, 6), normal(16, 6, seed=1))
    return moco, logits, moco.encoder_q.weight.detach()


@queue.states("A queue of earlier keys, encoded by a network that moves slowly.")
def earlier_keys_are_negatives_and_their_encoder_moves_slowly() -> bool:
    moco, logits, weight = stepped()
    keys = F.normalize(normal(16, 6, seed=1) @ moco.encoder_k.weight.T)
    remembered = torch.allclose(moco.queue[:, :16].T, keys, atol=1e-5)
    apart = float((weight - moco.encoder_k.weight).mean())
    return remembered and logits.shape == (16, 1 + 64) and close(apart, 0.999, 1e-3)


@queue.states("A loss that has no negatives.")
def no_logit_is_a_negative() -> bool:
    _, logits, _ = stepped()
    return logits.shape[1] == 1


parts = about(
    f"{LESSON}/byol.md", "What do the papers' experiments say about predictor and stop-gradient?"
)


def few_labels(lab: str, row: str) -> float:
    return cell(f"lab/{lab}", "ablations", row, "few labels")


@parts.states("No network of this kind has learned anything without both.")
def without_its_predictor_byol_is_no_better_than_untrained() -> bool:
    start = few_labels("byol_collapse", "before training")
    return few_labels("byol_collapse", "no predictor") < start + 0.05


@parts.states("Either one prevents collapse.")
def with_either_one_the_outputs_stay_apart() -> bool:
    spread = [
        cell("lab/simsiam_collapse", "ablations", row, "std")
        for row in ("no predictor, bare", "no stop-gradient, bare")
    ]
    return min(spread) > 0.1


@parts.states("Take either out of SimSiam and put nothing in its place, and it falls to chance.")
def simsiam_without_either_has_one_output_and_learns_little() -> bool:
    """Chance on ImageNet; here: outputs that are all alike, of a network hardly trained."""
    start = few_labels("simsiam_collapse", "before training")
    lacking = ("no predictor, bare", "no stop-gradient, bare")
    spread = [cell("lab/simsiam_collapse", "ablations", row, "std") for row in lacking]
    gained = [few_labels("simsiam_collapse", row) - start for row in lacking]
    whole = few_labels("simsiam_collapse", "SimSiam, bare") - start
    return max(spread) < 0.1 and max(gained) < 0.5 * whole


@parts.states("They help, but the moving average is what prevents collapse.")
def without_a_slow_target_the_outputs_collapse() -> bool:
    copied = value("l1_3/byol_digits", "copy")
    return min(copied, cell("lab/byol_collapse", "ablations", "no slow target", "std")) < 0.5


heat = about(f"{LESSON}/distillation.md", "What does the temperature do in knowledge distillation?")


@heat.states("It sets how sharp the teacher's and the student's probabilities are.")
def both_sides_get_softer_with_the_temperature() -> bool:
    student, teacher = 3 * normal(8, 10), 3 * normal(8, 10, seed=1)
    entropies, agree = [], []
    for t in (0.5, 1.0, 2.0, 4.0, 16.0):
        p, q = (temperature_scaling(one, t).softmax(dim=1) for one in (teacher, student))
        divergence = (p * (p.log() - q.log())).sum(dim=1).mean()
        soft = knowledge_distillation_loss(student, teacher, temperature=t, alpha=1.0)
        agree.append(close(soft, t * t * divergence, 1e-3 * t * t))  # these are its probabilities
        entropies.append([float(torch.special.entr(one).sum(dim=1).mean()) for one in (p, q)])
    softer = [low[side] + 0.05 < high[side] for low, high in pairwise(entropies) for side in (0, 1)]
    return all(agree) and all(softer)


@heat.states("It scales the learning rate.")
def the_gradient_only_changes_its_length() -> bool:
    teacher, directions = 3 * normal(8, 10, seed=1), []
    for t in (1.0, 8.0):
        student = (3 * normal(8, 10)).requires_grad_()
        knowledge_distillation_loss(student, teacher, temperature=t, alpha=1.0).backward()
        directions.append(F.normalize(student.grad.flatten(), dim=0))
    return float(directions[0] @ directions[1]) > 0.99


@heat.states("It makes a large teacher small.")
def what_the_temperature_divides_becomes_smaller() -> bool:
    logits = normal(8, 10)
    return any(temperature_scaling(logits, t).numel() < logits.numel() for t in (0.5, 4.0, 20.0))


@heat.states("It weighs the soft against the hard targets.")
def the_soft_gradient_shrinks_with_the_temperature() -> bool:
    """It does where the factor of T squared is forgotten."""
    return value("l1_3/distillation_gradient", "soft_20") < 0.5 * value(
        "l1_3/distillation_gradient", "soft_1"
    )


dino = about(f"{LESSON}/no-negatives.md", "What keeps DINO from collapsing?")


@dino.states("Centering alone.")
def the_centered_teacher_decides() -> bool:
    return cell("lab/dino_collapse", "ablations", "centering only", "H") < 0.9 * value(
        "lab/dino_collapse", "log_k"
    )


@dino.states("Multi-crop training.")
def with_two_crops_only_the_run_is_no_better_than_its_start() -> bool:
    start = cell("lab/dino_collapse", "ablations", "before training", "few labels")
    return cell("lab/local_crops", "crops", "2 global", "few labels") < start + 0.1


@dino.states("Negative samples in the teacher's batch.")
def other_images_enter_the_loss_of_an_image() -> bool:
    student, teacher = normal(8, 32), normal(8, 32, seed=1)
    alone = [dino_loss(student[i : i + 1], teacher[i : i + 1]) for i in range(8)]
    return not close(torch.stack(alone).mean(), dino_loss(student, teacher), 1e-3)


@dino.states(
    "Centering and sharpening, which fail in opposite directions, on a teacher that lags behind."
)
def each_alone_fails_its_own_way_and_a_copied_teacher_fails_too() -> bool:
    lab = "lab/dino_collapse"
    h = {
        name: cell(lab, "ablations", name, "H")
        for name in ("centering and sharpening", "centering only", "sharpening only")
    }
    of_mean = cell(lab, "ablations", "centering and sharpening", "H of mean")
    one_wins = h["sharpening only"] < 0.1
    none_wins = h["centering only"] > 0.98 * value(lab, "log_k")
    balance = of_mean - h["centering and sharpening"] > 1.5
    copied = cell(lab, "copied", "no slow teacher", "k-NN copied")
    failed = copied < cell(lab, "ablations", "before training", "k-NN") - 0.05
    return one_wins and none_wins and balance and failed


plateau = about(
    f"{LESSON}/dino-loss.md",
    "With 65,536 prototypes the DINO loss comes to rest at 11.09. What does the student say?",
)


@plateau.states("One prototype, the same for every image.")
def one_prototype_for_all_costs_that() -> bool:
    alike = 2 * F.one_hot(torch.full((4,), 7), 65_536).float()
    return close(dino_loss(alike, alike), 11.09, 1e-2)


@plateau.states("All prototypes alike, whatever the image.")
def a_uniform_student_costs_that_for_any_target() -> bool:
    targets = [scale * normal(4, 65_536) for scale in (0.0, 0.1, 1.0)]
    return all(close(dino_loss(torch.zeros(4, 65_536), one), 11.09, 1e-2) for one in targets)


@plateau.states("A sure answer for each image, and the teacher agrees.")
def a_sure_answer_for_each_image_costs_that() -> bool:
    sure = 2 * F.one_hot(torch.arange(4), 65_536).float()
    return close(dino_loss(sure, sure), 11.09, 1e-2)


pairs = about(
    f"{LESSON}/dino.md",
    "Of each image you cut two global and eight local crops. How many comparisons are in the loss?",
)


def comparisons() -> float:
    """How many terms the mean has, by what a local crop adds that costs something of its own."""
    crops = [torch.zeros(1, 2) for _ in range(10)]
    plain = multi_crop_dino_loss(crops, crops[:2])
    crops[9] = torch.tensor([[0.0, 1.0]])  # meets both of the teacher's crops
    added = 2 * (dino_loss(crops[9], crops[0]) - plain)
    return float(added / (multi_crop_dino_loss(crops, crops[:2]) - plain))


@pairs.states("16: both of the teacher's crops with the local ones.")
def global_crops_meet_no_other() -> bool:
    return close(comparisons(), 16, 0.1)


@pairs.states("18: both of the teacher's crops with all of the student's, but not with themselves.")
def all_meet_but_a_crop_and_itself() -> bool:
    return close(comparisons(), 18, 0.1)


@pairs.states("20: both of the teacher's crops with all of the student's.")
def a_crop_meets_itself_too() -> bool:
    return close(comparisons(), 20, 0.1)


@pairs.states("90: each crop with all others.")
def local_crops_meet_each_other() -> bool:
    return close(comparisons(), 90, 0.1)


sides = about(
    f"{LESSON}/comparison.md",
    "All images get one sure answer. Which loss is then higher than where only views agree?",
)


@sides.states("SimCLR's: the positive is one of many equals.")
def simclr_costs_more_in_collapse() -> bool:
    images, alike = F.one_hot(torch.arange(32)).float(), torch.ones(32, 32)
    return bool(simclr_loss(alike, alike, 0.5) > simclr_loss(images, images, 0.5) + 0.5)


@sides.states("BYOL's: predictions that are all alike miss their targets.")
def byol_costs_more_in_collapse() -> bool:
    images, alike = unit(32, 128), torch.ones(32, 128)
    return bool(regression_loss(alike, alike) > regression_loss(images, images) + 0.1)


@sides.states("DINO's: a prototype that takes every image is punished.")
def dino_costs_more_where_one_prototype_takes_all() -> bool:
    alike, agree = (value("l1_3/comparison_states", f"dino_{name}") for name in ("alike", "agree"))
    return alike > agree + 0.1
