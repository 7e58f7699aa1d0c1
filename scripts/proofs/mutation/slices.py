"""Which listings a short run takes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from proofs.mutation.published import Listing
from proofs.mutation.record import Kept

MUTANTS = 90
CONCEPTS = 3  # to begin with a concept costs more than to judge its mutants


def chosen(published: Sequence[Listing], kept: Mapping[str, Kept]) -> list[Listing]:
    """What needs a look most, while time allows.

    That is what has no record, or whose code or tests are not as they were; then any other, in an
    order that every change of the code shuffles, so that in time each has its turn.
    """
    codes = " ".join(listing.code for listing in published)

    def order(listing: Listing) -> tuple[bool, str]:
        known = kept.get(listing.key)
        same = known is not None and (known.code, known.tests) == (listing.code, listing.tests)
        drawn = hashlib.sha256(f"{listing.key} {codes}".encode()).hexdigest()
        return same, drawn

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
