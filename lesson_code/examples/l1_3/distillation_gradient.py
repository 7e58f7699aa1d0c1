# /// example
# cost = "quick"
# ///
"""Measure the gradient of the soft loss with and without the factor T squared."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

from lesson_code import knowledge_distillation_loss

# --8<-- [start:show]
torch.manual_seed(0)
teacher_logits = torch.randn(8, 10)
student_logits = torch.randn(8, 10, requires_grad=True)
labels = torch.randint(10, (8,))


def gradient_norm(loss):
    (gradient,) = torch.autograd.grad(loss, student_logits)
    return gradient.norm().item()


hard = gradient_norm(F.cross_entropy(student_logits, labels))
print(f"gradient of the hard loss: {hard:.4f}")
print(" T   soft loss   soft loss / T²")
for T in (1, 2, 3, 5, 10, 20):
    soft = knowledge_distillation_loss(student_logits, teacher_logits, temperature=T)
    norm = gradient_norm(soft)
    print(f"{T:2d}      {norm:.4f}           {norm / T**2:.4f}")
# --8<-- [end:show]


def norms(temperature: float) -> tuple[float, float]:
    """Return the gradient's norm with and without the factor."""
    loss = knowledge_distillation_loss(
        student_logits, teacher_logits, temperature=temperature
    )
    norm = gradient_norm(loss)
    return norm, norm / temperature**2


temperatures = [20 ** (k / 30) for k in range(31)]
kept, bare = zip(*(norms(temperature) for temperature in temperatures), strict=True)
fig, ax = plt.subplots(num="gradient-norm")
ax.loglog(temperatures, kept, color="C0")
ax.loglog(temperatures, bare, color="C1", linestyle="--")
ax.axhline(hard, color="C5", linestyle=":")
ax.text(20, hard * 1.12, "hard loss", ha="right", va="bottom", fontsize=8.5)
ax.text(20, kept[-1] * 0.86, "soft loss, with T²", ha="right", va="top", fontsize=8.5)
ax.text(
    6.4, bare[-12] * 1.5, "soft loss, without T²", ha="left", va="bottom", fontsize=8.5
)
ax.set(xlabel="temperature T", ylabel="norm of the gradient")
ax.set_xticks([1, 2, 5, 10, 20], labels=["1", "2", "5", "10", "20"])
ax.set_yticks([0.1, 0.01, 0.001], labels=["0.1", "0.01", "0.001"])
ax.minorticks_off()
ax.set_ylim(min(bare) * 0.7, hard * 1.8)

values = {
    "hard": hard,
    "soft_1": norms(1)[0],
    "soft_20": norms(20)[0],
    "bare_20": norms(20)[1],
    "shrink_20": norms(1)[1] / norms(20)[1],
}
alt_text = {
    "gradient-norm": (
        f"Line chart of gradient norms against the temperature, both axes logarithmic. With the "
        f"factor T squared the soft loss stays between {min(kept):.2f} and {max(kept):.2f}. "
        f"Without it, it falls from {bare[0]:.2f} at T = 1 to {bare[-1]:.4f} at T = 20, far below "
        f"the hard loss at {hard:.2f}."
    )
}
