"""What ``translate`` refuses: one line on standard error, status 2, and no file written or changed."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

import tsseq2seq
from tsseq2seq.cli import main
from tsseq2seq.cli.outputs import check_file

PAIRS = "man\twoman\nblack\twhite\nking\tqueen\n"
QUICK = ("--max-steps", "1", "--no-progress")


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> Path:
    """A folder with a translator, one that removes punctuation, and a forecaster."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "pairs.tsv").write_text(PAIRS)
    rows = [f"{1990 + month // 12}-{month % 12 + 1:02},{month % 12}" for month in range(36)]
    (folder / "data.csv").write_text("\n".join(["Month,y", *rows, ""]))
    fit = ["translate", "fit", str(folder / "pairs.tsv"), "--hidden-size", "8", *QUICK]
    assert main([*fit, "--model", str(folder / "translator")]) == 0
    assert main([*fit, "--model", str(folder / "unmarked"), "--punctuation", "remove"]) == 0
    arguments = ["fit", str(folder / "data.csv"), "--horizon", "2", "--max-steps", "1"]
    assert main([*arguments, "--model", str(folder / "forecaster")]) == 0
    return folder


@pytest.fixture(autouse=True)
def no_training(models, monkeypatch):
    """Refusals come before the work."""

    def fit(*_: object, **__: object) -> None:
        raise AssertionError("training began")

    original = tsseq2seq.Seq2SeqTranslator.fit
    monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "fit", fit)
    return original


@pytest.fixture
def pairs(tmp_path) -> Path:
    path = tmp_path / "data.tsv"
    path.write_text(PAIRS)
    return path


COMMANDS = pytest.mark.parametrize("command", ["fit", "evaluate"])
BAD = {
    "empty": (b"", "pairs.tsv is empty"),
    "utf-16": ("a\tb\n".encode("utf-16"), "pairs.tsv is in UTF-16; save it as UTF-8"),
    "latin-1": (
        "a\tb\né\tc\n".encode("latin-1"),
        "pairs.tsv is not in UTF-8 (line 2); save it as UTF-8",
    ),
    "no tab": (
        b"a\tb\nno tab\nc\td\n",
        "pairs.tsv, line 2: 'no tab' has no tab; a line must be a source, a tab and a target",
    ),
    "blank line": (
        b"a\tb\n\n\nc\td\n",
        "pairs.tsv, line 2: '' has no tab; a line must be a source, a tab and a target (2 of 4 lines are like "
        "this)",
    ),
    "empty source": (
        b"a\tb\n \tc\n",
        "pairs.tsv, line 2: the source is empty; leave the pair out, or see whether the lines of both sides "
        "match",
    ),
    "empty target": (
        b"a\tb\n?\t\n",
        "pairs.tsv, line 2: the target is empty; leave the pair out, or see whether the lines of both sides "
        "match",
    ),
}


@COMMANDS
@pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD)
def test_files_of_pairs(refused, models, command, content, said):
    Path("pairs.tsv").write_bytes(content)
    model = "m" if command == "fit" else models / "translator"
    assert refused("translate", command, "pairs.tsv", "--model", model) == said


def test_sentences_of_which_cleaning_leaves_nothing(refused, models):
    Path("pairs.tsv").write_text("a\tb\nc\t?!\n")
    said = "pairs.tsv, line 2: the target is '?!', of which cleaning leaves nothing"
    options = ("--model", "m", "--punctuation", "remove")
    assert refused("translate", "fit", "pairs.tsv", *options).startswith(said)
    assert refused("translate", "evaluate", "pairs.tsv", "--model", models / "unmarked").startswith(said)


@COMMANDS
def test_files_that_are_none(refused, models, command):
    model = ("--model", models / "translator")
    said = refused("translate", command, "none.tsv", *model)
    assert said == "none.tsv cannot be read: No such file or directory"
    assert refused("translate", command, ".", *model) == ". cannot be read: Is a directory"
    Path("s.txt").write_text("a\n")
    said = refused("translate", command, "--source", "s.txt", "--target", "t.txt", *model)
    assert said == "t.txt cannot be read: No such file or directory"


@COMMANDS
@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (
            "a\nb\n",
            "c\n",
            "s.txt has 2 lines and t.txt 1 line; each source needs its target in the same line",
        ),
        (
            "",
            "c\nd\n",
            "s.txt has 0 lines and t.txt 2 lines; each source needs its target in the same line",
        ),
        ("", "", "s.txt, like t.txt, is empty"),
        (
            "a\n\n",
            "c\nd\n",
            "s.txt, line 2: the source is empty; leave the pair out, or see whether the lines of both sides "
            "match",
        ),
        (
            "a\nb\n",
            "c\n\t\n",
            "t.txt, line 2: the target is empty; leave the pair out, or see whether the lines of both sides "
            "match",
        ),
    ],
    ids=["unequal", "one_empty", "both_empty", "empty_source", "empty_target"],
)
def test_two_files(refused, models, command, source, target, said):
    Path("s.txt").write_text(source)
    Path("t.txt").write_text(target)
    model = models / "translator"
    options = ("--source", "s.txt", "--target", "t.txt", "--model", model)
    assert refused("translate", command, *options) == said


@COMMANDS
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["data.tsv", "--source", "data.tsv"],
            "PAIRS and --source are both given; give one file of pairs, or --source and --target",
        ),
        (
            ["data.tsv", "--target", "data.tsv"],
            "PAIRS and --target are both given; give one file of pairs, or --source and --target",
        ),
        (
            ["--source", "data.tsv"],
            "--source is given without --target; each source needs a target",
        ),
        (
            ["--target", "data.tsv"],
            "--target is given without --source; each source needs a target",
        ),
        ([], "there are no pairs; give a file of them, or --source and --target"),
    ],
    ids=["both", "both_target", "no_target", "no_source", "neither"],
)
def test_where_pairs_are(refused, pairs, command, arguments, said):
    assert refused("translate", command, *arguments, "--model", "m") == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tokenizer", "syllable"], "Invalid value for '--tokenizer': "),
        (["--target-tokenizer", "syllable"], "Invalid value for '--target-tokenizer': "),
        (["--punctuation", "none"], "Invalid value for '--punctuation': "),
        (["--encoder", "transformer"], "Invalid value for '--encoder': "),
        (["--attention", "self"], "Invalid value for '--attention': "),
        (["--truncate-side", "left"], "Invalid value for '--truncate-side': "),
        (["--min-count", 0], "Invalid value for '--min-count': "),
        (["--max-vocabulary", 4], "Invalid value for '--max-vocabulary': "),
        (["--truncate", 0], "Invalid value for '--truncate': "),
        (["--hidden-size", 0], "Invalid value for '--hidden-size': "),
        (["--layers", 0], "Invalid value for '--layers': "),
        (["--batch-size", "many"], "Invalid value for '--batch-size': "),
        (["--max-steps", 0], "Invalid value for '--max-steps': "),
        (["--members", 0], "Invalid value for '--members': "),
        (["--seed", -1], "Invalid value for '--seed': "),
        (["--max-time", 0], "--max-time is 0.0; it must be a number, above 0"),
        (["--learning-rate", 0], "--learning-rate is 0.0; it must be a number, above 0"),
        (["--encoder", "attention", "--hidden-size", 1], "--hidden-size is 1 but --encoder is 'attention', "),
        (["--dropout", 2], "--dropout is 2.0; it must be a number, at least 0 and at most 0.99"),
        (["--label-smoothing", 1], "--label-smoothing is 1.0; it must be a number, at least 0 and"),
        (
            ["--validation-size", 3],
            "--validation-size is 3, but there are 3 pairs; at least one must be left",
        ),
        (["--horizon", 2], "No such option: --horizon"),
    ],
    ids=lambda value: value[0].lstrip("-") if isinstance(value, list) else "",
)
def test_options_of_fit(refused, pairs, arguments, said):
    assert said in refused("translate", "fit", pairs, "--model", "m", *arguments)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--min-count", 9], "the vocabulary is empty: the most frequent of 9 tokens is seen 2 times"),
        (["--device", "abacus"], "--device is 'abacus', which cannot be used here"),
        (["--seed", 2**63], "--seed is 9223372036854775808; it must be an integer"),
    ],
    ids=["vocabulary", "device", "seed"],
)
def test_what_the_library_refuses(refused, pairs, monkeypatch, no_training, arguments, said):
    monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "fit", no_training)
    assert said in refused("translate", "fit", pairs, "--model", "m", *arguments)


def test_a_missing_package_of_bpe(refused, pairs, monkeypatch, no_training):
    monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "fit", no_training)
    for name in ("tokenizers", "tokenizers.models"):
        monkeypatch.setitem(sys.modules, name, None)
    said = refused("translate", "fit", pairs, "--model", "m", "--tokenizer", "bpe")
    assert said.endswith("Install it with: pip install 'tsseq2seq[text]'")


def test_a_missing_package_of_scores_is_named_before_the_work(refused, pairs, models, monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "translate", None)
    said = refused("translate", "evaluate", pairs, "--model", models / "translator")
    assert said.endswith("Install it with: pip install 'tsseq2seq[text]'")


def test_a_folder_that_is_no_model_is_not_replaced(refused, pairs):
    Path("full").mkdir()
    Path("full/thesis.txt").write_text("years")
    said = refused("translate", "fit", pairs, "--model", "full")
    assert said == "--model is 'full', which exists and is not a saved model"


def test_no_model_is_named(refused, pairs):
    for command in ("fit", "predict", "evaluate"):
        assert refused("translate", command, pairs) == "Missing option '--model'."


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_models_that_are_none(refused, pairs, models, command):
    pytest.importorskip("sacrebleu")
    assert "is not a saved model" in refused("translate", command, pairs, "--model", "none")
    said = refused("translate", command, pairs, "--model", models / "forecaster")
    assert said == f"{models / 'forecaster'} is a Seq2SeqForecaster, which does not translate"


def test_a_translator_does_not_forecast(refused, models):
    model = models / "translator"
    said = f"{model} is a Seq2SeqTranslator, which does not forecast"
    assert refused("predict", "--model", model) == said
    assert refused("calibrate", "--model", model, models / "data.csv") == said


@pytest.mark.parametrize("command", ["predict", "evaluate"])
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--beam-size", 0], "Invalid value for '--beam-size': "),
        (["--max-length", 0], "Invalid value for '--max-length': "),
        (["--min-length", -1], "Invalid value for '--min-length': "),
        (["--stop", "early"], "Invalid value for '--stop': "),
        (["--length-normalization", "sum"], "Invalid value for '--length-normalization': "),
        (["--length-penalty", -1], "--length-penalty is -1.0; it must be a number, at least 0"),
        (["--coverage-penalty", "nan"], "--coverage-penalty is nan"),
        (["--diversity", -1], "diversity is -1.0"),
        (["--groups", 2], "--beam-size is 5, but --groups is 2; --beam-size must be a multiple of groups"),
        (["--max-length", 4, "--min-length", 4], "--min-length is 4, but --max-length is 4"),
        (["--groups", 5, "--seed", 1], "a stochastic search has no groups and no coverage penalty"),
        (["--temperature", 0], "--temperature is 0.0; it must be a number, above 0"),
        (["--temperature", "hot"], "Invalid value for '--temperature': "),
        (["--top-k", 0], "Invalid value for '--top-k': "),
        (["--top-p", 1.5], "--top-p is 1.5; it must be a number, above 0 and at most 1"),
        (["--num-samples", 0], "Invalid value for '--num-samples': "),
        (
            ["--top-p", 0.9, "--beam-size", 3],
            "--top-p is 0.9",
        ),
        (["--prefix", ""], "--prefix is '', which has no token"),
        (["--prefix", "wxyz"], "--prefix is 'wxyz', read as 'w', '<unk>'"),
        (["--prefix", "quee", "--max-length", 3], "--prefix has 4 tokens, but --max-length is 3"),
    ],
    ids=lambda value: "".join(map(str, value[:3:2])).lstrip("-") if isinstance(value, list) else "",
)
def test_options_of_the_search(refused, pairs, models, command, arguments, said):
    assert said in refused("translate", command, pairs, "--model", models / "translator", *arguments)


def test_the_best_of_a_search_are_no_samples(refused, pairs, models):
    options = ("--model", models / "translator", "--num-samples", 2, "--n-best", 2)
    said = refused("translate", "predict", pairs, *options)
    assert re.match("--num-samples is 2.* --n-best is 2", said)


def test_n_best_of_none(refused, pairs):
    assert "Invalid value for '--n-best': " in refused("translate", "predict", pairs, "--n-best", 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "new.txt is empty"),
        ("a\né".encode("latin-1"), "new.txt is not in UTF-8 (line 2); save it as UTF-8"),
        ("a".encode("utf-16"), "new.txt is in UTF-16; save it as UTF-8"),
        (None, "new.txt cannot be read: No such file or directory"),
    ],
    ids=["empty", "latin-1", "utf-16", "missing"],
)
def test_files_to_translate(refused, models, monkeypatch, content, said):
    model = models / "translator"
    if content is not None:
        Path("new.txt").write_bytes(content)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        found = refused("translate", "predict", "-", "--model", model)
        assert found == said.replace("new.txt", "standard input")
    assert refused("translate", "predict", "new.txt", "--model", model) == said


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("none/f.txt", "--output is 'none/f.txt', but there is no folder"),
        (".", "--output is '.', which is a folder"),
        ("/dev/null", "--output is '/dev/null', which is not a regular file"),
        ("data.tsv", "FILE and --output are the same file, 'data.tsv'"),
    ],
    ids=["no_folder", "folder", "device", "input"],
)
def test_where_translations_cannot_be_written(refused, pairs, models, output, said):
    arguments = ("--model", models / "translator", "--output", output)
    assert refused("translate", "predict", "data.tsv", *arguments).startswith(said)


def test_a_write_protected_folder(tmp_path, monkeypatch):
    def deny(*, dir: Path) -> None:
        raise PermissionError(13, "Permission denied", str(dir / "tmp1"))

    monkeypatch.setattr("tempfile.TemporaryFile", deny)
    with pytest.raises(PermissionError, match=f"'{tmp_path}'"):
        check_file(tmp_path / "f.txt", "--output")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["data.tsv", "--output", "f.txt"], "--output is 'f.txt'; it must end in .csv, .csv.gz or .parquet"),
        (["data.csv", "--output", "data.csv"], "PAIRS and --output are the same file"),
        (["--target", "data.csv", "--output", "data.csv"], "--target and --output are the same file"),
    ],
    ids=["ending", "pairs", "target"],
)
def test_where_scores_cannot_be_written(refused, pairs, models, arguments, said):
    assert said in refused("translate", "evaluate", *arguments, "--model", models / "translator")


def test_a_command_that_is_none(refused):
    assert refused("translate", "guess") == "No such command 'guess'."
