# /// example
# cost = "quick"
# ///
"""Draw views of one digit with each strength of augmentation."""

import torch
from lesson_code.lab.augment import view

# --8<-- [start:show]
from lesson_code.lab.augment import RECIPES
from lesson_code.lab.data import load

digit = load("digits").train.images[10:11].expand(5, -1, -1, -1)
draws = torch.Generator().manual_seed(0)
views = {name: view(digit, RECIPES["gray"][name], draws) for name in RECIPES["gray"]}
for name, five in views.items():
    changed = [not torch.equal(one, digit[0]) for one in five]
    print(f"{name:9} differs from the image: {sum(changed)} of {len(five)} views")
# --8<-- [end:show]

import matplotlib.pyplot as plt

figure, axes = plt.subplots(
    4, 6, num="index-views", figsize=(4.8, 3.4), layout="constrained"
)
for row, (name, five) in zip(axes, views.items(), strict=True):
    for place, image in zip(row, [digit[0], *five], strict=True):
        place.imshow(image[0], vmin=-2, vmax=3)
        place.set(xticks=[], yticks=[])
    row[0].set_ylabel(name)
alt_text = {
    "index-views": "Grid of pictures: a handwritten 0 at the left of each row, and five views of"
    " it. In the rows full, geometric and mild they are turned and shifted, most in the first"
    " two; in the row none they are the image."
}
