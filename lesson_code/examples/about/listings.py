# /// example
# cost = "quick"
# tolerance = 0.03
# ///
"""Count what the book holds: listings and how much of them is the method, examples, papers."""

from pathlib import Path

from bookbuild import project
from bookbuild.markdown.citations import entries
from proofs.shown_lines import counted, published, share

root = project.root(Path(__file__))
counts = [counted(region) for region in published(root)]

values = {
    "listings": len(counts),
    "examples": len(project.examples(root)),
    "papers": len(entries(root)),
    "share": share(counts),
    "function": max(size for count in counts for size in count.functions),
    "class": max(size for count in counts for size in count.classes),
}
