"""Somebody's own encoder: a function or an object, held to what it must give."""

import re
from pathlib import Path

import numpy as np
import pytest

import topicgpu
from topicgpu.embed import CustomEncoder
from topicgpu.errors import ConfigError, ModelError, RunFolderError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")


def letters(texts):
    """How often each letter stands in a text: vectors that anybody can check."""
    return [[1.0] + [float(text.lower().count(letter)) for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts]


class Letters:
    max_seq_length = 300

    def __init__(self):
        self.asked = []

    def encode(self, texts):
        self.asked.append(list(texts))
        return np.array(letters(texts), dtype=np.float64)

    def count_tokens(self, texts):
        return [len(text) for text in texts]


def test_a_function_gives_unit_rows_in_order():
    encoder = CustomEncoder(letters)
    vectors = encoder.encode(["abba", "cab", "abba"])
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(vectors[0, :4] / vectors[0, 0], [1, 2, 2, 0], atol=1e-6)
    np.testing.assert_allclose(vectors[1, :4] / vectors[1, 0], [1, 1, 1, 1], atol=1e-6)
    assert (vectors[0] == vectors[2]).all()
    assert encoder.encode([]).shape == (0, 27)
    info = encoder.info
    assert (info.model, info.revision, info.tier, info.dimension, info.languages) == ("letters", "", "custom", 27, ())
    assert encoder.count_tokens(["two words", ""]).tolist() == [2, 0]


def test_an_object_is_asked_in_blocks_and_counts_its_own_tokens():
    inner = Letters()
    encoder = CustomEncoder(inner, name="own", revision="3", languages=("de", "en"))
    assert inner.asked == [["text"]]  # once, for the dimension
    texts = [f"text {number}" for number in range(600)]
    told = []
    vectors = encoder.encode(texts, lambda *numbers: told.append(numbers))
    assert vectors.shape == (600, 27)
    assert [len(block) for block in inner.asked[1:]] == [256, 256, 88]
    assert told == [(256, 600, 1 * 10 * 6 + 90 * 7 + 156 * 8), (512, 600, told[1][2]), (600, 600, sum(map(len, texts)))]
    assert encoder.count_tokens(["four", ""]).tolist() == [4, 0]
    info = encoder.info
    assert (info.model, info.revision, info.languages, info.max_tokens) == ("own", "3", ("de", "en"), 300)


@pytest.mark.parametrize("what", [3, "sentence-transformers/all-MiniLM-L6-v2", object()])
def test_what_is_no_encoder(what):
    with pytest.raises(ModelError, match=rf"^encoder = {re.escape(repr(what))}: is neither a function nor an object"):
        CustomEncoder(what)


@pytest.mark.parametrize(
    ("give", "words"),
    [
        (lambda texts: np.ones(len(texts)), r"gave an array of shape \(1,\) for 1 texts"),
        (lambda texts: np.ones((len(texts) + 1, 3)), r"gave an array of shape \(2, 3\) for 1 texts"),
        (lambda texts: np.ones((3, len(texts))), r"gave an array of shape \(3, 1\) for 1 texts"),
        (lambda texts: None, r"gave an array of shape \(\) for 1 texts"),
        (lambda texts: np.full((len(texts), 3), np.nan), "gave a vector that is not finite for 'text'"),
        (lambda texts: np.zeros((len(texts), 3)), "gave a vector of zeros for 'text'"),
        (lambda texts: [["a", "b"]], "gave what is no array of numbers"),
        (lambda texts: [[1.0], [1.0, 2.0]], "gave what is no array of numbers"),
    ],
)
def test_what_is_no_vector_is_refused_at_once(give, words):
    with pytest.raises(ModelError, match=rf"^<lambda> {words}"):
        CustomEncoder(give)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda rows: rows[:-1], r"gave an array of shape \(2, 27\) for 3 texts"),
        (lambda rows: rows * np.array([[1], [0], [1]]), "gave a vector of zeros for 'b'"),
        (lambda rows: rows * np.array([[1], [1], [np.inf]]), "gave a vector that is not finite for 'c'"),
        (lambda rows: rows[:, :5], "gave 5 numbers a text, and 27 before"),
    ],
)
def test_what_is_no_vector_later_is_refused_too(spoil, words):
    def sometimes(texts):
        rows = np.array(letters(texts))
        return spoil(rows) if len(texts) == 3 else rows

    encoder = CustomEncoder(sometimes)
    with np.errstate(invalid="ignore"), pytest.raises(ModelError, match=rf"^sometimes {words}"):
        encoder.encode(["a", "b", "c"])


def test_an_error_of_its_own_is_its_own():
    def broken(texts):
        raise KeyError("of its own making")

    with pytest.raises(KeyError, match="of its own making"):
        CustomEncoder(broken)


# In a run


def test_a_run_with_a_function(small_config: Path, tmp_path: Path) -> None:
    run = topicgpu.run(small_config, tmp_path / "run", encoder=letters)
    assert run.report().is_file()
    encoder = run.manifest["encoder"]
    assert (encoder["model"], encoder["tier"], encoder["dimension"], encoder["found_in"]) == (
        "letters",
        "custom",
        27,
        "Python",
    )
    expected = np.array(letters(run.segments.text))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(run.embeddings.vectors, expected, atol=1e-6)
    # Without a revision nobody knows whether it is the same as before.
    statuses = {name: record["status"] for name, record in _again(small_config, tmp_path / "run", letters).items()}
    assert (statuses["ingest"], statuses["embed"]) == ("store", "computed")


def test_a_run_with_an_object_that_has_a_revision(
    small_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOPICGPU_CACHE", str(tmp_path / "cache"))
    first, second, third = Letters(), Letters(), Letters()
    run = topicgpu.run(small_config, tmp_path / "a", encoder=CustomEncoder(first, revision="1"))
    assert len(first.asked) > 2
    statuses = _again(small_config, tmp_path / "a", CustomEncoder(second, revision="1"))
    assert {record["status"] for record in statuses.values()} == {"store"}
    again = topicgpu.run(small_config, tmp_path / "b", encoder=CustomEncoder(second, revision="1"))
    assert second.asked == [["text"], ["text"]]
    assert again.embeddings.vectors.tobytes() == run.embeddings.vectors.tobytes()
    changed = topicgpu.run(small_config, tmp_path / "a", encoder=CustomEncoder(third, revision="2"))
    assert changed.manifest["stages"]["embed"]["status"] == "computed"
    assert len(third.asked) == len(first.asked)


def test_a_run_with_an_own_encoder_is_explained_with_it(small_config: Path, tmp_path: Path) -> None:
    run = topicgpu.run(small_config, tmp_path / "run", encoder=letters)
    row = int(run.themes.row[0])
    segment_id = run.segments.segment_id[row]
    said = run.explain(segment_id, encoder=letters).themes[0]
    assert said.theme_id == run.themes.themes[int(run.themes.theme[0])].theme_id
    assert said.strength == pytest.approx(float(run.themes.strength[0]), abs=1e-6)
    with pytest.raises(RunFolderError, match=r"was made with an encoder of your own \(letters\).*give it here as well"):
        run.explain(segment_id)
    with pytest.raises(RunFolderError, match=r"those of letters \(27 numbers\), which is not the encoder here, other"):
        run.explain(segment_id, encoder=CustomEncoder(letters, name="other"))


def _again(config: Path, out: Path, encoder: object) -> dict[str, dict[str, str]]:
    stages: dict[str, dict[str, str]] = topicgpu.run(config, out, encoder=encoder).manifest["stages"]
    return stages


def test_a_verb_does_not_mix_two_encoders(
    small_config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from topicgpu.cli import main

    topicgpu.run(small_config, tmp_path / "run", encoder=letters)
    capsys.readouterr()
    assert main(["themes", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"topicgpu: {tmp_path / 'run'}: its vectors are those of letters, which is not the encoder of this run; "
        f"take that one, or embed again: topicgpu embed {tmp_path / 'run'}."
    )
    assert main(["report", str(tmp_path / "run"), "--set", "report.title=Again"]) == 0
    assert main(["embed", str(tmp_path / "run")]) == 0
    assert topicgpu.Run(tmp_path / "run").manifest["encoder"]["tier"] == "model"


def test_several_devices_are_not_for_an_own_encoder(small_config: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"chooses its device itself; leave embedding\.devices empty\.$"):
        topicgpu.run(small_config, tmp_path / "run", set=['embedding.devices=["cpu", "cpu"]'], encoder=letters)
