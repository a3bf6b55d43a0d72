"""The file of the pretrained weights: read, refused when damaged, and small."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save_file

from tsseq2seq.errors import ModelFileError
from tsseq2seq.forecasting.pretrained_design import PRETRAINED_SIZES
from tsseq2seq.forecasting.pretrained_weights import pretrained_model, weights_path, write_weights

sizes = pytest.mark.parametrize("size", PRETRAINED_SIZES)


@sizes
def test_weights_have_at_most_eight_megabytes(size):
    assert weights_path(size).stat().st_size <= 8_000_000


@sizes
def test_weights_are_finite_and_each_call_has_its_own(size):
    first, second = pretrained_model(size), pretrained_model(size)
    assert all(torch.isfinite(weight).all() for weight in first.state_dict().values())
    with torch.no_grad():
        next(first.parameters()).add_(1)
    assert not torch.equal(next(first.parameters()), next(second.parameters()))
    assert not second.training


def test_written_and_read_they_are_the_same(tmp_path):
    model = pretrained_model("small")
    write_weights(model, tmp_path / "new" / "weights.safetensors")
    again = pretrained_model("small", tmp_path / "new" / "weights.safetensors").state_dict()
    assert all(torch.equal(weight, again[name]) for name, weight in model.state_dict().items())


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ModelFileError, match="install"):
        pretrained_model("small", tmp_path / "absent.safetensors")


@pytest.mark.parametrize("kept", [0, 7, 100, 100_000])
def test_a_damaged_file_is_told(tmp_path, kept):
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(weights_path("small").read_bytes()[:kept])
    with pytest.raises(ModelFileError, match="install"):
        pretrained_model("small", path)


def test_weights_of_another_network_are_told(tmp_path):
    path = tmp_path / "other.safetensors"
    save_file(torch.nn.Linear(2, 2).state_dict(), path)
    with pytest.raises(ModelFileError, match="install"):
        pretrained_model("small", path)
