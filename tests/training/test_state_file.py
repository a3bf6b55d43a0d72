"""States on disk: what is read is what was written, and what is no state is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tsseq2seq.errors import ModelFileError
from tsseq2seq.training.state_file import read_state, write_state

plain = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.text(max_size=8)
)
tensors = st.builds(
    lambda values, dtype: torch.tensor(values).to(dtype),
    st.lists(st.integers(0, 200), max_size=4),
    st.sampled_from([torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool, torch.bfloat16]),
)
nests = st.recursive(
    plain | tensors,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers()), inner, max_size=3),
    ),
    max_leaves=8,
)


def same(one: object, other: object) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


@given(state=st.dictionaries(st.text(max_size=3), nests, max_size=4))
def test_what_is_read_is_what_was_written(state: dict, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("state") / "state"
    write_state(state, path)
    assert same(read_state(path), state)
    assert [file.name for file in path.parent.iterdir()] == ["state"], "nothing is left beside it"


def test_one_tensor_under_two_names_is_written_twice(tmp_path: Path) -> None:
    shared = torch.ones(3)
    write_state({"a": shared, "b": shared, "c": shared[1:]}, tmp_path / "state")
    assert {name: len(part) for name, part in read_state(tmp_path / "state").items()} == {
        "a": 3,
        "b": 3,
        "c": 2,
    }


def test_what_cannot_be_written_leaves_the_older_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    write_state({"steps": 1}, path)
    with pytest.raises(TypeError, match="object"):
        write_state({"steps": object()}, path)
    assert read_state(path) == {"steps": 1}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_truncated_file_is_refused(tmp_path: Path, share: float) -> None:
    path = tmp_path / "state"
    write_state({"weights": torch.ones(100)}, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelFileError, match="state"):
        read_state(path)


def test_a_missing_file_and_one_of_another_kind_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    with pytest.raises(ModelFileError, match="nowhere"):
        read_state(tmp_path / "nowhere")
    save_file({"a": torch.ones(1)}, tmp_path / "tensors")
    with pytest.raises(ModelFileError, match="tensors"):
        read_state(tmp_path / "tensors")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_a_changed_number_is_seen(tmp_path: Path, share: float) -> None:
    path = tmp_path / "state"
    state = {
        "weights": torch.ones(100, dtype=torch.bfloat16),
        "steps": 7,
        "none": torch.zeros(0),
        "one": torch.tensor(3),
    }
    write_state(state, path)
    assert read_state(path)["steps"] == 7
    changed = bytearray(path.read_bytes())
    first = 8 + int.from_bytes(changed[:8], "little")
    changed[first + int(share * (len(changed) - first))] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ModelFileError, match=r"state was changed after it was written"):
        read_state(path)


@pytest.mark.parametrize(
    "text",
    ["", "[1", "[" * 10**5, '{"tensor": "7"}', '{"tensor": []}', '{"dict": 3}', '{"a": 1, "b": 2}', "{}"],
)
def test_plain_values_of_any_kind_end_in_a_state_or_an_error(tmp_path: Path, text: str) -> None:
    from safetensors.torch import save_file

    save_file({"0": torch.ones(1)}, tmp_path / "state", metadata={"format": "1", "state": text})
    with pytest.raises(ModelFileError, match="state"):
        read_state(tmp_path / "state")
