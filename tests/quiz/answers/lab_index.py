"""How the lab works."""

import torch
from statements import about, spread, value
from torch import nn

from answers.common import close, normal, unit
from lesson_code import simclr_loss
from lesson_code.lab import Run
from lesson_code.lab.augment import RECIPES, view
from lesson_code.lab.data import load
from lesson_code.lab.order import generator, order

PAGE = "docs/lab/index.md"

twice = about(
    PAGE,
    "You train BYOL twice with the same command, on two computers, and the k-NN accuracies differ "
    "by .01. What has happened?",
)


def losses_in_other_orders() -> set[float]:
    """One loss of one batch, with its rows in several orders: nothing but rounding differs."""
    z_1, z_2 = unit(64, 32), unit(64, 32, 1)
    orders = [torch.randperm(64, generator=torch.Generator().manual_seed(i)) for i in range(20)]
    return {float(simclr_loss(z_1[rows], z_2[rows], 0.5)) for rows in orders}


@twice.states("One of the two has a bug")
def without_a_bug_no_bit_differs() -> bool:
    return len(losses_in_other_orders()) == 1


@twice.states("Nothing of note")
def the_difference_is_within_the_noise_of_seeds_and_images() -> bool:
    of_seeds = spread("lab/comparison", "methods", "BYOL", "k-NN error") / 100
    of_images = value("lab/representation", "standard_error")
    return 2 * min(of_seeds, of_images) > 0.01


@twice.states("The seed was not set")
def with_the_seed_set_all_bits_are_equal() -> bool:
    found = set()
    for rows in (slice(None), torch.arange(63, -1, -1), torch.arange(64).roll(7)):
        torch.manual_seed(0)
        network = nn.Linear(32, 16)
        z_1, z_2 = (network(unit(64, 32, seed)[rows]) for seed in (0, 1))
        found.add(simclr_loss(z_1, z_2, 0.5).item())
    return len(found) == 1


killed = about(
    PAGE,
    "A run was killed after step 250 of 300, with checkpoints every 100 steps. The same command "
    "goes on at step 200. What do the last 100 steps see?",
)


def seen(start: int, since: int = 200) -> list[torch.Tensor]:
    """The images and the views of four steps, of a process that began at ``start``."""
    run, train = Run("byol"), load("digits").train
    found = []
    for step, chosen in order(len(train.labels), run.batch, run.seed, start, since + 4):
        draws = generator(run.seed, "views", step)
        views = view(train.images[chosen], RECIPES["gray"]["full"], draws)
        if step >= since:
            found += [chosen, views]
    return found


@killed.states("New random views, so the result differs a little")
def the_process_that_goes_on_draws_other_views() -> bool:
    whole, resumed = seen(0), seen(200)
    return not all(torch.equal(a, b) for a, b in zip(whole, resumed, strict=True))


@killed.states("The images and views of the first 100 steps once more")
def the_process_that_goes_on_draws_those_of_the_first_steps() -> bool:
    begun, resumed = seen(0, since=0), seen(200)
    return all(torch.equal(a, b) for a, b in zip(begun, resumed, strict=True))


@killed.states("Exactly the images and views they would have seen")
def images_and_views_depend_on_seed_and_step_alone() -> bool:
    whole, resumed = seen(0), seen(200)
    same = all(torch.equal(a, b) for a, b in zip(whole, resumed, strict=True))
    return same and len(whole) == 8 and not torch.equal(whole[1], whole[3])


gathered = about(
    PAGE,
    "With two processes you gather embeddings by a plain all_gather and put your own part back in. "
    "The loss is right. What about the training?",
)


def gradients() -> tuple[torch.Tensor, torch.Tensor]:
    """The gradient of one weight matrix, true, and as two processes average it."""
    weight = normal(6, 8).double().requires_grad_()
    x_1, x_2 = normal(8, 6, seed=1).double(), normal(8, 6, seed=2).double()
    (true,) = torch.autograd.grad(simclr_loss(x_1 @ weight, x_2 @ weight, 0.5), weight)
    total = torch.zeros_like(true)
    for own in (torch.arange(8) < 4, torch.arange(8) >= 4):
        views = [x @ weight for x in (x_1, x_2)]
        views = [torch.where(own[:, None], z, z.detach()) for z in views]
        total += torch.autograd.grad(simclr_loss(*views, 0.5), weight)[0]
    return true, total / 2


@gathered.states("It is right, too")
def the_average_of_the_processes_is_the_true_gradient() -> bool:
    true, averaged = gradients()
    return torch.allclose(true, averaged, rtol=0.1)


@gathered.states("No gradient reaches the encoder")
def the_average_is_nothing() -> bool:
    true, averaged = gradients()
    return float(averaged.norm()) < 0.01 * float(true.norm())


@gathered.states("The gradient has half its length")
def the_average_is_half_of_the_true_gradient() -> bool:
    true, averaged = gradients()
    lost = value("l1_3/simclr_gathered", "share")
    return torch.allclose(true / 2, averaged, rtol=1e-6) and close(lost, 0.5, 0.01)
