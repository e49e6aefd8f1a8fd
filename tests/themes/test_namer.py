"""Names worded by a language model: what is asked, what is believed, and a model that has learned nothing."""

from pathlib import Path

import pytest

from topicgpu.errors import ModelError
from topicgpu.themes.language_model import LanguageModel, check_language_model
from topicgpu.themes.namer import Namer, word_names

NAMES = ["Rocket and orbit", "Bread and oven"]
KEYWORDS = [["rocket", "orbit"], ["bread", "oven"]]
EXAMPLES = [["The rockets reach orbit."], ["Bread is baked in the oven."]]


def worded(*answers, taken=()):
    return word_names(NAMES, KEYWORDS, EXAMPLES, lambda prompts: answers, taken)


def test_the_model_is_asked_with_keywords_and_examples():
    asked = []

    def answer(prompts):
        asked.extend(prompts)
        return ["", ""]

    word_names(NAMES, KEYWORDS, EXAMPLES, answer)
    assert "rocket, orbit" in asked[0]
    assert "Bread is baked in the oven." in asked[1]


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ("Launching rockets", "Launching rockets"),
        ('"Launching rockets."\nThey fly.', "Launching rockets"),
        ("Title: **Launching rockets**", "Launching rockets"),
        ("Rocket launches", "Rocket launches"),
    ],
)
def test_a_good_answer_is_the_name(answer, name):
    assert worded(answer, "Baking bread") == ([name, "Baking bread"], {})


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "no letters"),
        ("123 !", "no letters"),
        ("rocket " * 9, "too long"),
        ("Rocket" + "a" * 70, "too long"),
        ("A short title", "repeats the question"),
        ("Deep sea fishing", "not what the texts say"),
        ("The of and", "not what the texts say"),
        ("bread AND oven", "not what the texts say"),
    ],
)
def test_an_answer_that_the_texts_do_not_support_is_refused(answer, reason):
    names, refused = worded(answer, "Baking bread")
    assert names[0] == NAMES[0]
    assert refused == {0: reason}


def test_no_two_themes_get_one_name():
    examples = [["Bread for the rocket."], EXAMPLES[1]]
    names, refused = word_names(NAMES, KEYWORDS, examples, lambda _: ["Baking bread", "Baking Bread"])
    assert names == ["Baking bread", NAMES[1]]
    assert refused == {1: "another theme's name"}
    assert worded("Rocket launches", "", taken=["rocket LAUNCHES"]).refused[0] == "another theme's name"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A causal model of random weights, whose words are the letters."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("model")
    words = {letter: number for number, letter in enumerate("?abcdefghijklmnopqrstuvwxyz")}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="?", eos_token="?").save_pretrained(path)
    torch.manual_seed(0)
    sizes = {"n_positions": 1024, "n_embd": 8, "n_layer": 1, "n_head": 1}
    GPT2LMHeadModel(GPT2Config(vocab_size=len(words), bos_token_id=0, eos_token_id=0, **sizes)).save_pretrained(path)
    return path


def test_a_local_model_answers_the_same_again_and_answers_are_kept(folder, tmp_path):
    kept = tmp_path / "namer.json"
    first = LanguageModel(str(folder), kept)(["rocket", "bread"])
    assert len(first) == 2
    again = LanguageModel(str(folder), kept)
    assert again(["bread", "rocket"]) == first[::-1]
    assert again._loaded is None  # taken from the file
    assert LanguageModel(str(folder))(["rocket", "bread"]) == first


def test_a_model_that_has_learned_nothing_leaves_the_names_and_says_so(folder):
    namer = Namer(LanguageModel(str(folder)))
    assert namer(NAMES, KEYWORDS, EXAMPLES) == NAMES
    (warning,) = namer.warnings
    assert "Rocket and orbit" in warning


def test_a_model_that_fails_leaves_the_names_and_says_so(folder, tmp_path):
    broken = tmp_path / "model"
    broken.mkdir()
    (broken / "config.json").write_text('{"model_type": "no such type"}')
    (broken / "model.safetensors").write_bytes(b"")
    namer = Namer(LanguageModel(str(broken)))
    assert namer(NAMES, KEYWORDS, EXAMPLES) == NAMES
    assert "gave no answers" in namer.warnings[0]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (None, "no such folder"),
        ({}, "no config.json"),
        ({"config.json": "{}"}, "no config.json with safetensors"),
        ({"config.json": "{", "a.safetensors": ""}, "not JSON"),
        ({"config.json": '{"auto_map": {}}', "a.safetensors": ""}, "remote code"),
    ],
)
def test_a_folder_that_holds_no_model_is_one_sentence(tmp_path, files, said):
    folder = tmp_path / "model"
    if files is not None:
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
    with pytest.raises(ModelError, match=said) as error:
        check_language_model(str(folder))
    assert "themes.namer" in str(error.value)
