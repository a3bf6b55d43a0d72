import numpy as np
from scipy.signal import lfilter

from tsseq2seq.pretraining.components.recursions import decayed_sum, rotation


def test_a_decayed_sum_is_a_filter():
    rng = np.random.default_rng(0)
    inputs, decay = rng.normal(size=(3, 40)), np.array([[0.0], [0.7], [1.0]])
    expected = [lfilter([1], [1, -d], x) for x, d in zip(inputs, decay[:, 0], strict=True)]
    np.testing.assert_allclose(decayed_sum(inputs, decay), expected, atol=1e-12)


def test_a_rotation_without_decay_is_a_cosine():
    impulse = np.eye(1, 30, dtype=complex)
    turned = rotation(impulse, np.array([[0.3]]), np.array([[1.0]]))
    np.testing.assert_allclose(turned[0], np.cos(0.3 * np.arange(30)), atol=1e-12)


def test_inputs_are_left_as_they_were():
    inputs = np.ones((1, 5))
    decayed_sum(inputs, np.array([[1.0]]))
    assert (inputs == 1).all()
