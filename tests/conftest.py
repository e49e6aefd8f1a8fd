"""Things that many tests need: a tiny encoder, a small corpus, the real data where it is."""

import atexit
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Not the vectors of whoever runs the tests; subprocesses take it over. Removed at the very end: pytest may drop this
# module earlier, and an object that cleans up would take the folder with it.
os.environ["TOPICGPU_CACHE"] = tempfile.mkdtemp(prefix="topicgpu-tests-")
atexit.register(shutil.rmtree, os.environ["TOPICGPU_CACHE"], ignore_errors=True)

if os.environ.get("TOPICGPU_DATA"):  # a relative one would be lost by tests that change the folder
    os.environ["TOPICGPU_DATA"] = str(Path(os.environ["TOPICGPU_DATA"]).resolve())

WORDS = (  # of the tiny encoder's vocabulary
    "the a of and to in is we they it rocket launch orbit engine booster bread oven flour dough yeast garden soil seed "
    "rain plant ship sail wind harbour anchor market price tax vote law court team ball goal match win . , ? !"
).split()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two thin layers with random weights, in the folder shape of sentence-transformers."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-model")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + [str(digit) for digit in range(10)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *letters, *(f"##{letter}" for letter in letters)]
    ids = {token: number for number, token in enumerate(dict.fromkeys(vocabulary))}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])]
    )
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", model_max_length=512).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(ids), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64
    )
    BertModel(config).save_pretrained(folder)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    modules = [
        {"path": "", "type": "sentence_transformers.models.Transformer"},
        {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 128}))
    (folder / "README.md").write_text("---\nlanguage: en\n---\nA tiny encoder for tests.\n")
    return folder


SUBJECTS = {
    "rockets": "The rocket engine lifts the booster to orbit. The launch of the booster is in the wind and the rain.",
    "bread": "We bake bread in the oven. The dough of flour and yeast is in the oven and the bread is to win a price.",
    "garden": "The garden soil is to plant a seed in. They plant the seed and the rain is in the garden and the soil.",
}


@pytest.fixture
def small_corpus(tmp_path: Path) -> Path:
    """Three dated texts on three subjects, with a sources.toml."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    entries = []
    for number, (name, text) in enumerate(SUBJECTS.items()):
        others = " ".join(other for key, other in SUBJECTS.items() if key != name)
        lines = [f"{text} It is the {word} of {name}." for word in WORDS[10:34]]
        (folder / f"{name}.txt").write_text(" ".join([*lines, others]) + "\n", encoding="utf-8")
        entries.append(
            f'[[source]]\nid = "{name}"\nfile = "{name}.txt"\ntitle = "On {name}"\n'
            f'date = 202{4 + number}-03-0{number + 1}\ngenre = "talk"\nlanguage = "en"\n'
        )
    (folder / "sources.toml").write_text("\n".join(entries), encoding="utf-8")
    return folder


@pytest.fixture
def small_config(tmp_path: Path, small_corpus: Path, tiny_model: Path) -> Path:
    """A configuration that runs the small corpus with the tiny encoder, in seconds."""
    path = tmp_path / "small.toml"
    path.write_text(
        f"""
[corpus]
path = {json.dumps(str(small_corpus))}
[embedding]
model = {json.dumps(str(tiny_model))}
device = "cpu"
[neighbors]
k = 5
[cluster]
min_size = 3
[[themes.guided]]
id = "rockets"
name = "Rockets"
description = "the rocket engine and the launch of the booster to orbit"
[[themes.guided]]
id = "bread"
name = "Bread"
description = "bread and dough in the oven"
seeds = ["flour and yeast"]
""",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real corpora and labelled sets."""
    folder = os.environ.get("TOPICGPU_DATA")
    if not folder:
        pytest.skip("TOPICGPU_DATA is not set: the real texts are not here")
    return Path(folder).resolve()
