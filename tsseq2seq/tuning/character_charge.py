"""The perplexity of a character, by which translators with different tokens can be compared.

Two translators that write different tokens give their probabilities to different things. Both are asked for
the characters of the targets as they were given. Those that the tokens of one cannot write, since they are
unknown, cut or cleaned away, it must guess blindly.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tsseq2seq.data.text.copyable import own_words, written_text
from tsseq2seq.data.text.edit_distance import edit_distances
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.vocabulary import UNK

__all__ = ["CharacterCharge", "charge_of_lost_characters"]


@dataclass(frozen=True)
class CharacterCharge:
    """What is added to the negative log-likelihood of targets.

    Attributes
    ----------
    lost
        Negative log-probability of the characters that the tokens cannot write.
    characters
        Number of characters of the targets as given, with one for the end of each.
    """

    lost: float
    characters: int

    def perplexity(self, perplexity: float, tokens: int) -> float:
        """Return the perplexity of a character, from that of a token and the number of tokens.

        Examples
        --------
        >>> CharacterCharge(lost=0.0, characters=6).perplexity(4.0, tokens=3)
        2.0
        """
        if not math.isfinite(perplexity):
            return perplexity
        mean = (math.log(perplexity) * tokens + self.lost) / self.characters
        return math.exp(mean) if mean < _LARGEST else math.inf


# The logarithm of the largest float.
_LARGEST = 709.0


def charge_of_lost_characters(
    encoded: TokenSequences,
    tokenizer: TextTokenizer,
    targets: Sequence[str],
    training: Sequence[str],
    sources: object = None,
) -> CharacterCharge:
    """Return the charge: each lost character is one of those of the training, all equally likely.

    Parameters
    ----------
    encoded
        The targets as tokens.
    tokenizer
        Their tokeniser.
    targets
        The targets as given.
    training
        The targets of the training, whose characters are the alphabet.
    sources
        The sources of the targets, whose own words may have been copied. None: none were.

    Examples
    --------
    >>> from tsseq2seq.data.text.tokenizers import build_tokenizer
    >>> tokenizer = build_tokenizer("word", ["a bird", "a"], min_count=2)
    >>> encoded = TokenSequences.of([tokenizer.encode("a bird")])
    >>> charge = charge_of_lost_characters(encoded, tokenizer, ["a bird"], ["a bird", "a"])
    >>> charge.characters, round(charge.lost / math.log(6 + 1), 6)
    (7, 5.0)
    """
    raw = [unicodedata.normalize("NFC", text) for text in targets]
    written = [
        written_text(tokenizer, [number for number in encoded[row] if number != UNK], own_words(sources, row))
        for row in range(len(encoded))
    ]
    alphabet = len(set().union(*map(set, training))) + 1
    lost = int(edit_distances(written, raw).sum())
    return CharacterCharge(lost * math.log(alphabet), sum(len(text) + 1 for text in raw))
