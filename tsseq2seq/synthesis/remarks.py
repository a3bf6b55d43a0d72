"""What a synthesizer says of its texts, once a call: what it cannot read, and where no end came."""

from __future__ import annotations

from collections.abc import Sequence

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import DataWarning, shown, warn
from tsseq2seq.synthesis.writing import Written

__all__ = ["warn_of_missing_ends", "warn_of_unknown_tokens"]


def warn_of_unknown_tokens(sources: TokenSequences, texts: Sequence[str]) -> None:
    """Warn of texts with tokens that the fit has not seen.

    Parameters
    ----------
    sources
        The tokens.
    texts
        The texts as they were given.
    """
    unknown = sources.counts_of(UNK)
    rows = unknown.nonzero()[:, 0].tolist()
    if rows:
        first = rows[0]
        warn(
            f"{len(rows)} of {len(texts)} texts have tokens that the fit has not seen (the first: "
            f"texts[{first}] = {shown(texts[first])}, {int(unknown[first])} of its "
            f"{int(sources.lengths[first]) - 1} tokens); the frames of these are made up",
            DataWarning,
        )


def warn_of_missing_ends(written: Sequence[Written], texts: Sequence[str]) -> None:
    """Warn of texts whose end never came, so that their frames were cut at the limit.

    Parameters
    ----------
    written
        What was written of each text.
    texts
        The texts as they were given.
    """
    rows = [row for row, one in enumerate(written) if not one.ended]
    if rows:
        first = rows[0]
        warn(
            f"{len(rows)} of {len(texts)} texts were cut at their greatest length, as their end never came "
            f"(the first: texts[{first}] = {shown(texts[first])}, {len(written[first].frames)} frames); "
            "train for more steps, or give another max_length",
            DataWarning,
        )
