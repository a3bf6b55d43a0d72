"""Fitting a synthesizer: from pairs and resolved settings to trained networks."""

from __future__ import annotations

import copy

import torch

from tsseq2seq.data.sequences.standardisation import Standardisation
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.synthesis.defaults import ResolvedFrameSettings
from tsseq2seq.synthesis.fitted import FittedFrames, build_frame_model
from tsseq2seq.synthesis.frames import FramePairs, split_pairs
from tsseq2seq.synthesis.objective import FrameObjective
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.continued import weights_of
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record

__all__ = ["fit_frames"]


def fit_frames(
    pairs: FramePairs,
    tokenizer: TextTokenizer,
    standardisation: Standardisation,
    resolved: ResolvedFrameSettings,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    previous: FittedFrames | None = None,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> tuple[FittedFrames, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    pairs
        The pairs; ``training.validation_size`` of them, evenly spaced, are held out for validation.
    tokenizer, standardisation
        How the texts were split, and the frames scaled.
    resolved
        The resolved settings.
    device
        Device of the training.
    seed
        Seed of weights, batches and scheduled sampling. None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    previous
        The networks to continue from (a warm start). None: new ones.
    checkpoint
        Where states of the training are stored, and what it continues from.

    Returns
    -------
    fitted, records
        The fitted model, and a record of the training of each member.

    Raises
    ------
    ParameterError
        If no pair would be left for training.
    """
    kept, held_out = split_pairs(pairs.to(device), resolved.training.held_out_pairs(len(pairs)))
    kept = kept.with_unit_weights("pairs to train on")
    held_out = None if held_out is None else held_out.with_unit_weights("pairs held out")

    def build(member: int, member_seed: int) -> FrameObjective:
        if previous is None:
            model = build_frame_model(
                resolved, vocabulary=tokenizer.vocabulary_size, features=standardisation.width
            )
        else:
            model = copy.deepcopy(previous.members[member])
        return FrameObjective(model.to(device), kept, held_out, resolved.training, seed=member_seed)

    objectives, records = train_members(
        build,
        resolved.training,
        device=device,
        seed=seed,
        started=started,
        checkpoint=checkpoint.of_data(pairs, tokenizer, weights_of(previous)),
    )
    members = tuple(objective.model for objective in objectives)
    return FittedFrames(members, tokenizer, standardisation, resolved), records
