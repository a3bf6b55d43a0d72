"""What a writer of tokens says of its texts, once a call: what it cannot read, makes up, or cuts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tsseq2seq.data.text.cleaning import AS_GIVEN, Cleaning, has_zero_width
from tsseq2seq.data.text.token_pairs import TokenSequences
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.data.text.tokenizers.listed import ListedTokenizer
from tsseq2seq.data.text.tokenizers.splitters import CallablePair, Words
from tsseq2seq.data.text.vocabulary import UNK
from tsseq2seq.decoding.hypothesis import Hypothesis
from tsseq2seq.errors import DataWarning, warn

__all__ = [
    "warn_of_changed_targets",
    "warn_of_cut_translations",
    "warn_of_lost_layout",
    "warn_of_missing_translations",
    "warn_of_unknown_targets",
    "warn_of_unreadable_sources",
    "warn_of_unsplit_words",
    "warn_of_unwritten_layout",
    "warn_of_zero_width",
]

# Line breaks and tabs inside a text, indentation, and several blanks in a row.
_LAYOUT = re.compile(r"\S\s*[\n\t\r\f\v]\s*\S|\S\s{2,}\S|^[ \t]{2,}\S")
_SHOWN = 60
# Letters of scripts that are written without blanks between words: kana, Chinese characters, Thai, Khmer …
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LONG_WORD = 8


def warn_of_zero_width(columns: Mapping[str, Sequence[str]], cleaning: Cleaning) -> None:
    """Say that zero-width characters are removed.

    Parameters
    ----------
    columns
        The sentences as they were given, by the name of the argument.
    cleaning
        The cleaning.
    """
    if cleaning.zero_width == "keep":
        return
    texts = {
        f"{column}[{row}]": text
        for column, sentences in columns.items()
        for row, text in enumerate(sentences)
        if has_zero_width(text)
    }
    if texts:
        name, text = next(iter(texts.items()))
        warn(
            f"{len(texts)} sentences have zero-width characters or a byte order mark, which are removed (the "
            f"first: {name} = {_brief(text)}). To keep them: cleaning=Cleaning(zero_width='keep')",
            DataWarning,
        )


def warn_of_unsplit_words(name: str, texts: Sequence[str], tokenizer: TextTokenizer) -> None:
    """Warn if sentences without blanks become single words, so that nothing is learned of their parts.

    Parameters
    ----------
    name
        What they are called: ``"sources"``, ``"targets"`` or ``"texts"``.
    texts
        The sentences as they were given.
    tokenizer
        Their tokeniser.
    """
    if not isinstance(tokenizer, ListedTokenizer) or not isinstance(tokenizer.splitter, Words):
        return
    rows = [
        row
        for row, text in enumerate(texts)
        if len(_UNSPACED.findall(text)) >= _LONG_WORD and len(text.split()) == 1
    ]
    if 2 * len(rows) > len(texts):
        warn(
            f"tokenizer is 'word', but {len(rows)} of {len(texts)} {name} are one word each (the first: "
            f"{name}[{rows[0]}] = {_brief(texts[rows[0]])}), as their script is written without blanks; "
            "tokenizer='char' or 'bpe' reads their parts",
            DataWarning,
        )


def warn_of_lost_layout(targets: Sequence[str], cleaning: Cleaning, written: str = "translations") -> None:
    """Warn if targets have a layout that cleaning takes away: nothing that is written will have it.

    Parameters
    ----------
    targets
        The targets as they were given.
    cleaning
        The cleaning.
    written
        What the estimator writes, in the plural.
    """
    if cleaning.whitespace == "keep":
        return
    rows = [row for row, text in enumerate(targets) if _LAYOUT.search(text)]
    if rows:
        warn(
            f"{len(rows)} of {len(targets)} targets have line breaks, tabs or several blanks in a row, "
            f"which become one blank (the first: targets[{rows[0]}] = {_brief(targets[rows[0]])}); "
            f"{written} have no such layout. To keep it: cleaning=Cleaning(whitespace='keep')",
            DataWarning,
        )


def warn_of_unwritten_layout(
    references: Sequence[str], cleaning: Cleaning, written: str = "translation"
) -> None:
    """Warn if references have whitespace that cleaning takes away: nothing written can be equal to them.

    Parameters
    ----------
    references
        The references as they were given.
    cleaning
        The cleaning.
    written
        What the estimator writes, in the singular.
    """
    if cleaning.whitespace == "keep":
        return
    rows = [row for row, text in enumerate(references) if text != " ".join(text.split())]
    if rows:
        warn(
            f"{len(rows)} of {len(references)} targets have whitespace that no {written} has, as cleaning "
            f"takes it away (the first: targets[{rows[0]}] = {_brief(references[rows[0]])}): none can "
            "be an exact match, and cer counts it. If it does not matter, strip it; if it does, fit with "
            "cleaning=Cleaning(whitespace='keep')",
            DataWarning,
        )


def warn_of_changed_targets(
    targets: Sequence[str], tokenizer: TextTokenizer, written: str = "translations"
) -> None:
    """Warn if a user's own functions do not make of a target's tokens the target again.

    Parameters
    ----------
    targets
        The targets as they were given.
    tokenizer
        Their tokeniser.
    written
        What the estimator writes, in the plural.
    """
    if not isinstance(tokenizer, ListedTokenizer) or not isinstance(tokenizer.splitter, CallablePair):
        return
    changed: list[tuple[int, str]] = []
    for row, text in enumerate(targets):
        cleaned = tokenizer.cleaning.clean(text)
        joined = tokenizer.splitter.join(tokenizer.splitter.split(cleaned))
        if AS_GIVEN.clean(joined) != cleaned:
            changed.append((row, joined))
    if changed:
        row, joined = changed[0]
        warn(
            f"tokenizer: of {len(changed)} of {len(targets)} targets the functions make another text (the "
            f"first: targets[{row}] = {_brief(targets[row])} becomes {_brief(joined)}); {written} will "
            "be of that kind. The second function should undo the first",
            DataWarning,
        )


def warn_of_unknown_targets(
    sequences: TokenSequences, targets: Sequence[object], learnt: bool, name: str = "targets"
) -> None:
    """Warn of targets to score with unknown tokens, if no training target had one.

    Parameters
    ----------
    sequences
        The targets as tokens.
    targets
        The targets as given; only texts are looked at.
    learnt
        Whether the unknown token occurs among the targets of the training.
    name
        What they are called in the message.
    """
    if learnt:
        return
    unknown = sequences.counts_of(UNK).tolist()
    rows = [row for row, text in enumerate(targets) if isinstance(text, str) and unknown[row]]
    if rows:
        warn(
            f"{len(rows)} of {len(targets)} {name} have letters or words never seen in training (the first: "
            f"{name}[{rows[0]}] = {_brief(str(targets[rows[0]]))}); each counts as the unknown token, whose "
            "probability was never learnt, so that their log-probabilities say nothing",
            DataWarning,
        )


def warn_of_unreadable_sources(
    sequences: TokenSequences, sources: Sequence[str], doubt: str = "translations may be made up"
) -> None:
    """Warn of sources that are empty, or of which half of the tokens or more are unknown.

    Parameters
    ----------
    sequences
        The sources as tokens.
    sources
        The sources as texts.
    doubt
        What may be wrong with what is made of them.
    """
    lengths = sequences.lengths
    unknown = sequences.counts_of(UNK)
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
        warn(f"{'; '.join(said)}; their {doubt}", DataWarning)


def warn_of_cut_translations(
    rows: Sequence[Sequence[Hypothesis]], written: str = "translations", verb: str = "translate"
) -> None:
    """Warn if the best hypotheses of sources did not end before their maximum length.

    Parameters
    ----------
    rows
        The hypotheses of each source, the best first.
    written, verb
        What the estimator writes, in the plural; its method that returns hypotheses.
    """
    cut = [row for row, found in enumerate(rows) if found and not found[0].finished]
    if cut:
        warn(
            f"{len(cut)} of {len(rows)} {written} were cut at their maximum length (the first: that of "
            f"sources[{cut[0]}]); max_length allows longer ones, and Hypothesis.finished of {verb} tells "
            "which they are",
            DataWarning,
        )


def warn_of_missing_translations(rows: Sequence[Sequence[Hypothesis]], written: str = "translations") -> None:
    """Warn of sources for which no hypothesis fulfils the options of the search.

    Parameters
    ----------
    rows
        The hypotheses of each source.
    written
        What the estimator writes, in the plural.
    """
    missing = [row for row, found in enumerate(rows) if not found]
    if missing:
        warn(
            f"{len(missing)} of {len(rows)} sources have no {written} (the first: sources[{missing[0]}]), "
            "as the options of the search leave none; try a lower min_length, a higher no_repeat_ngram or a "
            "larger beam_size. What is returned for them is empty",
            DataWarning,
        )


def _brief(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
