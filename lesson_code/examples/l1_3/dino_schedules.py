# /// example
# cost = "quick"
# ///
"""Print and draw DINO's two schedules: the teacher's momentum and its temperature."""

import matplotlib.pyplot as plt

from lesson_code import cosine_momentum, linear_warmup

# --8<-- [start:show]
print("epoch   teacher momentum   teacher temperature")
for epoch in (0, 15, 30, 50, 75, 100):
    momentum = cosine_momentum(epoch, 100, base=0.996)
    temperature = linear_warmup(epoch, 30, start=0.04, end=0.07)
    print(f"{epoch:5d} {momentum:18.4f} {temperature:21.4f}")
# --8<-- [end:show]

epochs = range(101)
fig, (top, bottom) = plt.subplots(
    2, 1, num="dino-schedules", figsize=(3.7, 4.2), sharex=True
)
top.plot(epochs, [cosine_momentum(epoch, 100, 0.996) for epoch in epochs], color="C0")
top.set(ylabel="teacher momentum m", ylim=(0.9955, 1.0003))
bottom.plot(
    epochs, [linear_warmup(epoch, 30, 0.04, 0.07) for epoch in epochs], color="C0"
)
bottom.axhline(0.1, color="C5", linestyle=":")
bottom.axhline(0.04, color="C1", linestyle="--")
bottom.text(100, 0.102, "student temperature", ha="right", va="bottom", fontsize=8.5)
bottom.text(100, 0.072, "teacher, paper", ha="right", va="bottom", fontsize=8.5)
bottom.text(
    100, 0.042, "teacher, default of the code", ha="right", va="bottom", fontsize=8.5
)
bottom.set(xlabel="epoch of 100", ylabel="temperature", ylim=(0.03, 0.112))

values = {"half": cosine_momentum(50, 100, 0.996)}
alt_text = {
    "dino-schedules": (
        "Two line charts over 100 epochs. Top: the teacher's momentum rises along half a cosine "
        "from 0.996 to 1. Bottom: the student's temperature stays at 0.1; the teacher's rises "
        "from 0.04 to 0.07 in a straight line over 30 epochs and stays there, or, by the "
        "repository's default, stays at 0.04 throughout."
    )
}
