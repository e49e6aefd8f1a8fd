"""The configuration: what it takes, what it refuses and in which words."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from topicgpu.config import Config, change_config, load_config, validate_config
from topicgpu.errors import ConfigError

CONFIGS = Path(__file__).parents[1] / "configs"
THEME = '[[themes.guided]]\nid = "bread"\nname = "Bread"\ndescription = "bread and dough"\n'


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="my.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to_file


def problem(path, *overrides):
    with pytest.raises(ConfigError) as caught:
        load_config(path, overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "seeds = 1",
            "unknown key seeds; known keys here are name, seed, corpus, ingest, segment, embedding, neighbors, map, "
            "cluster, themes, drift, report.",
        ),
        (
            '[embedding]\nmodle = "x"',
            "unknown key embedding.modle; known keys here are model, tier, device, precision, devices, "
            "batch_tokens, compile, long_texts, pooling, prompt, max_tokens, dimension, languages, cache, cache_gb, "
            "download.",
        ),
        (
            f'{THEME}seed = ["flour"]',
            "unknown key themes.guided.0.seed; known keys here are id, name, description, seeds, not.",
        ),
        ("[segment]\nmin_words = 'many'", "segment.min_words = 'many': should be a valid integer."),
        ("[segment]\nmin_words = '40'", "segment.min_words = '40': should be a valid integer."),
        ("seed = true", "seed = True: should be a valid integer."),
        ("seed = 1.5", "seed = 1.5: should be a valid integer."),
        ("seed = 2024-05-01", "seed = '2024-05-01': should be a valid integer."),
        ("name = 3", "name = 3: should be a string."),
        ("[corpus]\npath = 3", "corpus.path = 3: should be a string."),
        ("corpus = 3", "corpus = 3: should be a table."),
        ("[[themes]]\ndiscover = true", "themes: should be a table."),
        ("[themes]\nguided = 3", "themes.guided = 3: should be a list."),
        (f'{THEME}seeds = "flour"', "themes.guided.0.seeds = 'flour': should be a list."),
        ("[embedding]\nlanguages = ['en', 3]", "embedding.languages.1 = 3: should be a string."),
        ("[embedding]\ndownload = 'yes'", "embedding.download = 'yes': should be true or false."),
        ('[[themes.guided]]\nid = "a"\nname = "A"', "themes.guided.0.description: is required."),
        ("[segment]\nmin_words = 4", "segment.min_words = 4: should be greater than or equal to 5."),
        ("seed = 4294967296", "seed = 4294967296: should be less than 4294967296."),
        ("[map]\nmin_dist = nan", "map.min_dist = nan: should be less than or equal to 1."),
        ("[embedding]\ndevice = 'tpu'", "embedding.device = 'tpu': must be auto, cpu, cuda or cuda:N."),
        ("[embedding]\ndevice = 'cuda:x'", "embedding.device = 'cuda:x': must be auto, cpu, cuda or cuda:N."),
        ("[embedding]\nmodel = ''", "embedding.model = '': string should have at least 1 character."),
        (
            "[embedding]\nprecision = 'int8'",
            "embedding.precision = 'int8': should be 'auto', 'float32', 'float16' or 'bfloat16'.",
        ),
        ("[embedding]\ndevices = 'cpu'", "embedding.devices = 'cpu': should be a list."),
        ("[embedding]\ndevices = ['tpu']", "embedding.devices.0 = 'tpu': must be auto, cpu, cuda or cuda:N."),
        (
            "[embedding]\ndevices = ['cuda:0', 'cuda:0']",
            "embedding: devices (cuda:0, cuda:0) names a device twice.",
        ),
        (
            "[embedding]\ndevices = ['cpu', 'cuda:0']",
            "embedding: devices (cpu, cuda:0) are of several kinds; name a precision for all.",
        ),
        ("[embedding]\ndevices = ['cpu', 'cuda', 'cpu']", "embedding: devices (cpu, cuda, cpu) names a device twice."),
        ("[embedding]\nbatch_tokens = 63", "embedding: batch_tokens (63) must be 0 or at least 64."),
        ("[embedding]\nbatch_tokens = -1", "embedding.batch_tokens = -1: should be greater than or equal to 0."),
        ("[embedding]\nmax_tokens = 7", "embedding: max_tokens (7) must be 0 or at least 8."),
        ("[embedding]\ndimension = -1", "embedding.dimension = -1: should be greater than or equal to 0."),
        ("[embedding]\nlong_texts = 'cut'", "embedding.long_texts = 'cut': should be 'windows' or 'truncate'."),
        (
            "[embedding]\npooling = 'median'",
            "embedding.pooling = 'median': should be 'auto', 'mean', 'cls', 'max' or 'lasttoken'.",
        ),
        ("[embedding]\ncompile = 1", "embedding.compile = 1: should be true or false."),
        ("[embedding]\ncache = false", "embedding.cache = False: should be a string."),
        ("[embedding]\ncache = ''", "embedding.cache = '': string should have at least 1 character."),
        ("[embedding]\ncache_gb = 0", "embedding.cache_gb = 0: should be greater than 0."),
        (
            "[drift]\nperiod = 'decade'",
            "drift.period = 'decade': should be 'auto', 'day', 'week', 'month', 'quarter' or 'year'.",
        ),
        (
            THEME.replace('"bread"', '"Bread rolls"'),
            "themes.guided.0.id = 'Bread rolls': string should match pattern '^[a-z][a-z0-9_]{0,63}$'.",
        ),
        (
            THEME.replace('"Bread"', f'"{"B" * 300}"'),
            f"themes.guided.0.name = '{'B' * 79}… (300 characters): string should have at most 80 characters.",
        ),
        (
            "[segment]\nmin_words = 60",
            "segment: max_words (80) must be at least 1.5 times min_words (60), or sentences can't be packed.",
        ),
        (
            "[themes]\ndiscover = false",
            "themes: discover is false and no [[themes.guided]] is given, so there would be no themes.",
        ),
        (
            THEME + THEME.replace('"Bread"', '"Rolls"'),
            "themes: two guided themes have the id 'bread'; give each its own.",
        ),
        (
            THEME + THEME.replace('"bread"', '"rolls"'),
            "themes: two guided themes have the name 'Bread'; give each its own.",
        ),
        (
            THEME + THEME.replace('"bread"', '"rolls"').replace('"Bread"', '"Rolls"'),
            "themes: the guided themes 'bread' and 'rolls' have the same description and seeds.",
        ),
        ("[corpus]\n\npath = = 'x'", "is not valid TOML: Invalid value (at line 3, column 8)."),
        (b"name = '\xff'", "is not UTF-8 text; a configuration is a TOML file."),
    ],
)
def test_bad_input_is_one_sentence_with_key_value_and_fix(write, text, words):
    path = write(text)
    assert problem(path) == f"{path}: {words}"


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("device", "--set device: must be key=value, for example --set embedding.device=cpu."),
        ("=cpu", "--set =cpu: must be key=value, for example --set embedding.device=cpu."),
    ],
)
def test_a_change_needs_key_and_value(write, override, words):
    assert problem(write(""), override) == words


def test_a_change_of_a_table_and_of_a_key_in_it_collide(write):
    assert problem(write(""), "corpus=3", "corpus.path=x") == "--set corpus.path=x: corpus is not a table."


def test_a_change_is_checked_as_the_file_is(write):
    path = write("")
    assert problem(path, "drift.units=words").startswith(f"{path}: unknown key drift.units; known keys here are period")
    assert problem(path, "name.first=x") == f"{path}: name: should be a string."
    assert problem(path, "themes.guided.0.name=x") == f"{path}: themes.guided: should be a list."


def test_missing_and_unreadable_files(tmp_path):
    path = tmp_path / "no.toml"
    assert problem(path) == f"{path}: no such file or folder; give a TOML file or a folder of sources."
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "deeper.toml"
    assert problem(path) == f"{path}: can't be read (Not a directory)."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[corpus]\npath = "~nobody_here/x"', "corpus.path = '~nobody_here/x': is not a path (Could not determine"),
        ('[embedding]\nmodel = "./a\\u0000b"', r"embedding.model = './a\x00b': is not a path (embedded null"),
    ],
)
def test_what_can_be_no_path(write, text, words):
    assert problem(write(text)).startswith(words)


PERIOD = '[[drift.periods]]\nname = "{}"\nfrom = "{}"\nto = "{}"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[drift.periods]]\nname = "a"\nfrom = "2019"', "drift.periods.0.to: is required."),
        ('[[drift.periods]]\nname = "a"\nto = "2019"', "drift.periods.0.from: is required."),
        (
            PERIOD.format("a", "2019", "2020") + "start = 2019-01-01",
            "unknown key drift.periods.0.start; known keys here are name, from, to.",
        ),
        ('[[drift.periods]]\nname = "a"\nfrom = 2019\nto = 2020', "drift.periods.0.from = 2019: should be a string."),
        (
            PERIOD.format("a", "2019-13", "2020"),
            "drift.periods.0.from = '2019-13': must be a year, month or day of the calendar: 2019, 2019-03 or "
            "2019-03-01.",
        ),
        (PERIOD.format("a", "2019", "2019-02-30"), "drift.periods.0.to = '2019-02-30': must be a year, month or day"),
        (PERIOD.format("a", "2019", "2019-02-03T04:05:06Z"), "drift.periods.0.to = '2019-02-03T04:05:06Z': must be a "),
        (PERIOD.format("a", "March 2019", "2020"), "drift.periods.0.from = 'March 2019': must be a year, month or day"),
        (
            PERIOD.format("a", "2020-03", "2020-02"),
            "drift.periods.0: the period 'a' begins with 2020-03 and ends with 2020-02, which is before; change from "
            "or to.",
        ),
        (PERIOD.format(" ", "2019", "2020"), "drift.periods.0: the name ' ' can't be seen; give it one."),
        (
            PERIOD.format("a", "2019", "2019") + PERIOD.format("a", "2020", "2020"),
            "drift: two periods have the name 'a'; give each its own.",
        ),
        (
            PERIOD.format("b", "2020-03", "2021") + PERIOD.format("a", "2019", "2020-03"),
            "drift: the periods 'a' (2019 to 2020-03) and 'b' (2020-03 to 2021) share days; let the first end before "
            "the second begins.",
        ),
        (
            f"[drift]\nperiod = 'month'\n{PERIOD.format('a', '2019', '2020')}",
            "drift: period = 'month' and [[drift.periods]] are both given; take one of them out.",
        ),
        ("[drift]\nperiod = 'decade'", "drift.period = 'decade': should be 'auto', 'day', 'week', 'month', 'quarter'"),
    ],
)
def test_impossible_periods_are_told_at_load_time(write, text, words):
    assert words in problem(write(text))


def test_periods_of_ones_own_hold_whole_days_months_and_years(write):
    text = PERIOD.format("one", "2019", "2020-02") + PERIOD.format("two", "2020-03-01", "2020-03-01")
    for config in (load_config(write(text)), load_config(write(text + '[drift]\nperiod = "auto"\n'))):
        assert [period.days for period in config.drift.periods] == [
            (date(2019, 1, 1), date(2020, 2, 29)),
            (date(2020, 3, 1), date(2020, 3, 1)),
        ]


def test_periods_of_ones_own_survive_the_manifest(write):
    config = load_config(write(PERIOD.format("one", "2019", "2020-02")))
    for by_alias in (True, False):
        assert Config.model_validate(config.model_dump(mode="json", by_alias=by_alias)) == config


def test_changes_are_toml_and_bare_words_are_strings(write):
    config = load_config(
        write(THEME),
        [
            "seed=7",
            "map.min_dist=0.25",
            "embedding.download=true",
            'embedding.languages=["en", "de"]',
            "embedding.device=cuda:1",
            'name="my run"',
            " report.title =Plans = promises",
            "themes.background=[]",
            'drift={shares_of="segments", period="month"}',
        ],
    )
    assert (config.seed, config.map.min_dist, config.embedding.download) == (7, 0.25, True)
    assert (config.embedding.languages, config.embedding.device) == (("en", "de"), "cuda:1")
    assert (config.name, config.report.title, config.themes.background) == ("my run", "Plans = promises", ())
    assert (config.drift.shares_of, config.drift.period) == ("segments", "month")
    assert config.themes.guided[0].id == "bread"  # what is not named stays


def test_changing_leaves_the_data_as_it_was():
    data = {"drift": {"shares_of": "words", "period": "year"}, "seed": 1}
    changed = change_config(data, ["drift.shares_of=segments"])
    assert changed == {"drift": {"shares_of": "segments", "period": "year"}, "seed": 1}
    assert data["drift"]["shares_of"] == "words"


def test_paths_in_a_file_are_relative_to_it_and_in_a_change_to_the_working_folder(write, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = write('[corpus]\npath = "../texts"\n[embedding]\nmodel = "./model"')
    config = load_config(path)
    assert config.corpus.path == tmp_path.parent / "texts"
    assert config.embedding.model == str(tmp_path / "model")
    changed = load_config(path, ["corpus.path=texts", "embedding.model=../other"])
    assert changed.corpus.path == here / "texts"
    assert changed.embedding.model == str(tmp_path / "other")
    assert load_config(path, ["corpus.path=~/texts"]).corpus.path == tmp_path / "home/texts"
    assert load_config(path, ["embedding.model=owner/name"]).embedding.model == "owner/name"


def test_a_folder_of_vectors_is_relative_as_the_corpus_is(write, tmp_path, monkeypatch):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    path = write('[embedding]\ncache = "vectors"')
    assert load_config(path).embedding.cache == str(tmp_path / "vectors")
    assert load_config(path, ["embedding.cache=vectors"]).embedding.cache == str(here / "vectors")
    assert load_config(path, ["embedding.cache=~/vectors"]).embedding.cache == str(tmp_path / "home/vectors")
    for word in ("auto", "off"):
        assert load_config(path, [f"embedding.cache={word}"]).embedding.cache == word


def test_processes_on_the_cpu_may_be_several(write):
    config = load_config(write('[embedding]\ndevices = ["cpu", "cpu"]'))
    assert config.embedding.devices == ("cpu", "cpu")
    assert load_config(write("")).embedding.devices == ()


def test_without_a_corpus_path_the_sources_lie_beside_the_file(write, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    path = write("seed = 1")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load_config(path).corpus.path == tmp_path


def test_a_byte_order_mark_is_no_key(write):
    assert load_config(write(b"\xef\xbb\xbfseed = 3")).seed == 3


@pytest.mark.parametrize(("name", "cleaned"), [("notes", "notes"), ("(draft) été", "draft- été"), ("...", "run")])
def test_a_folder_needs_no_file_and_names_its_run(tmp_path, name, cleaned):
    folder = tmp_path / name if name != "..." else tmp_path / "-- "
    folder.mkdir()
    config = load_config(folder)
    assert config.name == cleaned
    assert config.corpus.path == folder
    assert config == Config(name=cleaned, corpus={"path": folder})
    assert load_config(folder, ["drift.shares_of=segments"]).drift.shares_of == "segments"


def test_a_file_names_its_run_unless_it_says_a_name(write):
    assert load_config(write("", "(draft) plan.toml")).name == "draft- plan"
    assert load_config(write('name = "other"', "plan.toml")).name == "other"


def test_what_a_theme_leaves_out_is_called_not_and_exclude_in_python(write):
    theme = load_config(write(THEME + 'not = ["cakes"]')).themes.guided[0]
    assert theme.exclude == ("cakes",)
    assert theme.model_dump(mode="json", by_alias=True)["not"] == ["cakes"]


def test_a_dumped_configuration_is_read_back_the_same(write):
    config = load_config(write(THEME + 'not = ["cakes"]\n[map]\nmin_dist = 1'))
    assert validate_config(config.model_dump(mode="json", by_alias=True), "again") == config


def test_a_loaded_configuration_never_changes(write):
    config = load_config(write(THEME))
    with pytest.raises(ValidationError, match="frozen"):
        config.seed = 2
    with pytest.raises(ValidationError, match="frozen"):
        config.themes.discover = False


def test_every_key_has_a_description():
    def undescribed(model, prefix=""):
        for name, field in model.model_fields.items():
            if hasattr(field.annotation, "model_fields"):
                yield from undescribed(field.annotation, f"{prefix}{name}.")
            elif not field.description:
                yield prefix + name

    assert list(undescribed(Config)) == []


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_bundled_configurations_load(path):
    config = load_config(path)
    assert config.name
    assert config.corpus.path.is_absolute()


def test_both_transcript_configurations_define_the_same_themes():
    demo, transcripts = (
        tomllib.loads((CONFIGS / name).read_text(encoding="utf-8"))["themes"]["guided"]
        for name in ("demo.toml", "transcripts.toml")
    )
    assert demo == transcripts
    assert 12 <= len(demo) <= 18
    assert {"space_compute", "autonomy", "regulation"} <= {theme["id"] for theme in demo}
    assert all(theme["seeds"] for theme in demo)
