"""CUDA C++ through CuPy, as far as that goes without a driver: a recorded fake of its few calls, and CuPy itself."""

from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from topicgpu_kernels import cuda, launch
from topicgpu_kernels.cuda import check_arguments, launcher
from topicgpu_kernels.launch import Launch, Source, declarations

pytestmark = pytest.mark.kernels

TEXT = """// A sample; extern "C" __global__ void not_this(int a)
typedef unsigned  long long Key;
extern "C" __global__ void __launch_bounds__(BLOCK)
scale(const float* __restrict__ rows, Key *keys, int n, const unsigned int m)
{ int i = blockIdx.x * BLOCK + threadIdx.x; if (i < n) keys[i] = (Key)(rows[i] * m); }
extern "C" __global__ void nothing() {}
"""
ROWS, KEYS = torch.arange(6.0).view(2, 3), torch.zeros(6, dtype=torch.int64)
GOOD = (ROWS, KEYS, np.int32(6), np.uint32(2))
STEP = Launch("scale", grid=(3, 2), block=(64,), flop=6, read_bytes=24, written_bytes=48, shared_bytes=128)
CPU = torch.device("cpu")
KERNELS = Path(launch.__file__).parent


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "sample_kernels"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "fused.cu").write_text(TEXT)
    monkeypatch.syspath_prepend(tmp_path)
    yield "sample_kernels"
    for remembered in (launch._text, launch._kernels, cuda._kernel):
        remembered.cache_clear()


@pytest.fixture
def fake(monkeypatch):
    """CuPy's calls as they are declared, writing down what they are given and what is current around them."""
    calls = []
    current = {"torch": None, "device": None, "stream": None}

    @contextmanager
    def within(name, value):
        before, current[name] = current[name], value
        yield
        current[name] = before

    class RawModule:
        def __init__(self, *, code, options):
            calls.append(("compile", code, options))

        def get_function(self, name):
            calls.append(("look up", name, dict(current)))
            return lambda grid, block, args, *, shared_mem: calls.append(
                ("launch", name, grid, block, args, shared_mem, dict(current))
            )

    def from_dlpack(tensor):
        calls.append(("take", dict(current)))
        return np.from_dlpack(tensor)

    def from_external(stream):
        version, handle = stream.__cuda_stream__()
        assert version == 0
        return within("stream", handle)

    streams = SimpleNamespace(
        Device=lambda index: within("device", index), Stream=SimpleNamespace(from_external=from_external)
    )
    module = SimpleNamespace(RawModule=RawModule, from_dlpack=from_dlpack, cuda=streams)
    monkeypatch.setitem(__import__("sys").modules, "cupy", module)
    monkeypatch.setattr(torch.cuda, "device", lambda index: within("torch", index))
    monkeypatch.setattr(
        torch.cuda, "current_stream", lambda device: SimpleNamespace(cuda_stream=0x5EED, device_index=1)
    )
    return calls


def test_a_kernel_gets_the_grid_block_and_memory_of_its_launch(fake, package):
    launcher(Source(package), CPU)(STEP, *GOOD)
    kind, name, grid, block, _, shared_mem, _ = fake[-1]
    assert (kind, name, grid, block, shared_mem) == ("launch", "scale", (3, 2), (64,), 128)


def test_tensors_are_handed_over_in_place_and_scalars_with_their_type(fake, package):
    launcher(Source(package), CPU)(STEP, *GOOD)
    rows, keys, n, m = fake[-1][4]
    assert rows.__array_interface__["data"][0] == ROWS.data_ptr()
    assert keys.__array_interface__["data"][0] == KEYS.data_ptr()
    assert [value.dtype for value in (rows, keys, n, m)] == [np.float32, np.int64, np.int32, np.uint32]
    assert (rows.shape, n, m) == ((2, 3), 6, 2)


def test_all_happens_on_torchs_device_and_stream(fake, package):
    launcher(Source(package), CPU)(STEP, *GOOD)
    assert [call[0] for call in fake] == ["take", "take", "compile", "look up", "launch"]
    assert all(call[-1] == {"torch": 1, "device": 1, "stream": 0x5EED} for call in fake if call[0] != "compile")


def test_the_stream_is_the_one_at_the_launch(fake, package, monkeypatch):
    run = launcher(Source(package), CPU)
    other = SimpleNamespace(cuda_stream=0, device_index=0)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: other)
    run(STEP, *GOOD)
    assert fake[-1][-1] == {"torch": 0, "device": 0, "stream": 0}


def test_a_source_is_compiled_once_for_its_constants_and_not_before_it_is_launched(fake, package):
    first, second = Source(package, (("BLOCK", 64),)), Source(package, (("BLOCK", 128),))
    run = launcher(first, CPU)
    assert fake == []
    for _ in range(3):
        run(STEP, *GOOD)
        launcher(Source(package, (("BLOCK", 64),)), CPU)(STEP, *GOOD)
    launcher(second, CPU)(STEP, *GOOD)
    compiled = [call[1:] for call in fake if call[0] == "compile"]
    assert compiled == [(TEXT, first.options), (TEXT, second.options)]


def test_the_compiler_is_told_the_arithmetic_and_the_constants(package):
    options = Source(package, (("BLOCK", 64), ("WIDE", 2))).options
    assert options[-2:] == ("-DBLOCK=64", "-DWIDE=2")
    assert {"--std=c++17", "--fmad=false"} <= set(options)
    assert not any("fast" in option for option in options)


@pytest.mark.parametrize(
    ("position", "value", "error", "message"),
    [
        (0, ROWS.double(), TypeError, r"rows of scale must be a tensor of torch.float32 \(float\); got torch.float64"),
        (0, np.float32(1), TypeError, r"rows of scale must be a tensor of torch.float32 \(float\); got float32"),
        (
            1,
            KEYS.int(),
            TypeError,
            r"keys of scale must be a tensor of torch.int64 \(unsigned long long\)",
        ),
        (2, 6, TypeError, "n of scale must be numpy.int32; got int"),
        (2, np.int64(6), TypeError, "n of scale must be numpy.int32; got int64"),
        (3, np.int32(2), TypeError, "m of scale must be numpy.uint32; got int32"),
        (0, ROWS.T, ValueError, r"rows of scale must be contiguous; its strides are \(1, 3\)"),
        (0, ROWS.clone().requires_grad_(), ValueError, "rows of scale must not want a gradient"),
        (0, ROWS.to("meta"), ValueError, "rows of scale must be on cpu; got meta"),
    ],
)
def test_an_argument_that_the_kernel_does_not_declare_is_named(fake, package, position, value, error, message):
    arguments = [*GOOD]
    arguments[position] = value
    with pytest.raises(error, match=message):
        launcher(Source(package), CPU)(STEP, *arguments)
    assert fake == []


def test_arguments_are_counted(package):
    with pytest.raises(ValueError, match="scale takes 4 arguments; got 3"):
        check_arguments(Source(package), STEP, GOOD[:3], CPU)


def test_a_kernel_that_is_not_there_is_named(package):
    with pytest.raises(KeyError, match="sample_kernels has no kernel grow; it has scale, nothing"):
        Source(package).parameters("grow")


def test_parameters_are_read_from_the_source():
    kernels = declarations(TEXT)
    assert list(kernels) == ["scale", "nothing"]
    assert kernels["nothing"] == ()
    assert [(of.name, of.type, of.pointer) for of in kernels["scale"]] == [
        *(("rows", "float", True), ("keys", "unsigned long long", True)),
        *(("n", "int", False), ("m", "unsigned int", False)),
    ]


@pytest.mark.parametrize("operation", sorted(path.parent.name for path in KERNELS.glob("*/fused.cu")))
def test_every_kernel_of_the_package_takes_what_can_be_handed_over(operation):
    source = Source(f"topicgpu_kernels.{operation}")
    kernels = declarations(source.text)
    assert len(kernels) == source.text.count("__global__")
    for kernel in kernels:
        for parameter in source.parameters(kernel):
            assert parameter.type in (cuda._TENSORS if parameter.pointer else cuda._SCALARS)


@pytest.mark.parametrize(
    ("grid", "block"),
    [((0,), (32,)), ((1, 65536), (32,)), ((2**31,), (32,)), ((1,), (0,)), ((1,), (32, 33)), ((), (32,)), ((1,), ())],
)
def test_a_launch_that_no_device_can_run_is_refused(grid, block):
    with pytest.raises(ValueError, match="scale can't be launched with grid"):
        Launch("scale", grid, block, 0, 0, 0)


def test_cupy_itself_has_every_call_and_warns_of_none(package, monkeypatch):
    cupy = pytest.importorskip("cupy")
    if cupy.is_available():
        pytest.skip("a driver is here: test_layout_gpu.py and test_mst_gpu.py run the kernels")
    stream = SimpleNamespace(cuda_stream=0x5EED, device_index=0)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: stream)
    taken = cupy.cuda.Stream.from_external(cuda._Stream(CPU))
    assert (taken.ptr, taken.device_id) == (0x5EED, -1)
    source = Source(package, (("BLOCK", 64),))
    module = cupy.RawModule(code=source.text, options=source.options)
    for call in (lambda: module.get_function("scale"), cupy.cuda.Device(0).__enter__):
        with pytest.raises(cupy.cuda.runtime.CUDARuntimeError, match=r"InsufficientDriver|NoDevice"):
            call()
    with pytest.raises(TypeError, match="CPU arrays cannot be directly imported"):
        cupy.from_dlpack(ROWS)
