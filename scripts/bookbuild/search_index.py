"""The index of the search made light, for a phone fetches all of it when search is opened.

Of each section the index keeps the beginning as it is, and of the rest every word once that one can
ask for, so that what stands anywhere in the book is found. Pages that search prefers less than
others, such as the reference, keep their headings and first words.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

BEGINNING, PREFERRED_LESS = 200, 140  # characters
_TAG = re.compile(r"<[^>]+>")
_WORD = re.compile(r"\w[\w-]{3,}")
#: What the theme's search leaves out of a question, its ``stopWordFilter``; four letters and more.
_UNASKED = re.compile(
    r"about|across|after|almost|also|among|because|been|cannot|could|dear|does|either|else|ever|every"
    r"|from|have|hers|however|into|just|least|like|likely|might|most|must|neither|often|only|other"
    r"|rather|said|says|should|since|some|than|that|their|them|then|there|these|they|this|twas|wants"
    r"|were|what|when|where|which|while|whom|will|with|would|your"
)


def lighten(index: Path) -> None:
    """Write the index ``search_index.json`` anew; what is light already stays as it is."""
    if not index.is_file():  # a book without a search
        return
    read = json.loads(index.read_text(encoding="utf-8"))
    for entry in read["docs"]:
        entry["text"] = shortened(entry["text"], entry.get("boost", 1) < 1)
    index.write_text(json.dumps(read, separators=(",", ":")), encoding="utf-8")


def shortened(text: str, preferred_less: bool) -> str:
    """The beginning of a section's text, and each word of the rest that is not in it already."""
    plain = " ".join(_TAG.sub(" ", text).split())
    begin, _, rest = plain[: PREFERRED_LESS if preferred_less else BEGINNING].rpartition(" ")
    if len(plain) <= len(begin) + len(rest) + 1:
        return plain
    if preferred_less:
        return begin
    seen = set(_WORD.findall(begin.lower()))
    words = []
    for word in _WORD.findall(plain[len(begin) :]):
        if not (word.lower() in seen or word.isdigit() or _UNASKED.fullmatch(word.lower())):
            seen.add(word.lower())
            words.append(word)
    return " ".join([begin, *words])
