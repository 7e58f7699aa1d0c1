# /// example
# cost = "quick"
# ///
"""Paint 96 pictures of rings and bars into folders, load them, and train on them."""

# --8<-- [start:show]
import random
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw

from lesson_code.lab import Run, train
from lesson_code.lab.data import load


def paint(kind: str) -> Image.Image:
    """A ring or a bar of a random color, somewhere in a picture of 64 x 48 pixels."""
    picture = Image.new("RGB", (64, 48), tuple(random.choices(range(100), k=3)))
    x, y = random.randint(8, 28), random.randint(4, 14)
    bright = tuple(random.choices(range(150, 256), k=3))
    pen = ImageDraw.Draw(picture)
    if kind == "ring":
        pen.ellipse((x, y, x + 26, y + 26), outline=bright, width=5)
    else:
        pen.rectangle((x, y + 9, x + 26, y + 16), fill=bright)
    return picture


random.seed(0)
with tempfile.TemporaryDirectory() as place:
    for split, count in (("train", 40), ("test", 8)):
        for kind in ("bar", "ring"):
            folder = Path(place) / "pictures" / split / kind
            folder.mkdir(parents=True)
            for number in range(count):
                paint(kind).save(folder / f"{number}.png")

    data = load(f"folder:{place}/pictures", root=place, size=32)
    print("classes:", data.classes, "- pixels:", tuple(data.train.images.shape[1:]))
    for split in ("train", "validation", "test"):
        print(f"{split}: {len(getattr(data, split))} pictures")
    run = Run("simclr", data.name, steps=5, batch=32, network="cnn")
    record = train(run, data=data).record
    print("judged by:", ", ".join(sorted(record.measures)))
# --8<-- [end:show]
