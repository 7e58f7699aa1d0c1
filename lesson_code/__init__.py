"""Self-supervised learning in small, tested PyTorch functions, one concept a file."""

from lesson_code.byol import BYOL, regression_loss
from lesson_code.centering import CenteringMechanism
from lesson_code.checks import (
    check_batches,
    check_counts,
    check_finite,
    check_fraction,
    check_labels,
    check_matrices,
    check_positive,
)
from lesson_code.comparison import SSLComparison
from lesson_code.dino import dino_loss, multi_crop_dino_loss, teacher_targets
from lesson_code.dino_head import DINOHead
from lesson_code.distillation import knowledge_distillation_loss
from lesson_code.ema import ema_update
from lesson_code.mlp import MLP
from lesson_code.moco import MoCo, SplitBatch
from lesson_code.schedules import cosine_momentum, linear_warmup
from lesson_code.simclr import simclr_loss
from lesson_code.temperature import temperature_scaling

__all__ = [
    "BYOL",
    "CenteringMechanism",
    "DINOHead",
    "MLP",
    "MoCo",
    "SSLComparison",
    "SplitBatch",
    "check_batches",
    "check_counts",
    "check_finite",
    "check_fraction",
    "check_labels",
    "check_matrices",
    "check_positive",
    "cosine_momentum",
    "dino_loss",
    "ema_update",
    "knowledge_distillation_loss",
    "linear_warmup",
    "multi_crop_dino_loss",
    "regression_loss",
    "simclr_loss",
    "teacher_targets",
    "temperature_scaling",
]
