# /// example
# cost = "quick"
# ///
"""Which parameters of a head weight decay shrinks, with a fixed and with a trained gain."""

from lesson_code import DINOHead, parameter_groups

# --8<-- [start:show]
head = DINOHead(384, 1000, hidden_dim=512, bottleneck_dim=64)
gain = head.last_layer.parametrizations.weight.original0  # the lengths of the rows
for trained in (False, True):
    gain.requires_grad_(trained)
    print("gain trained:" if trained else "gain fixed at 1:")
    for group in parameter_groups(head):
        name = "left alone" if "weight_decay" in group else "decayed"
        print(f"  {name:10}", *[tuple(p.shape) for p in group["params"]])
# --8<-- [end:show]
