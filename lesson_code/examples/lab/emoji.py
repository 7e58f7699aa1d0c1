# /// example
# cost = "lab"
# limit = 3600
# within.seen_artists = 0.04
# within.unseen_artist = 0.03
# within.group_k_nn = 0.04
# within.color = 0.08
# within.loss = 0.15
# within.largest_spread_of_seeds = 0.006
# within.pixels_seen_artists = 1e-6
# within.pixels_unseen_artist = 1e-6
# within.pixels_group_k_nn = 1e-6
# within.crops_color_changed_pixels_unseen_artist = 0.03
# within.crops_color_changed_pixels_group_k_nn = 0.04
# within.another_artist_pixels_unseen_artist = 0.03
# within.another_artist_pixels_group_k_nn = 0.04
# pictures = 60.0
# ///
"""What two views have in common is what is learned: pictures of one thing by four artists."""

from __future__ import annotations

# --8<-- [start:imports]
from collections.abc import Callable
from dataclasses import replace

import torch

from lesson_code.knn import knn_predict
from lesson_code.lab.data.emoji import Emoji, emoji
from lesson_code.lab.evaluate import features, resting
from lesson_code.lab.retrieval import same_thing_found
from lesson_code.lab.run import Run
from lesson_code.significance import bootstrap_interval, paired_difference

# --8<-- [end:imports]

from collections.abc import Sequence

from lesson_code.knn import nearest_neighbors
from lesson_code.lab import study
from lesson_code.lab.augment import recipe, view
from lesson_code.lab.data.emoji import SEEN
from lesson_code.lab.drawing import contact_sheet
from lesson_code.lab.machine import Machine
from lesson_code.lab.methods.base import Method
from lesson_code.lab.order import generator
from lesson_code.lab.trainer import Trainer


# --8<-- [start:variants]
SIZE = 24  # pixels: a run then takes seconds


def variants() -> dict[str, Run]:
    """SimCLR six times; only what the two views are differs."""
    same = Run(
        "simclr",
        "emoji",
        steps=100,
        lr=6e-3,
        width=8,
        augmentation="none",
        options={"temperature": 0.2},
    )
    full = replace(same, augmentation="full")
    other = replace(same, views="artist")
    return {
        "the same picture": same,
        "color changed": replace(same, augmentation="color"),
        "crops": replace(same, augmentation="geometric"),
        "crops, color changed": full,
        "another artist": replace(other, augmentation="mild"),
        "another artist, crops, color": replace(other, augmentation="full"),
    }


# --8<-- [end:variants]

Judgement = dict[str, torch.Tensor]
PIXELS, UNTRAINED = "pixels", "untrained network"
DIFFERENCES = (
    ("the same picture", UNTRAINED),
    ("crops", UNTRAINED),
    ("color changed", UNTRAINED),
    ("crops, color changed", UNTRAINED),
    ("crops, color changed", "crops"),
    ("crops, color changed", PIXELS),
    ("another artist", PIXELS),
    ("another artist", "crops, color changed"),
)
# One of each group, chosen by name before anything was run.
ASKED = (
    "winking face",
    "thumbs down",
    "panda",
    "carrot",
    "rocket",
    "balloon",
    "saxophone",
    "black circle",
)


# --8<-- [start:judge]
Represent = Callable[[torch.Tensor], torch.Tensor]


def judge(represent: Represent, data: Emoji) -> dict[str, torch.Tensor]:
    """Ask about each test thing: is it found among others, is its group known?

    Returns:
        A share for each thing, ``(N,)``: found between the artists of training, found
        from the unseen artist's drawing among theirs, and named right.
    """
    cpu = torch.device("cpu")
    asked = features(represent, data.test.images, cpu)
    gallery = features(represent, data.gallery.images, cpu).chunk(3)
    known = features(represent, data.train.images, cpu)
    group = knn_predict(known, data.train.labels, asked, k=5)
    pairs = [(a, b) for a in gallery for b in gallery if a is not b]
    return {
        "seen": torch.stack([same_thing_found(a, b) for a, b in pairs]).float().mean(0),
        "unseen": torch.stack([same_thing_found(asked, b) for b in gallery])
        .float()
        .mean(0),
        "group": (group == data.test.labels).float(),
    }


# --8<-- [end:judge]


# --8<-- [start:color_kept]
def color_kept(represent: Represent, data: Emoji) -> float:
    """The share of the variance of a picture's mean color that its features explain.

    Linearly, fit on the training pictures and told on the unseen artist's: 1 if the
    color can be read off, 0 if the mean of all pictures is no worse a guess.
    """
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    fit = make_pipeline(StandardScaler(), Ridge(alpha=1.0))
    sets = []
    for images in (data.train.images, data.test.images):
        x = features(represent, images, torch.device("cpu")).double().numpy()
        sets.append((x, images.mean(dim=(2, 3)).double().numpy()))
    return max(0.0, float(fit.fit(*sets[0]).score(*sets[1])))


# --8<-- [end:color_kept]


def trained(run: Run, data: Emoji) -> Trainer:
    """Train, and judge later."""
    trainer = Trainer(run, data, Machine())
    for _ in trainer.fit():
        pass
    return trainer


def untrained(run: Run, data: Emoji) -> Trainer:
    """The network before its first step, its batch statistics gathered."""
    trainer = Trainer(replace(run, steps=study.GATHERED), data, Machine())
    with torch.no_grad():
        for views, labels in trainer.batches():
            trainer.method(views, labels)
    return trainer


def measure(seeds: Sequence[int]) -> study.Findings:
    """Train with each kind of views; judge pixels and untrained networks, too."""
    data = emoji(size=SIZE)
    names = [PIXELS, UNTRAINED, *variants()]
    judged: dict[str, list[Judgement]] = {name: [] for name in names}
    plain: dict[str, list[float]] = {name: [] for name in names}
    losses: dict[str, list[float]] = {}
    nearest: dict[str, torch.Tensor] = {}

    def look(name: str, represent: Represent) -> None:
        judged[name].append(judge(represent, data))
        plain[name].append(color_kept(represent, data))
        nearest.setdefault(name, found_for(represent, data))  # by the first seed

    def look_at(name: str, method: Method) -> None:
        with resting(method):
            look(name, method.represent)

    look(PIXELS, lambda images: images.flatten(1))
    for seed in seeds:
        start = variants()["crops, color changed"].with_seed(seed)
        look_at(UNTRAINED, untrained(start, data).method)
        for name, run in variants().items():
            trainer = trained(run.with_seed(seed), data)
            last = trainer.losses[-10:]
            losses.setdefault(name, []).append(sum(last) / len(last))
            look_at(name, trainer.method)

    def over_seeds(name: str, measure: str) -> torch.Tensor:
        """The mean over the seeds, for each thing."""
        return torch.stack([one[measure] for one in judged[name]]).mean(dim=0)

    measures = {
        "seen artists": "seen",
        "unseen artist": "unseen",
        "group k-NN": "group",
    }
    rows: list[list[study.Cell]] = [
        [
            name,
            *(with_interval(over_seeds(name, key)) for key in measures.values()),
            study.spread(plain[name])[0],
            study.spread(losses[name])[0] if name in losses else None,
        ]
        for name in names
    ]
    columns = {
        "Views": "",
        **dict.fromkeys(measures, ".3f"),
        "color": ".2f",
        "loss": ".2f",
    }
    gains: list[list[study.Cell]] = [
        [
            f"{better} - {base}",
            *(
                gained(over_seeds(better, key), over_seeds(base, key))
                for key in ("unseen", "group")
            ),
        ]
        for better, base in DIFFERENCES
    ]
    gain_columns = {"Difference": "", "unseen artist": ".3f", "group k-NN": ".3f"}
    things = len(data.test)
    by_seed = [
        [one["unseen"].mean().item() for one in judged[name]] for name in variants()
    ]
    return study.Findings(
        tables={
            "views": {"columns": columns, "rows": rows},
            "differences": {"columns": gain_columns, "rows": gains},
        },
        values={
            "things": things,
            "chance": 1 / things,
            "largest_spread_of_seeds": max(study.spread(one)[1] for one in by_seed),
        },
        extras={"nearest": nearest, "data": data},
    )


def with_interval(values: torch.Tensor) -> list[float]:
    """The mean, and half the width of its 95 % interval over the things."""
    low, high = bootstrap_interval(values)
    return [values.mean().item(), (high - low) / 2]


def gained(better: torch.Tensor, base: torch.Tensor) -> list[float]:
    """The mean difference on the same things, and half the width of its interval."""
    difference, low, high = paired_difference(better, base)
    return [difference, (high - low) / 2]


def found_for(represent: Represent, data: Emoji) -> torch.Tensor:
    """The nearest drawing to each thing of ``ASKED`` as the unseen artist draws it."""
    cpu = torch.device("cpu")
    rows = rows_of(data)
    asked = features(represent, data.test.images[rows], cpu)
    gallery = features(represent, data.gallery.images, cpu)
    return nearest_neighbors(gallery, asked, k=1)[1][:, 0]


def rows_of(data: Emoji) -> list[int]:
    """Where the things of ``ASKED`` stand in the test split."""
    names = [data.things[concept] for concept in data.test.concepts.tolist()]
    return [names.index(name) for name in ASKED]


def draw(found: study.Findings) -> dict[str, str]:
    """Draw pairs of views of each kind, and what is nearest to a few drawings."""
    data: Emoji = found.extras["data"]
    return view_pairs() | neighbors(data, found.extras["nearest"])


def view_pairs(size: int = 48, pairs: int = 4) -> dict[str, str]:
    """Draw four training pictures, and two views of each of every kind."""
    data = emoji(size=size)
    train = data.train
    chosen = torch.arange(pairs) * (len(train) // 3 // pairs) + 40
    rows = {}
    for name, run in variants().items():
        by = generator(0, name, 0)
        how = recipe(run.augmentation or "full", 3, data.recipes)
        second = train.partners(chosen, by) if run.views else chosen
        views = [view(train.images[one], how, by) for one in (chosen, second)]
        rows[name] = torch.stack(views, dim=1).flatten(0, 1)
    things = ", ".join(data.things[one] for one in train.concepts[chosen].tolist())
    said = (
        f"Two views of each of {pairs} pictures ({things}), "
        "a row for each kind of views."
    )
    return contact_sheet("emoji-views", rows, said)


def neighbors(data: Emoji, nearest: dict[str, torch.Tensor]) -> dict[str, str]:
    """Draw what was asked for, and below it what each representation takes for nearest."""
    asked = rows_of(data)
    rows = {"asked: drawn by the unseen artist": data.test.images[asked]}
    rows |= {name: data.gallery.images[found] for name, found in nearest.items()}
    said = (
        f"Drawings of {', '.join(ASKED)}; below, for each representation, the nearest of "
        f"{len(data.gallery)} drawings by {', '.join(SEEN)}: {', '.join(nearest)}. How often "
        "that is the same thing, over all things and seeds, says the table of the views."
    )
    return contact_sheet("emoji-neighbors", rows, said)


if __name__ == "__main__":
    found = measure(range(5))
    tables, values, alt_text = found.tables, found.values, draw(found)
