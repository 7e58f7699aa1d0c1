# /// example
# cost = "quick"
# limit = 120
# ///
"""Ask for hearts and circles that differ in color alone, with their color and without."""

import torch

from lesson_code.lab.data.emoji import emoji
from lesson_code.lab.drawing import contact_sheet

COLORS = ("red", "orange", "yellow", "green", "blue", "light blue", "purple", "pink")
COLORS += ("brown", "black", "grey", "white")
data = emoji(size=24)
drawn: dict[tuple[str, int], torch.Tensor] = {}
for split in data.splits().values():
    who = zip(split.concepts.tolist(), split.artists.tolist(), strict=True)
    for image, (thing, artist) in zip(split.images, who, strict=True):
        drawn[data.things[thing], artist] = image

alike = {
    shape: [
        name for name in (f"{color} {shape}" for color in COLORS) if (name, 0) in drawn
    ]
    for shape in ("heart", "circle")
}
shown, values = {}, {}
for shape, names in alike.items():
    asked, gallery = (
        torch.stack([drawn[name, artist] for name in names]) for artist in (0, 1)
    )
    for kind in ("color", "gray"):
        if kind == "gray":
            asked, gallery = (
                images.mean(dim=1, keepdim=True).expand_as(images)
                for images in (asked, gallery)
            )
        nearest = torch.cdist(asked.flatten(1), gallery.flatten(1)).argmin(dim=1)
        right = nearest == torch.arange(len(names))
        values[f"{shape}s_{kind}"] = int(right.sum())
        shown[f"{shape}s, {'in color' if kind == 'color' else 'gray'}"] = asked
    values[f"{shape}s"] = len(names)

alt_text = contact_sheet(
    "views-colors",
    shown,
    "Hearts and circles that differ in their color alone, and the same in gray, where many look "
    "alike.",
)
