"""Copying unknown words: in place of the unknown token, the source's word that is attended to most."""

from __future__ import annotations

import dataclasses

import torch

from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.truncation import Truncation
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import ParameterError
from tsseq2seq.nn.network import Network

__all__ = ["check_copying", "with_copies"]


def check_copying(source: TextTokenizer, target: TextTokenizer, *, network: Network, learnt: bool) -> None:
    """Refuse to copy where it cannot be done.

    Parameters
    ----------
    source, target
        The tokenisers.
    network
        The architecture.
    learnt
        Whether the unknown token occurred among the targets of the training.

    Raises
    ------
    ParameterError
        If the network copies by itself or has no attention, the tokens are byte pairs, or the unknown token
        was never learnt.
    """
    if network.copy:
        raise ParameterError(
            "translate: unknown is 'copy', but Network has copy=True, which copies by itself; leave "
            "unknown out"
        )
    if network.attention is None:
        raise ParameterError(
            "translate: unknown is 'copy', but Network has attention=None, which tells what to copy; fit "
            "with an attention"
        )
    for tokenizer in (source, target):
        if not isinstance(tokenizer, ListedTokenizer):
            raise ParameterError(
                "translate: unknown is 'copy', but the tokenizer is 'bpe', whose pieces leave little "
                "unknown; fit with tokenizer='word'"
            )
    if not learnt:
        raise ParameterError(
            "translate: unknown is 'copy', but no target of the fit had an unknown token, so that the model "
            "never writes it; fit with a min_count above 1, a max_vocabulary or a vocabulary"
        )


def with_copies(
    hypothesis: Hypothesis,
    text: str,
    source: TextTokenizer,
    target: TextTokenizer,
    truncation: Truncation,
) -> Hypothesis:
    """Return a hypothesis with its text, unknown tokens replaced by what they were attended to.

    Of a source with unknown words one of these is taken: what is known would have been written. Which of
    several it is, the attention alone says, and it was not taught to tell them apart.

    Parameters
    ----------
    hypothesis
        A translation, with its alignment.
    text
        The source.
    source, target
        The tokenisers.
    truncation
        As sources were truncated.

    References
    ----------
    Luong et al., "Addressing the rare word problem in neural machine translation" (2015); Jean et al., "On
    using very large target vocabulary for neural machine translation" (2015), section 3.3.
    """
    assert isinstance(source, ListedTokenizer)
    assert isinstance(target, ListedTokenizer)
    assert hypothesis.alignment is not None
    read = source.words(text)
    places = hypothesis.alignment.shape[1]
    if len(read) > places:
        read = read[-places:] if truncation.side == "front" else read[:places]
    strange = [number == UNK for number in source.vocabulary.encode(read)]
    candidates = torch.tensor([place for place, odd in enumerate(strange) if odd] or range(len(read)))
    written: list[str] = []
    for token, weights in zip(hypothesis.tokens, hypothesis.alignment, strict=True):
        if token == UNK:
            written += [read[int(candidates[weights.cpu()[candidates].argmax()])]] if read else []
        else:
            written += target.vocabulary.decode([token])
    return dataclasses.replace(hypothesis, text=target.splitter.join(written))
