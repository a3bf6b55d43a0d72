"""What a pointer-generator, ``Network(copy=True)``, needs of the other settings of a translator."""

from __future__ import annotations

from collections.abc import Mapping

from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.errors import ParameterError, TrainingWarning, warn
from tsseq2seq.nn.losses import CrossEntropy
from tsseq2seq.nn.network import Network
from tsseq2seq.nn.outputs import Tokens
from tsseq2seq.translation.minimum_risk import MinimumRisk

__all__ = ["check_same_tokens", "check_without_copying", "check_word_copying", "warn_of_nothing_unknown"]


def check_word_copying(
    owner: str, tokenizers: Mapping[str, object], output: Tokens, risk: MinimumRisk | None
) -> None:
    """Refuse settings with which no word can be copied, or what is copied could not be learned.

    Parameters
    ----------
    owner
        Name of the estimator, for messages.
    tokenizers
        The choices of tokenisers, by the names of their parameters; None where one was left out.
    output, risk
        The settings.

    Raises
    ------
    ParameterError
        Naming the first such setting.

    Examples
    --------
    >>> check_word_copying("Seq2SeqTranslator", {"tokenizer": "word"}, Tokens(), None)
    """
    for name, choice in tokenizers.items():
        is_pieces = isinstance(choice, TextTokenizer) and not isinstance(choice, ListedTokenizer)
        if choice == "bpe" or is_pieces:
            raise ParameterError(
                f"{owner}: network has copy=True but {name} is {'bpe' if is_pieces else choice!r}, whose "
                "pieces leave hardly anything unknown that would be copied; use 'word' or 'char', or "
                "copy=False"
            )
    if not isinstance(output.token_loss, CrossEntropy):
        raise ParameterError(
            f"{owner}: network has copy=True but output has loss={output.loss!r}, which needs scores of the "
            "vocabulary alone; use loss='cross_entropy', or copy=False"
        )
    if risk is not None and not isinstance(risk.cost, str):
        raise ParameterError(
            f"{owner}: network has copy=True but minimum_risk has a function as its cost, which reads texts "
            "without the words that were copied; use cost='edit_distance', or copy=False"
        )


def check_same_tokens(owner: str, source: TextTokenizer, target: TextTokenizer) -> None:
    """Refuse sources and targets of which one are words and the other ones characters.

    Raises
    ------
    ParameterError
        With both settings.
    """
    assert isinstance(source, ListedTokenizer)
    assert isinstance(target, ListedTokenizer)
    read, written = type(source.splitter).__name__, type(target.splitter).__name__
    if read != written:
        raise ParameterError(
            f"{owner}: network has copy=True but tokenizer and target_tokenizer differ in kind ({read} and "
            f"{written}), so that no token of a source is one of a target; use the same for both, or "
            "copy=False"
        )


def check_without_copying(owner: str, network: Network, why: str) -> None:
    """Refuse to copy where there is nothing to copy from, or nothing that could be written as it stands.

    Parameters
    ----------
    owner
        Name of the estimator, for messages.
    network
        The network as it was given.
    why
        Why nothing can be copied.

    Raises
    ------
    ParameterError
        If ``network.copy`` is True.
    """
    if network.copy:
        raise ParameterError(f"{owner}: network has copy=True, but {why}; it must be False")


def warn_of_nothing_unknown(owner: str, sources: TokenSequences) -> None:
    """Warn if no source of a fit has an unknown token: how such tokens are read is then not learned.

    Parameters
    ----------
    owner
        Name of the estimator, for the message.
    sources
        The sources of the fit.
    """
    if not bool((sources.tokens == UNK).any()):
        warn(
            f"{owner}: network has copy=True, but no source has a token that is not in the vocabulary, so "
            "that the network does not learn to read what it is to copy; use a min_count above 1, or a "
            "max_vocabulary",
            TrainingWarning,
        )
