# /// example
# cost = "lab"
# limit = 900
# within = {loss = 0.02}
# pictures = 30.0
# ///
"""A small MAE paints the hidden half of drawings whose things and artist it never saw."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lesson_code.lab import evaluate, study
from lesson_code.lab.data.emoji import emoji
from lesson_code.lab.drawing import contact_sheet
from lesson_code.lab.methods.masked import MAE, MAESettings
from lesson_code.lab.networks import SmallViT
from lesson_code.lab.run import Run
from lesson_code.mae import mae_loss, patchify, unpatchify

RUN = Run("mae", "emoji", steps=400, batch=128, lr=8e-3, size=24)
PATCH, SHOWN = 4, 8


def train(run: Run, pictures: torch.Tensor) -> tuple[MAE, MAE]:
    """Return the network before its first step and after its last."""
    torch.manual_seed(run.seed)
    settings = MAESettings(mask_ratio=0.5)
    before, after = (
        MAE(SmallViT(3, 24, patch=PATCH, dim=64), settings, classes=8) for _ in range(2)
    )
    before.load_state_dict(after.state_dict())
    optimizer = torch.optim.AdamW(
        after.parameters(), betas=(0.9, 0.95), weight_decay=0.05
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, run.lr or 1e-3, total_steps=run.steps + 1, cycle_momentum=False
    )
    for _ in range(run.steps):
        batch = pictures[torch.randint(len(pictures), (run.batch,))]
        loss = after([batch], torch.empty(0))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return before, after


def painted(
    model: MAE, pictures: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, float]:
    """The pictures with holes, the same painted, and the loss."""
    with evaluate.resting(model):
        guess, mask = model.paint(pictures, torch.Generator().manual_seed(0))
    truth, hidden = patchify(pictures, PATCH), mask[:, :, None]
    loss = mae_loss(guess, pictures, mask, PATCH).item()
    holes = unpatchify(truth.masked_fill(hidden, 0.5), PATCH, 24, 24)
    return holes, unpatchify(torch.where(hidden, guess, truth), PATCH, 24, 24), loss


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train once, and paint the test pictures before and after."""
    data = emoji(size=24)
    train_on, test = 2 * data.train.images - 1, 2 * data.test.images - 1
    before, after = train(RUN.with_seed(seeds[0]), train_on)
    holes, first, loss_before = painted(before, test)
    _, last, loss_after = painted(after, test)
    shown = torch.arange(SHOWN) * (len(test) // SHOWN) + 20
    rows = {
        "drawn by the unseen artist": test,
        "half of it hidden": holes,
        "painted before training": first,
        "painted after": last,
    }
    found = study.Findings(
        extras={name: (x[shown] + 1) / 2 for name, x in rows.items()}
    )
    plain = (test - train_on.mean(dim=0)).square().mean().item()
    found.values |= {
        "before_loss": loss_before,
        "after_loss": loss_after,
        "average_loss": plain,
    }
    return found


def draw(found: study.Findings) -> dict[str, str]:
    """Draw what was hidden and what was painted."""
    return contact_sheet(
        "mae-emoji",
        {name: (images * 8).round() / 8 for name, images in found.extras.items()},
        f"Four rows of {SHOWN} small pictures in color: drawings, the same with half of "
        "their squares gray, painted by the untrained network, which is noise, and by "
        "the trained one, which continues shapes and colors, if blurred.",
    )


if __name__ == "__main__":
    found = measure((0,))
    values, alt_text = found.values, draw(found)
