"""``transcribe fit``, ``predict`` and ``evaluate`` from end to end, and what they refuse."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tsseq2seq
from tsseq2seq.cli import main
from tsseq2seq.cli.transcribe_models import make_transcriber
from tsseq2seq.cli.transcribe_options import Architecture, Texts
from tsseq2seq.cli.translate_options import Learning
from tsseq2seq.errors import DataWarning

RNG = np.random.default_rng(0)
ARRAYS = {f"{row}.npy": RNG.normal(size=(length, 3)) for row, length in enumerate((5, 2, 8, 3))}
TEXTS = dict(zip(ARRAYS, ("one", "two, three", "4", "007"), strict=True))
SMALL = ("--hidden-size", 8, "--max-steps", 2, "--no-progress")


def write_folder(folder: Path, arrays: dict[str, np.ndarray]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, array in arrays.items():
        np.save(folder / name, array)
    return folder


def write_table(path: Path, texts: dict[str, str]) -> Path:
    pd.DataFrame({"file": list(texts), "text": list(texts.values())}).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    arrays, table = write_folder(folder / "arrays", ARRAYS), write_table(folder / "texts.csv", TEXTS)
    assert main(["transcribe", "fit", *map(str, (arrays, table, "--model", folder / "m", *SMALL))]) == 0
    return folder / "m"


@pytest.fixture
def arrays(tmp_path) -> Path:
    return write_folder(tmp_path / "arrays", ARRAYS)


@pytest.fixture
def table(tmp_path) -> Path:
    return write_table(tmp_path / "texts.csv", TEXTS)


class TestWork:
    def test_fit_says_what_it_found_and_where_the_model_is(self, run, arrays, table):
        done = run("transcribe", "fit", "arrays", "texts.csv", "--model", "deep/m", *SMALL)
        assert (done.status, done.out) == (0, "")
        first, second, third = done.err.splitlines()
        assert (first, third) == ("texts.csv: 4 files", "saved in deep/m")
        assert second.startswith("3 features a step, ")
        assert "width 8; 2 training steps" in second

    def test_the_model_is_that_of_the_library(self, model):
        loaded = tsseq2seq.load(model)
        expected = tsseq2seq.Seq2SeqTranscriber(
            network=dataclasses.replace(tsseq2seq.Seq2SeqTranscriber().network, hidden_size=8),
            training=tsseq2seq.Training(max_steps=2, progress=False),
        ).fit(list(ARRAYS.values()), list(TEXTS.values()))
        np.testing.assert_array_equal(
            loaded.score_pairs(list(ARRAYS.values()), list(TEXTS.values())),
            expected.score_pairs(list(ARRAYS.values()), list(TEXTS.values())),
        )

    def test_predict_prints_a_table_that_evaluate_reads(self, run, arrays, model):
        pytest.importorskip("sacrebleu")
        done = run("transcribe", "predict", "arrays", "--model", model, "--max-length", 5)
        assert done.status == 0
        found = pd.read_csv(io.StringIO(done.out), dtype=str, keep_default_na=False)
        expected = tsseq2seq.load(model).transcribe([ARRAYS[name] for name in sorted(ARRAYS)], max_length=5)
        assert list(found["file"]) == sorted(ARRAYS)
        assert list(found["text"]) == [row[0].text for row in expected]

    # shown, not raised
    @pytest.mark.filterwarnings("always:1 of 4 transcriptions were cut")
    def test_evaluate_gives_the_scores_of_the_library(self, run, arrays, table, model):
        pytest.importorskip("sacrebleu")
        done = run(
            "transcribe", "evaluate", "arrays", "texts.csv", "--model", model, "--output", "scores.csv"
        )
        assert done.status == 0
        assert "texts.csv: 4 files" in done.err
        assert "warning: 1 of 4 transcriptions were cut" in done.err
        with pytest.warns(DataWarning, match="transcriptions were cut"):
            scores = tsseq2seq.load(model).evaluate(list(ARRAYS.values()), list(TEXTS.values()))
        written = pd.read_csv("scores.csv").iloc[0].to_dict()
        assert written == pytest.approx(scores, rel=1e-6)

    def test_several_of_each_are_ranked(self, run, arrays, model):
        done = run("transcribe", "predict", "arrays", "--model", model, "--n-best", 2, "--output", "all.csv")
        assert (done.status, done.out) == (0, "")
        found = pd.read_csv("all.csv")
        assert list(found.columns) == ["file", "rank", "score", "log_probability", "text"]
        assert list(found["rank"]) == [1, 2] * 4

    def test_pictures_are_read_column_by_column(self, run, tmp_path, table):
        write_folder(tmp_path / "pictures", {name: array.T for name, array in ARRAYS.items()})
        options = ("--model", "m", "--by-columns", "--patches", "--stride", 3, *SMALL)
        assert run("transcribe", "fit", "pictures", "texts.csv", *options).status == 0
        loaded = tsseq2seq.load("m")
        assert (loaded.n_features_in_, loaded.patches.stride) == (3, 3)
        assert run("transcribe", "predict", "pictures", "--model", "m", "--by-columns").status == 0


class TestOptions:
    def test_left_open_they_are_the_defaults_of_the_library(self):
        found = make_transcriber(Texts(), Architecture(), Learning()).get_params(deep=False)
        assert found == tsseq2seq.Seq2SeqTranscriber().get_params(deep=False)

    def test_all_reach_the_transcriber(self):
        texts = Texts(
            tokenizer="word", min_count=2, max_vocabulary=50, lowercase=True, punctuation="separate"
        )
        architecture = Architecture(
            patches=True,
            stride=3,
            encoder="recurrent",
            hidden_size=16,
            layers=3,
            attention="dot",
            dropout=0.5,
        )
        for group in (texts, architecture):
            for field in dataclasses.fields(group):
                assert getattr(group, field.name) != field.default, f"{field.name} would not be tested"
        found = make_transcriber(texts, architecture, Learning())
        assert found.tokenizer == "word"
        assert (found.min_count, found.max_vocabulary) == (2, 50)
        assert found.cleaning == tsseq2seq.Cleaning(lowercase=True, punctuation="separate")
        assert found.patches == tsseq2seq.Patches(stride=3)
        network = found.network
        assert (network.encoder, network.hidden_size, network.num_layers) == ("recurrent", 16, 3)
        assert (network.attention, network.dropout) == ("dot", 0.5)
        assert network.bidirectional, "as in translation"


class TestRefusals:
    @pytest.fixture(autouse=True)
    def no_training(self, monkeypatch, model):
        def fit(*_: object, **__: object) -> None:
            raise AssertionError("training began")

        monkeypatch.setattr(tsseq2seq.Seq2SeqTranscriber, "fit", fit)

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            (np.ones((4, 5, 3)), "(4, 5, 3) and type float64"),
            (np.ones((4, 5)), "(4, 5), 5 features a step; it must have 3, as 0.npy has"),
            (np.full((2, 3), np.nan), "nan at step 0, feature 0"),
            (np.ones((0, 3)), "no steps"),
            (np.array([["a", "b", "c"]]), "<U1"),
            (np.array([[{}, 1, 2]], dtype=object), "cannot be read as an array of numbers"),
            (b"", "cannot be read as an array of numbers"),
            (b"\x93NUMPY\x01\x00v\x00{'descr'", "cannot be read as an array of numbers"),
            (b"hello, world", "cannot be read as an array of numbers"),
        ],
        ids=["3-D", "height", "nan", "empty", "text", "pickle", "nothing", "truncated", "another format"],
    )
    def test_a_file_that_makes_no_sense_is_named(self, refused, arrays, table, model, content, named):
        path = arrays / "2.npy"
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            np.save(path, content, allow_pickle=True)
        for arguments in (
            ("fit", "arrays", "texts.csv", "--model", "new"),
            ("predict", "arrays", "--model", model),
        ):
            line = refused("transcribe", *arguments)
            assert "arrays/2.npy" in line
            assert named.removesuffix(", as 0.npy has") in line
            assert len(line) < 400

    @pytest.mark.parametrize(
        ("content", "named"),
        [
            ("file,words\n0.npy,one\n", "no column 'text'"),
            ("name,text\n0.npy,one\n", "no column 'file'"),
            ("file,text\n9.npy,one\n", "row 1: arrays has no file '9.npy'"),
            ("file,text\n0.npy,one\n0.npy,two\n", "row 2: the file '0.npy' is named twice"),
            ("file,text\n0.npy,one\n1.npy,\n", "row 2: the text of '1.npy' is empty"),
        ],
    )
    def test_a_table_that_makes_no_sense(self, refused, arrays, content, named):
        Path("texts.csv").write_text(content)
        assert named in refused("transcribe", "fit", "arrays", "texts.csv", "--model", "m")

    def test_no_folder_and_an_empty_one(self, refused, table, model):
        assert "'nowhere', which is not a folder" in refused(
            "transcribe", "fit", "nowhere", "texts.csv", "--model", "m"
        )
        Path("bare").mkdir()
        assert "bare has no file that ends in .npy" in refused(
            "transcribe", "predict", "bare", "--model", model
        )

    def test_options_that_contradict_each_other(self, refused, arrays, table):
        fit = ("transcribe", "fit", "arrays", "texts.csv", "--model", "m")
        assert refused(*fit, "--stride", 2) == "--stride is 2 without --patches, which it belongs to"
        assert refused(*fit, "--validation-size", 4).startswith(
            "--validation-size is 4, but there are 4 files"
        )

    def test_what_is_no_transcriber(self, refused, arrays, tmp_path):
        tsseq2seq.Seq2SeqTranslator(
            network=tsseq2seq.Network(hidden_size=4),
            training=tsseq2seq.Training(max_steps=1, progress=False),
        ).fit(["a"], ["b"]).save(tmp_path / "translator")
        line = refused("transcribe", "predict", "arrays", "--model", "translator")
        assert line == "translator is a Seq2SeqTranslator, which does not transcribe"

    def test_messages_are_in_the_words_of_the_command(self, refused, arrays, model):
        line = refused("transcribe", "predict", "arrays", "--model", model, "--prefix", "Ω")
        assert line.startswith("--prefix is 'Ω'")
