"""Mathematics as MathML, made while building: a page needs no script to show an equation.

Runs after ``pymdownx.arithmatex`` with ``generic: true``, which finds the TeX; Temml turns it into
MathML in one Node.js process that starts with the first equation not seen before. What it made
stays under ``.bookcache/math``, so that a build without new equations starts no process.
"""

from __future__ import annotations

import atexit
import hashlib
import html
import json
import re
import subprocess
from functools import cache
from pathlib import Path

from markdown import Extension, Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor

from bookbuild import files, frontend, project
from bookbuild.markdown import failing
from bookbuild.project import BookError

_FOUND = re.compile(
    r"(?P<before>[(\[]*)<(?P<tag>span|div) class=\"arithmatex\">\s*"
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])\s*</(?P=tag)>"
    r"(?P<after>[.,:;!?)\]]*)",
    re.DOTALL,
)
_MATH_BLOCK = re.compile(r"^(?P<indent> *)\.\. math:: *(?P<tex>.*)$")
_MATH_ROLE = re.compile(r":math:`([^`]+)`")
_SCRIPT = Path(frontend.__file__).with_name("temml.mjs")
_NOISE = re.compile(r"level:\d+;color:undefined;[^\"]*?max-size:[^;\"]*;")  # Temml, in empty cells
_PLACE = re.compile(r"^(.*?) at position (\d+)(?:: .*)?$", re.DOTALL)


class Temml:
    """TeX to MathML: from the cache, else by one Node.js process for all equations to come."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = project.cache(root) / "math"
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.close)

    @property
    def running(self) -> bool:
        """Whether a Node.js process was needed and still runs."""
        return self._process is not None and self._process.poll() is None

    def convert(self, tex: str, *, display: bool) -> str:
        """The MathML of an equation.

        Raises:
            BookError: If the TeX is wrong; the message shows it.
        """
        key = hashlib.sha256(f"{_recipe(self.root)} {display} {tex}".encode()).hexdigest()
        kept = self.folder / key[:2] / f"{key[2:34]}.mml"
        if (mathml := files.kept(kept)) is None:
            mathml = self._ask(tex, display)
            files.keep(kept, mathml)
        return mathml

    def close(self) -> None:
        """End the Node.js process, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _ask(self, tex: str, display: bool) -> str:
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps({"tex": tex, "display": display}) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            self.close()
            raise BookError(f"Temml died over this equation: {tex}") from None
        if "error" in answer:
            raise BookError(f"wrong TeX: {_told(answer['error'])}: {tex.strip()}")
        return _NOISE.sub("", answer["mathml"])

    def _running(self) -> subprocess.Popen[str]:
        if not self.running:
            frontend.ensure(self.root)
            self._process = subprocess.Popen(
                [frontend.node(), str(_SCRIPT), str(self.root / frontend.TEMML)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
        assert self._process is not None
        return self._process


@cache
def temml(root: Path) -> Temml:
    """The one converter of this process."""
    return Temml(root)


@cache
def _recipe(root: Path) -> str:
    """What decides about the MathML besides the TeX: Temml's version and how it is called."""
    lock = json.loads((root / "package-lock.json").read_text(encoding="utf-8"))
    called = hashlib.sha256(_SCRIPT.read_bytes()).hexdigest()
    return f"{lock['packages']['node_modules/temml']['version']} {called}"


def _told(error: str) -> str:
    """Temml's message in one line, without the TeX it repeats."""
    place = _PLACE.match(error)
    told = f"{place[1]} at character {place[2]}" if place else error
    return " ".join(told.split()).rstrip(".:")


class _DocstringMath(Preprocessor):
    """Read docstrings' ``.. math::`` blocks and ``:math:`` roles like ``$$`` and ``$``."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        waiting = lines[::-1]
        while waiting:
            line = waiting.pop()
            start = _MATH_BLOCK.match(line)
            if start is None:
                out.append(_MATH_ROLE.sub(r"$\1$", line))
                continue
            deeper = start["indent"] + "  "
            tex = [start["tex"]]
            while waiting and (not waiting[-1].strip() or waiting[-1].startswith(deeper)):
                tex.append(waiting.pop().strip())
            block = ["", "$$", *(part for part in tex if part), "$$", ""]
            out += [start["indent"] + part if part else "" for part in block]
        return out


class _Postprocessor(Postprocessor):
    def run(self, text: str) -> str:
        if "arithmatex" not in text:
            return text
        with failing(self.md):
            return _FOUND.sub(self._replaced, text)

    def _replaced(self, found: re.Match[str]) -> str:
        converter = temml(project.root())
        if found["inline"] is not None:
            mathml = converter.convert(html.unescape(found["inline"]).strip(), display=False)
            inline = f'<span class="math" data-search-exclude>{mathml}</span>'
            if not found["before"] and not found["after"]:
                return inline
            # No line may break between an equation and its punctuation.
            return f'<span class="math-run">{found["before"]}{inline}{found["after"]}</span>'
        mathml = converter.convert(html.unescape(found["display"]).strip(), display=True)
        box = f'<div class="math-display" tabindex="0" data-search-exclude>{mathml}</div>'
        return found["before"] + box + found["after"]


class MathExtension(Extension):
    """Replaces what arithmatex marked by MathML."""

    def extendMarkdown(self, md: Markdown) -> None:
        """Register behind the processor that puts raw HTML back."""
        frontend.ensure_once(project.root())
        md.preprocessors.register(_DocstringMath(md), "book-docstring-math", 20)
        md.postprocessors.register(_Postprocessor(md), "book-math", 5)


makeExtension = MathExtension  # the name by which Python-Markdown asks
