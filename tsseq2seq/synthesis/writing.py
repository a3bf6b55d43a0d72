"""Writing frames: free running, until the end is more likely than not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from tsseq2seq.synthesis.model import FrameModel

__all__ = ["Written", "write_frames"]


@dataclass(frozen=True)
class Written:
    """The frames of one text.

    Attributes
    ----------
    frames
        (T, F), standardised.
    weights
        (T, S), the attention's weights of the text's tokens, of each frame; None without attention.
    ended
        Whether the end was written, rather than the limit reached.
    """

    frames: np.ndarray
    weights: np.ndarray | None
    ended: bool


def write_frames(
    members: Sequence[FrameModel],
    source: Int[Tensor, "B S"],
    lengths: Int[Tensor, " B"],
    limits: Int[Tensor, " B"],
) -> list[Written]:
    """Write frames until each text has its end.

    All members write together: the mean of their frames is what each of them goes on from. The logits give
    the probability that a frame is the last, given that none before it was. The end is the first frame by
    which the text is over with a probability of at least one half: the median of its length. So it is found
    even where the length is uncertain and no single frame is likely to be the last.

    Parameters
    ----------
    members
        The networks, in evaluation mode.
    source, lengths
        Padded tokens of the texts, and their numbers.
    limits
        The most frames of each text, at least 1.
    """
    started = [model.network.start(model.encode(source, lengths)) for model in members]
    states, memories = [state for state, _ in started], [memory for _, memory in started]
    rows, most, frames_per_step = len(source), int(limits.max()), members[0].frames_per_step
    previous = members[0].first(rows)
    unended = torch.ones(rows, 1, dtype=torch.float64, device=source.device)
    ends = torch.zeros_like(limits)  # 0 while the end has not come
    blocks: list[Tensor] = []
    attended: list[Tensor] = []
    for t in range(-(-most // frames_per_step)):
        outputs, weights = [], []
        for member, model in enumerate(members):
            output, states[member], weight = model.network.step(previous, t, states[member], memories[member])
            outputs.append(output)
            weights.append(weight)
        mean = torch.stack(outputs).mean(0)
        last = torch.stack([output[:, 0, :, -1].double().sigmoid() for output in outputs]).mean(0)
        blocks.append(mean[:, 0, :, :-1])
        if weights[0] is not None:
            attended.append(torch.stack(weights).mean(0)[:, 0])  # type: ignore[arg-type]
        over = unended * (1 - last).cumprod(1)
        unended = over[:, -1:]
        ends = _ends(ends, over, t * frames_per_step)
        previous = FrameModel.last_frame(mean)
        if bool(((ends > 0) | ((t + 1) * frames_per_step >= limits)).all()):
            break
    ended = (ends > 0) & (ends <= limits)
    return _cut(blocks, attended, lengths, torch.where(ended, ends, limits), ended)


def _ends(ends: Int[Tensor, " B"], unended: Float[Tensor, "B r"], before: int) -> Int[Tensor, " B"]:
    """Return the number of frames of the texts that are over; 0 of others."""
    over = unended <= 0.5
    now = over.any(1) & (ends == 0)
    return torch.where(now, before + 1 + over.int().argmax(1), ends)


def _cut(
    blocks: list[Tensor],
    attended: list[Tensor],
    tokens: Int[Tensor, " B"],
    frames: Int[Tensor, " B"],
    ended: Tensor,
) -> list[Written]:
    """Return each text's own frames, with the weights of their decoder steps."""
    values = torch.cat(blocks, 1).float().cpu().numpy()
    weights = None
    if attended:
        repeated = torch.stack(attended, 1).repeat_interleave(blocks[0].shape[1], dim=1)
        weights = repeated.float().cpu().numpy()
    return [
        Written(
            values[row, :length].copy(),
            None if weights is None else weights[row, :length, :places].copy(),
            is_ended,
        )
        for row, (length, places, is_ended) in enumerate(
            zip(frames.tolist(), tokens.tolist(), ended.tolist(), strict=True)
        )
    ]
