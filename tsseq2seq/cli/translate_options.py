"""The options of ``translate``, each declared once, in the groups in which its commands take them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from typer import Argument, Option

__all__ = [
    "Architecture",
    "Attention",
    "BeamSearch",
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
Attention: TypeAlias = Literal["additive", "dot", "general", "concat", "scaled", "multihead", "none"]
Normalization: TypeAlias = Literal["average", "gnmt", "none"]

Sentences = Annotated[Path, Argument(metavar="FILE", help="One sentence a line; - is standard input.")]
Translations = Annotated[Path | None, Option(metavar="FILE", help="Write to this file instead of printing.")]
NBest = Annotated[int, Option(min=1, metavar="N", help="Translations of each sentence, at the most.")]
Prefix = Annotated[
    str | None,
    Option(metavar="TEXT", help="Each translation begins with it. Without it: with whatever is likely."),
]


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Where sentences and their translations are."""

    pairs: Annotated[
        Path | None,
        Argument(metavar="PAIRS", help="One pair a line: source, tab, target. Further fields are not read."),
    ] = None
    source: Annotated[Path | None, Option(metavar="FILE", help="Instead of PAIRS: one source a line.")] = None
    target: Annotated[
        Path | None, Option(metavar="FILE", help="Instead of PAIRS: the target of each source, line by line.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """From sentences to tokens."""

    tokenizer: Annotated[
        Tokenizer, Option(help="Tokens are characters, words, or pieces of words (bpe).")
    ] = "char"
    target_tokenizer: Annotated[
        Tokenizer | None, Option(help="The same for targets. Without it: as --tokenizer.")
    ] = None
    min_count: Annotated[
        int, Option(min=1, metavar="N", help="Tokens seen less often are read as unknown.")
    ] = 1
    max_vocabulary: Annotated[
        # the special tokens are four
        int | None,
        Option(min=5, metavar="N", help="Different tokens at the most. Without it: all; 8,000 for bpe."),
    ] = None
    lowercase: Annotated[bool, Option("--lowercase", help="Make capitals small letters.")] = False
    punctuation: Annotated[
        Punctuation, Option(help="Leave marks as they are, set blanks around them, or take them out.")
    ] = "keep"
    truncate: Annotated[
        int | None, Option(min=1, metavar="N", help="Cut sentences to so many tokens. Without it: never.")
    ] = None
    truncate_side: Annotated[Literal["back", "front"], Option(help="Where they are cut.")] = "back"


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The network."""

    hidden_size: Annotated[
        int | None, Option(min=1, metavar="N", help="Width. Without it: by the number of pairs.")
    ] = None
    layers: Annotated[int, Option(min=1, metavar="N", help="Recurrent layers.")] = 2
    attention: Annotated[Attention, Option(help="How the source is looked at.")] = "general"
    dropout: Annotated[float, Option(metavar="SHARE", help="Activations set to 0 in training.")] = 0.2


@dataclass(frozen=True, kw_only=True)
class Learning:
    """The training."""

    label_smoothing: Annotated[
        float,
        Option(metavar="SHARE", help="Probability taught to other tokens than the true one."),
    ] = 0.1
    learning_rate: Annotated[float, Option(metavar="RATE", help="The highest one.")] = 2e-3
    batch_size: Annotated[
        int | None, Option(min=1, metavar="N", help="Pairs of a step. Without it: by the number of pairs.")
    ] = None
    validation_size: Annotated[
        int,
        Option(
            min=0,
            metavar="N",
            help="Pairs held out: the weights that were best on them are kept, not the last.",
        ),
    ] = 0
    members: Annotated[
        int,
        Option(min=1, metavar="N", help="Networks trained apart; the mean of their probabilities counts."),
    ] = 1
    max_steps: Annotated[int | None, Option(min=1, metavar="N", help="Training steps.")] = None
    max_time: Annotated[
        float | None, Option(metavar="SECONDS", help="Time of training; as many steps as fit.")
    ] = None
    seed: Annotated[
        int, Option(min=0, metavar="N", help="The same seed gives the same model on the same machine.")
    ] = 0
    device: Annotated[str, Option(metavar="NAME", help="auto, cpu, cuda, cuda:1 …")] = "auto"
    progress: Annotated[bool | None, Option(help="Show a progress bar. Without either: on terminals.")] = None


@dataclass(frozen=True, kw_only=True)
class BeamSearch:
    """How translations are searched for (beam search).

    ``max_length`` and ``seed`` are of sampling too.
    """

    beam_size: Annotated[
        int, Option(min=1, metavar="N", help="Translations kept at each step; 1 is greedy.")
    ] = 5
    max_length: Annotated[
        int | None,
        Option(
            min=1,
            metavar="N",
            help="Tokens written at the most, the end token included. Without it: as many as targets of "
            "the fit had for sources of that length, and 10.",
        ),
    ] = None
    min_length: Annotated[int, Option(min=0, metavar="N", help="Fewest tokens before the end token.")] = 0
    length_normalization: Annotated[
        Normalization,
        Option(
            help="Before they are ranked, log-probabilities are divided by the number of tokens, as in GNMT, "
            "or not."
        ),
    ] = "average"
    length_penalty: Annotated[
        float, Option(metavar="X", help="Power of that divisor; above 1 for longer translations.")
    ] = 1.0
    coverage_penalty: Annotated[
        float, Option(metavar="X", help="Weight of a penalty on parts of the source not looked at.")
    ] = 0.0
    no_repeat_ngram: Annotated[
        int, Option(min=0, metavar="N", help="No N tokens in a row are written twice; 0 allows all.")
    ] = 0
    groups: Annotated[
        int, Option(min=1, metavar="N", help="Groups of beams that differ from each other.")
    ] = 1
    diversity: Annotated[
        float, Option(metavar="X", help="Penalty on a token for each beam of other groups that chose it.")
    ] = 0.0
    stop: Annotated[
        Literal["exact", "full"],
        Option(help="Stop when nothing better can come, or run to the greatest length."),
    ] = "exact"
    seed: Annotated[
        int | None,
        Option(
            min=0,
            metavar="N",
            help="Draw translations at random, by their probability, without repetition. With --temperature, "
            "--top-k, --top-p or --num-samples: the same seed draws the same.",
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How translations are drawn, token after token; any of these takes the place of the beam search."""

    temperature: Annotated[
        float | None,
        Option(
            metavar="X",
            help="Draw translations instead of searching: below 1 likely tokens become likelier, above 1 "
            "less so. With --top-k, --top-p or --num-samples alone: 1.",
        ),
    ] = None
    top_k: Annotated[
        int | None, Option(min=1, metavar="N", help="Draw among the N likeliest tokens only.")
    ] = None
    top_p: Annotated[
        float | None,
        Option(metavar="SHARE", help="Draw among the likeliest tokens that have this probability together."),
    ] = None
    num_samples: Annotated[
        int | None, Option(min=1, metavar="N", help="Translations drawn of each sentence. Without it: 1.")
    ] = None
