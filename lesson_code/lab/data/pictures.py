"""Files of pictures: which there are, and how each becomes a square of three channels of bytes."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lesson_code.lab.data.sets import DataError, DataWarning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# With one of these a file is meant to be a picture: one that cannot be read is damaged. With
# any other suffix it is a picture if Pillow takes it for one.
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".webp"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".tif", ".tiff"),
)
GROUND = 128  # the gray under transparent pictures
SCALED = "more than 8 bits of gray, scaled so that its lowest value is 0 and its highest 255"
ON_GRAY = "transparent places became middle gray"
FIRST = "several frames, of which the first was taken"


def pictures_in(base: Path) -> list[Path]:
    """List the pictures in a folder and the folders below it, in an order that never changes.

    What Pillow does not take for a picture is left out with a warning, as are links to folders;
    what begins with a dot is some program's own.

    Raises:
        DataError: if a folder cannot be read.
    """
    found, others, paths = [], Counter[str](), list[Path]()
    for folder, folders, names in os.walk(base, onerror=_unread):
        folders[:] = [name for name in folders if name[0] != "."]
        links = sum(Path(folder, name).is_symlink() for name in folders)
        others += Counter({"links to folders": links})
        paths += [Path(folder, name) for name in names if name[0] != "."]
    for path in sorted(paths):
        meant = path.suffix.lower() in SUFFIXES
        if meant and not path.exists() or path.is_file() and (meant or _is_picture(path)):
            found.append(path)  # a link that leads nowhere is a damaged picture
        else:
            others[path.suffix.lower() or "no suffix"] += 1
    if others:
        kinds = ", ".join(f"{suffix} {count}" for suffix, count in sorted(others.items()))
        warnings.warn(
            f"left out of {base} what Pillow does not read as pictures: {kinds}",
            DataWarning,
            stacklevel=2,
        )
    return found


def _unread(error: OSError) -> NoReturn:
    raise DataError(f"the folder {error.filename} cannot be read: {error.strerror}")


def _is_picture(path: Path) -> bool:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.open(path).close()
    except Image.DecompressionBombError:
        return True
    except Exception:  # plugins fail in every way there is on what is not theirs
        return False
    return True


def decode(path: Path, size: int) -> tuple[NDArray[np.uint8], str]:
    """Read a picture, upright, as the square in its center.

    Gray of more than eight bits (integers or floats) is scaled, each picture from its
    lowest to its highest value. Transparent places show a middle gray. Of several frames
    the first is taken.

    Args:
        path: of the picture.
        size: height and width to give it.

    Returns:
        Its pixels ``(3, size, size)``, and what was done to it, if anything unusual was.

    Raises:
        DataError: if it cannot be read, or holds what has no place in bytes; the message
            says why.
    """
    import numpy as np
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow, about size and odd metadata
            with Image.open(path) as file:
                square, notes = _in_bytes(file)
                # Resizing the square in the center is resizing the short side and then cropping.
                square = ImageOps.fit(square, (size, size), Image.Resampling.BICUBIC)
    except Image.DecompressionBombError:
        most = 2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise DataError(f"it has more than {most} million pixels; make it smaller") from None
    except Exception as error:  # a damaged picture fails in every way there is
        raise DataError(str(error) or type(error).__name__) from error
    return np.asarray(square).transpose(2, 0, 1), "; ".join(notes)


def _in_bytes(file: Any) -> tuple[Any, list[str]]:
    """A picture of Pillow's in RGB, upright, and what was done to it."""
    from PIL import Image, ImageOps

    # A camera's JPEG may bring a preview as a second frame.
    several = file.format != "MPO" and getattr(file, "n_frames", 1) > 1
    notes = [FIRST] if several else []
    codes = str([tile[3] for tile in file.tile])
    deep = ";16" in codes or "65535" in codes
    upright: Any = ImageOps.exif_transpose(file)
    if upright.mode[0] in "IF":  # 16 and 32 bits, whole and floating
        upright = Image.fromarray(_scaled(upright))
        notes.append(SCALED)
    elif deep and max(high for _, high in upright.convert("RGB").getextrema()) < 32:
        # Of deep colors Pillow keeps the upper eight bits.
        raise ValueError("of its 16 bits of color only the lowest are used: scale it first")
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, (GROUND, GROUND, GROUND, 255))
        over = upright.convert("RGBA")
        if over.getextrema()[3][0] < 255:
            notes.append(ON_GRAY)
        upright = Image.alpha_composite(ground, over)
    return upright.convert("RGB"), notes


def _scaled(picture: Any) -> NDArray[np.uint8]:
    import numpy as np

    values = np.asarray(picture).astype(np.float64)
    if not np.isfinite(values).all():
        raise ValueError("it holds values that are not finite")
    low, high = values.min(), values.max()
    if low == high:
        return np.full(values.shape, GROUND, np.uint8)
    return np.rint((values - low) * (255 / (high - low))).astype(np.uint8)
