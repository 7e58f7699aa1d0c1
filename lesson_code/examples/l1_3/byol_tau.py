# /// example
# cost = "quick"
# ///
"""Print and draw the schedule of the target's momentum."""

import matplotlib.pyplot as plt

from lesson_code import cosine_momentum

# --8<-- [start:show]
print("step   from 0.97   from 0.99   from 0.996")
for step in (0, 250, 500, 750, 1000):
    taus = [cosine_momentum(step, 1000, base) for base in (0.97, 0.99, 0.996)]
    print(f"{step:4d}      {taus[0]:.4f}      {taus[1]:.4f}       {taus[2]:.4f}")
# --8<-- [end:show]

steps = range(0, 1001, 10)
fig, (top, bottom) = plt.subplots(
    2, 1, num="tau-schedule", figsize=(3.7, 4.4), sharex=True
)
for color, line, base, epochs in (
    ("C0", "-", 0.97, 40),
    ("C1", "--", 0.99, 300),
    ("C2", ":", 0.996, 1000),
):
    taus = [cosine_momentum(step, 1000, base) for step in steps]
    top.plot(
        steps, taus, color=color, linestyle=line, label=f"from {base} ({epochs} epochs)"
    )
    memory = [1 / (1 - tau) for tau in taus if tau < 0.99997]
    bottom.semilogy(steps[: len(memory)], memory, color=color, linestyle=line)
top.set(ylabel="momentum m", ylim=(0.968, 1.002))
top.legend(loc="lower right")
bottom.set(xlabel="training step of 1,000", ylabel="memory 1 / (1 − m), steps")
bottom.set_yticks([100, 1000, 10000], labels=["100", "1,000", "10,000"])
bottom.minorticks_off()

values = {
    "tau_half": cosine_momentum(500, 1000, 0.996),
    "memory_start": 1 / (1 - cosine_momentum(0, 1000, 0.996)),
    "memory_half": 1 / (1 - cosine_momentum(500, 1000, 0.996)),
}
alt_text = {
    "tau-schedule": (
        "Two line charts over 1,000 training steps. Top: the momentum rises along half a cosine "
        "from 0.97, 0.99 or 0.996 to 1; the three curves meet at the end. Bottom, on a "
        f"logarithmic axis: the memory of the average in steps. From 0.996 it starts at "
        f"{values['memory_start']:.0f}, doubles to {values['memory_half']:.0f} in the middle "
        "and grows without bound toward the end."
    )
}
