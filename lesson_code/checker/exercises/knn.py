"""The exercise of k-NN evaluation.

Answers are classes, so a difference hides unless a vote is close. The drawn features below were
chosen among many so that every vote of the published function is clear enough for any machine.
"""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from lesson_code.checker.exercise import Calls, Exercise, Other, Seen, normal, probe
from lesson_code.knn import knn_predict

_EAST = torch.tensor([[1.0, 0.0]])
_FAN = torch.tensor([[1.0, 0.0], [2.0, 1.0], [2.0, -1.0], [-1.0, 0.0]])
_FAN_LABELS = torch.tensor([0, 1, 1, 0])


def _drawn(seed: int, n: int, m: int, d: int, classes: int, offset: float = 0.0) -> dict[str, Any]:
    """N features of all classes in turn, and M queries."""
    return {
        "features": normal(seed, n, d) + offset,
        "labels": torch.arange(n) % classes,
        "queries": normal(seed + 1000, m, d) + offset,
    }


@probe(
    "without k and a temperature",
    "the narrow cone, as above, without k and without a temperature",
    remark="Called without `k` and `temperature` it does not use the documented ones, 20 and 0.07.",
)
def _default(function: Callable[..., Any]) -> Seen:
    try:
        return {"value": function(**_drawn(307, 60, 24, 6, 5, 1.5))}
    except TypeError:
        return {"value": "no defaults"}


def _turned(function: Callable[..., Any], features: Any, queries: Any, **others: Any) -> Any:
    units = {"features": F.normalize(features).T, "queries": F.normalize(queries)}
    found = function(**units, **others)
    return found[:, 0] if isinstance(found, torch.Tensor) and found.ndim == 2 else found


_knn = Calls(knn_predict, features=_FAN, labels=_FAN_LABELS, queries=_EAST, k=1, temperature=0.07)

EXERCISES = (
    Exercise(
        reference=knn_predict,
        unit_rows=True,
        others=(
            Other(
                "knn_predict",
                "features: 'Tensor', labels: 'Tensor', queries: 'Tensor', k: int, "
                "temperature: float",
                _turned,
                "Features were handed over as columns, (D, N), and all of them with length 1.",
            ),
        ),
        probes=(
            _knn.value(
                "nearest of three",
                [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]],
                [2, 0, 1],
                [[2.0, 1.0], [1.0, 3.0], [-3.0, 1.0]],
            ),
            _knn.value("one neighbor, hot", temperature=10.0),
            _knn.value("one near, two farther", k=3),
            _knn.value("one near, two farther, warm", k=3, temperature=0.5),
            _knn.value("one near, two farther, tepid", k=3, temperature=0.2),
            _knn.value("a long row", [[1.0, 0.0], [10.0, 10.0]], [0, 1], [[3.0, 1.0]]),
            _knn.value("a long query", queries=10 * _EAST, k=3, temperature=0.5),
            _knn.value("classes 3 and 7", labels=[3, 7, 7, 3], k=3, temperature=0.5),
            _knn.value("five neighbors", **_drawn(295, 30, 20, 4, 3), k=5, temperature=0.1),
            _knn.value("ten, hot", **_drawn(138, 40, 24, 5, 4), k=10, temperature=1.0),
            _knn.value("a narrow cone", **_drawn(307, 60, 24, 6, 5, 1.5), k=20, temperature=0.07),
            _knn.value("all of them", **_drawn(187, 25, 24, 3, 4, 0.5), k=25, temperature=0.2),
            _knn.value("four, cold", **_drawn(120, 30, 20, 4, 3), k=4, temperature=0.02),
            _knn.value(
                "very cold",
                [[1.0, 0.25], [1.0, 0.0]],
                [0, 1],
                [[1.0, 0.25], [1.0, 0.0]],
                k=2,
                temperature=0.005,
                remark="At a temperature of 0.005 its votes overflow: exp(1/T) exceeds the range "
                "of float32. A softmax over the neighbors is safe at any temperature.",
            ),
            _knn.untouched("arguments afterwards", [[3.0, 4.0], [0.0, 2.0]], [0, 1], [[0.0, 5.0]]),
            _default,
            _knn.precise(
                "float64",
                torch.tensor([[1.0, 1.0001], [1.0, 1.00009999]], dtype=torch.float64),
                [0, 1],
                [[1.0, 0.0]],
            ),
            _knn.half(
                "float16 features of large size",
                "In float16 the squares of large features are infinite. Compute in float32 at "
                "least: `features.float()`.",
                [[3000.0, 0.0], [2000.0, 2000.0]],
                [0, 1],
                [[2000.0, 1500.0]],
            ),
            _knn.refuses("a temperature of 0", "votes are NaN then", k=3, temperature=0.0),
        ),
    ),
)
