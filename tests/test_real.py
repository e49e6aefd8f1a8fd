"""The real transcripts, end to end: what the run says is held to its own tables and to a blind reading."""

import csv
import html
import re
import shutil
from collections import defaultdict
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import topicgpu
from topicgpu.cli import main
from topicgpu.config import DEFAULT_MODEL, CorpusSection
from topicgpu.embed.locate import locate_model
from topicgpu.errors import ModelError
from topicgpu.ingest import ingest
from topicgpu.types import Finding, Sources

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning"),
]

ROOT = Path(__file__).parent.parent
READING = ROOT / "docs/reading/blind-2026-11-22.csv"


class Tables:
    """Shares and counts, worked out again from segments and assignments alone."""

    def __init__(self, run: topicgpu.Run) -> None:
        self.run = run
        self.counted = run.embeddings.served & ~run.repeats.mask
        self.ids = [theme.theme_id for theme in run.themes.themes]
        self.primary = [self.ids[theme] if theme >= 0 else None for theme in run.themes.primary]

    @cached_property
    def years(self) -> dict[str, list[str]]:
        """Sources with something counted, by year."""
        years = defaultdict(list)
        spoken = {self.run.segments.source_id[row] for row in np.flatnonzero(self.counted)}
        for source_id, start in zip(self.run.sources.source_id, self.run.sources.date_start, strict=True):
            if source_id in spoken and start is not None:
                years[str(start.year)].append(source_id)
        return dict(sorted(years.items()))

    def rows(self, source_id: str, theme_id: str | None) -> list[int]:
        """Counted rows of a source with this primary theme."""
        segments = self.run.segments
        return [
            row
            for row in np.flatnonzero(self.counted)
            if segments.source_id[row] == source_id and self.primary[row] == theme_id
        ]

    def share(self, source_id: str, theme_id: str | None) -> float:
        """Part of the counted words of a source."""
        segments = self.run.segments
        mine = self.counted & (np.array(segments.source_id) == source_id)
        return float(segments.n_words[self.rows(source_id, theme_id)].sum() / segments.n_words[mine].sum())

    def mean(self, sources: list[str], theme_id: str) -> float:
        """Share of a period: one vote a source."""
        return float(np.mean([self.share(source_id, theme_id) for source_id in sources]))

    def near(self, sources: list[str], theme_id: str) -> int:
        """Counted rows that carry a theme as a further one, or come near to carrying it."""
        themes, segments, theme = self.run.themes, self.run.segments, self.ids.index(theme_id)
        rows = {*themes.near_row[themes.near_theme == theme], *themes.row[(themes.theme == theme) & (themes.rank > 1)]}
        return sum(bool(self.counted[row]) and segments.source_id[row] in sources for row in rows)


@pytest.fixture(scope="module")
def out(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        locate_model(DEFAULT_MODEL, download=False, announce=print)
    except ModelError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("real") / "run"
    assert main(words(real_data, folder)) == 0
    return folder


def words(real_data: Path, folder: Path) -> list[str]:
    config = ROOT / "configs/transcripts.toml"
    return ["run", str(config), "--set", f"corpus.path={real_data / 'corpus'}", "--out", str(folder)]


@pytest.fixture
def tables(out: Path) -> Tables:
    return Tables(topicgpu.Run(out))


def test_the_second_run_takes_every_stage_from_the_folder(
    out: Path, real_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words(real_data, out)) == 0
    log = [line for line in capsys.readouterr().err.splitlines() if re.match(r"\d\d:\d\d:\d\d ", line)]
    assert len(log) == 10
    assert all(line.endswith(" taken from the run folder") for line in log)


def test_every_segment_is_its_slice(tables: Tables) -> None:
    sources, segments = tables.run.sources, tables.run.segments
    texts = dict(zip(sources.source_id, sources.text, strict=True))
    for row, source_id in enumerate(segments.source_id):
        start, end = int(segments.start_char[row]), int(segments.end_char[row])
        assert texts[source_id][start:end] == segments.text[row]
        assert segments.segment_id[row] == f"{source_id}:{start}-{end}"
    assert set(segments.source_id) == set(sources.source_id)


def test_every_word_is_in_a_segment_or_dropped_with_a_reason(tables: Tables) -> None:
    sources, segments, dropped = tables.run.sources, tables.run.segments, tables.run.sources.dropped
    for source_id, text in zip(sources.source_id, sources.text, strict=True):
        free = np.ones(len(text), dtype=np.int64)
        for table in (segments, dropped):
            for row in np.flatnonzero(np.array(table.source_id) == source_id):
                free[table.start_char[row] : table.end_char[row]] -= 1
        assert free.min() >= 0, f"{source_id}: a stretch is in two places"
        assert topicgpu.count_words("".join(np.where(free == 1, list(text), " "))) == 0
    assert all(dropped.reason)


def test_shares_add_to_one(tables: Tables) -> None:
    prevalence = tables.run.drift.prevalence
    sums: dict[tuple[str, str, str], float] = defaultdict(float)
    for row, measure in enumerate(prevalence.measure):
        if measure == "primary":
            sums[prevalence.level[row], prevalence.key[row], prevalence.unit[row]] += prevalence.share[row]
    assert {key for level, key, _ in sums if level == "source"} == set(tables.run.sources.source_id)
    for key, total in sums.items():
        assert total == pytest.approx(1, abs=1e-9), key


def test_shares_are_those_of_the_assignments(tables: Tables) -> None:
    prevalence = tables.run.drift.prevalence
    seen = 0
    cells = zip(prevalence.level, prevalence.unit, prevalence.measure, prevalence.key, prevalence.theme_id, strict=True)
    for row, (level, unit, measure, key, theme_id) in enumerate(cells):
        if (unit, measure) != ("words", "primary"):
            continue
        if level == "source":
            assert prevalence.share[row] == pytest.approx(tables.share(key, theme_id), abs=1e-12)
            seen += 1
        elif level == "period" and theme_id is not None:
            assert prevalence.share[row] == pytest.approx(tables.mean(tables.years[key], theme_id), abs=1e-12)
    assert seen == 5 * (len(tables.ids) + 1)


def test_space_compute_is_absent_in_2024_and_present_in_both_sources_of_2026(tables: Tables) -> None:
    carried = {
        year: [len(tables.rows(source_id, "space_compute")) for source_id in sources]
        for year, sources in tables.years.items()
    }
    assert carried["2024"] == [0, 0, 0]
    assert len(carried["2026"]) == 2
    assert min(carried["2026"]) > 0


# Every number that a finding states, in the order in which its sentence states them


def stated(sentence: str) -> list[str]:
    """Numbers of a sentence, without those in the theme's name and in the kinds of source."""
    bare = re.sub(r"“.*?”( and \d+ more)?", "", sentence)
    bare = re.sub(r"(?<=\d),(?=\d{3})", "", bare)
    bare = re.sub(r" \((?![\d+−-])[^)]*\)", "", bare)
    return re.findall(r"(?:under |over )?[+−-]?\d+(?:\.\d+)?%?", bare)


def percent(share: float) -> str:
    if share == 0:
        return "0%"
    return "under 0.1%" if share < 0.0005 else f"{100 * share:.1f}%"


def points(difference: float) -> str:
    return f"{100 * difference:+.1f}"


def possible(tables: Tables, finding: Finding) -> set[str]:
    """Every number that a sentence about this theme may state, worked out again from texts and assignments."""
    theme = finding.theme_id
    (first, before), *_, (last, after) = tables.years.items()
    shares = [tables.mean(side, theme) for side in (before, after)]
    without = [
        [tables.mean([source for source in side if source != out], theme) for side in (before, after)]
        for out in [*before, *after]
    ]
    kind = kinds(tables)
    both = {kind[source] for source in before} & {kind[source] for source in after}
    alike = [[source for source in side if kind[source] in both] for side in (before, after)]
    inside = tables.mean(alike[1], theme) - tables.mean(alike[0], theme) if both else 0.0
    moved = shares[1] - shares[0]
    with_it = sum(bool(tables.rows(source, theme)) for source in [*before, *after])
    counts = [len(before), len(after), len(before) + len(after), *map(len, alike), with_it]
    numbers = {first, last, *map(str, counts), n_words(tables, before), n_words(tables, after)}
    numbers |= {*before, *after, n_words(tables, [*before, *after])}
    numbers |= {percent(share) for pair in (shares, *without) for share in pair}
    numbers |= {points(step) for step in (moved, inside, moved - inside, *(late - early for early, late in without))}
    numbers |= {*near(tables, before, theme), *near(tables, after, theme), *near(tables, [*before, *after], theme)}
    numbers |= {count for side in (before, after) for count in breadth(tables, side, theme)}
    return numbers


def n_words(tables: Tables, sources: list[str]) -> str:
    segments = tables.run.segments
    inside = tables.counted & np.isin(np.array(segments.source_id), sources)
    return str(int(segments.n_words[inside].sum()))


def kinds(tables: Tables) -> dict[str, tuple[str | None, str | None]]:
    """Genre and series of each source."""
    table = tables.run.sources
    return dict(zip(table.source_id, zip(table.genre, table.series, strict=True), strict=True))


def near(tables: Tables, sources: list[str], theme: str) -> list[str]:
    count = tables.near(sources, theme)
    return [str(count)] if count else []


def breadth(tables: Tables, sources: list[str], theme: str) -> list[str]:
    present = sum(bool(tables.rows(source_id, theme)) for source_id in sources)
    return [] if present == len(sources) else [str(present)]


def test_every_number_in_every_finding_is_true(tables: Tables) -> None:
    findings = tables.run.drift.findings
    assert findings
    assert list(tables.years) == ["2024", "2026"]
    for finding in findings:
        assert len(stated(finding.sentence)) >= 4
        assert set(stated(finding.sentence)) <= possible(tables, finding), finding.sentence


def test_a_finding_names_the_kinds_of_source_it_compares(tables: Tables) -> None:
    genre = dict(zip(tables.run.sources.source_id, tables.run.sources.genre, strict=True))
    for finding in tables.run.drift.findings:
        for year, kinds in re.findall(r"sources of (\d{4}) \((?!\d)([^)]*)\)", finding.sentence):
            of_year = [genre[source_id] for source_id in tables.years[year]]
            named = {f"{kind} ×{of_year.count(kind)}" if of_year.count(kind) > 1 else kind for kind in of_year}
            assert set(kinds.split(", ")) == named


def test_evidence_carries_the_theme(tables: Tables) -> None:
    rows = {segment_id: row for row, segment_id in enumerate(tables.run.segments.segment_id)}
    for finding in tables.run.drift.findings:
        if finding.kind != "absent":
            assert finding.evidence
        for segment_id in finding.evidence:
            assert tables.primary[rows[segment_id]] == finding.theme_id


def test_the_report_holds_the_findings(tables: Tables) -> None:
    report = html.unescape(tables.run.report().read_text(encoding="utf-8"))
    shown = tables.run.drift.findings[: tables.run.manifest["config"]["report"]["max_findings"]]
    for finding in shown:
        assert finding.sentence in report
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", report)


# What the files are, by reading them


def test_neighbors_are_those_of_float64(out: Path) -> None:
    run = topicgpu.Run(out)
    part = np.flatnonzero((run.neighbors.indices >= 0).all(axis=1))
    vectors = run.embeddings.vectors[part].astype(np.float64)
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    k = run.neighbors.indices.shape[1]
    wanted = -np.sort(-scores, axis=1)[:, :k]
    place = np.full(len(run.embeddings), -1)
    place[part] = np.arange(len(part))
    found = np.take_along_axis(scores, place[run.neighbors.indices[part]], axis=1)
    assert k == 30
    # Rows whose scores differ by less than float32 can show may change places.
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert all(len(set(row)) == k for row in run.neighbors.indices[part].tolist())


@pytest.fixture(scope="module")
def sources(real_data: Path) -> Sources:
    return ingest(CorpusSection(path=real_data / "corpus"))


def test_every_turn_of_the_web_page_has_its_speaker(sources: Sources) -> None:
    text = sources.text[sources.source_id.index("002")]
    # Read by eye: who the three are, that one has two names, and that one colon is a semicolon.
    people = {"host": "host", "Elon": "Elon Musk", "Elon Musk": "Elon Musk", "voiceover": "voiceover"}
    labels = [
        (match.end(), people[match[1]]) for match in re.finditer(r"^(host|Elon|Elon Musk|voiceover)[:;]\s*", text, re.M)
    ]
    rows = [row for row, source_id in enumerate(sources.turns.source_id) if source_id == "002"]
    begun = {int(sources.turns.start_char[row]): sources.turns.speaker[row] for row in rows}
    right = [begun.get(start) == speaker for start, speaker in labels]
    assert len(right) == 89
    assert sum(right) / len(right) >= 0.95
    # One more begins at a rule, after which the host goes on.
    assert len(rows) == 90


def test_the_head_of_the_web_page_is_no_speech(sources: Sources) -> None:
    text = sources.text[sources.source_id.index("002")]
    first = min(
        int(start)
        for source_id, start in zip(sources.turns.source_id, sources.turns.start_char, strict=True)
        if source_id == "002"
    )
    assert text[:first].rstrip().endswith("voiceover:")
    reasons = {
        reason
        for source_id, start, reason in zip(
            sources.dropped.source_id, sources.dropped.start_char, sources.dropped.reason, strict=True
        )
        if source_id == "002" and start < first
    }
    assert reasons == {"title", "date line", "menu", "byline", "summary", "speaker label"}


@pytest.mark.parametrize("source_id", ["000", "001", "003"])
def test_talk_without_speakers_comes_out_whole(sources: Sources, source_id: str) -> None:
    text = sources.text[sources.source_id.index(source_id)]
    (row,) = [row for row, one in enumerate(sources.turns.source_id) if one == source_id]
    assert text[sources.turns.start_char[row] : sources.turns.end_char[row]] == text.strip()
    assert source_id not in sources.dropped.source_id


def test_the_dates_of_all_five_are_right(sources: Sources, real_data: Path, tmp_path: Path) -> None:
    months = {"001": (date(2024, 4, 1), date(2024, 4, 30)), "003": (date(2026, 2, 1), date(2026, 2, 28))}
    days = {"000": date(2024, 4, 23), "002": date(2024, 9, 11), "004": date(2026, 1, 22)}
    expected = months | {source_id: (day, day) for source_id, day in days.items()}
    found = zip(sources.source_id, sources.date_start, sources.date_end, strict=True)
    assert {source_id: (start, end) for source_id, start, end in found} == expected
    assert sources.warnings == ()
    # Without the catalog, two say their day in their first lines, and no date is made up for the others.
    for path in (real_data / "corpus").glob("*.txt"):
        shutil.copy(path, tmp_path)
    alone = ingest(CorpusSection(path=tmp_path))
    dates = {name[:3]: start for name, start in zip(alone.source_id, alone.date_start, strict=True)}
    assert dates == {"000": None, "001": None, "002": days["002"], "003": None, "004": days["004"]}


# Agreement with the blind reading


class Reading(NamedTuple):
    source_id: str
    start_char: int
    end_char: int
    label: str


def read() -> list[Reading]:
    with READING.open(encoding="utf-8", newline="") as file:
        return [
            Reading(row["segment_id"].split(":")[0], int(row["start_char"]), int(row["end_char"]), row["label"])
            for row in csv.DictReader(file)
        ]


def given(tables: Tables, reading: Reading) -> str | None:
    """Primary theme of the segment that covers most of what was read."""
    segments = tables.run.segments
    overlap = np.minimum(segments.end_char, reading.end_char) - np.maximum(segments.start_char, reading.start_char)
    overlap = np.where(np.array(segments.source_id) == reading.source_id, overlap, 0)
    assert overlap.max() > 0, reading
    return tables.primary[int(overlap.argmax())]


def test_agreement_with_the_blind_reading(tables: Tables) -> None:
    guided = {theme.theme_id for theme in tables.run.themes.themes if theme.kind == "guided"}
    pairs = [(reading.label, given(tables, reading)) for reading in read()]
    assert len(pairs) == 100
    themed = [label == theme for label, theme in pairs if theme in guided]
    labelled = [theme in guided for label, theme in pairs if label != "none"]
    agree, found = np.mean(themed), np.mean(labelled)
    tally = f"agree {sum(themed)}/{len(themed)} = {agree:.3f}, found {sum(labelled)}/{len(labelled)} = {found:.3f}"
    assert agree >= 0.65, tally
    assert found >= 0.8, tally
