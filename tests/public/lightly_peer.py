"""What lightly publishes, as it is installed: right code, in its own words."""

from lightly.loss import BarlowTwinsLoss, NegativeCosineSimilarity, NTXentLoss, SwaVLoss, VICRegLoss
from lightly.loss.swav_loss import sinkhorn
from lightly.models.modules.heads import BYOLProjectionHead, DINOProjectionHead
from lightly.models.utils import update_momentum
from proofs.public import right

for exercise, candidate in (
    ("simclr_loss", NTXentLoss),
    ("regression_loss", NegativeCosineSimilarity),
    ("barlow_twins_loss", BarlowTwinsLoss),
    ("vicreg_loss", VICRegLoss),
    ("swav_loss", SwaVLoss),
    ("sinkhorn", sinkhorn),
    ("ema_update", update_momentum),
    ("DINOHead", DINOProjectionHead),
    ("MLP", BYOLProjectionHead),
):
    right(exercise, "https://github.com/lightly-ai/lightly", f"lightly's {candidate.__name__}")(
        candidate
    )
