"""Pooling, prompt, limit and languages, read from files of old and new sentence-transformers."""

import json

import pytest

from topicgpu.config import EmbeddingSection
from topicgpu.embed.recipe import Recipe, read_recipe
from topicgpu.errors import ConfigError, ModelError

DEFAULTS = EmbeddingSection()


@pytest.fixture
def write(tmp_path):
    def folder(pooling=None, modules=None, **files):
        if pooling is not None:
            (tmp_path / "1_Pooling").mkdir()
            (tmp_path / "1_Pooling/config.json").write_text(json.dumps(pooling))
            modules = modules or ["models.Transformer", "models.Pooling", "models.Normalize"]
        if modules is not None:
            places = ["", "1_Pooling", "2_Normalize"]
            rows = [
                {"idx": number, "path": places[number], "type": f"sentence_transformers.{kind}"}
                for number, kind in enumerate(modules)
            ]
            (tmp_path / "modules.json").write_text(json.dumps(rows))
        for name, data in files.items():
            (tmp_path / f"{name}.json").write_text(json.dumps(data))
        return tmp_path

    return folder


OLD = {
    "word_embedding_dimension": 32,
    "pooling_mode_cls_token": False,
    "pooling_mode_mean_tokens": False,
    "pooling_mode_max_tokens": False,
    "pooling_mode_mean_sqrt_len_tokens": False,
    "pooling_mode_weightedmean_tokens": False,
    "pooling_mode_lasttoken": False,
    "include_prompt": True,
}


@pytest.mark.parametrize(
    ("key", "pooling"),
    [
        ("pooling_mode_cls_token", "cls"),
        ("pooling_mode_mean_tokens", "mean"),
        ("pooling_mode_max_tokens", "max"),
        ("pooling_mode_lasttoken", "lasttoken"),
    ],
)
def test_pooling_of_old_files(write, key, pooling):
    recipe = read_recipe(write({**OLD, key: True}), DEFAULTS)
    assert (recipe.pooling, recipe.stated) == (pooling, True)


@pytest.mark.parametrize("pooling", ["cls", "mean", "max", "lasttoken"])
def test_pooling_of_new_files(write, pooling):
    modules = ["base.modules.transformer.Transformer", "sentence_transformer.modules.pooling.Pooling"]
    folder = write({"embedding_dimension": 32, "pooling_mode": pooling, "include_prompt": True}, modules)
    assert read_recipe(folder, DEFAULTS).pooling == pooling


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({**OLD, "pooling_mode_mean_sqrt_len_tokens": True}, "['mean_sqrt_len']"),
        ({**OLD, "pooling_mode_weightedmean_tokens": True}, "['weightedmean']"),
        ({**OLD, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, "['cls', 'mean']"),
        ({"pooling_mode": "attention"}, "['attention']"),
        (OLD, "[]"),
        ({}, "[]"),
    ],
)
def test_pooling_that_is_not_known_is_refused(write, config, named):
    folder = write(config)
    with pytest.raises(ModelError) as caught:
        read_recipe(folder, DEFAULTS)
    assert str(caught.value) == f"{folder}: pooling {named} is not supported; known are mean, cls, max, lasttoken."


@pytest.mark.parametrize("kind", ["Dense", "LSTM", "WeightedLayerPooling", "CNN"])
def test_modules_that_are_not_known_are_refused(write, kind):
    folder = write(modules=["models.Transformer", f"models.{kind}"])
    with pytest.raises(ModelError) as caught:
        read_recipe(folder, DEFAULTS)
    assert str(caught.value) == (
        f"{folder}: its module {kind} is not supported; choose an encoder that ends in pooling."
    )


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("modules.json", "{}", "holds dict, not list"),
        ("modules.json", "[{", "is not valid JSON"),
        ("sentence_bert_config.json", "[]", "holds list, not dict"),
        ("config_sentence_transformers.json", "3", "holds int, not dict"),
    ],
)
def test_damaged_files_are_named(tmp_path, name, content, words):
    (tmp_path / name).write_text(content)
    with pytest.raises(ModelError) as caught:
        read_recipe(tmp_path, DEFAULTS)
    assert str(caught.value).startswith(f"{tmp_path / name}: {words}")


def test_a_plain_transformer_is_pooled_by_the_mean_and_says_that_nobody_said_so(tmp_path):
    assert read_recipe(tmp_path, DEFAULTS) == Recipe("mean", "", True, None, None, (), False)


def test_limit_and_prompt(write):
    settings = {"prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": "document"}
    folder = write(OLD | {"pooling_mode_cls_token": True}, config_sentence_transformers=settings)
    assert read_recipe(folder, DEFAULTS).prompt == "passage: "
    (folder / "config_sentence_transformers.json").write_text(json.dumps({**settings, "default_prompt_name": None}))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 256, "do_lower_case": false}')
    recipe = read_recipe(folder, DEFAULTS)
    assert (recipe.prompt, recipe.max_tokens) == ("", 256)


def test_what_is_configured_wins(write):
    folder = write(
        {**OLD, "pooling_mode_cls_token": True},
        config_sentence_transformers={"prompts": {"query": "query: "}, "default_prompt_name": "query"},
        sentence_bert_config={"max_seq_length": 256},
        config={"hidden_size": 32},
    )
    (folder / "README.md").write_text("---\nlanguage: en\n---\n")
    config = EmbeddingSection(
        pooling="lasttoken", prompt="passage: ", max_tokens=64, dimension=16, languages=("de", "fr")
    )
    assert read_recipe(folder, config) == Recipe("lasttoken", "passage: ", True, 64, 16, ("de", "fr"), True)


def test_a_pooling_that_nobody_knows_can_be_overruled(write):
    folder = write({"pooling_mode": "attention"})
    assert read_recipe(folder, EmbeddingSection(pooling="mean")).pooling == "mean"


def test_a_pooling_that_is_configured_is_stated(tmp_path):
    assert read_recipe(tmp_path, EmbeddingSection(pooling="cls"))[0] == "cls"
    assert read_recipe(tmp_path, EmbeddingSection(pooling="cls")).stated


@pytest.mark.parametrize(
    ("wanted", "prompt"),
    [
        ("auto", "passage: "),
        ("query", "search for: "),
        ("document", "passage: "),
        ("", ""),
        ("query: ", "query: "),
        ("find talk about", "find talk about"),  # a text, though it ends in no colon
    ],
)
def test_a_prompt_by_name_or_as_text(tmp_path, wanted, prompt):
    settings = {"prompts": {"query": "search for: ", "document": "passage: "}, "default_prompt_name": "document"}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(settings))
    assert read_recipe(tmp_path, EmbeddingSection(prompt=wanted)).prompt == prompt


@pytest.mark.parametrize(("prompts", "known"), [(None, "none"), ({"query": "q: ", "document": ""}, "query, document")])
def test_a_single_word_that_names_no_prompt_is_refused(tmp_path, prompts, known):
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    with pytest.raises(ConfigError) as caught:
        read_recipe(tmp_path, EmbeddingSection(prompt="passage"))
    assert str(caught.value) == (
        f"embedding.prompt = 'passage': the model states no prompt of this name (it states {known}); "
        "name one of those, or write the text itself, with a colon or a space at its end."
    )


@pytest.mark.parametrize(
    ("stated", "pools"), [({}, True), ({"include_prompt": True}, True), ({"include_prompt": False}, False)]
)
def test_whether_the_prompt_is_pooled(write, stated, pools):
    assert read_recipe(write({"pooling_mode": "mean", **stated}), DEFAULTS).pools_prompt is pools


@pytest.mark.parametrize(
    ("settings", "dimension", "kept"),
    [
        ({"hidden_size": 32}, 0, None),
        ({"hidden_size": 32}, 32, None),
        ({"hidden_size": 32}, 8, 8),
        ({"hidden_size": 32, "matryoshka_dimensions": [32, 16, 8]}, 8, 8),
    ],
)
def test_how_many_numbers_are_kept(tmp_path, settings, dimension, kept):
    (tmp_path / "config.json").write_text(json.dumps(settings))
    assert read_recipe(tmp_path, EmbeddingSection(dimension=dimension)).dimension == kept


@pytest.mark.parametrize(
    ("settings", "dimension", "words"),
    [
        ({"hidden_size": 32}, 33, "the model's vectors have only 32 numbers."),
        ({"dim": 32}, 33, "the model's vectors have only 32 numbers."),  # as DistilBERT's files say it
        (
            {"hidden_size": 32, "matryoshka_dimensions": [32, 16, 8]},
            9,
            "the model was trained for 32, 16, 8; take one.",
        ),
    ],
)
def test_a_dimension_that_the_model_does_not_have(tmp_path, settings, dimension, words):
    (tmp_path / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ConfigError) as caught:
        read_recipe(tmp_path, EmbeddingSection(dimension=dimension))
    assert str(caught.value) == f"embedding.dimension = {dimension}: {words}"


@pytest.mark.parametrize(
    ("head", "languages"),
    [
        ("language: en", ("en",)),
        ('language: "de"', ("de",)),
        ("language: [en, 'de', zh-CN]", ("en", "de", "zh")),
        ("language:\n- en\n- zh-cn\n  - zh_tw\n- pt-br\nlicense: mit", ("en", "zh", "pt")),
        ("license: mit\nlanguage:\n  - en\ntags:\n  - it", ("en",)),
        ("language: multilingual", ()),
        ("language:\n- multilingual\n- yue\n- fr", ("fr",)),
        ("license: mit", ()),
        ("language: \nlicense: mit", ()),
    ],
)
def test_languages_of_the_model_card(tmp_path, head, languages):
    (tmp_path / "README.md").write_text(f"---\n{head}\n---\n# A model\n\nlanguage: xx\n", encoding="utf-8")
    assert read_recipe(tmp_path, DEFAULTS).languages == languages


def test_a_card_in_windows_lines(tmp_path):
    (tmp_path / "README.md").write_bytes(b"---\r\nlanguage:\r\n- en\r\n- fr\r\n---\r\n")
    assert read_recipe(tmp_path, DEFAULTS).languages == ("en", "fr")
