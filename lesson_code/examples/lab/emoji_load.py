# /// example
# cost = "quick"
# limit = 120
# ///
"""Load the emoji as an ordinary data set of torch."""

# --8<-- [start:show]
from lesson_code.lab.data import load

pictures = load("emoji").train
image, group = pictures[0]
print(
    len(pictures),
    "pictures of shape",
    tuple(image.shape),
    "- the first of group",
    group,
)
# --8<-- [end:show]
