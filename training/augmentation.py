"""What a radiograph may look like besides: a batch turned, shifted, scaled and exposed anew."""

import torch
from torch import Tensor
from torch.nn import functional

from specs.network import TrainingDefaults


def augmented(reduced: Tensor, defaults: TrainingDefaults) -> Tensor:
    """Turn, shift, scale and re-expose each study of a batch, shape (batch, view, row, column), in [0, 1].

    The views of a study move together. None is mirrored unless the spec says so: left and right of a chest are not the
    same.
    """
    count, aspect = reduced.shape[0], reduced.shape[2] / reduced.shape[3]

    def spread(reach: float) -> Tensor:
        return (torch.rand(count, device=reduced.device) * 2 - 1) * reach

    angle, size = torch.deg2rad(spread(defaults.rotation_degrees)), 1 + spread(defaults.scale_share)
    cosine, sine = torch.cos(angle) * size, torch.sin(angle) * size
    shift_row, shift_column = spread(2 * defaults.shift_share), spread(2 * defaults.shift_share)
    upper = torch.stack([cosine, -sine * aspect, shift_column], dim=1)
    lower = torch.stack([sine / aspect, cosine, shift_row], dim=1)
    grid = functional.affine_grid(torch.stack([upper, lower], dim=1), list(reduced.shape), align_corners=False)
    moved = functional.grid_sample(reduced, grid, align_corners=False)
    for view in defaults.mirrored_views:
        mirrored = torch.rand(count, device=reduced.device) < 0.5
        moved[mirrored, view] = moved[mirrored, view].flip(-1)
    gain, offset = 1 + spread(defaults.gain_share), spread(defaults.gain_share)
    return (moved * gain.view(-1, 1, 1, 1) + offset.view(-1, 1, 1, 1) * (moved > 0)).clamp(0.0, 1.0)
