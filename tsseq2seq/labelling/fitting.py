"""Fitting a model of labels: from sequences, labels and resolved settings to trained networks."""

from __future__ import annotations

import torch

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.labelling.classes import Classes
from tsseq2seq.labelling.defaults import ResolvedLabelSettings
from tsseq2seq.labelling.fitted import FittedLabels, build_label_model
from tsseq2seq.labelling.labelled import Labelled, split_labelled
from tsseq2seq.labelling.objective import LabelObjective, rare_tokens
from tsseq2seq.labelling.readers import Reader
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record

__all__ = ["fit_labels"]


def fit_labels(
    labelled: Labelled,
    reader: Reader,
    classes: Classes,
    resolved: ResolvedLabelSettings,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
    checkpoint: Checkpoint = NO_CHECKPOINT,
) -> tuple[FittedLabels, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    labelled
        The sequences; ``training.validation_size`` of them are held out for validation.
    reader, classes
        How the sequences were read, and the classes of their labels.
    resolved
        The resolved settings.
    device
        Device of the training.
    seed
        Seed of weights and batches. None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    checkpoint
        Where states of the training are stored, and what it continues from.

    Returns
    -------
    fitted, records
        The fitted model, and a record of the training of each member.

    Raises
    ------
    ParameterError
        If too few sequences would be left for training.
    """
    training = resolved.training
    kept, held_out = split_labelled(labelled, training.held_out(len(labelled)))
    kept, held_out = kept.to(device), None if held_out is None else held_out.to(device)

    def build(member: int, member_seed: int) -> LabelObjective:
        model = build_label_model(resolved, reader, len(classes)).to(device)
        return LabelObjective(model, kept, held_out, batch_size=training.batch_size or 1, seed=member_seed)

    objectives, records = train_members(
        build,
        training,
        device=device,
        seed=seed,
        started=started,
        checkpoint=checkpoint.of_data(labelled, reader, classes.values),
    )
    members = tuple(objective.model for objective in objectives)
    return FittedLabels(members, reader, classes, resolved, _learns_unknown(kept)), records


def _learns_unknown(labelled: Labelled) -> bool:
    """Return whether the unknown token is read in training."""
    sources = labelled.pairs.sources
    if not isinstance(sources, TokenSequences):
        return True
    return bool((sources.tokens == UNK).any()) or rare_tokens(labelled.pairs) is not None
