"""One file of vectors: readable by others, and no byte of it can change unseen."""

import os

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from topicgpu.store import text_keys
from topicgpu.store.shards import _HEADER_BYTES, LostShard, _header, open_shard, write_shard


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "0123456789abcdef"
    folder.mkdir()
    return folder


def write(folder, n=3, dimension=2, **more):
    keys = text_keys([f"text {row}" for row in range(n)])
    vectors = np.arange(n * dimension, dtype=np.float32).reshape(n, dimension) + 1
    return write_shard(folder, keys, [vectors], dimension, durable=False, **more), keys, vectors


def read(path, rows):
    shard, _ = open_shard(path)
    out = np.zeros((len(rows), shard.dimension), dtype=np.float32)
    shard.copy(np.array(rows), out, np.arange(len(rows)))
    return out


def test_safetensors_reads_it(folder):
    shard, keys, vectors = write(folder)
    tensors = load_file(shard.path)
    np.testing.assert_array_equal(tensors["keys"], keys)
    np.testing.assert_array_equal(tensors["vectors"], vectors)
    with safe_open(shard.path, framework="numpy") as file:
        assert file.metadata()["encoder"] == folder.name
    assert shard.path.stat().st_size == shard.nbytes


def test_rows_of_many_blocks_are_read_checked_and_unchecked(folder):
    written, keys, vectors = write(folder, n=2000, dimension=100)
    shard, back = open_shard(written.path)
    np.testing.assert_array_equal(back, keys)
    assert len(list(shard.blocks())) == 4
    rows = np.array([0, 1, 1, 654, 655, 656, 1999])
    for checked in (False, True):
        out = np.zeros((8, 100), dtype=np.float32)
        assert shard.checked == checked
        shard.copy(rows, out, np.arange(7)[::-1])
        np.testing.assert_array_equal(out[6::-1], vectors[rows])
        assert not out[7].any()


def test_vectors_wider_than_a_block_are_read(folder):
    shard, _, vectors = write(folder, n=3, dimension=70_000)
    np.testing.assert_array_equal(read(shard.path, [0, 2]), vectors[[0, 2]])


def test_no_flipped_byte_goes_unseen(folder):
    shard, _, _ = write(folder)
    whole = shard.path.read_bytes()
    with shard.path.open("r+b", buffering=0) as file:
        for at in range(len(whole)):
            for flip in (0x01, 0x20, 0x80, 0xFF):
                os.pwrite(file.fileno(), bytes([whole[at] ^ flip]), at)
                with pytest.raises(LostShard) as caught:
                    read(shard.path, [0])
                assert caught.value.how == "damaged"
            os.pwrite(file.fileno(), whole[at : at + 1], at)
    assert read(shard.path, [0]).tolist() == [[1, 2]]


def test_no_other_length_goes_unseen(folder):
    shard, _, _ = write(folder)
    whole = shard.path.read_bytes()
    damaged = folder / "1-damaged.safetensors"
    for content in (*(whole[:length] for length in range(len(whole))), whole + b"\0", bytes(len(whole))):
        damaged.write_bytes(content)
        with pytest.raises(LostShard) as caught:
            read(damaged, [0])
        assert caught.value.how == "damaged"


@pytest.mark.parametrize("shape", ["[1e345,2]", "[3.0,2]", '["3",2]', "[-3,2]", "[3]", "null", "[0,0]", "[3,-4]"])
def test_an_odd_shape_in_the_header_is_damage(folder, shape):
    shard, _, _ = write(folder)
    whole = shard.path.read_bytes()
    head = whole[:_HEADER_BYTES].replace(b"[3,2]", shape.encode())[:_HEADER_BYTES].ljust(_HEADER_BYTES)
    shard.path.write_bytes(head + whole[_HEADER_BYTES:])
    with pytest.raises(LostShard) as caught:
        open_shard(shard.path)
    assert caught.value.how == "damaged"


def test_a_shard_of_another_encoder_is_refused(folder):
    shard, _, _ = write(folder)
    other = folder.with_name("fedcba9876543210")
    other.mkdir()
    shard.path.rename(other / shard.path.name)
    with pytest.raises(LostShard, match="another encoder's"):
        open_shard(other / shard.path.name)


def test_gone_and_unreadable_are_told_apart(folder):
    with pytest.raises(LostShard) as caught:
        open_shard(folder / "1-none.safetensors")
    assert caught.value.how == "gone"
    (folder / "1-folder.safetensors").mkdir()
    with pytest.raises(LostShard) as caught:
        open_shard(folder / "1-folder.safetensors")
    assert caught.value.how == "unreadable"


def test_a_file_that_goes_bad_after_it_was_opened_is_lost(folder):
    written, _, _ = write(folder)
    out = np.zeros((1, 2), dtype=np.float32)
    shard, _ = open_shard(written.path)
    content = written.path.read_bytes()
    written.path.write_bytes(content[:-1])
    with pytest.raises(LostShard, match="cut short"):
        shard.copy(np.array([2]), out, np.array([0]))
    written.path.unlink()
    with pytest.raises(LostShard) as caught:
        shard.copy(np.array([2]), out, np.array([0]))
    assert caught.value.how == "gone"


def test_the_header_has_room_for_the_largest_shard():
    head = _header("0123456789abcdef", 2**32 - 1, 2**20, "01234567", "89abcdef")
    assert len(head) == _HEADER_BYTES


def test_a_writer_that_fails_leaves_nothing(folder):
    def blocks():
        yield np.ones((1, 2), dtype=np.float32)
        raise KeyError("broken")

    with pytest.raises(KeyError):
        write_shard(folder, text_keys(["a", "b"]), blocks(), 2, durable=True)
    assert list(folder.iterdir()) == []
