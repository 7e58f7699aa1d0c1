# /// example
# cost = "quick"
# limit = 120
# ///
"""Draw eight kinds of views, and measure what each leaves of pixels, color and outline."""

import torch
import torch.nn.functional as F

from lesson_code.lab.augment import Recipe, view
from lesson_code.lab.data.emoji import emoji
from lesson_code.lab.drawing import contact_sheet
from lesson_code.lab.order import generator

SHOWN = ("panda", "carrot", "rocket", "grapes", "saxophone", "tiger", "green apple")
OTHER = "another artist"
data = emoji(size=24)
pictures, *others = data.gallery.images.chunk(3)  # each thing of the test, by an artist
others.append(data.test.images)


# --8<-- [start:views]
def cut(images: torch.Tensor) -> torch.Tensor:
    """A part of each picture, from 30 % to all of its area."""
    part = Recipe(area=(0.3, 1.0), padding="border")
    return view(images, part, generator(0, "views", 0))


def blurred(images: torch.Tensor) -> torch.Tensor:
    """Each pixel becomes the mean of 5 x 5."""
    white = F.pad(images, (2, 2, 2, 2), value=1.0)
    return F.avg_pool2d(white, 5, stride=1)


views = {
    "mirrored": lambda images: images.flip(-1),
    "a quarter turn": lambda images: images.rot90(1, (2, 3)),
    "a part": cut,
    "blurred": blurred,
    "colors exchanged": lambda images: images[:, [1, 2, 0]],
    "gray": lambda images: images.mean(dim=1, keepdim=True).expand_as(images),
}
# --8<-- [end:views]

# --8<-- [start:readers]
readers = {
    "pixels": lambda images: images.flatten(1),
    "mean color": lambda images: images.mean(dim=(2, 3)),
    "outline": lambda images: (images.amin(dim=1) < 0.7).float().flatten(1),
}


def found(seen: torch.Tensor, gallery: torch.Tensor) -> list[float]:
    """For each reader the share of views nearest to their own thing in the gallery."""
    seen, gallery = seen.double(), gallery.double()  # so that no rounding makes a tie
    right = torch.arange(len(seen))
    nearest = [torch.cdist(r(seen), r(gallery)).argmin(1) for r in readers.values()]
    return [(one == right).double().mean().item() for one in nearest]


# --8<-- [end:readers]

rows = [[name, *found(make(pictures), pictures)] for name, make in views.items()]
by_artist = torch.tensor([found(pictures, other) for other in others])
rows.append([OTHER, *by_artist.mean(dim=0).tolist()])
tables = {
    "views": {"columns": {"View": "", **dict.fromkeys(readers, ".2f")}, "rows": rows}
}
values = {"things": len(pictures), "chance": 1 / len(pictures)}

names = [data.things[concept] for concept in data.test.concepts.tolist()]
some = [names.index(name) for name in SHOWN]
sheet = {"pictures": pictures[some]}
sheet |= {name: make(pictures)[some] for name, make in views.items()}
sheet[OTHER] = others[0][some]
alt_text = contact_sheet(
    "views-kinds",
    {name: (images * 16).round() / 16 for name, images in sheet.items()},
    f"Pictures of {', '.join(SHOWN)}, and below them seven rows of views: "
    f"{', '.join(list(sheet)[1:])}.",
)
