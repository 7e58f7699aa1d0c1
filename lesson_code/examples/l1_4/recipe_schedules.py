# /// example
# cost = "quick"
# ///
"""Print and draw the schedules of learning rate and weight decay, end points included."""

import matplotlib.pyplot as plt

from lesson_code import cosine_schedule

# --8<-- [start:show]
rate = cosine_schedule(5.0, 0.01, total_steps=20, warmup_steps=5)  # in units of 1e-4
decay = cosine_schedule(0.04, 0.4, total_steps=20)
print("step   learning rate   weight decay")
for step in (0, 1, 4, 5, 6, 12, 18, 19):
    print(f"{step:4d} {rate[step]:13.3f} {decay[step]:14.3f}")
# --8<-- [end:show]

fig, (top, bottom) = plt.subplots(2, 1, num="recipe-schedules", figsize=(4.8, 3.6))
epochs = [step / 10 for step in range(1000)]
top.plot(epochs, cosine_schedule(20, 0.01, 1000, warmup_steps=100), color="C0")
top.set(ylabel="learning rate in 1e-4", xticklabels=[])
bottom.plot(epochs, cosine_schedule(0.04, 0.4, 1000), color="C1")
bottom.set(xlabel="epoch of 100", ylabel="weight decay", ylim=(0, 0.42))
values = {"rate_last": rate[-1], "decay_last": decay[-1]}
alt_text = {
    "recipe-schedules": "Two lines over 100 epochs. The learning rate rises straight from 0 "
    "to 0.002 over ten epochs and falls along half a cosine to nearly 0. The weight decay "
    "rises along half a cosine from 0.04 to 0.4."
}
