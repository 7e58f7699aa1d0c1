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
    # In tens, so that the first page need not change with each.
    "examples": len(project.examples(root)) // 10 * 10,
    "papers": len(entries(root)) // 10 * 10,
    "share": share(counts),
    "function": max(size for count in counts for size in count.functions),
    "class": max(size for count in counts for size in count.classes),
}
