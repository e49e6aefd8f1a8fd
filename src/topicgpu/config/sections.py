"""The keys of a configuration: each with its type, limits, default and description."""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from topicgpu.config.ingest import IngestSection
from topicgpu.config.section import Section
from topicgpu.types import iso_days

DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2"
PeriodRule = Literal["auto", "day", "week", "month", "quarter", "year"]
Unit = Literal["words", "segments", "seconds"]
InferenceUnit = Literal["source", "date", "series"]
DriftKind = Literal["prevalence", "content", "vocabulary"]


def _device(value: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", value):
        raise ValueError("must be auto, cpu, cuda or cuda:N")
    return value


class CorpusSection(Section):
    """Where the sources are."""

    path: Path = Field(default=Path(), description="Folder of sources, with an optional sources.toml.")
    text_column: str = Field(
        default="text", min_length=1, description="Of tables (CSV, JSON Lines, Parquet): the texts."
    )
    date_column: str = Field(
        default="date", min_length=1, description="Of tables: the dates; rows without are undated."
    )
    source_column: str = Field(
        default="source",
        min_length=1,
        description="Of tables: which rows are of one source; without it, all of a date.",
    )
    speaker_column: str = Field(default="speaker", min_length=1, description="Of tables: who says it.")
    workers: int = Field(
        default=0, ge=0, le=256, description="Processes that read files; 0: one a core, where it has 4 MB to read."
    )
    summaries: Literal["drop", "keep"] = Field(
        default="drop",
        description="A page's summary before the first speaker: left out, or kept as segments that nobody speaks.",
    )


class SegmentSection(Section):
    """How sources are cut."""

    method: Literal["passage", "turn", "length"] = Field(
        default="passage",
        description="passage: whole sentences to the limits below, never over a change of subject, which the encoder "
        "finds; length: the same without looking at subjects; turn: each turn whole, where the encoder can read it.",
    )
    min_words: int = Field(
        default=40, ge=5, le=1000, description="Segments with fewer words are avoided where sentences allow."
    )
    max_words: int = Field(default=80, ge=10, le=2000, description="A segment never grows past this many words.")
    min_item_words: int = Field(
        default=15, ge=0, le=1000, description="A list item with fewer words is joined to the next one."
    )

    @model_validator(mode="after")
    def _ordered(self) -> "SegmentSection":
        if self.max_words < 1.5 * self.min_words:
            raise ValueError(
                f"max_words ({self.max_words}) must be at least 1.5 times min_words ({self.min_words}), "
                "or sentences can't be packed"
            )
        return self


class EmbeddingSection(Section):
    """The encoder and how it is run."""

    model: str = Field(default=DEFAULT_MODEL, min_length=1, description="Hugging Face id, or a folder with the model.")
    tier: Literal["model", "int8", "static"] = Field(
        default="model",
        description="Faster on a CPU and less exact: int8, the model in 8 bits (extra onnx), or static, a table of "
        "token vectors distilled from it. Both are made at their first use.",
    )
    device: Annotated[str, AfterValidator(_device)] = Field(
        default="auto", description="auto, cpu, cuda or cuda:N. auto takes the first GPU where there is one."
    )
    precision: Literal["auto", "float32", "float16", "bfloat16"] = Field(
        default="auto", description="auto: float32 on the CPU, float16 on a GPU. Pooling is always in float32."
    )
    devices: tuple[Annotated[str, AfterValidator(_device)], ...] = Field(
        default=(), description="One process for each of these devices, for example cuda:0 and cuda:1; empty: `device`."
    )
    batch_tokens: int = Field(
        default=0, ge=0, le=4_194_304, description="Tokens a batch; 0: 1,024 for each core of a CPU, 65,536 on a GPU."
    )
    compile: bool = Field(default=False, description="Compile the model with torch.compile: pays on long GPU jobs.")
    long_texts: Literal["windows", "truncate"] = Field(
        default="windows",
        description="Texts over the encoder's limit: mean of windows, or the beginning alone. Segments never are.",
    )
    pooling: Literal["auto", "mean", "cls", "max", "lasttoken"] = Field(
        default="auto", description="How tokens become one vector; auto: as the model's files say."
    )
    prompt: str = Field(
        default="auto",
        description="Text before each segment: auto (the model's default), the name of one of the model's prompts, "
        'such as query, or the text itself, such as "query: "; empty: none.',
    )
    max_tokens: int = Field(default=0, ge=0, description="Tokens read at a time; 0: as many as the model can.")
    dimension: int = Field(
        default=0, ge=0, description="First numbers kept of each vector, for models trained so (Matryoshka); 0: all."
    )
    languages: tuple[str, ...] = Field(
        default=(), description="Languages that the encoder serves (ISO 639-1); empty: what its model card says."
    )
    cache: str = Field(
        default="auto",
        min_length=1,
        description="Where vectors are kept for all runs: auto (your cache folder), off, or a folder.",
    )
    cache_gb: float = Field(
        default=20.0, gt=0, description="Size of that cache; vectors that were not used for longest go first."
    )
    download: bool = Field(default=False, description="Allow the model to be downloaded; announced and recorded.")

    @model_validator(mode="after")
    def _possible(self) -> "EmbeddingSection":
        if 0 < self.batch_tokens < 64:
            raise ValueError(f"batch_tokens ({self.batch_tokens}) must be 0 or at least 64")
        if len(set(self.devices)) != len(self.devices) and set(self.devices) != {"cpu"}:
            raise ValueError(f"devices ({', '.join(self.devices)}) names a device twice")
        if self.tier == "static" and self.devices:
            raise ValueError("devices must be empty with tier static: one process on the CPU reads the table")
        if self.tier != "model" and (self.precision != "auto" or self.compile):
            raise ValueError(f"precision and compile are for tier model; leave them out with tier {self.tier}")
        kinds = {device.partition(":")[0] for device in self.devices}
        if len(kinds) > 1 and self.precision == "auto":  # each kind would have its own, and its own vectors
            raise ValueError(f"devices ({', '.join(self.devices)}) are of several kinds; name a precision for all")
        if 0 < self.max_tokens < 8:
            raise ValueError(f"max_tokens ({self.max_tokens}) must be 0 or at least 8")
        return self


class NeighborsSection(Section):
    """The graph of similar segments."""

    k: int = Field(
        default=0, ge=0, le=1024, description="Neighbors of each segment; 0: 30 among up to 10,000 segments, else 15."
    )
    method: Literal["auto", "exact", "partitioned"] = Field(
        default="auto",
        description="exact: among all segments; partitioned: among those of the nearest cells, recall measured; auto: "
        "exact up to `exact_rows`.",
    )
    exact_rows: int = Field(
        default=0, ge=0, le=10_000_000, description="See method; 0: 10,000 on a CPU, 1,000,000 on a GPU."
    )
    recall: float = Field(
        default=0.95, gt=0, le=1, description="Of partitioned: cells are added until this share is found in a sample."
    )

    @model_validator(mode="after")
    def _possible(self) -> "NeighborsSection":
        if self.k == 1:
            raise ValueError("k (1) must be 0 or at least 2: one neighbor each makes no graph")
        return self


class MapSection(Section):
    """The 2-D map of the segments."""

    min_dist: float = Field(default=0.1, ge=0.0, le=1.0, description="How tightly the map may pack similar segments.")


class ClusterSection(Section):
    """The discovered groups of similar segments."""

    method: Literal["communities", "density", "evoc", "kmeans", "cuml"] = Field(
        default="communities",
        description="communities of the neighbor graph (Leiden), density (HDBSCAN on a UMAP layout), or another "
        "package's: EVoC (extra evoc), k-means (needs n_clusters), cuML's UMAP and HDBSCAN (extra cuda12 or cuda13).",
    )
    n_clusters: int = Field(default=0, ge=0, le=1_000_000, description="Of kmeans, which has to be told; else 0.")
    resolution: float = Field(
        default=0.0, ge=0, le=100_000, description="Higher gives more, smaller communities; 0: chosen from the data."
    )
    min_size: int = Field(default=8, ge=2, le=1_000_000, description="Smaller groups are left unassigned.")

    @model_validator(mode="after")
    def _told(self) -> "ClusterSection":
        if (self.method == "kmeans") != (self.n_clusters > 0):
            raise ValueError("n_clusters is what method kmeans needs and no other method takes; give both or neither")
        if self.resolution and self.method != "communities":
            raise ValueError(f"resolution ({self.resolution:g}) is for method communities; leave it out")
        return self


def is_reserved(theme_id: str) -> bool:
    """
    Say whether an id is one that no guided theme may have.

    Parameters
    ----------
    theme_id : str
        Of a theme.

    Returns
    -------
    bool
        True for those of discovered themes and for `none`.
    """
    return theme_id == "none" or re.fullmatch(r"d\d+", theme_id) is not None


class GuidedTheme(Section):
    """A theme that the user names."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description="Permanent name in tables: a-z, 0-9 and _.")
    name: str = Field(min_length=1, max_length=80, description="Name in the report.")
    description: str = Field(min_length=1, description="What the theme is about, in a sentence.")
    seeds: tuple[str, ...] = Field(default=(), description="Phrases that say what talk about it sounds like.")
    exclude: tuple[str, ...] = Field(default=(), alias="not", description="What the theme leaves out.")

    @field_validator("id")
    @classmethod
    def _not_taken(cls, value: str) -> str:
        if is_reserved(value):
            raise ValueError("is taken: d1, d2, ... are discovered themes, none is no theme; choose another id")
        return value


class NoiseSection(Section):
    """Segments that lie in no discovered group, or only at its rim."""

    policy: Literal["keep", "assign", "soft"] = Field(
        default="keep",
        description="keep: no theme; assign: the nearest discovered theme; soft: that one as a further theme only, so "
        "that shares of primary themes leave it out.",
    )
    threshold: float = Field(
        default=0.08, ge=0, le=1, description="Strength in its theme below which a segment is noise; 0: none is."
    )


class MergedThemes(Section):
    """Themes that are one by your judgement."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    into: str = Field(min_length=1, description="Id of the theme that stays.")
    themes: tuple[str, ...] = Field(min_length=1, alias="from", description="Ids of those that become part of it.")


class ThemesSection(Section):
    """Guided and discovered themes."""

    discover: bool = Field(default=True, description="Look for themes in what the guided ones leave.")
    guided: tuple[GuidedTheme, ...] = Field(default=(), description="Themes named by the user.")
    background: tuple[str, ...] = Field(
        default=(
            "small talk, greetings, thanks and laughter",
            "introducing the speakers and the programme",
            "asking for the next question, logistics of the call",
            "yes, right, exactly, I agree",
        ),
        description="Phrases for talk that is about no theme.",
    )
    threshold: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="Strength that a segment's guided theme needs; 0: to be likelier than no theme. Higher: fewer "
        "segments with a theme, and more of them right.",
    )
    max_per_segment: int = Field(default=3, ge=1, le=10, description="Themes that one segment may carry.")
    min_segments: int = Field(default=8, ge=2, le=1_000_000, description="Segments that a discovered theme needs.")
    n_keywords: int = Field(default=10, ge=1, le=100, description="Keywords shown for a theme.")
    n_exemplars: int = Field(default=5, ge=1, le=50, description="Typical segments shown for a theme.")
    subthemes: bool = Field(default=True, description="Look for parts inside wide themes, and families of themes.")
    stability_runs: int = Field(
        default=5, ge=0, le=100, description="Other seeds and samples that say how stable themes are; 0: not measured."
    )
    stable_from: float = Field(default=0.6, ge=0, le=1, description="Stability below which a theme is marked unstable.")
    namer: str = Field(
        default="", description="Folder of a local language model that words the names; empty: names from phrases."
    )
    labels: str = Field(
        default="", description="CSV of segments labelled by hand (topicgpu label); they serve as further examples."
    )
    noise: NoiseSection = NoiseSection()
    rename: dict[str, str] = Field(default_factory=dict, description="Theme id to the name that you give it.")
    merge: tuple[MergedThemes, ...] = Field(default=(), description="Discovered themes that are one.")
    hide: tuple[str, ...] = Field(default=(), description="Ids of discovered themes whose segments have no theme.")

    @model_validator(mode="after")
    def _distinct(self) -> "ThemesSection":
        for what in ("id", "name"):
            values = [getattr(theme, what) for theme in self.guided]
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"two guided themes have the {what} {value!r}; give each its own")
        said: dict[tuple[str, ...], str] = {}
        for theme in self.guided:
            other = said.setdefault((theme.description, *theme.seeds), theme.id)
            if other != theme.id:
                raise ValueError(f"the guided themes {other!r} and {theme.id!r} have the same description and seeds")
        if not self.discover and not self.guided:
            raise ValueError("discover is false and no [[themes.guided]] is given, so there would be no themes")
        return self

    @model_validator(mode="after")
    def _possible_names(self) -> "ThemesSection":
        names = [theme.name for theme in self.guided] + list(self.rename.values())
        for theme_id, name in self.rename.items():
            if not name.strip():
                raise ValueError(f"rename gives {theme_id!r} no name; give it one, or take the line out")
            if names.count(name) > 1:
                raise ValueError(f"rename gives {theme_id!r} the name {name!r} of another theme; give each its own")
        return self

    @model_validator(mode="after")
    def _possible_edits(self) -> "ThemesSection":
        guided = {theme.id for theme in self.guided}
        gone = [theme_id for merge in self.merge for theme_id in merge.themes]
        for theme_id in gone:
            if gone.count(theme_id) > 1:
                raise ValueError(f"merge names {theme_id!r} twice under from; a theme becomes part of one other")
        for merge in self.merge:
            if merge.into in gone:
                raise ValueError(f"merge has {merge.into!r} under into and under from; name the theme that stays")
        for what, theme_ids in (("rename", self.rename), ("hide", self.hide), ("merge.from", gone)):
            for theme_id in theme_ids:
                if theme_id in guided:
                    raise ValueError(
                        f"{what} names the guided theme {theme_id!r}; change its [[themes.guided]] instead"
                    )
        for theme_id in self.hide:
            if theme_id in {*gone, *(merge.into for merge in self.merge)}:
                raise ValueError(f"{theme_id!r} is under hide and under merge; take it out of one")
        return self


class NamedPeriod(Section):
    """A period of your own: from the first day of one date to the last day of another."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(min_length=1, max_length=80, description="Name in tables and sentences.")
    first: str = Field(alias="from", description="Year, month or day that it begins with: 2019, 2019-03, 2019-03-01.")
    last: str = Field(alias="to", description="Year, month or day that it ends with, that one included.")

    @field_validator("first", "last")
    @classmethod
    def _in_the_calendar(cls, value: str) -> str:
        try:
            iso_days(value)
        except ValueError:
            raise ValueError("must be a year, month or day of the calendar: 2019, 2019-03 or 2019-03-01") from None
        return value

    @model_validator(mode="after")
    def _forwards(self) -> "NamedPeriod":
        if not self.name.strip():
            raise ValueError(f"the name {self.name!r} can't be seen; give it one")
        first, last = self.days
        if first > last:
            raise ValueError(
                f"the period {self.name!r} begins with {self.first} and ends with {self.last}, which is before; "
                "change from or to"
            )
        return self

    @property
    def days(self) -> tuple[date, date]:
        """First and last day, both included."""
        return iso_days(self.first)[0], iso_days(self.last)[1]


class GateLimit(Section):
    """A change that may not be passed."""

    kind: DriftKind = Field(default="prevalence", description="Kind of drift.")
    themes: tuple[str, ...] = Field(default=(), description="Ids of themes; empty: every stable theme.")
    effect: float = Field(
        gt=0,
        description="Largest change, up or down, that passes. Of prevalence: a difference of shares (0.1 is ten "
        "points), with a q the one inside kinds of source that both sides have. Of content: the energy distance beyond "
        "what chance gives. Of vocabulary: the log odds of the term that moved most clearly.",
    )
    q: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Only a change with a q of this at most fails; without it, any. Vocabulary needs one.",
    )

    @model_validator(mode="after")
    def _possible(self) -> "GateLimit":
        if self.kind == "prevalence" and self.effect >= 1:
            raise ValueError(f"no share changes by more than 1, but effect is {self.effect:g}; 0.1 is ten points")
        if self.kind == "vocabulary" and self.q is None:
            raise ValueError(
                "a gate on vocabulary has no q, but the term that moves most moves far by chance alone; add q = 0.05"
            )
        return self


class GatesSection(Section):
    """Limits that end a run with exit code 1 where a theme drifts past them."""

    undecided: Literal["pass", "fail"] = Field(
        default="pass",
        description="What a gate comes to whose q the sources can't give, or that has nothing to compare.",
    )
    limits: tuple[GateLimit, ...] = Field(default=(), description="The gates.")


class DriftSection(Section):
    """How shares over time are counted, and how changes are tested."""

    period: PeriodRule = Field(
        default="auto", description="Calendar rule of a period; auto: the coarsest that gives at least two."
    )
    periods: tuple[NamedPeriod, ...] = Field(default=(), description="Periods of your own, in place of a rule.")
    shares_of: Unit = Field(default="words", description="What the shares in changes, findings and charts are of.")
    unit: InferenceUnit = Field(
        default="source",
        description="What counts as one observation: a source; all sources of a date; all sources of a series in a "
        "period. Take the coarser one where sources of one date or series say the same.",
    )
    level: float = Field(default=0.05, gt=0, lt=0.5, description="False findings allowed for: false discovery rate.")
    min_words: int = Field(default=300, ge=0, description="Cells with fewer words are marked thin.")
    gates: GatesSection = GatesSection()

    @model_validator(mode="after")
    def _apart(self) -> "DriftSection":
        if self.periods and self.period != "auto":
            raise ValueError(f"period = {self.period!r} and [[drift.periods]] are both given; take one of them out")
        names = [period.name for period in self.periods]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two periods have the name {name!r}; give each its own")
        for one, other in pairwise(sorted(self.periods, key=lambda period: period.days)):
            if other.days[0] <= one.days[1]:
                raise ValueError(
                    f"the periods {one.name!r} ({one.first} to {one.last}) and {other.name!r} ({other.first} to "
                    f"{other.last}) share days; let the first end before the second begins"
                )
        return self


class ReportSection(Section):
    """The HTML report."""

    title: str = Field(default="", max_length=200, description="Title; empty: the name of the run.")
    max_findings: int = Field(default=7, ge=1, le=50, description="Findings at the top of the report.")
    interactive: bool = Field(
        default=True, description="Put scripts into the report: map, segment table, charts that answer. False: none."
    )
    text: bool = Field(default=True, description="Show the words of the sources; false: only where they stand.")
    speakers: Literal["named", "anonymous"] = Field(
        default="named", description="named, or anonymous: a number for each, which is the same one everywhere."
    )


class Config(Section):
    """One whole run."""

    name: str = Field(default="run", pattern=r"^[\w][\w .-]{0,99}$", description="Name of the run and of its folder.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Seed of everything that draws random numbers.")
    corpus: CorpusSection = CorpusSection()
    ingest: IngestSection = IngestSection()
    segment: SegmentSection = SegmentSection()
    embedding: EmbeddingSection = EmbeddingSection()
    neighbors: NeighborsSection = NeighborsSection()
    map: MapSection = MapSection()
    cluster: ClusterSection = ClusterSection()
    themes: ThemesSection = ThemesSection()
    drift: DriftSection = DriftSection()
    report: ReportSection = ReportSection()
