import numpy as np
import pytest
from matplotlib import pyplot

from tsseq2seq.errors import ParameterError
from tsseq2seq.pretraining.gallery import plot_families
from tsseq2seq.pretraining.worlds import WORLDS


def test_every_family_is_drawn_with_its_series_side_by_side():
    figure = plot_families("daily", steps=60, series=2)
    assert [axes.get_title() for axes in figure.axes] == list(WORLDS)
    for axes in figure.axes:
        lines = [line.get_ydata() for line in axes.get_lines()]
        assert len(lines) == 2
        assert all(len(values) >= 60 for values in lines)
        assert np.min(lines[0]) > np.max(lines[1])  # they do not overlap
    pyplot.close(figure)


@pytest.mark.parametrize("wrong", [{"frequency": "fortnightly"}, {"steps": 2}, {"series": 0}])
def test_what_cannot_be_drawn_is_refused(wrong):
    before = pyplot.get_fignums()
    with pytest.raises(ParameterError):
        plot_families(**wrong)
    assert pyplot.get_fignums() == before
