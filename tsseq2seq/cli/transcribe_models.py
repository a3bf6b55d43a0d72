"""Building a transcriber from the options of a command, loading one, and reporting on it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import tsseq2seq
from tsseq2seq.cli import show, transcribe_options, translate_options
from tsseq2seq.cli.load_here import load_here
from tsseq2seq.cli.writer_settings import writer_settings
from tsseq2seq.errors import ModelFileError, ParameterError

__all__ = ["load_transcriber", "make_transcriber", "tell_transcriber"]


def make_transcriber(
    texts: transcribe_options.Texts,
    architecture: transcribe_options.Architecture,
    learning: translate_options.Learning,
) -> tsseq2seq.Seq2SeqTranscriber:
    """Return an unfitted transcriber with the settings of the options.

    Raises
    ------
    ParameterError
        If there is a stride without patches.
    """
    transcriber = tsseq2seq.Seq2SeqTranscriber(patches=_patches(architecture))
    transcriber.set_params(**writer_settings(texts, architecture, learning))
    return transcriber


def load_transcriber(model: Path) -> tsseq2seq.Seq2SeqTranscriber:
    """Load a saved transcriber.

    Raises
    ------
    ModelFileError
        If the folder holds no model, or a model that is not a transcriber.
    """
    fitted = load_here(model)
    if not isinstance(fitted, tsseq2seq.Seq2SeqTranscriber):
        raise ModelFileError(f"{model} is a {type(fitted).__name__}, which does not transcribe")
    return fitted


def tell_transcriber(transcriber: tsseq2seq.Seq2SeqTranscriber) -> None:
    """Report features, vocabulary size and width, and the steps and time of training."""
    show.tell(
        f"{transcriber.n_features_in_:,} features a step, {transcriber.fitted_.target.vocabulary_size:,} "
        f"different tokens; width {transcriber.network_.hidden_size}; "
        f"{show.training_steps(transcriber.history_, transcriber.training_.max_steps)}"
    )


def _patches(architecture: transcribe_options.Architecture) -> tsseq2seq.Patches | None:
    if not architecture.patches:
        if architecture.stride is not None:
            raise ParameterError(f"--stride is {architecture.stride} without --patches, which it belongs to")
        return None
    patches = tsseq2seq.Patches()
    return (
        patches if architecture.stride is None else dataclasses.replace(patches, stride=architecture.stride)
    )
