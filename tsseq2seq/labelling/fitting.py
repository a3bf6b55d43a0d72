"""Fitting a model of labels: from sequences, labels and resolved settings to trained networks."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import SPECIAL, UNK
from tsseq2seq.errors import ParameterError
from tsseq2seq.labelling.classes import Classes
from tsseq2seq.labelling.defaults import ResolvedLabelSettings
from tsseq2seq.labelling.fitted import FittedLabels, build_label_model, embedding_width
from tsseq2seq.labelling.labelled import Labelled, split_labelled
from tsseq2seq.labelling.objective import LabelObjective, rare_tokens
from tsseq2seq.labelling.readers import Reader
from tsseq2seq.nn.pretrained import Embeddings, Pretrained
from tsseq2seq.nn.token_layers import TokenEmbedding
from tsseq2seq.training.checkpoint import NO_CHECKPOINT, Checkpoint
from tsseq2seq.training.continued import weights_of
from tsseq2seq.training.members import train_members
from tsseq2seq.training.record import Record
from tsseq2seq.training.run import Observer

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
    embeddings: Embeddings | None = None,
    previous: FittedLabels | None = None,
    observe: Callable[[FittedLabels], Observer] | None = None,
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
    embeddings
        Pretrained vectors of tokens, and their words. None: all are drawn.
    previous
        The networks to continue from (a warm start). None: new ones.
    observe
        Function from the network in training to an observer; see
        :func:`~tsseq2seq.training.loop.train`.
    checkpoint
        Where states of the training are stored, and what it continues from.

    Returns
    -------
    fitted, records
        The fitted model, and a record of the training of each member.

    Raises
    ------
    ParameterError
        If too few sequences would be left for training, or embeddings do not fit.
    DataError
        If no sequence that is trained on, or none that is held out, has a weight.
    """
    training = resolved.training
    kept, held_out = split_labelled(labelled, training)
    kept = kept.with_unit_weights("sequences to train on").to(device)
    if held_out is not None:
        held_out = held_out.with_unit_weights("sequences held out").to(device)
    vectors = None if embeddings is None else _pretrained(embeddings, reader, resolved)

    def build(member: int, member_seed: int) -> LabelObjective:
        if previous is None:
            model = build_label_model(resolved, reader, len(classes)).to(device)
        else:
            model = copy.deepcopy(previous.members[member]).to(device)
        if vectors is not None:
            assert isinstance(model.network.embedding, TokenEmbedding)
            vectors.write(model.network.embedding)
        return LabelObjective(model, kept, held_out, batch_size=training.batch_size or 1, seed=member_seed)

    knows_unknown = _learns_unknown(kept) or (previous is not None and previous.knows_unknown)

    def observer(objective: LabelObjective) -> Observer:
        assert observe is not None
        return observe(FittedLabels((objective.model,), reader, classes, resolved, knows_unknown))

    objectives, records = train_members(
        build,
        training,
        device=device,
        seed=seed,
        started=started,
        observe=None if observe is None else observer,
        checkpoint=checkpoint.of_data(labelled, reader, classes.values, embeddings, weights_of(previous)),
    )
    members = tuple(objective.model for objective in objectives)
    return FittedLabels(members, reader, classes, resolved, knows_unknown), records


def _pretrained(embeddings: Embeddings, reader: Reader, resolved: ResolvedLabelSettings) -> Pretrained:
    if reader.tokens is None:
        raise ParameterError(
            "fit: embeddings are given, but X holds arrays, which have no tokens; leave them out"
        )
    width = embedding_width(resolved.network)
    return Pretrained("embeddings", embeddings, reader.tokens, special=len(SPECIAL), width=width)


def _learns_unknown(labelled: Labelled) -> bool:
    """Return whether the unknown token is read in training."""
    sources = labelled.pairs.sources
    if not isinstance(sources, TokenSequences):
        return True
    return bool((sources.tokens == UNK).any()) or rare_tokens(labelled.pairs) is not None
