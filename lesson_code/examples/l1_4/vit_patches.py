# /// example
# cost = "quick"
# limit = 120
# ///
"""Cut images into patches and map each to a token; draw one picture and its patches."""

import torch
import torch.nn.functional as F

from lesson_code import PatchEmbed, patchify
from lesson_code.lab.data.emoji import emoji

# --8<-- [start:show]
torch.manual_seed(0)
embed = PatchEmbed(patch=16, dim=384)
images = torch.randn(2, 3, 224, 224)
tokens = embed(images)
print("tokens:", *tokens.shape)

pixels = F.unfold(images, kernel_size=16, stride=16).transpose(1, 2)
print("pixels:", *pixels.shape)
linear = pixels @ embed.proj.weight.flatten(1).T + embed.proj.bias
print("a linear layer on pixels:", torch.allclose(tokens, linear, atol=1e-5))
# --8<-- [end:show]

import matplotlib.pyplot as plt

data = emoji(size=24)
names = [data.things[concept] for concept in data.train.concepts.tolist()]
picture = data.train.images[names.index("turtle")]  # (3, 24, 24)
patches = patchify(picture[None], 6)[0].reshape(16, 6, 6, 3)

fig = plt.figure(num="vit-patches", figsize=(3.7, 2.5))
left, right = fig.subfigures(1, 2, width_ratios=(1, 1.25))
ax = left.subplots()
ax.imshow(picture.permute(1, 2, 0).numpy(), interpolation="none")
ax.set(xticks=[], yticks=[], title="an image")
for at, ax in enumerate(right.subplots(4, 4, gridspec_kw={"hspace": 0.2}).flat):
    ax.imshow(patches[at].numpy(), interpolation="none", vmin=0, vmax=1)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, linewidth=0.4)
    ax.set_title(f"{at + 1}", fontsize=7, pad=1)

values = {"patches": tokens.shape[1], "numbers": pixels.shape[2]}
alt_text = {
    "vit-patches": (
        "A picture of a turtle, and beside it the same picture cut into four rows of four "
        "squares, numbered from 1 to 16, row by row from the top left."
    )
}
