"""The options of ``translate``, each declared once, in groups that its commands share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from typer import Argument, Option

__all__ = [
    "Architecture",
    "Attention",
    "BeamSearch",
    "Encoder",
    "Learning",
    "NBest",
    "Normalization",
    "Pairs",
    "Prefix",
    "Punctuation",
    "Sampling",
    "Sentences",
    "Tokenizer",
    "Tokens",
    "Translations",
]

Tokenizer: TypeAlias = Literal["char", "word", "bpe"]
Punctuation: TypeAlias = Literal["keep", "separate", "remove"]
Encoder: TypeAlias = Literal["recurrent", "convolutional", "attention", "convolutional+recurrent"]
Attention: TypeAlias = Literal[
    "additive", "dot", "general", "concat", "scaled", "multihead", "location", "none"
]
Normalization: TypeAlias = Literal["average", "gnmt", "none"]

Sentences = Annotated[
    Path, Argument(metavar="FILE", help="File with one sentence a line; - for standard input.")
]
Translations = Annotated[
    Path | None, Option(metavar="FILE", help="Write the translations to this file instead of printing them.")
]
NBest = Annotated[int, Option(min=1, metavar="N", help="Translations to print for each sentence, at most.")]
Prefix = Annotated[
    str | None,
    Option(metavar="TEXT", help="Text with which each translation begins. Default: none."),
]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """The files of pairs."""

    pairs: Annotated[
        Path | None,
        Argument(
            metavar="PAIRS",
            help="File with one pair a line: source, tab, target. Further fields are ignored.",
        ),
    ] = None
    source: Annotated[
        Path | None, Option(metavar="FILE", help="Instead of PAIRS: file with one source a line.")
    ] = None
    target: Annotated[
        Path | None,
        Option(metavar="FILE", help="Instead of PAIRS: file with the target of each source, line by line."),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """How sentences become tokens."""

    tokenizer: Annotated[Tokenizer, Option(help="Tokens: characters, words, or byte pairs (bpe).")] = "char"
    target_tokenizer: Annotated[
        Tokenizer | None, Option(help="Tokens of the targets. Default: as --tokenizer.")
    ] = None
    min_count: Annotated[
        int,
        Option(min=1, metavar="N", help="Replace tokens that occur fewer than N times by the unknown token."),
    ] = 1
    max_vocabulary: Annotated[
        # the special tokens are four
        int | None,
        Option(min=5, metavar="N", help="Largest size of a vocabulary. Default: no limit; 8,000 for bpe."),
    ] = None
    lowercase: Annotated[bool, Option("--lowercase", help="Convert all text to lower case.")] = False
    punctuation: Annotated[
        Punctuation, Option(help="Punctuation: keep it, put spaces around it (separate), or remove it.")
    ] = "keep"
    truncate: Annotated[
        int | None, Option(min=1, metavar="N", help="Cut sentences after N tokens. Default: never.")
    ] = None
    truncate_side: Annotated[Literal["back", "front"], Option(help="Side on which --truncate cuts.")] = "back"


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The network."""

    hidden_size: Annotated[
        int | None,
        Option(min=1, metavar="N", help="Width of the network. Default: from the number of pairs."),
    ] = None
    encoder: Annotated[Encoder, Option(help="What reads the sources.")] = "recurrent"
    layers: Annotated[
        int, Option(min=1, metavar="N", help="Layers; of the encoder alone if it has no recurrence.")
    ] = 2
    attention: Annotated[Attention, Option(help="Form of attention.")] = "general"
    dropout: Annotated[
        float, Option(metavar="SHARE", help="Dropout rate: share of activations set to 0 in training.")
    ] = 0.2


@dataclass(frozen=True, kw_only=True)
class Learning:
    """The training."""

    label_smoothing: Annotated[
        float,
        Option(metavar="SHARE", help="Label smoothing: probability given to tokens other than the true one."),
    ] = 0.1
    learning_rate: Annotated[
        float, Option(metavar="RATE", help="Highest learning rate, reached after the warm-up.")
    ] = 2e-3
    batch_size: Annotated[
        int | None,
        Option(min=1, metavar="N", help="Pairs in a training step. Default: from the number of pairs."),
    ] = None
    validation_size: Annotated[
        int,
        Option(
            min=0,
            metavar="N",
            help="Pairs held out for validation. With N above 0 the weights with the best "
            "validation loss are kept.",
        ),
    ] = 0
    members: Annotated[
        int,
        Option(min=1, metavar="N", help="Networks to train; their probabilities are averaged."),
    ] = 1
    max_steps: Annotated[
        int | None, Option(min=1, metavar="N", help="Training steps. Default: from the amount of data.")
    ] = None
    max_time: Annotated[
        float | None, Option(metavar="SECONDS", help="Time limit of the fit, all members included.")
    ] = None
    seed: Annotated[
        int,
        Option(
            min=0, metavar="N", help="Random seed; the same seed gives the same model on the same machine."
        ),
    ] = 0
    device: Annotated[str, Option(metavar="NAME", help="Where to compute: auto, cpu, cuda, cuda:1 …")] = (
        "auto"
    )
    progress: Annotated[bool | None, Option(help="Show a progress bar. Default: only on a terminal.")] = None


@dataclass(frozen=True, kw_only=True)
class BeamSearch:
    """Options of beam search.

    ``max_length`` and ``seed`` apply to sampling too.
    """

    beam_size: Annotated[
        int, Option(min=1, metavar="N", help="Hypotheses kept at each decoder step; 1 is greedy search.")
    ] = 5
    max_length: Annotated[
        int | None,
        Option(
            min=1,
            metavar="N",
            help="Largest number of tokens in a translation, with the end token. Default: 10 more "
            "than in the "
            "targets of the fit for sources of the same length.",
        ),
    ] = None
    min_length: Annotated[int, Option(min=0, metavar="N", help="Fewest tokens before the end token.")] = 0
    length_normalization: Annotated[
        Normalization,
        Option(
            help="How the log-probabilities that rank translations are normalised: divided by the number of "
            "tokens (average), as in GNMT, or not at all."
        ),
    ] = "average"
    length_penalty: Annotated[
        float, Option(metavar="X", help="Exponent of that divisor; above 1 favours longer translations.")
    ] = 1.0
    coverage_penalty: Annotated[
        float, Option(metavar="X", help="Weight of a penalty on source tokens with little attention.")
    ] = 0.0
    no_repeat_ngram: Annotated[
        int,
        Option(
            min=0, metavar="N", help="No sequence of N tokens occurs twice in a translation; 0: no limit."
        ),
    ] = 0
    groups: Annotated[
        int, Option(min=1, metavar="N", help="Groups of hypotheses in diverse beam search.")
    ] = 1
    diversity: Annotated[
        float,
        Option(metavar="X", help="Penalty on a token for each hypothesis of another group that chose it."),
    ] = 0.0
    stop: Annotated[
        Literal["exact", "full"],
        Option(help="exact: stop when no better translation is possible; full: run to --max-length."),
    ] = "exact"
    seed: Annotated[
        int | None,
        Option(
            min=0,
            metavar="N",
            help="Stochastic beam search: draw different translations at random, by their probability. With "
            "--temperature, --top-k, --top-p or --num-samples: seed of the samples.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Options of sampling, token by token; any of them replaces beam search."""

    temperature: Annotated[
        float | None,
        Option(
            metavar="X",
            help="Sample translations instead of searching. Below 1 probable tokens become more "
            "probable, above 1 "
            "less. Default with --top-k, --top-p or --num-samples: 1.",
        ),
    ] = None
    top_k: Annotated[
        int | None, Option(min=1, metavar="N", help="Sample from the N most probable tokens only.")
    ] = None
    top_p: Annotated[
        float | None,
        Option(
            metavar="SHARE", help="Sample from the most probable tokens whose probabilities add up to SHARE."
        ),
    ] = None
    num_samples: Annotated[
        int | None, Option(min=1, metavar="N", help="Translations to sample for each sentence. Default: 1.")
    ] = None
