"""What a name that nobody knows may have meant."""

import difflib
from collections.abc import Iterable


def closest(name: str, known: Iterable[str], cutoff: float = 0.4) -> list[str]:
    """At most three known names, the most like this one first; ``a_b`` is ``AB`` here."""
    simple = {each.lower().replace("_", ""): each for each in known}
    near = difflib.get_close_matches(name.lower().replace("_", ""), simple, 3, cutoff)
    return [simple[each] for each in near]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message on an unknown name."""
    near = closest(name, known)
    return f"; did you mean {', '.join(near)}?" if near else ""
