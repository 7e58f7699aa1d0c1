"""The recipe of DINO, and what came after it."""

import torch
from statements import about

from answers.common import close, normal
from lesson_code import cosine_schedule, gram_loss

LESSON = "docs/module-1/1.4-dino-piece-by-piece"

end = about(
    f"{LESSON}/recipe.md",
    "Ten steps take the weight decay from 0.04 to 0.4 by `cosine_schedule`. "
    "What is the last value?",
)


@end.states("0.4, the end.")
def it_reaches_the_end() -> bool:
    return close(cosine_schedule(0.04, 0.4, 10)[-1], 0.4, 1e-3)


@end.states("0.391, just short of it.")
def it_stays_short() -> bool:
    return close(cosine_schedule(0.04, 0.4, 10)[-1], 0.391, 1e-3)


@end.states("0.364, nine tenths of the way.")
def it_is_a_line() -> bool:
    return close(cosine_schedule(0.04, 0.4, 10)[-1], 0.04 + 0.9 * 0.36, 1e-3)


turned = about(
    f"{LESSON}/what-came-after.md",
    "All patch features of the student are those of the Gram teacher, turned by one rotation. "
    "How large is the Gram loss?",
)


def of_angle(angle: float) -> float:
    x, a = normal(2, 6, 2), torch.tensor(angle)
    turn = torch.stack([a.cos(), -a.sin(), a.sin(), a.cos()]).view(2, 2)
    return float(gram_loss(x @ turn.to(x.dtype), x))


@turned.states("Zero.")
def turning_costs_nothing() -> bool:
    return of_angle(1.0) < 1e-10


@turned.states("Large: the features agree no longer.")
def turning_costs_much() -> bool:
    return of_angle(1.0) > 0.1


@turned.states("It depends on the angle.")
def angles_differ() -> bool:
    return abs(of_angle(1.0) - of_angle(0.3)) > 1e-3
