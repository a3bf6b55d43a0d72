from __future__ import annotations

import time

import pytest


@pytest.fixture
def tiny():
    from step_costs import Shape

    return Shape(batch=4, context=12, horizon=5, width=4, layers=2, series=3)


@pytest.fixture
def clock():
    """A clock that is moved by hand."""
    now = [0.0]

    def move(seconds):
        now[0] += seconds

    return lambda: now[0], move


def test_every_moment_is_booked_once_under_the_innermost_part(clock):
    from step_costs import Stopwatch

    read, move = clock
    watch = Stopwatch(read)
    inner = watch.timed(lambda: move(4), "inner")

    def work():
        move(1)
        inner()
        move(2)
        inner()
        return "done"

    move(100)
    assert watch.timed(work, "outer")() == "done"
    move(100)
    assert dict(watch.seconds) == {"outer": 3, "inner": 8}


def test_time_is_booked_where_a_part_raises(clock):
    from step_costs import Stopwatch

    read, move = clock
    watch = Stopwatch(read)

    def fails():
        move(5)
        raise KeyError("a")

    with pytest.raises(KeyError):
        watch.timed(fails, "part")()
    assert dict(watch.seconds) == {"part": 5}
    assert watch.part is None


def test_watching_ends(clock):
    from step_costs import Stopwatch

    class Base:
        def work(self):
            return 7

    class Child(Base):
        pass

    watch = Stopwatch(clock[0])
    with watch.watching([(Child, "work", "part")]):
        assert Child().work() == 7
        assert "work" in vars(Child)
    assert "work" not in vars(Child)
    assert list(watch.seconds) == ["part"]


def test_all_parts_of_a_fit_are_found_and_add_up():
    from step_costs import NETWORK, ONCE, OUTSIDE, Stopwatch, m4_like, places_of_fit

    from tsseq2seq import Seq2SeqForecaster, Training

    model = Seq2SeqForecaster(6, training=Training(max_steps=3, progress=False))
    df, watch = m4_like(3, 200), Stopwatch()
    begun = time.perf_counter()
    with watch.watching(places_of_fit()):
        model.fit(df)
    whole = time.perf_counter() - begun
    assert set(watch.seconds) == {*NETWORK, *OUTSIDE, ONCE}
    assert all(value > 0 for value in watch.seconds.values())
    assert 0.5 * whole < sum(watch.seconds.values()) <= whole


@pytest.mark.parametrize(
    ("probability", "passes", "steps"), [(1.0, 1, 0), (0.5, 2, 0), (0.499, 0, 5)], ids=str
)
def test_scheduled_sampling_is_what_it_says(tiny, monkeypatch, probability, passes, steps):
    from tsseq2seq.nn.encoder_decoder import EncoderDecoder

    step = tiny.step(teacher_forcing=probability)
    called = {"run": 0, "step": 0}

    def counted(name):
        function = getattr(EncoderDecoder, name)

        def call(*given):
            called[name] += 1
            return function(*given)

        return call

    for name in called:
        monkeypatch.setattr(EncoderDecoder, name, counted(name))
    step()
    assert called == {"run": passes, "step": steps}


def test_attention_is_there(tiny, monkeypatch):
    from tsseq2seq.nn.attention.additive import AdditiveAttention

    shapes = []
    score = AdditiveAttention.score

    def noted(self, query, keys, coverage=None):
        shapes.append((tuple(query.shape), tuple(keys.shape)))
        return score(self, query, keys, coverage)

    monkeypatch.setattr(AdditiveAttention, "score", noted)
    tiny.step()()
    assert shapes == []
    step = tiny.step(attention="additive")
    shapes.clear()
    step()
    assert shapes == [((4, 5, 4), (4, 12, 4))]


def test_steps_run_with_denormals_flushed(tiny, monkeypatch):
    import step_costs
    import torch

    survived = []

    def noted(works, rounds):
        survived.append(float(torch.tensor([1e-39]) * 1) > 0)
        return {name: [1.0] for name in works}

    monkeypatch.setattr(step_costs, "turn_about", noted)
    step_costs.sampling(tiny, 1)
    assert survived == [False]
    assert float(torch.tensor([1e-39]) * 1) > 0


@pytest.mark.parametrize("part", ["sampling", "attention"])
def test_textbook_parts_report(tiny, monkeypatch, part):
    import step_costs

    monkeypatch.setattr(
        step_costs, "peak_in_a_process", lambda kind, shape: {"none": 10**6, "additive": 9 * 10**8}[kind]
    )
    said = getattr(step_costs, part)(tiny, 1)
    assert "1.00" in said
    assert "Bar: " in said
    if part == "attention":
        assert "Bar: at most 1 GB more: 0.899 GB, **met**" in said


def test_memory_that_was_not_measured(tiny, monkeypatch, tmp_path):
    import step_costs

    script = tmp_path / "script.py"
    script.write_text("import sys; sys.exit('gone')")
    monkeypatch.setattr(step_costs, "__file__", str(script))
    assert step_costs.peak_in_a_process("none", tiny) == "exit status 1: gone"
    assert "Memory: failed: exit status 1: gone." in step_costs.attention(tiny, 1)


def test_memory_of_another_process_is_passed_every_size(tiny, monkeypatch, tmp_path):
    import step_costs

    script = tmp_path / "script.py"
    script.write_text(
        "import sys; print('noise'); print(len(sys.argv)); print(sum(map(int, sys.argv[4::2])))"
    )
    monkeypatch.setattr(step_costs, "__file__", str(script))
    assert step_costs.peak_in_a_process("none", tiny) == 4 + 12 + 5 + 4 + 3


def test_default_settings_are_those_of_m4():
    from step_costs import M4_STEPS, m4_like

    from tsseq2seq import Seq2SeqForecaster, Training

    model = Seq2SeqForecaster(48, training=Training(max_steps=1, progress=False)).fit(m4_like(30, M4_STEPS))
    assert (model.context_length_, model.segment_length_) == (168, 24)
    assert (model.network_.hidden_size, model.training_.batch_size) == (192, 256)


def test_share_outside_by_hand():
    from step_costs import ONCE, outside_table

    seconds = {"forward": 40.0, "backward": 57.0, "drawing windows": 2.0, "reports": 1.0, ONCE: 5.0}
    said = outside_table(seconds)
    assert "| outside: drawing windows | 2.00 | 2.00 |" in said
    assert "3.00 %, **met**" in said
    assert "took 105.0 s, 7.62 % were outside" in said
    assert "**not met**" in outside_table(seconds | {"reports": 1.1})


def test_a_part_that_fails_says_so(monkeypatch, capsys):
    import step_costs

    def fails(shape, rounds):
        raise RuntimeError("no memory")

    monkeypatch.setattr(step_costs, "sampling", fails)
    monkeypatch.setattr(step_costs, "write_section", lambda *given: pytest.fail("RESULTS.md was written"))
    monkeypatch.setattr("sys.argv", ["step_costs.py", "--parts", "sampling", "--dry-run"])
    step_costs.main()
    assert "failed: RuntimeError: no memory" in capsys.readouterr().out
