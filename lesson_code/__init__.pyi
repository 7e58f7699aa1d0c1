"""Every public name and where it lives, in the order of the book, in which exercises are listed.

``__init__.py`` reads it when a name is wanted; type checkers read it as it stands.
"""

from lesson_code.guards import (
    check_batches as check_batches,
    check_counts as check_counts,
    check_finite as check_finite,
    check_fraction as check_fraction,
    check_labels as check_labels,
    check_matrices as check_matrices,
    check_positive as check_positive,
)
from lesson_code.simclr import simclr_loss as simclr_loss
from lesson_code.moco import MoCo as MoCo, SplitBatch as SplitBatch
from lesson_code.ema import ema_update as ema_update
from lesson_code.schedules import (
    cosine_momentum as cosine_momentum,
    linear_warmup as linear_warmup,
)
from lesson_code.mlp import MLP as MLP
from lesson_code.byol import BYOL as BYOL, regression_loss as regression_loss
from lesson_code.temperature import temperature_scaling as temperature_scaling
from lesson_code.distillation import (
    knowledge_distillation_loss as knowledge_distillation_loss,
)
from lesson_code.centering import CenteringMechanism as CenteringMechanism
from lesson_code.dino_head import DINOHead as DINOHead
from lesson_code.dino import (
    dino_loss as dino_loss,
    multi_crop_dino_loss as multi_crop_dino_loss,
    teacher_targets as teacher_targets,
)
from lesson_code.vit import (
    Attention as Attention,
    Block as Block,
    PatchEmbed as PatchEmbed,
    VisionTransformer as VisionTransformer,
    attention as attention,
    interpolate_positions as interpolate_positions,
    load_official as load_official,
    read_official as read_official,
    sized_like as sized_like,
    split_heads as split_heads,
)
from lesson_code.recipe import (
    clip_each_gradient as clip_each_gradient,
    cosine_schedule as cosine_schedule,
    parameter_groups as parameter_groups,
)
from lesson_code.koleo import koleo_loss as koleo_loss
from lesson_code.patches import (
    gram_loss as gram_loss,
    ibot_patch_loss as ibot_patch_loss,
)
from lesson_code.comparison import SSLComparison as SSLComparison
from lesson_code.simsiam import simsiam_loss as simsiam_loss
from lesson_code.swav import sinkhorn as sinkhorn, swav_loss as swav_loss
from lesson_code.barlow_twins import (
    barlow_twins_loss as barlow_twins_loss,
    cross_correlation as cross_correlation,
)
from lesson_code.vicreg import (
    covariance_term as covariance_term,
    variance_term as variance_term,
    vicreg_loss as vicreg_loss,
)
from lesson_code.sigreg import lejepa_loss as lejepa_loss, sigreg_loss as sigreg_loss
from lesson_code.mae import (
    mae_loss as mae_loss,
    patchify as patchify,
    random_masking as random_masking,
    unpatchify as unpatchify,
)
from lesson_code.ijepa import (
    block_shape as block_shape,
    ijepa_loss as ijepa_loss,
    place_block as place_block,
    sample_blocks as sample_blocks,
)
from lesson_code.knn import knn_predict as knn_predict
from lesson_code.collapse import (
    effective_rank as effective_rank,
    embedding_std as embedding_std,
)
from lesson_code.uniformity import alignment as alignment, uniformity as uniformity
from lesson_code.teacher_entropy import (
    marginal_entropy as marginal_entropy,
    teacher_divergence as teacher_divergence,
    teacher_entropy as teacher_entropy,
)
from lesson_code.significance import (
    bootstrap_interval as bootstrap_interval,
    mcnemar_test as mcnemar_test,
    paired_difference as paired_difference,
    sample_deviation as sample_deviation,
)

__all__: list[str]
