"""Which listings a short run takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from proofs.mutation.published import Listing
from proofs.mutation.record import Kept

ALWAYS = ("simclr:simclr_loss", "dino:dino_loss", "ema:ema_update")
MUTANTS = 150
CONCEPTS = 6


def chosen(published: Sequence[Listing], kept: Mapping[str, Kept]) -> list[Listing]:
    """The three losses at the heart of the book, then what needs a look most, while time allows.

    That is what has no record, or whose code or tests are not as they were; then any other, in an
    order that every change of the code shuffles, so that in time each has its turn.
    """
    codes = " ".join(listing.code for listing in published)

    def order(listing: Listing) -> tuple[bool, bool, str]:
        known = kept.get(listing.key)
        same = known is not None and (known.code, known.tests) == (listing.code, listing.tests)
        drawn = hashlib.sha256(f"{listing.key} {codes}".encode()).hexdigest()
        return listing.key not in ALWAYS, same, drawn

    found: list[Listing] = []
    left = MUTANTS
    for listing in sorted(published, key=order):
        known = kept.get(listing.key)
        cost = known.count.mutants if known else MUTANTS // 3
        concepts = {one.concept for one in found} | {listing.concept}
        if cost <= left and len(concepts) <= CONCEPTS:
            found.append(listing)
            left -= cost
    return sorted(found, key=lambda listing: listing.key)
