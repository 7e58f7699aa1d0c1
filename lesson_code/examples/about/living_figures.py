# /// example
# cost = "quick"
# tolerance = 0.2
# ///
"""Compare what the scripts of the living figures compute with the package, on a grid."""

import math

from proofs.living_figures import FIGURES, largest_difference

compared = {name: largest_difference(name) for name in FIGURES}

values = {
    "figures": len(compared),
    "numbers": sum(count for count, _ in compared.values()),
    "digits": -math.log10(max(difference for _, difference in compared.values())),
}
