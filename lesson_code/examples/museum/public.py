# /// example
# cost = "lab"
# limit = 900
# ///
"""Count the checker's verdicts on public code that it was not made with."""

from proofs import public

every = list(public.judged())
figures = public.figures(every)
outcomes = sorted({what for _, _, what in every})
tables = {
    "verdicts": {
        "columns": {"Public code": "", "Tried": "", **dict.fromkeys(outcomes, "")},
        "rows": [
            [
                kind,
                sum(case.kind == kind for case, _, _ in every),
                *(
                    sum((case.kind, found) == (kind, what) for case, _, found in every)
                    for what in outcomes
                ),
            ]
            for kind in ("right", "in the bank", "unknown")
        ],
    }
}
values = {name.replace(" ", "_"): number for name, (number, _) in figures.items()}
values |= {
    "tried": len(every),
    "sources": len({case.source for case, _, _ in every}),
    "right": sum(case.kind == "right" for case, _, _ in every),
}
