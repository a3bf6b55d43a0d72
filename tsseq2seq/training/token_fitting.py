"""Fitting a translator: from pairs and settings to trained networks with their surroundings."""

from __future__ import annotations

import torch

from tsseq2seq.data.text.token_pairs import TokenPairs
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.training.fitted_tokens import FittedTokens, build_token_model
from tsseq2seq.training.loop import Record
from tsseq2seq.training.members import train_members
from tsseq2seq.training.token_defaults import TokenChoices
from tsseq2seq.training.token_objective import TokenObjective

__all__ = ["fit_tokens"]


def fit_tokens(
    pairs: TokenPairs,
    source: TextTokenizer,
    target: TextTokenizer,
    choices: TokenChoices,
    *,
    device: torch.device,
    seed: int | None,
    started: float,
) -> tuple[FittedTokens, list[Record]]:
    """Build networks and train them.

    Parameters
    ----------
    pairs
        What to train on; of ``training.validation_size`` pairs, evenly chosen, it is validated on.
    source, target
        The tokenisers.
    choices
        Settings with nothing left open.
    device
        Where to train.
    seed
        Of weights, batches and coins; None: drawn.
    started
        ``time.monotonic()`` at which ``max_time`` began.
    """
    pairs, held_out = _held_out(pairs.to(device), choices.training.validation_size)

    def build(place: int, drawn: int) -> TokenObjective:
        model = build_token_model(choices, source, target).to(device)
        return TokenObjective(model, pairs, held_out, choices.training, seed=drawn)

    objectives, records = train_members(build, choices.training, device=device, seed=seed, started=started)
    return FittedTokens(tuple(objective.model for objective in objectives), source, target, choices), records


def _held_out(pairs: TokenPairs, count: int) -> tuple[TokenPairs, TokenPairs | None]:
    if not count:
        return pairs, None
    chosen = torch.zeros(len(pairs), dtype=torch.bool)
    chosen[torch.linspace(0, len(pairs) - 1, min(count, len(pairs) - 1)).round().long()] = True
    return pairs.subset(torch.nonzero(~chosen)[:, 0]), pairs.subset(torch.nonzero(chosen)[:, 0])
