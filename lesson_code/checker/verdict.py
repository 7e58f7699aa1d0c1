"""What the checker says of one function, and how: in words, with colors where there are any."""

import os
import re
import sys
import textwrap
from dataclasses import asdict, dataclass, field, replace
from typing import Any, TextIO

WIDTH = 88
_COLORS = {"green": "32", "red": "31", "yellow": "33", "bold": "1", "dim": "2"}
_RIGHT = ("passed", "convention")
_TEX = (
    (r"\\t?frac\{([^{}]*)\}\{([^{}]*)\}", r"(\1)/(\2)"),
    (r"\\sqrt\{([^{}]*)\}", r"sqrt(\1)"),
    (r"\\(?:mathrm|text|operatorname|bar|hat)\{([^{}]*)\}", r"\1"),
    (r"\\(?:cdot|times)\b", "*"),
    (r"\\(?:to|rightarrow)\b", "->"),
    (r"\\leftarrow\b", "<-"),
    (r"\\(?:leq|le)\b", "<="),
    (r"\\(?:geq|ge)\b", ">="),
    (r"\\neq?\b", "!="),
    (r"\\top\b", "T"),
    (r"\\(?:left|right|[,;! ])", ""),
    (r"\\([A-Za-z]+)", r"\1"),
    (r"[{}]", ""),
)

_BORROWED = (
    "It imports lesson_code, the book's own package, so it does not count as solved: write what "
    "you take from there yourself."
)

#: What is told of a verdict's details, and the words before it.
_DETAILS = dict.fromkeys(("hint", "near", "cut", "says"), "")
_DETAILS |= {"why": "Why: ", "see": "See it: ", "mend": "Mend it: ", "same_as": "", "besides": ""}


@dataclass(frozen=True)
class Example:
    """The smallest question that shows a difference."""

    probe: str
    shows: str
    what: str
    yours: str
    expected: str


@dataclass(frozen=True)
class Verdict:
    """What the checker says of one function.

    ``status`` is ``passed``, ``convention`` (right, by another one), ``bug`` (it behaves like the
    bugs in ``names``), ``unknown`` (wrong, like none), ``raises`` or ``broken`` (it could not be
    asked at all). Only the first two are right. A ``passed`` one may have names too: those of bugs
    that no required probe shows, and remarks that tell of them.
    """

    exercise: str
    status: str
    message: str
    names: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    agreed: int = 0
    asked: int = 0
    example: Example | None = None
    line: str = ""
    remarks: tuple[str, ...] = ()
    see: str = ""
    details: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    borrowed: bool = False

    @property
    def right(self) -> bool:
        """Whether the exercise is solved."""
        return self.status in _RIGHT and not self.borrowed

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"right": self.right, **asdict(self)}

    def __str__(self) -> str:
        return written_out(self)


def printable(text: str, most: int = 500) -> str:
    """Text of a reader's without what a terminal would obey, and not without end."""
    short = text if len(text) <= most else text[:most] + " ..."
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in short)


def first_line(error: BaseException) -> str:
    """What an error says, in one line, whatever its text does."""
    try:
        text = str(error)
    except BaseException as trouble:
        return f"(its message cannot be read: {type(trouble).__name__})"
    return printable(next(iter(text.splitlines()), "")) or "(no message)"


def written_out(verdict: Verdict, colors: bool = False, book: str = "", mend: bool = True) -> str:
    """A verdict as text.

    Without ``book``, the published book's address, pages are told by their place; without ``mend``
    the way to hints is told in place of what to write.
    """
    verdict = _safe(verdict)
    color, mark = ("green", "✓") if verdict.status in _RIGHT else ("red", "✗")
    head = _painted(f"{mark} {verdict.exercise}", color, colors)
    parts = [f"{head}: {verdict.message}"]
    parts += [_painted(_plain(title), "bold", colors) for title in verdict.titles]
    if verdict.line:
        parts.append(f"  at {verdict.line}")
    if verdict.borrowed:
        parts.append(_wrapped(_BORROWED))
    parts += [_wrapped(note) for note in verdict.notes]
    if verdict.example:
        parts.append(_example(verdict, colors))
    hidden = () if mend else ("mend", "same_as")
    for key, label in _DETAILS.items():
        if (text := verdict.details.get(key)) and key not in hidden:
            parts.append(_wrapped(label + _plain(text)))
    if lines := verdict.details.get("lines"):
        parts.append("  Three lines make it judgeable:\n" + textwrap.indent(lines, "    "))
    if verdict.see and not verdict.right:
        parts.append(f"  Read: {address(verdict.see, book)}")
    if not mend and not verdict.right and verdict.status != "broken":
        shows = ", and --mend shows what to write" if "mend" in verdict.details else ""
        parts.append(f"  Hints: python -m lesson_code exercise hint {verdict.exercise}{shows}")
    parts += [_wrapped(f"Remark: {_plain(remark)}") for remark in verdict.remarks]
    return "\n".join(parts)


def _safe(verdict: Verdict) -> Verdict:
    """A verdict whose texts do nothing to a terminal: some are a reader's."""
    example = verdict.example
    return replace(
        verdict,
        message=printable(verdict.message, 2000),
        line=printable(verdict.line),
        notes=tuple(map(printable, verdict.notes)),
        example=example
        and replace(example, what=printable(example.what), yours=printable(example.yours)),
        details={key: printable(text, 4000) for key, text in verdict.details.items()},
    )


def wants_colors(stream: TextIO = sys.stdout) -> bool:
    """Whether a stream is a terminal that shows colors."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def _example(verdict: Verdict, colors: bool) -> str:
    example = verdict.example
    assert example is not None
    lines = [f"  The smallest probe that shows it, “{example.probe}”:"]
    lines += [f"    {line}" for line in example.shows.splitlines()]
    lines.append(f"    {example.what}:")
    lines.append("      yours    " + _painted(example.yours, "red", colors))
    lines.append("      expected " + _painted(example.expected, "green", colors))
    return "\n".join(lines)


def address(page: str, book: str) -> str:
    """Where a page of the book is found."""
    path, _, anchor = page.partition("#")
    if not book:
        return f"docs/{path}" + (f", {anchor}" if anchor else "")
    place = path.removesuffix("index.md") if path.endswith("index.md") else path[:-3] + "/"
    return f"{book.rstrip('/')}/{place}" + (f"#{anchor}" if anchor else "")


def _plain(text: str) -> str:
    """Markdown links, citations and mathematics as one reads them in a terminal."""
    text = re.sub(r"\[([^\]@]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    text = re.sub(r"\$([^$]+)\$", lambda match: _formula(match[1]), text)
    return " ".join(text.split())


def _formula(tex: str) -> str:
    """The few commands that the bank's formulas have, in words and signs."""
    for pattern, plain in _TEX:
        tex = re.sub(pattern, plain, tex)
    return tex


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _painted(text: str, color: str, colors: bool) -> str:
    return f"\033[{_COLORS[color]}m{text}\033[0m" if colors else text
