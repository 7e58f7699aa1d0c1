"""Whether living figures compute what the package computes: their cores, run by Node, on a grid.

A figure's script keeps its arithmetic in ``core``, functions of plain numbers. Here each is asked
for every case of a grid, and the answers are held against ``lesson_code`` in double precision.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from bookbuild import project, results
from bookbuild.frontend import node
from torch import nn
from torchvision.transforms import v2

from lesson_code import ema_update, simclr_loss, teacher_targets, temperature_scaling

FOLDER = "docs/assets/js/play"
Case = tuple[list[Any], list[float]]  # the arguments, and what the package answers

_ANSWER = """
const core = globalThis.bookPlay.widgets[%(widget)s].core;
const cases = %(arguments)s;
const numbers = (answer) => (typeof answer === "number" ? [answer] :
  answer === null ? [] : Object.values(answer).flatMap(numbers));
console.log(JSON.stringify(cases.map((given) => numbers(core[%(function)s](...given)))));
"""


def answers(widget: str, function: str, arguments: list[list[Any]]) -> list[list[float]]:
    """What the core of a widget answers, every number of it in the order it is written down."""
    folder = project.root(Path(__file__)) / FOLDER
    scripts = [(folder / f"{name}.js").read_text(encoding="utf-8") for name in ("kit", widget)]
    question = {"widget": widget, "function": function, "arguments": arguments}
    scripts.append(_ANSWER % {name: json.dumps(value) for name, value in question.items()})
    done = subprocess.run(
        [node(), "-"], input="\n".join(scripts), capture_output=True, text=True, check=True
    )
    found: list[list[float]] = json.loads(done.stdout)
    return found


def temperature() -> Iterator[Case]:
    """The softmax of tempered logits."""
    grid = itertools.product((-4.0, 0.0, 2.5), (-1.0, 4.0), (0.5,), (0.05, 0.5, 1.0, 20.0))
    for *logits, T in grid:
        tempered = temperature_scaling(torch.tensor(logits, dtype=torch.float64), T)
        yield [logits, T], tempered.softmax(dim=0).tolist()


def circle() -> Iterator[Case]:
    """NT-Xent of points on a circle, its gradient by their angles, and the softmax of each row."""
    torch.manual_seed(0)
    for T, interleaved, _ in itertools.product((0.05, 0.5, 2.0), (False, True), range(4)):
        angles = (2 * torch.pi * torch.rand(8, dtype=torch.float64)).requires_grad_()
        points = torch.stack([angles.cos(), angles.sin()], dim=1)
        first, second = (points[::2], points[1::2]) if interleaved else points.chunk(2)
        loss = simclr_loss(first, second, T)
        (gradient,) = torch.autograd.grad(loss, angles)
        logits = (points @ points.T / T).detach().fill_diagonal_(-torch.inf)
        expected = [loss.reshape(1), gradient, logits.softmax(dim=1).flatten()]
        yield [angles.tolist(), T, interleaved], torch.cat(expected).tolist()


def queue() -> Iterator[Case]:
    """The key encoder's only weight after each step; the query encoder's grows by one a step."""
    for momentum, steps in itertools.product((0.0, 0.5, 0.99, 0.999), (1, 7, 60)):
        target, online = (nn.Linear(1, 1, bias=False, dtype=torch.float64) for _ in range(2))
        nn.init.zeros_(target.weight)
        weights = []
        for step in range(1, steps + 1):
            nn.init.constant_(online.weight, step)
            ema_update(target, online, momentum)
            weights.append(target.weight.item())
        slots = [0] * 16  # which step made the key that lies there; two keys a step
        for step in range(1, steps + 1):
            slots[(2 * step - 2) % 16] = slots[(2 * step - 1) % 16] = step
        made = [number for step in slots if step for number in (step, weights[step - 1])]
        yield [momentum, 16, 2, steps], [*weights, *made, 2 * steps % 16]


def balance() -> Iterator[Case]:
    """Centered and sharpened targets, their mean entropy, and the information about the image."""
    torch.manual_seed(0)
    for share, T in itertools.product((0.0, 0.3, 1.0), (0.02, 0.04, 0.3, 2.0)):
        outputs = torch.randn(8, 6, dtype=torch.float64) + torch.randn(6, dtype=torch.float64)
        targets = teacher_targets(outputs, T, share * outputs.mean(dim=0))
        entropy = torch.special.entr(targets).sum(dim=1).mean()
        information = torch.special.entr(targets.mean(dim=0)).sum() - entropy
        yield (
            [outputs.tolist(), share, T],
            [*targets.flatten().tolist(), entropy.item(), information.item()],
        )


def collapse() -> Iterator[Case]:
    """The numbers that the drawings of BYOL's runs show, by the scales of their axes."""
    root = project.root(Path(__file__))
    for example, across, up in (
        ("l1_3/byol_digits", [[44.77, 0.0], [251.02, 100.0]], [[145.71, 0.0], [9.8, 1.0]]),
        ("lab/byol_collapse", [[40.52, 0.0], [334.49, 200.0]], [[111.34, 0.0], [12.85, 1.0]]),
    ):
        (drawing,) = results.load(root, example).figures.values()
        for path in re.findall('<path d="([^"]+)" clip-path', drawing):
            places = torch.tensor([*map(float, re.findall(r"[\d.]+", path))], dtype=torch.float64)
            shares = [
                (places[first::2] - low[0]) / (high[0] - low[0])
                for first, (low, high) in enumerate((across, up))
            ]
            yield [path, across, up], torch.cat([shares[0] * across[1][1], shares[1]]).tolist()


def crops() -> Iterator[Case]:
    """Boxes that torchvision cuts from the same random numbers, and the areas the lesson counts."""
    shapes = (427, 640), (200, 2000), (900, 300)  # of the narrow ones none of ten tries may fit
    for seed, (height, width) in itertools.product(range(12), shapes):
        boxes, arguments = [], []
        for scale in ((0.05, 0.4), (0.4, 1.0)):
            state = torch.manual_seed(seed).get_state()
            found = v2.RandomResizedCrop(96, scale).make_params([torch.empty(3, height, width)])
            torch.set_rng_state(state)
            ranges = (scale, (math.log(3 / 4), math.log(4 / 3)))
            tries = [[torch.empty(1).uniform_(*ends).item() for ends in ranges] for _ in range(10)]
            top, left, high, wide = (found[key] for key in ("top", "left", "height", "width"))
            corner = [(top + 0.5) / (height - high + 1), (left + 0.5) / (width - wide + 1)]
            arguments.append([tries, corner])
            boxes.append(torch.tensor([top, left, top + high, left + wide]).double())
        common = torch.cat([torch.maximum(*boxes)[:2], torch.minimum(*boxes)[2:]])
        areas = [(box[2:] - box[:2]).clamp(min=0).prod() for box in (common, boxes[0])]
        shares = [areas[1] / (height * width), areas[0] / areas[1]]
        yield [height, width, *arguments], torch.cat([*boxes, torch.stack(shares)]).tolist()


#: Each living figure: the function of its core, and the grid.
FIGURES = {
    "temperature": ("softmax", temperature),
    "circle": ("ntXent", circle),
    "queue": ("follow", queue),
    "balance": ("targets", balance),
    "collapse": ("read", collapse),
    "crops": ("pair", crops),
}


def largest_difference(widget: str) -> tuple[int, float]:
    """How many numbers were compared for a widget, and the largest difference of one.

    It is relative for numbers above 1, so that a steep loss does not hide a small probability.

    Raises:
        ValueError: if core and package do not answer as many numbers.
    """
    function, cases = FIGURES[widget]
    arguments, expected = zip(*cases(), strict=True)
    pairs = [
        (mine, theirs)
        for given, wanted in zip(answers(widget, function, list(arguments)), expected, strict=True)
        for mine, theirs in zip(given, wanted, strict=True)
    ]
    return len(pairs), max(abs(mine - theirs) / max(1, abs(theirs)) for mine, theirs in pairs)
