# /// example
# cost = "lab"
# limit = 3600
# # Attention of a network half trained varies a lot between processors.
# within.mean_of_heads = 0.08
# within.best_head = 0.08
# within.group_k_nn = 0.06
# within.every_patch_mean_of_heads = 1e-6
# within.best_patches_mean_of_heads = 1e-6
# within.patches_by_chance_mean_of_heads = 1e-3
# within.random_weights_mean_of_heads = 0.02
# within.random_weights_best_head = 0.02
# within.random_weights_group_k_nn = 0.01
# pictures = 90.0
# ///
"""Does attention find the thing? Scenes with exact masks, a small transformer, three ways."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F

from lesson_code.lab import register
from lesson_code.lab.data.scenes import Scenes, scenes
from lesson_code.lab.evaluate import knn_hits, resting
from lesson_code.lab.machine import Machine
from lesson_code.lab.networks import SmallViT
from lesson_code.lab.run import Run
from lesson_code.lab.segmentation import jaccard, overlap
from lesson_code.lab.trainer import Trainer

# --8<-- [end:imports]

from lesson_code.examples.lab.emoji import with_interval
from lesson_code.lab import study
from lesson_code.lab.drawing import contact_sheet

RANDOM, SUPERVISED, DINO = "random weights", "supervised", "DINO"
KEYS = {"mean": "mean of heads", "best": "best head", "group": "group k-NN"}
SHOWN = 8


# --8<-- [start:variants]
@register("scene-vit")
def scene_vit(channels: int, size: int) -> SmallViT:
    """Patches of 4 x 4, two blocks of four heads; features are the class token."""
    return SmallViT(channels, size, patch=4, pool="class", start="even")


def variants() -> dict[str, Run]:
    """The same network, scenes and steps; what it is trained for differs."""
    dino = Run(
        "dino",
        "scenes",
        steps=150,
        batch=64,
        lr=3e-3,
        network="scene-vit",
        augmentation="full",
        options={"head_norm": True, "local_crops": 2, "local_size": 16},
    )
    return {
        SUPERVISED: replace(dino, method="supervised", options={}),
        DINO: dino,
    }


# --8<-- [end:variants]


def judge(network: SmallViT, data: Scenes) -> dict[str, torch.Tensor]:
    """Overlap of the mean of the heads and of the best head of each scene; the group."""
    with resting(network):
        maps = network.class_attention(data.test.images)
        heads = torch.stack([overlap(one, data.masks) for one in maps.unbind(dim=1)])
        return {
            "mean": overlap(maps.mean(dim=1), data.masks),
            "best": heads.amax(dim=0),
            "group": knn_hits(network, data).float(),
            "map": maps.mean(dim=1),
        }


def bounds(data: Scenes) -> dict[str, torch.Tensor]:
    """What no attention is needed for: every patch; those that the thing mostly covers."""
    covered = F.avg_pool2d(data.masks.float()[:, None], 4)[:, 0] > 0.5
    best = covered.repeat_interleave(4, 1).repeat_interleave(4, 2)
    by = torch.Generator().manual_seed(0)
    even = 1 + 0.01 * torch.rand(covered.shape, generator=by)
    return {
        "every patch": jaccard(torch.ones_like(data.masks), data.masks),
        "patches by chance": overlap(even, data.masks),
        "best patches": jaccard(best, data.masks),
    }


def measure(seeds: Sequence[int]) -> study.Findings:
    """Look at random weights, then at what each kind of training makes of them."""
    data = scenes()
    judged: dict[str, list[dict[str, torch.Tensor]]] = {RANDOM: []}
    for seed in seeds:
        for name, run in variants().items():
            trainer = Trainer(run.with_seed(seed), data, Machine())
            network = trainer.method.encoder
            assert isinstance(network, SmallViT)
            if name == DINO:
                judged[RANDOM].append(judge(network, data))
            for _ in trainer.fit():
                pass
            judged.setdefault(name, []).append(judge(network, data))
    rows: list[list[study.Cell]] = [
        [name, with_interval(values), None, None]
        for name, values in bounds(data).items()
    ]
    for name, seen in judged.items():
        means = (torch.stack([one[key] for one in seen]).mean(dim=0) for key in KEYS)
        rows.append([name, *(with_interval(one) for one in means)])
    columns = {"Attention": "", **dict.fromkeys(KEYS.values(), ".3f")}
    return study.Findings(
        tables={"overlap": {"columns": columns, "rows": rows}},
        values={"scenes": len(data.test)},
        extras={
            "data": data,
            "maps": {name: seen[0]["map"] for name, seen in judged.items()},
        },
    )


def draw(found: study.Findings) -> dict[str, str]:
    """Draw scenes, masks, and the attention of each network: the brighter, the more."""
    data: Scenes = found.extras["data"]
    chosen = torch.arange(SHOWN) * (len(data.test) // SHOWN) + 5
    rows = {
        "scene": data.test.images[chosen],
        "mask": data.masks[chosen, None].float(),
    }
    for name, maps in found.extras["maps"].items():
        rows[name] = F.interpolate(maps[chosen, None], size=data.size, mode="nearest")
    said = (
        f"{SHOWN} scenes in columns; below each its mask, and as gray squares the attention "
        f"of the class token by {', '.join(found.extras['maps'])}."
    )
    return contact_sheet("segmentation-maps", rows, said)


if __name__ == "__main__":
    found = measure(study.SEEDS)
    tables, values, alt_text = found.tables, found.values, draw(found)
