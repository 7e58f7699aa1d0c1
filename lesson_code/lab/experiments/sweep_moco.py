"""MoCo's momentum and queue: does it fail without momentum, does a longer queue help?"""

from __future__ import annotations

# --8<-- [start:imports]
from lesson_code.lab.run import Run

# --8<-- [end:imports]
from lesson_code.lab.drawing import curves
from lesson_code.lab.experiments.base import Findings, Plan, mean, run_all, table


# --8<-- [start:variants]
MOMENTA = (0.0, 0.9, 0.99, 0.999)
QUEUES = (256, 1024, 4096)


def momenta() -> dict[str, Run]:
    """MoCo at four momenta of the key encoder; 0 copies the query encoder at each step."""
    return {f"{m:g}": Run("moco", options={"momentum": m}) for m in MOMENTA}


def queues() -> dict[str, Run]:
    """MoCo at three lengths of the queue; the longest holds every image several times."""
    return {str(k): Run("moco", options={"queue": k}) for k in QUEUES}


# --8<-- [end:variants]


def measure(plan: Plan) -> Findings:
    """Train at every momentum and every length of the queue."""
    columns = {
        "k-NN": ("knn", ".3f"),
        "linear": ("linear", ".3f"),
        "few labels": ("few", ".3f"),
        "rank": ("rank", ".1f"),
    }
    found = Findings()
    for name, runs in {"momenta": momenta(), "queues": queues()}.items():
        chosen = dict([*runs.items()][::2]) if plan.quick else runs
        results = run_all(chosen, plan)
        found.results |= {f"{name} {key}": records for key, records in results.items()}
        first = "momentum" if name == "momenta" else "queue"
        found.tables[name] = table(results, first, columns)
        found.extras[name] = {
            key: mean(records, "few") for key, records in results.items()
        }
    found.values = {"zero_few": found.extras["momenta"]["0"]}
    return found


def draw(found: Findings) -> dict[str, str]:
    """Draw the few-label accuracy over the momentum."""
    names = [f"{m:g}" for m in MOMENTA]
    accuracies = found.extras["momenta"]
    places = [names.index(momentum) for momentum in accuracies]
    return curves(
        "sweep-moco",
        {"few-label accuracy": (places, [*accuracies.values()])},
        x="momentum of the key encoder",
        y="few-label accuracy",
        y_limits=(0.8, 1.0),
        x_limits=(-0.2, 3.2),
        x_names=names,
    )
