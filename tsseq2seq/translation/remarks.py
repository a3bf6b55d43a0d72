"""What a translator says of its sentences, once a call: what it cannot read, what it made up, what it cut."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch

from tsseq2seq.data.text.cleaning import Cleaning
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataWarning, warn

__all__ = ["warn_of_cut_translations", "warn_of_lost_layout", "warn_of_unreadable_sources"]

# Line breaks and tabs inside a text, indentation, and several blanks in a row.
_LAYOUT = re.compile(r"\S\s*[\n\t\r\f\v]\s*\S|\S\s{2,}\S|^[ \t]{2,}\S")
_SHOWN = 60


def warn_of_lost_layout(targets: Sequence[str], cleaning: Cleaning) -> None:
    """Warn if targets have a layout that cleaning takes away: no translation will have it.

    Parameters
    ----------
    targets
        The targets as they were given.
    cleaning
        The cleaning.
    """
    if cleaning.whitespace == "keep":
        return
    rows = [row for row, text in enumerate(targets) if _LAYOUT.search(text)]
    if rows:
        warn(
            f"{len(rows)} of {len(targets)} targets have line breaks, tabs or several blanks in a row, "
            f"which become one blank (the first: targets[{rows[0]}] = {_brief(targets[rows[0]])}); "
            "translations have no such layout. To keep it: cleaning=Cleaning(whitespace='keep')",
            DataWarning,
        )


def warn_of_unreadable_sources(sequences: TokenSequences, sources: Sequence[str]) -> None:
    """Warn of sources that are empty, or of which half of the tokens or more are unknown.

    Parameters
    ----------
    sequences
        The sources as tokens.
    sources
        The sources as texts.
    """
    lengths = sequences.lengths
    before = torch.cat([lengths.new_zeros(1), (sequences.tokens == UNK).cumsum(0)])
    unknown = before[sequences.offsets[1:]] - before[sequences.offsets[:-1]]
    is_strange = (lengths > 0) & (2 * unknown >= lengths)
    said = []
    for rows, what in (
        ((lengths == 0).nonzero()[:, 0], "empty"),
        (is_strange.nonzero()[:, 0], "of letters or words never seen in training, at least half of each"),
    ):
        if len(rows):
            first = int(rows[0])
            verb = "is" if len(rows) == 1 else "are"
            said.append(
                f"{len(rows)} of {len(lengths)} sources {verb} {what} (the first: sources[{first}] = "
                f"{_brief(sources[first])})"
            )
    if said:
        warn(f"{'; '.join(said)}; their translations may be made up", DataWarning)


def warn_of_cut_translations(rows: Sequence[Sequence[Hypothesis]]) -> None:
    """Warn if the best translations of sources did not end before their maximum length.

    Parameters
    ----------
    rows
        The hypotheses of each source, the best first.
    """
    cut = [row for row, found in enumerate(rows) if found and not found[0].finished]
    if cut:
        warn(
            f"{len(cut)} of {len(rows)} translations were cut at their maximum length (the first: that of "
            f"sources[{cut[0]}]); max_length allows longer ones, and Hypothesis.finished of translate tells "
            "which they are",
            DataWarning,
        )


def _brief(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
