"""What models of labels say of their data, once a call: what they cannot read, what cannot be learnt."""

from __future__ import annotations

from collections import Counter

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import DataWarning, shown, warn
from tsseq2seq.labelling.classes import Classes
from tsseq2seq.labelling.readers import Sequences

__all__ = ["warn_of_single_examples", "warn_of_unknown_tokens"]


def warn_of_unknown_tokens(sequences: Sequences, *, knows_unknown: bool) -> None:
    """Warn of sequences of which a network can make little: at least half of their tokens are unknown.

    Parameters
    ----------
    sequences
        What is read.
    knows_unknown
        Whether the unknown token was learnt; if not, one is enough.
    """
    if not isinstance(sequences, TokenSequences):
        return
    unknown = sequences.counts_of(UNK)
    strange = (unknown > 0) & ((2 * unknown >= sequences.lengths) | (not knows_unknown))
    if strange.any():
        first = int(strange.int().argmax())
        why = (
            "at least half of each"
            if knows_unknown
            else "and the fit learnt nothing of such, as it had no token that occurs only once"
        )
        warn(
            f"{int(strange.sum())} of {len(sequences)} sequences have tokens that the fit has not seen, "
            f"{why} (the first: X[{first}], {int(unknown[first])} of {int(sequences.lengths[first])}); their "
            "labels are guesses",
            DataWarning,
        )


def warn_of_single_examples(numbers: list[int], classes: Classes) -> None:
    """Warn of classes with a single example, which is no more than learnt by heart.

    Parameters
    ----------
    numbers
        The number of each sequence's class.
    classes
        The classes.
    """
    counts = Counter(numbers)
    single = [number for number in range(len(classes)) if counts[number] == 1]
    if single:
        row = numbers.index(single[0])
        verb = "has" if len(single) == 1 else "have"
        warn(
            f"{len(single)} of {len(classes)} classes {verb} a single example (the first: y[{row}] = "
            f"{shown(classes.values[single[0]])}), which is learnt by heart and never held out",
            DataWarning,
        )
