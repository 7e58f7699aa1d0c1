# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""Train BYOL on handwritten digits as it should be, and with one part taken out at a time."""

import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F
from torch import nn

from lesson_code import BYOL, cosine_momentum, regression_loss

# --8<-- [start:data]
from sklearn.datasets import load_digits

images = torch.tensor(load_digits().images)[:, None] / 16  # (1797, 1, 8, 8), float64


def view(batch):
    """Rotate, scale and shift each image a little at random, and add noise."""
    n = len(batch)
    angle, stretch, right, down = torch.rand(4, n, dtype=batch.dtype) - 0.5
    cos, sin = (1 + 0.4 * stretch) * angle.cos(), (1 + 0.4 * stretch) * angle.sin()
    rows = torch.stack([cos, -sin, 0.6 * right, sin, cos, 0.6 * down], dim=1)
    grid = F.affine_grid(rows.view(n, 2, 3), batch.shape, align_corners=False)
    moved = F.grid_sample(batch, grid, align_corners=False)
    return (moved + 0.3 * torch.rand_like(moved)).flatten(1)  # (N, 64)


# --8<-- [end:data]


# --8<-- [start:variants]
def without_stop_gradient(model, x1, x2):
    """The online network is its own target, and gradient flows into both sides."""
    p1, p2 = model.predict(x1), model.predict(x2)
    z1, z2 = model.online_network(x1), model.online_network(x2)
    return (regression_loss(p1, z2) + regression_loss(p2, z1)) / 2


def without_predictor(model, x1, x2):
    """The projections themselves are compared with the target's."""
    with torch.no_grad():
        t1, t2 = model.target_network(x1), model.target_network(x2)
    z1, z2 = model.online_network(x1), model.online_network(x2)
    return (regression_loss(z1, t2) + regression_loss(z2, t1)) / 2


def spread(z):
    """Deviation of unit vectors: 1 if spread out evenly, 0 if all are equal."""
    return F.normalize(z).std(dim=0).mean().item() * z.shape[1] ** 0.5


# --8<-- [end:variants]


# --8<-- [start:train]
def train(loss_function, base, steps=100):
    torch.manual_seed(0)
    hidden = nn.Linear(64, 128), nn.BatchNorm1d(128), nn.ReLU()
    encoder = nn.Sequential(*hidden, nn.Linear(128, 64)).double()
    model = BYOL(encoder, hidden_dim=128, output_dim=32)
    model(view(images[:64]), view(images[:64]))  # the first batch sets the sizes
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    history = []
    for step in range(steps):
        batch = images[torch.randint(len(images), (128,))]
        x1, x2 = view(batch), view(batch)
        loss = loss_function(model, x1, x2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        # A momentum of 0 stays 0: a plain copy after each step.
        model.tau = cosine_momentum(step, steps, base) if base else 0.0
        model.update_target_network()
        with torch.no_grad():
            history.append((spread(model.online_network(x1)), loss.item()))
    return history


def byol(model, x1, x2):
    return model(x1, x2)


runs = {
    "BYOL": train(byol, base=0.9),
    "target = copy": train(byol, base=0.0),
    "no predictor": train(without_predictor, base=0.9),
    "no stop-gradient": train(without_stop_gradient, base=0.9),
}
print("                   spread after 1, 10 and 100 steps   loss at the end")
for name, history in runs.items():
    first, tenth, (last, loss) = history[0][0], history[9][0], history[-1]
    print(f"{name:18s}     {first:.2f}   {tenth:.2f}   {last:.2f} {loss:22.3f}")
# --8<-- [end:train]

fig, (top, bottom) = plt.subplots(
    2, 1, num="byol-digits", figsize=(3.7, 4.6), sharex=True
)
styles = ("-", "--", "-.", ":")
for number, (name, history) in enumerate(runs.items()):
    steps = range(1, len(history) + 1)
    for ax, column in ((top, 0), (bottom, 1)):
        line = [row[column] for row in history]
        ax.plot(steps, line, color=f"C{number}", linestyle=styles[number], label=name)
top.set(ylabel="spread of projections", ylim=(0, 1.05))
bottom.set(xlabel="training step", ylabel="loss")
bottom.legend()

last = {name: history[-1] for name, history in runs.items()}
doubled = train(lambda *views: 2 * byol(*views), base=0.9)
values = {
    "doubled": doubled[-1][0],
    "byol": last["BYOL"][0],
    "byol_loss": last["BYOL"][1],
    "copy": last["target = copy"][0],
    "no_predictor": last["no predictor"][0],
    "no_stop": last["no stop-gradient"][0],
    "no_stop_loss": last["no stop-gradient"][1],
}
alt_text = {
    "byol-digits": (
        "Two line charts over 100 training steps on digits. Top, the spread of the projections: "
        f"BYOL ends at {values['byol']:.2f}, with the target a plain copy at "
        f"{values['copy']:.2f}; without the predictor it falls to {values['no_predictor']:.2f}, "
        f"without the stop-gradient to {values['no_stop']:.2f}. Bottom, the loss: the two "
        f"collapsing runs have by far the lowest loss, {values['no_stop_loss']:.3f} without the "
        f"stop-gradient against {values['byol_loss']:.2f} for BYOL."
    )
}
