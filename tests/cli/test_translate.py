"""``translate fit``, ``predict`` and ``evaluate`` from end to end, with a few steps of training."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.cli import main, translate_jobs

ROOT = Path(__file__).parents[2]
COMMANDS = ("fit", "predict", "evaluate")
SOURCES = ["man", "black", "a king", "Élan"]
TARGETS = ["woman", "white", "a queen", "été"]
LINES = ["king", "", "black man", " \t", "???"]
PAIRS = "".join(f"{source}\t{target}\n" for source, target in zip(SOURCES, TARGETS, strict=True))
SMALL = ("--hidden-size", 16, "--layers", 1, "--max-steps", 30, "--learning-rate", 0.03, "--no-progress")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    """A model that the command has fitted."""
    folder = tmp_path_factory.mktemp("models")
    (folder / "pairs.tsv").write_text(PAIRS, encoding="utf-8")
    arguments = ["fit", folder / "pairs.tsv", "--model", folder / "opposites", *SMALL]
    assert main(["translate", *map(str, arguments), "--punctuation", "remove", "--seed", "3"]) == 0
    return folder / "opposites"


@pytest.fixture
def pairs(tmp_path) -> Path:
    path = tmp_path / "pairs.tsv"
    path.write_text(PAIRS, encoding="utf-8")
    return path


@pytest.fixture
def lines(tmp_path) -> Path:
    path = tmp_path / "new.txt"
    path.write_text("".join(f"{line}\n" for line in LINES), encoding="utf-8")
    return path


@pytest.fixture
def taught(monkeypatch) -> list[Any]:
    """What a translator was fitted on, which is not trained."""
    found: list[Any] = []
    monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "fit", lambda _, *given, **__: found.append(given))
    monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "save", lambda *_: None)
    monkeypatch.setattr(translate_jobs, "tell_translator", lambda _: None)
    return found


def feed(monkeypatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


class TestFit:
    def test_it_says_what_it_found_and_where_the_model_is(self, run, pairs):
        done = run("translate", "fit", pairs, "--model", "deep/m", *SMALL, "--max-steps", 2)
        assert (done.status, done.out) == (0, "")
        first, second, third = done.err.splitlines()
        assert (first, third) == ("pairs.tsv: 4 pairs", "saved in deep/m")
        letters = [4 + len(set("".join(texts))) for texts in (SOURCES, TARGETS)]
        assert re.fullmatch(
            rf"{letters[0]} different tokens in sources, {letters[1]} in targets; width 16; "
            r"2 training steps in [\d.]+ s",
            second,
        )
        assert isinstance(tsseq2seq.load("deep/m"), tsseq2seq.Seq2SeqTranslator)

    def test_the_model_is_that_of_the_library(self, model):
        expected = tsseq2seq.Seq2SeqTranslator(
            cleaning=tsseq2seq.Cleaning(punctuation="remove"),
            network=tsseq2seq.Network(
                hidden_size=16, bidirectional=True, num_layers=1, attention="general", dropout=0.2
            ),
            training=tsseq2seq.Training(max_steps=30, learning_rate=0.03, progress=False),
            seed=3,
        ).fit(SOURCES, TARGETS)
        found = tsseq2seq.load(model).score_pairs(SOURCES, TARGETS)
        np.testing.assert_array_equal(found, expected.score_pairs(SOURCES, TARGETS))

    @pytest.mark.parametrize(
        "content",
        [
            PAIRS,
            PAIRS.removesuffix("\n"),
            PAIRS.replace("\n", "\r\n"),
            "\ufeff" + PAIRS,
            PAIRS.replace("\n", "\tCC-BY 2.0\t1276\n"),
        ],
        ids=["plain", "no_last_break", "crlf", "bom", "further_fields"],
    )
    def test_a_file_of_pairs(self, run, pairs, taught, content):
        pairs.write_bytes(content.encode())
        assert run("translate", "fit", "pairs.tsv", "--model", "m").status == 0
        assert taught == [(SOURCES, TARGETS)]

    def test_two_files(self, run, taught):
        Path("s.txt").write_text("\n".join(SOURCES), encoding="utf-8")
        Path("t.txt").write_text("\n".join(TARGETS), encoding="utf-8")
        done = run("translate", "fit", "--source", "s.txt", "--target", "t.txt", "--model", "m")
        assert (done.status, done.err) == (0, "s.txt and t.txt: 4 pairs\nsaved in m\n")
        assert taught == [(SOURCES, TARGETS)]

    def test_one_pair_is_a_pair(self, run, pairs, taught):
        pairs.write_text("a\tb")
        done = run("translate", "fit", pairs, "--model", "m")
        assert done.err.splitlines()[0] == "pairs.tsv: 1 pair"
        assert taught == [(["a"], ["b"])]

    def test_it_replaces_a_model(self, run, pairs):
        for seed in (1, 2):
            options = ("--max-steps", 1, "--seed", seed)
            assert run("translate", "fit", pairs, "--model", "m", *SMALL, *options).status == 0
        assert tsseq2seq.load("m").seed == 2

    @pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
    def test_what_is_cut_is_told(self, run, pairs):
        options = ("--max-steps", 1, "--truncate", 3, "--truncate-side", "front")
        done = run("translate", "fit", pairs, "--model", "m", *SMALL, *options)
        assert done.err.splitlines()[1] == (
            "warning: 3 of 4 sources and 3 of 4 targets are longer than --max-length 3 tokens; the front of "
            "them was cut off"
        )


class TestPredict:
    def test_a_line_for_each_line(self, run, model, lines):
        done = run("translate", "predict", lines, "--model", model)
        king, black = tsseq2seq.load(model).predict(["king", "black man"])
        assert king
        assert done == (0, f"{king}\n\n{black}\n\n\n", "3 of 5 lines are empty; they are not translated\n")

    def test_from_standard_input(self, run, model, monkeypatch):
        feed(monkeypatch, "Élan\r\nking".encode())
        done = run("translate", "predict", "-", "--model", model)
        assert (done.status, done.err) == (0, "")
        assert done.out.splitlines() == tsseq2seq.load(model).predict(["Élan", "king"])

    def test_several_of_each(self, run, model, lines):
        done = run("translate", "predict", lines, "--model", model, "--n-best", 3, "--beam-size", 4)
        found = tsseq2seq.load(model).translate(["king", "black man"], n_best=3, beam_size=4)
        rows = [line.split("\t") for line in done.out.splitlines()]
        assert [row[:2] for row in rows] == [[line, rank] for line in "13" for rank in "123"]
        flat = [one for row in found for one in row]
        assert [row[4] for row in rows] == [one.text for one in flat]
        for place, name in ((2, "score"), (3, "log_probability")):
            expected = [getattr(one, name) for one in flat]
            np.testing.assert_allclose([float(row[place]) for row in rows], expected, rtol=1e-5)

    def test_into_a_file(self, run, model, lines, monkeypatch):
        monkeypatch.setattr(
            tsseq2seq.Seq2SeqTranslator,
            "translate",
            lambda *_, **__: [[tsseq2seq.Hypothesis((2,), -1, -1, (-1,), None, True, text="été")], []],
        )
        Path("out.txt").write_text("old")
        done = run("translate", "predict", lines, "--model", model, "--output", "out.txt")
        assert (done.status, done.out) == (0, "")
        # where nothing is found, the line is empty too
        assert Path("out.txt").read_bytes() == "été\n\n\n\n\n".encode()
        assert sorted(os.listdir()) == ["new.txt", "out.txt"]

    def test_lines_that_are_all_empty(self, run, model, lines):
        lines.write_text("\n\n")
        assert run("translate", "predict", lines, "--model", model).out == "\n\n"
        assert run("translate", "predict", lines, "--model", model, "--n-best", 2).out == ""

    def test_all_options_reach_the_search(self, run, model, lines, monkeypatch):
        given: dict[str, Any] = {
            "beam_size": 6,
            "n_best": 2,
            "max_length": 9,
            "min_length": 1,
            "length_normalization": "gnmt",
            "length_penalty": 0.6,
            "coverage_penalty": 0.2,
            "no_repeat_ngram": 3,
            "groups": 2,
            "diversity": 0.5,
            "stop": "full",
        }
        seen: list[dict[str, Any]] = []
        original = tsseq2seq.Seq2SeqTranslator.translate

        def translate(self, sources, **search):
            seen.append(search)
            return original(self, sources, **search)

        monkeypatch.setattr(tsseq2seq.Seq2SeqTranslator, "translate", translate)
        words = [word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", value)]
        done = run("translate", "predict", lines, "--model", model, *words)
        assert done.status == 0
        assert seen.pop() == given | {"seed": None}
        assert run("translate", "predict", lines, "--model", model, "--seed", 7).status == 0
        assert seen.pop()["seed"] == 7
        words = [*words[:2], "--length-normalization", "none"]
        assert run("translate", "predict", lines, "--model", model, *words).status == 0
        assert seen.pop()["length_normalization"] is None

    def test_a_seed_draws(self, run, model, lines):
        said = {
            run("translate", "predict", lines, "--model", model, "--seed", seed).out for seed in (1, 1, 2)
        }
        assert len(said) == 2

    def test_samples(self, run, model, lines):
        options = ("--temperature", 1.5, "--top-k", 9, "--top-p", 0.95, "--num-samples", 3, "--seed", 4)
        done = run("translate", "predict", lines, "--model", model, *options, "--max-length", 6)
        found = tsseq2seq.load(model).translate(
            ["king", "black man"], temperature=1.5, top_k=9, top_p=0.95, num_samples=3, seed=4, max_length=6
        )
        rows = [line.split("\t") for line in done.out.splitlines()]
        assert [row[:2] for row in rows] == [[line, rank] for line in "13" for rank in "123"]
        assert [row[4] for row in rows] == [one.text for row in found for one in row]
        assert [row[2] for row in rows] == [row[3] for row in rows], "scores are log-probabilities"

    @pytest.mark.parametrize(
        "options", [("--temperature", 2), ("--top-k", 1), ("--top-p", 0.5), ("--num-samples", 1)], ids=str
    )
    def test_one_sample_is_one_line(self, run, model, lines, options):
        done = run("translate", "predict", lines, "--model", model, *options, "--seed", 4)
        name = options[0].removeprefix("--").replace("-", "_")
        king, black = tsseq2seq.load(model).predict(["king", "black man"], **{name: options[1]}, seed=4)
        assert done.out.splitlines() == [king, "", black, "", ""]

    @pytest.mark.parametrize("options", [(), ("--beam-size", 1), ("--temperature", 1)], ids=str)
    def test_a_prefix(self, run, model, lines, options):
        done = run("translate", "predict", lines, "--model", model, "--prefix", "que", *options)
        assert [line[:3] for line in done.out.splitlines()] == ["que", "", "que", "", ""]

    def test_output_is_in_utf8_whatever_the_terminal_is(self, model):
        """As input is; a model writes letters that the terminal's encoding may not have."""
        code = (
            "import sys; from tsseq2seq.cli.translate_files import write_lines;"
            "write_lines(['\\u00e9t\\u00e9'], None)"
        )
        environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
        assert done.stdout.decode().splitlines() == ["été"]

    @pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
    def test_what_is_cut_is_told(self, run, pairs, lines):
        options = ("--max-steps", 1, "--truncate", 7)
        assert run("translate", "fit", pairs, "--model", "m", *SMALL, *options).status == 0
        done = run("translate", "predict", lines, "--model", "m")
        assert done.status == 0
        assert done.err.splitlines()[0] == (
            "warning: 1 of 3 sources is longer than --max-length 7 tokens; the back of it was cut off"
        )


class TestEvaluate:
    def test_it_prints_and_writes_the_scores(self, run, model, pairs):
        pytest.importorskip("sacrebleu")
        done = run(
            "translate", "evaluate", pairs, "--model", model, "--beam-size", 2, "--output", "scores.csv"
        )
        assert (done.status, done.err) == (0, "pairs.tsv: 4 pairs\n")
        expected = tsseq2seq.load(model).evaluate(SOURCES, TARGETS, beam_size=2)
        names, numbers = (line.split() for line in done.out.splitlines())
        assert names == list(expected)
        np.testing.assert_allclose([float(number) for number in numbers], list(expected.values()), rtol=1e-3)
        (written,) = pd.read_csv("scores.csv").to_dict("records")
        assert written == pytest.approx(expected)

    def test_two_files(self, run, model):
        pytest.importorskip("sacrebleu")
        Path("s.txt").write_text("\n".join(SOURCES), encoding="utf-8")
        Path("t.txt").write_text("\n".join(TARGETS), encoding="utf-8")
        done = run("translate", "evaluate", "--source", "s.txt", "--target", "t.txt", "--model", model)
        assert (done.status, done.err) == (0, "s.txt and t.txt: 4 pairs\n")

    def test_samples_and_prefixes(self, run, model, pairs):
        pytest.importorskip("sacrebleu")
        options = ("--top-k", 2, "--seed", 3, "--prefix", "w")
        assert (
            run("translate", "evaluate", pairs, "--model", model, *options, "--output", "s.csv").status == 0
        )
        (written,) = pd.read_csv("s.csv").to_dict("records")
        expected = tsseq2seq.load(model).evaluate(SOURCES, TARGETS, top_k=2, seed=3, prefix="w")
        assert written == pytest.approx(expected)


class TestHelp:
    def test_the_group_alone_is_its_help(self, run):
        alone = run("translate")
        assert alone == run("translate", "--help") == run("translate", "-h")
        assert alone.status == 0
        for command in COMMANDS:
            assert re.search(rf"^  {command} ", alone.out, re.MULTILINE)
        assert re.search(r"^  translate ", run("--help").out, re.MULTILINE)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_each_command_shows_an_example(self, run, command):
        done = run("translate", command, "--help")
        assert done.status == 0
        assert re.search(rf"Examples?:\n\n +tsseq2seq translate {command} ", done.out)

    @pytest.mark.filterwarnings("always::tsseq2seq.errors.DataWarning")
    def test_the_examples_are_commands(self, run, pairs, lines, monkeypatch):
        """Each line is run, with the files it names and little training."""
        pytest.importorskip("sacrebleu")
        pytest.importorskip("tokenizers")
        Path("held_out.tsv").write_text(PAIRS, encoding="utf-8")
        Path("train.en").write_text("the old man\n" * 501)
        Path("train.de").write_text("der alte Mann\n" * 501)
        make = translate_jobs.make_translator
        small = {"training__max_steps": 1, "training__max_time": None, "network__hidden_size": 8}
        monkeypatch.setattr(
            translate_jobs, "make_translator", lambda *given: make(*given).set_params(**small)
        )
        helps = [run("translate", *command, "--help").out for command in ((), *zip(COMMANDS, strict=True))]
        texts = [text.replace("\\\n", " ").splitlines() for text in helps]
        examples = [line for text in texts for line in text if re.match(r" +(echo|tsseq2seq) ", line)]
        assert len(examples) == 10
        for example in dict.fromkeys(examples):
            before, _, command = example.rpartition("|")
            feed(monkeypatch, " ".join(shlex.split(before)[1:]).encode())
            done = run(*shlex.split(command)[1:])
            assert done.status == 0, (example, done.err)

    def test_it_loads_neither_torch_nor_pandas(self):
        code = (
            "import sys; from tsseq2seq.cli import main; main(['translate', 'fit', '--help']);"
            "print(sorted({'torch', 'pandas', 'numpy'} & set(sys.modules)))"
        )
        assert python(code).stdout.splitlines()[-1] == "[]"

    @pytest.mark.parametrize("command", COMMANDS)
    def test_a_refused_file_costs_no_torch(self, command):
        code = (
            "import sys; from tsseq2seq.cli import main;"
            f"main(['translate', '{command}', 'none.tsv', '--model', 'm']); print('torch' in sys.modules)"
        )
        done = python(code)
        assert done.stdout == "False\n"
        assert done.stderr == "error: none.tsv cannot be read: No such file or directory\n"


def python(code: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
