# /// example
# cost = "quick"
# tolerance = 1e-3
# ///
"""What KoLeo and the spread say of embeddings in health, with a twin, in heaps and collapsed."""

import torch

from lesson_code import embedding_std, koleo_loss

# --8<-- [start:show]
torch.manual_seed(0)
noise = torch.randn(64, 16)
states = {
    "Gaussian": noise,
    "one image twice": torch.cat([noise[:1], noise[:-1]]),
    "two points": noise[:, :1].sign() * torch.ones(16) + 0.001 * noise,
    "all alike": torch.ones(64, 16),
}
print("                 KoLeo   spread")
table = {
    name: (koleo_loss(z).item(), embedding_std(z).item()) for name, z in states.items()
}
for name, (value, spread) in table.items():
    print(f"{name:15} {value:6.2f} {spread:8.2f}")
# --8<-- [end:show]

values = {name.lower().replace(" ", "_"): value for name, (value, _) in table.items()}
values["two_points_spread"] = table["two points"][1]
