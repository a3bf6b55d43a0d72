"""Defaults of models of labels: settings that are None, chosen from the sequences."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from tsseq2seq.errors import ParameterError
from tsseq2seq.labelling.readers import Sequences
from tsseq2seq.nn.encoder_steps import for_encoder_steps
from tsseq2seq.nn.network import Network
from tsseq2seq.settings import plain
from tsseq2seq.training.training import Training

__all__ = ["ResolvedLabelSettings", "check_label_training", "resolve_label_settings"]

_EPOCHS = 30
_FEWEST_STEPS, _MOST_STEPS = 300, 20_000


@dataclass(frozen=True)
class ResolvedLabelSettings:
    """Resolved settings of a model of labels.

    Attributes
    ----------
    network, training
        The settings as asked for, with every None that means "from the data" replaced.
    per_step
        Whether each step has a label, or the sequence one.
    crf
        Whether neighbouring labels depend on each other.
    """

    network: Network
    training: Training
    per_step: bool
    crf: bool = False


def resolve_label_settings(
    sources: Sequences,
    rows: Int[Tensor, " rows"] | None = None,
    *,
    network: Network,
    training: Training,
    per_step: bool,
    crf: bool = False,
) -> ResolvedLabelSettings:
    """Replace every None that means "from the data".

    The width grows with the number of sequences, and training passes over them thirty times.

    Parameters
    ----------
    sources
        The sequences.
    rows
        Those that are trained on. None: all.
    network, training, per_step, crf
        As of :class:`ResolvedLabelSettings`.
    """
    rows = torch.arange(len(sources)) if rows is None else rows
    network, training, count = plain(network), plain(training), len(rows)
    network_changes: dict[str, object] = {"residual": None}
    if network.hidden_size is None:
        network_changes["hidden_size"] = 32 if count < 500 else 64 if count < 5000 else 128
    network = dataclasses.replace(network, **network_changes)  # type: ignore[arg-type]
    longest = int(rows[sources.lengths[rows].argmax()])
    steps = int(sources.lengths[longest])
    # labels of steps read every state, as a mean does, not the last one alone
    read = dataclasses.replace(network, context="mean") if per_step else network
    read = for_encoder_steps(read, steps, f"X[{longest}] has {steps} {sources.unit}")
    network = dataclasses.replace(network, num_positions=read.num_positions)
    batch_size = training.batch_size or (16 if count < 500 else 64)
    training_changes: dict[str, object] = {"batch_size": batch_size}
    if training.max_steps is None and training.max_time is None and training.epochs is None:
        training_changes["max_steps"] = min(max(_EPOCHS * count // batch_size, _FEWEST_STEPS), _MOST_STEPS)
    return ResolvedLabelSettings(
        network=network,
        training=dataclasses.replace(training, **training_changes),  # type: ignore[arg-type]
        per_step=per_step,
        crf=crf,
    )


def check_label_training(owner: str, training: Training) -> None:
    """Refuse settings of a training that nothing would read.

    Raises
    ------
    ParameterError
        If there is teacher forcing: labels are not fed back.
    """
    if training.teacher_forcing is not None:
        raise ParameterError(
            f"{owner}: training has teacher_forcing={training.teacher_forcing!r}, but labels are not fed "
            "back; leave it out"
        )
