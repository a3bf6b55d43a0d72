"""The options of ``transcribe`` that ``translate`` does not have."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

from typer import Argument, Option

from tsseq2seq.cli.translate_options import Attention, Encoder, Punctuation, Tokenizer

__all__ = [
    "Architecture",
    "Arrays",
    "Folder",
    "NBest",
    "Prefix",
    "Table",
    "Texts",
    "Transcriptions",
]

Folder: TypeAlias = Annotated[
    Path,
    Argument(metavar="FOLDER", help="Folder of .npy files, each an array of steps by features (T, F)."),
]
Table: TypeAlias = Annotated[
    Path, Argument(metavar="TABLE", help="Table with the columns file (name in FOLDER) and text.")
]
Transcriptions: TypeAlias = Annotated[
    Path | None,
    Option(metavar="FILE", help="Write the transcriptions to this table instead of printing them."),
]
NBest: TypeAlias = Annotated[
    int, Option(min=1, metavar="N", help="Transcriptions to print for each file, at most.")
]
Prefix: TypeAlias = Annotated[
    str | None, Option(metavar="TEXT", help="Text with which each transcription begins. Default: none.")
]


@dataclass(frozen=True, kw_only=True)
class Arrays:
    """How arrays are read."""

    by_columns: Annotated[
        bool,
        Option(
            "--by-columns",
            help="Read each array column by column, as a picture of a line from left to right. Default: row "
            "by row.",
        ),
    ] = False


@dataclass(frozen=True, kw_only=True)
class Texts:
    """How texts become tokens."""

    tokenizer: Annotated[Tokenizer, Option(help="Tokens: characters, words, or byte pairs (bpe).")] = "char"
    min_count: Annotated[
        int,
        Option(min=1, metavar="N", help="Replace tokens that occur fewer than N times by the unknown token."),
    ] = 1
    max_vocabulary: Annotated[
        # the special tokens are four
        int | None,
        Option(min=5, metavar="N", help="Largest size of the vocabulary. Default: no limit; 8,000 for bpe."),
    ] = None
    lowercase: Annotated[bool, Option("--lowercase", help="Convert all text to lower case.")] = False
    punctuation: Annotated[
        Punctuation, Option(help="Punctuation: keep it, put spaces around it (separate), or remove it.")
    ] = "keep"


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The network."""

    patches: Annotated[
        bool,
        Option(
            "--patches",
            help="Convolutions over steps and features in front, for pictures and spectrograms.",
        ),
    ] = False
    stride: Annotated[
        int | None,
        Option(min=1, metavar="N", help="With --patches: steps that become one. Default: 2."),
    ] = None
    encoder: Annotated[
        Encoder,
        Option(help="Encoder; only a convolutional one knows nothing of lengths, and fits longer arrays."),
    ] = "convolutional"
    hidden_size: Annotated[
        int | None,
        Option(min=1, metavar="N", help="Width of the network. Default: from the number of pairs."),
    ] = None
    layers: Annotated[int, Option(min=1, metavar="N", help="Layers of the encoder.")] = 2
    attention: Annotated[Attention, Option(help="Form of attention.")] = "location"
    dropout: Annotated[
        float, Option(metavar="SHARE", help="Dropout rate: share of activations set to 0 in training.")
    ] = 0.2
