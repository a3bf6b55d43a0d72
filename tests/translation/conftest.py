"""Untrained translators that are sure of something, and their scores worked out step by step."""

from __future__ import annotations

import types

import numpy as np
import pytest
import torch

from tsseq2seq.data.text.encoding import encode_pairs
from tsseq2seq.data.text.tokenizers import build_tokenizer
from tsseq2seq.data.text.vocabulary import BOS, PAD
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.training.training import Training
from tsseq2seq.translation.defaults import ResolvedTokenSettings
from tsseq2seq.translation.fitted import FittedTokens, build_token_model

TOKENIZER = build_tokenizer("char", ["abc"])  # seven tokens with the special ones
SOURCES = ["abc", "c", "", "bbaac", "ca", "abcabcabc", "b"]
TARGETS = ["b", "cab", "aa", "c", "cccc", "a", "bc"]
PAIRS = encode_pairs(SOURCES, TARGETS, TOKENIZER, TOKENIZER, allow_empty=True)


def fitted(members: int = 1, *, tied: bool = False, sharpness: float = 5.0, **network) -> FittedTokens:
    """Untrained networks; their last layer is made bold, so that they are sure of something."""
    settings = {"hidden_size": 6, "residual": None, "attention": "dot", "bidirectional": True} | network
    resolved = ResolvedTokenSettings(
        Network(**settings), Training(), Tokens(tied=tied), max_length=6, length_ratio=1.0
    )
    models = []
    for place in range(members):
        torch.manual_seed(place)
        model = build_token_model(resolved, TOKENIZER, TOKENIZER).eval()
        with torch.no_grad():
            model.network.decoder.head.weight.mul_(sharpness)
        models.append(model)
    return FittedTokens(tuple(models), TOKENIZER, TOKENIZER, resolved)


@torch.no_grad()
def all_scores(found: FittedTokens, source: list[int], tokens: list[int]) -> np.ndarray:
    """Return (T + 1, V): the log of the members' mean probability at each step along some tokens."""
    total = np.zeros((len(tokens) + 1, TOKENIZER.vocabulary_size))
    for model in found.members:
        read = torch.tensor([source or [PAD]])
        state, memory = model.network.start(model.network.encode(read, torch.tensor([len(source)])))
        for t, token in enumerate([BOS, *tokens]):
            output, state, _ = model.network.step(torch.tensor([[token]]), t, state, memory)
            total[t] += output[0, 0].double().softmax(-1).numpy() / len(found.members)
    return np.log(total)


def score_by_hand(found: FittedTokens, source: list[int], target: list[int]) -> list[float]:
    scores = all_scores(found, source, target)
    return [scores[t, token] for t, token in enumerate(target)]


@pytest.fixture(scope="session")
def bold():
    """The pairs, the translators and their scores, by name."""
    return types.SimpleNamespace(
        tokenizer=TOKENIZER,
        sources=SOURCES,
        targets=TARGETS,
        pairs=PAIRS,
        fitted=fitted,
        all_scores=all_scores,
        score_by_hand=score_by_hand,
    )
