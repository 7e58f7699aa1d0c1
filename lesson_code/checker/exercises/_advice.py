"""What several exercises say of functions that are right in ordinary use."""

FROZEN_TEACHER = (
    "The teacher gets a gradient here. That is right as long as its outputs are computed under "
    "`torch.no_grad()`; with `detach()` inside it is right wherever it is called."
)

ROUNDED_TO_ZERO = (
    "Where a probability is rounded to 0 its logarithm is lost: the loss is infinite, or what a "
    "small number beside it says. `F.log_softmax` of the logits is exact."
)
