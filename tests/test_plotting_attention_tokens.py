"""Heatmaps of a translator's attention: what was drawn, read back from the artists."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from tsseq2seq.errors import DataError, ParameterError
from tsseq2seq.plotting import plot_attention

mpl.use("Agg")
from matplotlib import pyplot as plt

READ, WRITTEN = ["a", "good", "day"], ["ein", "guter", "Tag", "<eos>"]


@pytest.fixture(autouse=True)
def no_figures_left():
    plt.close("all")
    yield
    plt.close("all")


def axes():
    return Figure(layout="constrained").subplots()


def attention(read: Sequence[str] = READ, written: Sequence[str] = WRITTEN, sentence: int = 0):
    weights = np.random.default_rng(sentence).dirichlet(np.ones(len(read)), size=len(written))
    rows = [
        (sentence, step + 1, place + 1, written[step], read[place], weights[step, place])
        for step in range(len(written))
        for place in range(len(read))
    ]
    return pd.DataFrame(rows, columns=["sentence", "step", "place", "target", "source", "weight"])


def weights_of(frame: pd.DataFrame) -> np.ndarray:
    return frame["weight"].to_numpy().reshape(frame["step"].max(), -1)


def shown(ax) -> tuple[list[str], list[str]]:
    """The words to the left and above, as they are drawn."""
    ax.figure.draw_without_rendering()
    return (
        [tick.label1.get_text() for tick in ax.yaxis.get_major_ticks() if tick.label1.get_visible()],
        [tick.label2.get_text() for tick in ax.xaxis.get_major_ticks() if tick.label2.get_visible()],
    )


def x_labels(ax):
    return [tick.label2 for tick in ax.xaxis.get_major_ticks()]


class TestWords:
    def test_the_target_runs_downwards_and_the_source_along_the_top(self) -> None:
        frame = attention()
        ax = plot_attention(frame.sample(frac=1, random_state=0), ax=axes())
        (image,) = ax.images
        np.testing.assert_array_equal(image.get_array(), weights_of(frame))
        assert image.origin == "upper"
        assert image.get_clim()[0] == 0.0
        assert shown(ax) == (WRITTEN, READ)
        assert not any(tick.label1.get_visible() for tick in ax.xaxis.get_major_ticks())
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("source", "target")
        assert ax.xaxis.get_label_position() == "top"
        assert image.colorbar.ax.get_ylabel() == "weight"

    def test_a_word_that_occurs_twice_has_two_places(self) -> None:
        ax = plot_attention(attention(["so", "so"], ["la", "la", "la"]), ax=axes())
        assert shown(ax) == (["la", "la", "la"], ["so", "so"])
        assert ax.images[0].get_array().shape == (3, 2)

    def test_words_are_in_order_even_beyond_nine(self) -> None:
        read = [f"word{place}" for place in range(12)]
        assert shown(plot_attention(attention(read).iloc[::-1], ax=axes()))[1] == read

    @pytest.mark.parametrize(("sentence", "expected"), [(None, 3), (3, 3), (0, 0)])
    def test_sentence_chooses(self, sentence: int | None, expected: int) -> None:
        frame = pd.concat([attention(sentence=3), attention(sentence=0)])
        ax = plot_attention(frame, sentence=sentence, ax=axes())
        np.testing.assert_array_equal(ax.images[0].get_array(), weights_of(attention(sentence=expected)))

    @pytest.mark.parametrize("count", [60, 80])
    def test_up_to_eighty_all_are_named(self, count: int) -> None:
        words = [f"w{place}" for place in range(count)]
        assert shown(plot_attention(attention(words, words))) == (words, words)

    def test_beyond_every_other_one(self) -> None:
        words = [str(place) for place in range(81)]
        ax = plot_attention(attention(words, WRITTEN), ax=axes())
        assert shown(ax) == (WRITTEN, words[::2])
        assert ax.get_xticks().tolist() == list(range(0, 81, 2))

    def test_long_words_are_slanted_and_letters_upright(self) -> None:
        ax = plot_attention(attention(["a", "<unk>", "in", "day"]), ax=axes())
        assert [label.get_rotation() for label in x_labels(ax)] == [0, 45, 0, 45]

    def test_long_words_do_not_touch(self) -> None:
        ax = plot_attention(attention(["unbelievable"] * 60, WRITTEN))
        ax.figure.draw_without_rendering()
        left, right = ax.transData.transform([(0, 0), (1, 0)])[:, 0]
        distance = (right - left) * np.sin(np.pi / 4)
        label = x_labels(ax)[0]
        label.set_rotation(0)
        assert distance >= label.get_window_extent().height

    def test_long_words_stay_inside_of_a_new_figure_and_leave_room_for_the_map(self) -> None:
        ax = plot_attention(
            attention(["Donaudampfschifffahrtsgesellschaft"] * 2, ["Rindfleischetikett", "x"])
        )
        ax.figure.draw_without_rendering()
        width, height = ax.figure.bbox.size
        box = ax.get_tightbbox()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height
        assert min(ax.bbox.width, ax.bbox.height) > 0.4 * ax.figure.dpi


class TestCharacters:
    def test_blanks_are_visible(self) -> None:
        ax = plot_attention(attention(list("a b"), ["x", "\t", "\n", "\xa0", " the", "<eos>"]), ax=axes())
        assert shown(ax) == (["x", "⇥", "↵", "␣", "␣the", "<eos>"], ["a", "␣", "b"])

    def test_dollar_signs_are_no_formula(self) -> None:
        ax = plot_attention(attention(["$x^2$", "$"], ["$\\frac$", "$5"]))
        assert shown(ax) == (["$\\frac$", "$5"], ["$x^2$", "$"])
        ax.figure.canvas.draw()
        labels = [*x_labels(ax), *ax.get_yticklabels()]
        assert not any(label.get_parse_math() for label in labels)

    def test_the_default_font_has_all_glyphs(self) -> None:
        """A glyph that is missing warns, and warnings are errors here."""
        with mpl.rc_context({"font.family": "DejaVu Sans"}):
            plot_attention(attention(list("Πώς είσαι; ΐ\t"), list("Grüße, ÄÖ ẞ\n"))).figure.canvas.draw()


class TestRefusals:
    def test_of_the_other_kind(self) -> None:
        with pytest.raises(ParameterError, match="series is 'a', but attention is a translator's"):
            plot_attention(attention(), series="a")
        steps = pd.DataFrame({"step": [1], "lag": [1], "weight": [1.0]})
        with pytest.raises(ParameterError, match="sentence is 0, but attention is a forecaster's"):
            plot_attention(steps, sentence=0)
        assert not plt.get_fignums()

    @pytest.mark.parametrize("name", ["sentence", "step", "target", "source", "weight"])
    def test_a_column_is_missing(self, name: str) -> None:
        with pytest.raises(DataError, match=f"attention has no column '{name}'; it has: "):
            plot_attention(attention().drop(columns=name))

    def test_neither_kind(self) -> None:
        with pytest.raises(
            DataError, match=r"neither a column 'lag' .* nor 'place' .*; it has: 'sentence', 'step'"
        ):
            plot_attention(attention().drop(columns="place"))

    def test_rows(self) -> None:
        with pytest.raises(DataError, match="no rows of sentence 7"):
            plot_attention(attention(), sentence=7)
        with pytest.raises(DataError, match="attention has no rows"):
            plot_attention(attention()[:0])
        assert not plt.get_fignums()

    def test_several_rows_of_one_cell(self) -> None:
        with pytest.raises(DataError, match="several rows with step 1 and place 1: more than one"):
            plot_attention(pd.concat([attention(), attention(sentence=1).assign(sentence=0)]))
        steps = pd.DataFrame({"step": [1, 1], "lag": [2, 2], "weight": [1.0, 1.0]})
        with pytest.raises(DataError, match="several rows with step 1 and lag 2"):
            plot_attention(steps)


class TestPicture:
    """What a transcriber read stands above the weights, step above step."""

    STEPS = ("1", "2", "3", "4", "5")

    def test_it_is_drawn_above_with_the_same_steps(self):
        picture = np.arange(15.0).reshape(5, 3)
        ax = plot_attention(attention(read=self.STEPS), picture=picture, title="line 0", ax=axes())
        (above,) = [other for other in ax.figure.axes if other.get_ylabel() == "source"]
        np.testing.assert_array_equal(above.images[0].get_array(), picture.T)
        np.testing.assert_array_equal(ax.images[0].get_array(), weights_of(attention(read=self.STEPS)))
        assert above.get_xlim() == ax.get_xlim()
        assert above.get_title(loc="left") == "line 0"
        ax.figure.draw_without_rendering()
        assert above.get_position().y0 >= ax.get_position().y1 - 1e-6

    def test_a_figure_of_its_own(self):
        ax = plot_attention(attention(read=self.STEPS), picture=np.zeros(5))
        assert ax.get_xlabel() == "step"

    @pytest.mark.parametrize(
        ("picture", "named"),
        [
            (np.zeros((4, 3)), r"\(4, 3\), 4 steps, but the weights are of 5"),
            (np.zeros((5, 3, 2)), r"\(5, 3, 2\)"),
            (np.full((5, 2), "a"), "<U1"),
        ],
    )
    def test_one_that_does_not_fit_is_refused(self, picture, named):
        with pytest.raises(DataError, match=named):
            plot_attention(attention(read=self.STEPS), picture=picture, ax=axes())

    def test_a_forecaster_has_none(self):
        frame = pd.DataFrame({"step": [1], "lag": [1], "weight": [1.0]})
        with pytest.raises(ParameterError, match="picture is given, but attention is a forecaster's"):
            plot_attention(frame, picture=np.zeros((1, 1)), ax=axes())
