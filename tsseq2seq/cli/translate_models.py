"""Building a translator from the options of a command, loading one, and reporting on it."""

from __future__ import annotations

from pathlib import Path

import tsseq2seq
from tsseq2seq.cli import show, translate_options
from tsseq2seq.cli.load_here import load_here
from tsseq2seq.cli.writer_settings import writer_settings
from tsseq2seq.data.text.tokenizers import TextTokenizer
from tsseq2seq.errors import ModelFileError

__all__ = ["load_translator", "make_translator", "tell_translator"]


def make_translator(
    tokens: translate_options.Tokens,
    architecture: translate_options.Architecture,
    learning: translate_options.Learning,
) -> tsseq2seq.Seq2SeqTranslator:
    """Return an unfitted translator with the settings of the options."""
    translator = tsseq2seq.Seq2SeqTranslator()
    translator.set_params(
        target_tokenizer=tokens.target_tokenizer,
        truncation__max_length=tokens.truncate,
        truncation__side=tokens.truncate_side,
        **writer_settings(tokens, architecture, learning),
    )
    return translator


def load_translator(model: Path) -> tsseq2seq.Seq2SeqTranslator:
    """Load a saved translator.

    Raises
    ------
    ModelFileError
        If the folder holds no model, or a model that is not a translator.
    """
    fitted = load_here(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqTranslator):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not translate")
    return fitted


def tell_translator(translator: tsseq2seq.Seq2SeqTranslator) -> None:
    """Report the vocabulary sizes and width chosen from the pairs, and the steps and time of training."""
    fitted = translator.fitted_
    assert isinstance(fitted.source, TextTokenizer)
    show.tell(
        f"{fitted.source.vocabulary_size:,} different tokens in sources, "
        f"{fitted.target.vocabulary_size:,} in targets; width {translator.network_.hidden_size}; "
        f"{show.training_steps(translator.history_, translator.training_.max_steps)}"
    )
