"""Wrong variants of ``SSLComparison``."""

from lesson_code import SSLComparison
from mistakes.harness import mistake


def wrong(variant):
    """Register a variant of ``SSLComparison``."""
    return mistake(replaces="SSLComparison", rejected_by="test_comparison")(variant)


@wrong
class SumOfDirections(SSLComparison):
    """The two directions are added up: twice the stated convention."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Double it."""
        return 2 * SSLComparison.byol_loss(p1, z2, p2, z1)


@wrong
class NoNormalization(SSLComparison):
    """BYOL's vectors keep their lengths."""

    @staticmethod
    def byol_loss(p1, z2, p2, z1):
        """Take plain squared distances."""
        SSLComparison.byol_loss(p1, z2, p2, z1)
        terms = (p1 - z2.detach()).square().sum(1), (p2 - z1.detach()).square().sum(1)
        return (terms[0] + terms[1]).mean() / 2
