# /// example
# cost = "quick"
# tolerance = 0.03
# ///
"""Count how much of what the listings show is the method, and how long the longest are."""

from pathlib import Path

from bookbuild import project
from proofs.shown_lines import counted, published, share

counts = [counted(region) for region in published(project.root(Path(__file__)))]

values = {
    "listings": len(counts),
    "share": share(counts),
    "function": max(size for count in counts for size in count.functions),
    "class": max(size for count in counts for size in count.classes),
}
