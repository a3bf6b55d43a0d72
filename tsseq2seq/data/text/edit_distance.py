"""The edit distance: how many insertions, deletions and substitutions make one sequence another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["edit_distance", "edit_distances"]

# Numbers of one row of the tables that are filled side by side.
_CELLS = 500_000


def edit_distance(one: Sequence[object], other: Sequence[object]) -> int:
    """Return the edit distance of two sequences.

    References
    ----------
    Levenshtein (1966); Wagner and Fischer, "The string-to-string correction problem" (1974).

    Examples
    --------
    >>> edit_distance("kitten", "sitting")
    3
    """
    return int(edit_distances([one], [other])[0])


def edit_distances(sequences: Sequence[Sequence[object]], truth: Sequence[Sequence[object]]) -> np.ndarray:
    """Return the edit distance of each pair, all of them at once.

    Parameters
    ----------
    sequences, truth
        Sequences of anything that can be hashed; the n-th of the one goes with the n-th of the other.

    Returns
    -------
    numpy.ndarray
        (pairs,), whole numbers.

    Examples
    --------
    >>> edit_distances(["kitten", "ab", ""], ["sitting", "ab", "abc"]).tolist()
    [3, 0, 3]
    """
    lengths = np.array([len(one) + len(other) for one, other in zip(sequences, truth, strict=True)], np.int64)
    order = lengths.argsort(kind="stable")
    result = np.zeros(len(lengths), np.int64)
    start = 0
    while start < len(order):
        # pairs of like length together, as many as a table of this width allows
        stop = start + 1
        while stop < len(order) and (stop - start + 1) * lengths[order[stop]] <= _CELLS:
            stop += 1
        block = order[start:stop]
        result[block] = _distances([sequences[pair] for pair in block], [truth[pair] for pair in block])
        start = stop
    return result


def _distances(sequences: list[Sequence[object]], truth: list[Sequence[object]]) -> np.ndarray:
    codes: dict[object, int] = {}
    one, lengths = _padded(sequences, codes, -1)
    other, other_lengths = _padded(truth, codes, -2)
    insertions = np.arange(other.shape[1] + 1)
    row = np.broadcast_to(insertions, (len(one), len(insertions)))
    result = np.where(lengths == 0, other_lengths, 0)
    for number in range(1, one.shape[1] + 1):
        # deletions and substitutions; insertions then run along the row as a cumulative minimum
        step = np.minimum(row[:, 1:] + 1, row[:, :-1] + (other != one[:, number - 1, None]))
        first = np.full((len(one), 1), number)
        row = np.minimum.accumulate(np.concatenate([first, step], axis=1) - insertions, axis=1) + insertions
        ends = lengths == number
        result[ends] = row[ends, other_lengths[ends]]
    return result


def _padded(
    sequences: Sequence[Sequence[object]], codes: dict[object, int], filler: int
) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.fromiter((len(sequence) for sequence in sequences), np.int64, len(sequences))
    padded = np.full((len(sequences), int(lengths.max(initial=0))), filler, np.int64)
    for row, sequence in enumerate(sequences):
        padded[row, : len(sequence)] = [codes.setdefault(item, len(codes)) for item in sequence]
    return padded, lengths
