"""The edit distance of sequences: the least number of insertions, deletions and substitutions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["edit_distance", "edit_distances"]

# Cells in one row of all the tables that are computed at once.
_CELLS = 500_000


def edit_distance(sequence: Sequence[object], truth: Sequence[object]) -> int:
    """Return the edit distance of two sequences.

    References
    ----------
    Levenshtein (1966); Wagner and Fischer, "The string-to-string correction problem" (1974).

    Examples
    --------
    >>> edit_distance("kitten", "sitting")
    3
    """
    return int(edit_distances([sequence], [truth])[0])


def edit_distances(sequences: Sequence[Sequence[object]], truth: Sequence[Sequence[object]]) -> np.ndarray:
    """Return the edit distance of each pair of sequences, computed side by side.

    Parameters
    ----------
    sequences, truth
        Sequences of hashable items, as many of both; equal positions are a pair.

    Returns
    -------
    numpy.ndarray
        (pairs,), whole numbers.

    Examples
    --------
    >>> edit_distances(["kitten", "ab", ""], ["sitting", "ab", "abc"]).tolist()
    [3, 0, 3]
    """
    lengths = np.array([len(pair[0]) + len(pair[1]) for pair in zip(sequences, truth, strict=True)], np.int64)
    order = lengths.argsort(kind="stable")
    result = np.zeros(len(lengths), np.int64)
    start = 0
    while start < len(order):
        # as many pairs of similar length as their tables have room for
        stop = start + 1
        while stop < len(order) and (stop - start + 1) * lengths[order[stop]] <= _CELLS:
            stop += 1
        block = order[start:stop]
        result[block] = _distances([sequences[pair] for pair in block], [truth[pair] for pair in block])
        start = stop
    return result


def _distances(sequences: list[Sequence[object]], truth: list[Sequence[object]]) -> np.ndarray:
    """Return the edit distances of a block of pairs, row by row of Wagner and Fischer's table."""
    # row[pair, j]: the distance between the items so far and the first j items of the truth
    codes: dict[object, int] = {}
    tokens, lengths = _padded_codes(sequences, codes, -1)
    truth_tokens, truth_lengths = _padded_codes(truth, codes, -2)
    insertions = np.arange(truth_tokens.shape[1] + 1)
    row = np.broadcast_to(insertions, (len(tokens), len(insertions)))
    result = np.where(lengths == 0, truth_lengths, 0)
    for count in range(1, tokens.shape[1] + 1):
        # deletions and substitutions first; insertions are a cumulative minimum along the row
        cheapest = np.minimum(row[:, 1:] + 1, row[:, :-1] + (truth_tokens != tokens[:, count - 1, None]))
        first = np.full((len(tokens), 1), count)
        row = (
            np.minimum.accumulate(np.concatenate([first, cheapest], axis=1) - insertions, axis=1) + insertions
        )
        ends = lengths == count
        result[ends] = row[ends, truth_lengths[ends]]
    return result


def _padded_codes(
    sequences: Sequence[Sequence[object]], codes: dict[object, int], filler: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes of all items, padded with a filler, and the lengths; new items extend ``codes``."""
    lengths = np.fromiter((len(sequence) for sequence in sequences), np.int64, len(sequences))
    padded = np.full((len(sequences), int(lengths.max(initial=0))), filler, np.int64)
    for row, sequence in enumerate(sequences):
        padded[row, : len(sequence)] = [codes.setdefault(item, len(codes)) for item in sequence]
    return padded, lengths
