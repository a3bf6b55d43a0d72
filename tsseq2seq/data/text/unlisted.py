"""What is said of training sentences whose tokens a given vocabulary has not."""

from __future__ import annotations

from collections.abc import Sequence

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import DataWarning, shown, warn

__all__ = ["warn_of_words_not_listed"]


def warn_of_words_not_listed(
    name: str, sequences: object, texts: Sequence[object], vocabulary: object, unit: str | None = None
) -> None:
    """Warn of training sentences with tokens that a given vocabulary has not.

    Parameters
    ----------
    name
        The argument: ``"sources"``, ``"targets"``, ``"texts"`` or ``"X"``.
    sequences
        The sentences as tokens.
    texts
        The sentences as they were given: texts, or lists of tokens.
    vocabulary
        The vocabulary given by the user. None: it was built from the sentences.
    unit
        What they are called in the plural. None: as the argument.
    """
    if vocabulary is None or not isinstance(sequences, TokenSequences):
        return
    rows = sequences.counts_of(UNK).nonzero()[:, 0]
    if len(rows):
        first = int(rows[0])
        argument = "target_vocabulary" if name == "targets" else "vocabulary"
        warn(
            f"{len(rows)} of {len(texts)} {unit or name} have tokens that are not in {argument} and become "
            f"the unknown token (the first: {name}[{first}] = {shown(texts[first])})",
            DataWarning,
        )
