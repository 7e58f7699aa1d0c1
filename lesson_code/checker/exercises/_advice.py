"""What several exercises say of functions that are right in ordinary use."""

FROZEN_TEACHER = (
    "The teacher gets a gradient here. That is right as long as its outputs are computed under "
    "`torch.no_grad()`; with `detach()` inside it is right wherever it is called."
)

ROUNDED_TO_ZERO = (
    "Where a probability is rounded to 0 its logarithm is lost: the loss is infinite, or what a "
    "small number beside it says. `F.log_softmax` of the logits is exact."
)

OVERFLOWS = (
    "In float16 it overflows: outputs over a small temperature leave its range, which ends at "
    "65,504. Compute in float32 at least: `output.float()`."
)

AFTERWARDS = "arguments as above; are they still the same after the call?"
