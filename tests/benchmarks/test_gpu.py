from __future__ import annotations

import pytest
import torch

SMALL = {"lengths": (12, 5), "width": 4}


@pytest.fixture
def model():
    from gpu import fitted

    return fitted("cpu", batch=4, teacher_forcing=0.0, **SMALL)


def test_without_a_gpu_nothing_is_measured_or_written(monkeypatch, capsys):
    import gpu

    monkeypatch.setattr(gpu.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(gpu, "write_section", lambda *given: pytest.fail("RESULTS.md was written"))
    monkeypatch.setattr("sys.argv", ["gpu.py"])
    gpu.main()
    assert capsys.readouterr().out == "no CUDA device: nothing measured\n"


@pytest.mark.parametrize(
    ("dry", "written"), [([], ["On a GPU"]), (["--dry-run"], [])], ids=["run", "dry run"]
)
def test_a_part_that_fails_says_so_and_the_others_are_written(monkeypatch, capsys, dry, written):
    import gpu

    found = []
    monkeypatch.setattr(gpu.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(gpu, "hardware", lambda: "some GPU")
    monkeypatch.setattr(
        gpu, "throughput", lambda device, batch, rounds, steps: f"{device} {batch} {rounds} {steps}"
    )
    monkeypatch.setattr(gpu, "copied", lambda device: "none")
    monkeypatch.setattr(gpu, "write_section", lambda name, script, body: found.append((name, body)))
    monkeypatch.setattr("sys.argv", ["gpu.py", "--batches", "8", "--rounds", "0", *dry])
    monkeypatch.setattr(gpu, "loop", lambda *given: torch.ones(2) @ torch.ones(3))
    gpu.main()
    said = capsys.readouterr().out
    assert "### Training, batch 8\n\ncuda 8 0 20" in said
    assert "failed: RuntimeError: " in said
    assert "### Copies\n\nnone" in said
    assert [name for name, _ in found] == written
    assert all(body.startswith("some GPU.") for _, body in found)


def test_shares_of_the_bare_loop():
    from gpu import throughput_table

    seconds = {
        "bare cuDNN loop, float32": [0.9, 0.9],
        "tsseq2seq, float32": [1.0, 1.0],
        "bare cuDNN loop, bf16": [0.3, 0.3],
        "tsseq2seq, bf16": [0.5, 0.5],
    }
    said = throughput_table(seconds, 100, 10)
    assert "| tsseq2seq, float32 | 100.00 | 1,000 | 0.900 | 1.00 |" in said
    assert "| tsseq2seq, bf16 | 50.00 | 2,000 | 0.600 | 2.00 |" in said
    assert "0.900, **met**" in said
    assert "**not met**" in throughput_table(seconds | {"tsseq2seq, float32": [1.01, 1.01]}, 100, 10)


def test_the_fastest_way_decides_about_the_loop():
    from gpu import EAGER, loop_table

    seconds = {EAGER: [3.0, 3.0], "CUDA graph": [1.0, 1.0]}
    said = loop_table("forecasting", seconds, {EAGER: 0.0, "CUDA graph": 2e-7}, {"other": "why"}, 10)
    assert "| CUDA graph | 100.00 | 3.00 | 2.0e-07 |" in said
    assert "| other | failed: why |" in said
    assert "3.00, **met**" in said
    assert "0.00, **not met**" in loop_table("forecasting", {EAGER: [1.0]}, {EAGER: 0.0}, {}, 10)


def test_the_slower_precision_decides_about_graphs():
    from gpu import EAGER, FREE, GRAPH, graphs_table

    seconds = {
        (kind, precision, way): [value, value]
        for kind, precision, way, value in [
            (FREE, "float32", EAGER, 6.0), (FREE, "float32", GRAPH, 2.0),
            (FREE, "bf16", EAGER, 8.0), (FREE, "bf16", GRAPH, 2.0),
            ("default settings", "bf16", EAGER, 1.0), ("default settings", "bf16", GRAPH, 1.0),
        ]
    }  # fmt: skip
    said = graphs_table(seconds, 10)
    assert f"| {FREE}, bf16 | 800.00 | 200.00 | 4.00 |" in said
    assert "as a graph: 3.00, **met**" in said
    slow = graphs_table(seconds | {(FREE, "float32", GRAPH): [2.1, 2.1]}, 10)
    assert "as a graph: 2.86, **not met**" in slow


def test_a_way_that_fails_is_a_row(monkeypatch):
    import gpu

    def fails(function):
        raise RuntimeError("no capture\nmore")

    small = gpu.fitted("cpu", batch=3, teacher_forcing=0.0, **SMALL)
    monkeypatch.setattr(gpu, "captured", fails)
    monkeypatch.setattr(gpu, "fitted", lambda *given, **options: small)
    said = gpu.loop("cpu", 3, 1, 1, False)
    assert said.count("| CUDA graph | failed: RuntimeError: no capture | - | - |") == 1


def test_the_loop_forecasts_as_predict_does(model):
    from gpu import first_batch, free_running

    batch = first_batch(model, 4)
    network = model.fitted_.members[0]
    scaled = free_running(model, batch)()
    assert scaled.shape == (4, 5, 1, 1)
    assert not scaled.requires_grad
    expected = network.forecast(batch, horizon=5, read=lambda parameters: [parameters[..., 0]])
    own = network.scaled(batch).scale.inverse(scaled[..., 0])
    torch.testing.assert_close(own, expected[..., 0].detach())


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_the_bare_step_learns(precision, monkeypatch):
    import gpu

    monkeypatch.setattr(gpu, "CONTEXT", 6)
    monkeypatch.setattr(gpu, "HORIZON", 3)
    built = []
    bare = gpu.Bare
    monkeypatch.setattr(gpu, "Bare", lambda: built.append(bare()) or built[-1])
    step = gpu.bare_step("cpu", precision=precision, batch=2)
    before = built[0].head.weight.detach().clone()
    gpu.several(step, 2)()
    assert (built[0].head.weight != before).any()
    assert built[0].head.weight.dtype == torch.float32


def trace(*events):
    return {"traceEvents": [dict(zip(("cat", "name", "args"), event, strict=True)) for event in events]}


COPIES = trace(
    ("gpu_memcpy", "Memcpy HtoD (Pageable -> Device)", {"bytes": 8}),
    ("gpu_memcpy", "Memcpy HtoD (Pinned -> Device)", {"bytes": 32}),
    ("gpu_memcpy", "Memcpy DtoH (Device -> Pageable)", {"bytes": 4}),
    ("gpu_memcpy", "Memcpy DtoD (Device -> Device)", {"bytes": 4096}),
    ("cuda_runtime", "cudaStreamSynchronize", {}),
    ("cuda_runtime", "cudaDeviceSynchronize", {}),
    ("cuda_runtime", "cudaMemcpyAsync", {"bytes": 8}),
    ("cpu_op", "aten::copy_", {}),
)


def test_copies_of_a_trace():
    from gpu import copies

    numbers, sizes, waits = copies(COPIES)
    assert numbers == {"HtoD": 2, "DtoH": 1, "DtoD": 1}
    assert sizes == {"HtoD": 40, "DtoH": 4, "DtoD": 4096}
    assert waits == 1


def test_the_bar_is_for_copies_from_the_host():
    from gpu import copies_table

    said = copies_table({"some": COPIES}, 2)
    assert "| some | 1 (20 B) | 0.5 (2 B) | 0.5 (2,048 B) | 0.5 |" in said
    assert "**met** (copies of at most 20 B a step)" in said
    assert copies_table({"some": trace()}, 2).endswith("**met**.")
    whole = trace(("gpu_memcpy", "Memcpy HtoD (Pageable -> Device)", {"bytes": 4096}))
    assert "**not met**" in copies_table({"none": trace(), "some": whole}, 2)


def test_a_trace_of_training_steps(model):
    from gpu import copies, traced
    from measuring import training_step

    found = traced(training_step(model), 2)
    names = {event.get("name") for event in found["traceEvents"]}
    assert "aten::lstm" in names
    if not torch.cuda.is_available():
        assert sum(copies(found)[0].values()) == 0


@pytest.mark.gpu
def test_a_graph_gives_what_the_loop_gives():
    from gpu import captured, first_batch, fitted, free_running

    model = fitted("cuda", batch=4, teacher_forcing=0.0, **SMALL)
    batch = first_batch(model, 4)
    expected = free_running(model, batch)().clone()
    replay = captured(free_running(model, batch))
    torch.testing.assert_close(replay(), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.gpu
@pytest.mark.parametrize("captured", [True, False])
def test_no_data_is_copied_from_the_host_in_a_step(captured):
    from gpu import TINY, copies, fitted, traced
    from measuring import training_step

    found = traced(training_step(fitted("cuda", batch=4, **SMALL), captured=captured), 5)
    assert copies(found)[1]["HtoD"] <= 5 * TINY
