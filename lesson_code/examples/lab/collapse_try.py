# /// example
# cost = "quick"
# ///
"""Train SimSiam for 80 steps with and without its stop-gradient, and look for collapse."""

# --8<-- [start:show]
from lesson_code.lab import Run, train


def verdict(std: float, rank: float) -> str:
    if std < 0.5:
        return "collapsed: the spread is gone"
    return "healthy" if rank > 8 else "collapsed: only the rank tells"


settings = {
    "SimSiam": {},
    "no stop-gradient": {"stop_gradient": False},
    "no output normalization either": {"stop_gradient": False, "output_norm": False},
}
for name, options in settings.items():
    run = Run("simsiam", steps=80, batch=128, options=options)
    found = train(run).record.measures
    print(f"{name:30s} {verdict(found['std'], found['rank'])}")
# --8<-- [end:show]
