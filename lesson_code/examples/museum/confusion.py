# /// example
# cost = "lab"
# limit = 1800
# ///
"""Count the checker's verdicts on every bug of the bank and on functions that readers write."""

import matplotlib.pyplot as plt

from lesson_code.checker.shelf import exercises
from proofs.confusion import cases

asked = {name: list(cases(name)) for name in exercises()}


KINDS = ("bug", "convention", "right", "rare")


def count(name, kind, fits=lambda case: True):
    """How many functions of a kind were asked about for an exercise, and of these which fit."""
    return sum(case.kind == kind and fits(case) for case in asked[name])


def is_named(case):
    return case.verdict.status in ("bug", "convention") or bool(case.verdict.names)


def is_right(case):
    return case.as_it_should


def is_passed(case):
    return case.verdict.status == "passed"


def of(name, kind, fits):
    """How many fit, of how many, in words; a dash where there are none."""
    every = count(name, kind)
    return f"{count(name, kind, fits)} of {every}" if every else None


def is_remarked(case):
    return is_passed(case) and bool(case.verdict.remarks) and not is_named(case)


def has_status(*statuses):
    return lambda case: case.verdict.status in statuses


tables = {
    "verdicts": {
        "columns": {
            "Exercise": "",
            "Bugs": "",
            "Conventions": "",
            "Right": "",
            "Rare": "",
        },
        "rows": [
            [name, *(of(name, kind, is_right) for kind in KINDS)] for name in asked
        ],
    },
    "attempts": {
        "columns": {
            "Exercise": "",
            "Attempts": "",
            "Named": "",
            "Right name": "",
            "Unknown": "",
            "No answer": "",
            "Remark": "",
            "Right": "",
        },
        "rows": [
            [
                name,
                count(name, "wrong"),
                count(name, "wrong", is_named),
                count(name, "wrong", lambda case: case.named_rightly),
                count(name, "wrong", has_status("unknown")),
                count(name, "wrong", has_status("raises", "broken")),
                count(name, "wrong", is_remarked),
                count(
                    name,
                    "wrong",
                    lambda case: is_passed(case) and not case.verdict.remarks,
                ),
            ]
            for name in asked
        ],
    },
}


def total(kind, fits=lambda case: True):
    return sum(count(name, kind, fits) for name in asked)


values = {
    "exercises": len(asked),
    "bugs": total("bug"),
    "bugs_named": total("bug", is_right),
    "conventions": total("convention"),
    "conventions_named": total("convention", is_right),
    "correct": total("right"),
    "correct_passed": total("right", is_right),
    "unknown": total("rare"),
    "unknown_told": total("rare", is_right),
    "unknown_passed": total("rare", is_passed),
    "attempts": total("wrong"),
    "attempts_named": total("wrong", is_named),
    "attempts_named_rightly": total("wrong", lambda case: case.named_rightly),
    "fewest_attempts": min(count(name, "wrong") for name in asked),
}

# The matrix: a row for each function of the bank, a column for each name that a verdict can give.
bank = [
    case for name in asked for case in asked[name] if case.kind in ("bug", "convention")
]
columns = {case.name: number for number, case in enumerate(bank)}
fig, ax = plt.subplots(num="confusion", figsize=(5.2, 5.2))
edges = [0]
for name in asked:
    edges.append(edges[-1] + count(name, "bug") + count(name, "convention"))
for start, end in zip(edges, edges[1:], strict=False):
    ax.fill_between([start, end], start, end, color="C0", alpha=0.12, linewidth=0)
points = [
    (columns[name], row)
    for row, case in enumerate(bank)
    for name in case.verdict.names
    if name in columns
]
ax.plot(*zip(*points, strict=True), ".", color="C1", markersize=2)
ax.set(
    xlim=(0, len(bank)),
    ylim=(len(bank), 0),
    xlabel="named by the checker",
    ylabel="given to the checker",
    xticks=[],
    yticks=[],
    aspect="equal",
)
aside = sum(
    columns[case.name] != column for column, row in points for case in [bank[row]]
)
values["aside"] = aside
alt_text = {
    "confusion": (
        f"A square of {len(bank)} by {len(bank)}: rows are the bugs and conventions given to "
        f"the checker, columns the names it gave. Its {len(points)} points lie on the diagonal, "
        f"but for {aside}. Shaded blocks along the diagonal mark the {len(asked)} exercises."
    )
}
