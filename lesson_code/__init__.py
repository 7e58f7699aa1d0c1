"""Self-supervised learning in small, tested PyTorch functions, one concept a file."""

# In the order of the book, in which exercises are listed.
from lesson_code.guards import (
    check_batches,
    check_counts,
    check_finite,
    check_fraction,
    check_labels,
    check_matrices,
    check_positive,
)
from lesson_code.simclr import simclr_loss
from lesson_code.moco import MoCo, SplitBatch
from lesson_code.ema import ema_update
from lesson_code.schedules import cosine_momentum, linear_warmup
from lesson_code.mlp import MLP
from lesson_code.byol import BYOL, regression_loss
from lesson_code.temperature import temperature_scaling
from lesson_code.distillation import knowledge_distillation_loss
from lesson_code.centering import CenteringMechanism
from lesson_code.dino_head import DINOHead
from lesson_code.dino import dino_loss, multi_crop_dino_loss, teacher_targets
from lesson_code.comparison import SSLComparison
from lesson_code.simsiam import simsiam_loss
from lesson_code.swav import sinkhorn, swav_loss
from lesson_code.barlow_twins import barlow_twins_loss, cross_correlation
from lesson_code.vicreg import covariance_term, variance_term, vicreg_loss
from lesson_code.mae import mae_loss, patchify, random_masking, unpatchify
from lesson_code.knn import knn_predict
from lesson_code.collapse import effective_rank, embedding_std
from lesson_code.uniformity import alignment, uniformity
from lesson_code.teacher_entropy import (
    marginal_entropy,
    teacher_divergence,
    teacher_entropy,
)

__all__ = [
    "BYOL",
    "CenteringMechanism",
    "DINOHead",
    "MLP",
    "MoCo",
    "SSLComparison",
    "SplitBatch",
    "alignment",
    "barlow_twins_loss",
    "check_batches",
    "check_counts",
    "check_finite",
    "check_fraction",
    "check_labels",
    "check_matrices",
    "check_positive",
    "cosine_momentum",
    "covariance_term",
    "cross_correlation",
    "dino_loss",
    "effective_rank",
    "ema_update",
    "embedding_std",
    "knn_predict",
    "knowledge_distillation_loss",
    "linear_warmup",
    "mae_loss",
    "marginal_entropy",
    "multi_crop_dino_loss",
    "patchify",
    "random_masking",
    "regression_loss",
    "simclr_loss",
    "simsiam_loss",
    "sinkhorn",
    "swav_loss",
    "teacher_divergence",
    "teacher_entropy",
    "teacher_targets",
    "temperature_scaling",
    "uniformity",
    "unpatchify",
    "variance_term",
    "vicreg_loss",
]
