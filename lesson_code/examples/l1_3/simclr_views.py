# /// example
# cost = "quick"
# limit = 120
# ///
"""Draw what SimCLR's views are: two parts of each picture, their colors changed."""

import torch

from lesson_code.lab.augment import recipe, view
from lesson_code.lab.data.emoji import emoji
from lesson_code.lab.drawing import contact_sheet
from lesson_code.lab.order import generator

data = emoji(size=24)
names = [data.things[concept] for concept in data.train.concepts.tolist()]
things = ("turtle", "tractor", "horse face", "drum", "fire engine", "honeybee")
chosen = torch.tensor([names.index(thing) for thing in things])
pictures, draws = data.train.images[chosen], generator(0, "views", 1)


def light(images: torch.Tensor) -> torch.Tensor:
    """Use 17 levels a color, for a light page."""
    return (images * 16).round() / 16


alt_text = contact_sheet(
    "simclr-views",
    {
        "pictures": pictures,
        "first views": light(view(pictures, recipe("full", 3, data.recipes), draws)),
        "second views": light(view(pictures, recipe("full", 3, data.recipes), draws)),
    },
    f"Three rows of pictures: {', '.join(things)}, and two views of each, cut out, "
    "mirrored or not, in other colors.",
)
