"""A small run made by hand, with every kind of result, and names, texts and titles that mean harm."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from topicgpu.config import validate_config
from topicgpu.drift.changes.design import Comparison
from topicgpu.drift.changes.rows import Change, changes_table
from topicgpu.types import (
    Changes,
    ChangeTerms,
    Drift,
    Dropped,
    Embeddings,
    Finding,
    GateResult,
    Keyword,
    Map,
    Prevalence,
    Repeats,
    Segments,
    Sources,
    Theme,
    Themes,
    Turns,
)

HOSTILE = (
    "She said <script>alert('x')</script> and </style></blockquote> & \"both\" 'kinds' \u2028 of \u202e quotes "
    '<img src="http://evil.invalid/a.png" onerror=alert(1)> {{ 7 * 7 }}.'
)

# source id, title, first day, last day, genre, form, languages, texts
_SOURCES: list[tuple[str, str, date | None, date | None, str | None, str | None, tuple[str, ...], list[str]]] = [
    (
        "call",
        "Harbour company, half-year call",
        date(2021, 3, 9),
        date(2021, 3, 9),
        "earnings call",
        None,
        ("en",),
        ["The cranes moved more boxes than in any spring before.", HOSTILE, "Nets and ropes cost us twice as much."],
    ),
    (
        "talk",
        "Keeper & <b>lighthouse</b>",
        date(2021, 6, 1),
        date(2021, 6, 30),
        "interview",
        "captions",
        ("en",),
        ["A lamp must turn at the same pace all night.", "Storms come from the west here.", "Thank you for the tea."],
    ),
    (
        "notes",
        "Notes from the harbour council",
        date(2022, 1, 1),
        date(2022, 12, 31),
        "minutes",
        "digest",
        ("en",),
        ["The council heard that tolls would rise by 4 in the autumn.", "Members asked for a new lamp on the pier."],
    ),
    ("letter", "Undated letter", None, None, None, None, ("en",), ["Ropes again, always ropes, and no money."]),
    (
        "radio",
        "港口电台",
        date(2022, 5, 4),
        date(2022, 5, 4),
        "broadcast",
        None,
        ("zh",),
        ["港口今天很安静，风从海上来。"],
    ),
]
_THEMES = [
    Theme("cranes", "Cranes and boxes", "guided", "Loading and unloading ships.", (), 2, ("call:0-54",)),
    Theme("lamps", "Lamps <at> night", "guided", "Lights for ships.", (), 2, ()),
    Theme("whales", "Whales", "guided", "Animals of the sea.", (), 0, ()),
    Theme(
        "d_ropes", "ropes, nets", "discovered", None, (Keyword("ropes", 2.0), Keyword("nets", 1.0)), 3, (), None, 0.75
    ),
]
_PRIMARY = [0, 3, 3, 1, -1, -1, 0, 1, 3, -1]
NAN = math.nan


def make_sources() -> Sources:
    columns = list(zip(*_SOURCES, strict=True))
    text = tuple("\n".join(texts) for texts in columns[7])
    turns = Turns(
        source_id=("call", "talk", "notes", "notes", "letter", "radio"),
        position=np.array([0, 0, 0, 1, 0, 0]),
        start_char=np.array([0, 0, 0, len(_SOURCES[2][7][0]) + 1, 0, 0]),
        end_char=np.array(
            [len(text[0]), len(text[1]), len(_SOURCES[2][7][0]), len(text[2]), len(text[3]), len(text[4])]
        ),
        kind=("speech", "speech", "text", "text", "text", "speech"),
        speaker=("Ana \u202e<i>", None, None, None, None, None),
        start_s=np.full(6, NAN),
        end_s=np.full(6, NAN),
        locator=(None, None, "chars 10-420 of the original", "chars 421-900 of the original", None, None),
    )
    dropped = Dropped(("talk", "talk"), np.array([0, 5]), np.array([5, 9]), np.array([3, 4]), ("menu", "menu"))
    return Sources(
        source_id=columns[0],
        title=columns[1],
        date_start=columns[2],
        date_end=columns[3],
        genre=columns[4],
        form=columns[5],
        series=(None,) * len(text),
        languages=columns[6],
        path=tuple(f"{name}.txt" for name in columns[0]),
        sha256=tuple("0" * 64 for _ in text),
        origin=("ask the harbour company", None, None, None, None),
        text=text,
        turns=turns,
        dropped=dropped,
        warnings=("letter.txt has no date.",),
    )


def make_segments(sources: Sources) -> Segments:
    rows = []
    for source, texts in enumerate(entry[7] for entry in _SOURCES):
        start = 0
        for position, text in enumerate(texts):
            rows.append((source, position, start, start + len(text), text))
            start += len(text) + 1
    ids = [sources.source_id[row[0]] for row in rows]
    n = len(rows)
    start_s = np.full(n, NAN)
    start_s[0] = 65.0
    return Segments(
        segment_id=tuple(f"{name}:{row[2]}-{row[3]}" for name, row in zip(ids, rows, strict=True)),
        source_id=tuple(ids),
        position=np.array([row[1] for row in rows]),
        passage=np.array([row[1] for row in rows]),
        start_char=np.array([row[2] for row in rows]),
        end_char=np.array([row[3] for row in rows]),
        start_s=start_s,
        end_s=start_s + 5,
        speaker=tuple("Ana \u202e<i>" if name == "call" else None for name in ids),
        language=tuple("zh" if name == "radio" else "en" for name in ids),
        date=tuple(sources.dates[row[0]] for row in rows),
        text=tuple(row[4] for row in rows),
        n_tokens=np.full(n, 12),
        n_words=np.full(n, 10),
    )


def make_prevalence() -> Prevalence:
    rows: list[tuple[str | None, str, str, float, float, float, str | None, int, bool]] = []
    shares = {
        "call": {"cranes": 0.4, "lamps": 0.0, "whales": 0.0, "d_ropes": 0.3, None: 0.3},
        "talk": {"cranes": 0.0, "lamps": 0.3333, "whales": 0.0, "d_ropes": 0.0, None: 0.6667},
        "notes": {"cranes": 0.0004, "lamps": 0.4996, "whales": 0.0, "d_ropes": 0.0, None: 0.5},
        "letter": {"cranes": 0.0, "lamps": 0.0, "whales": 0.0, "d_ropes": 1.0, None: 0.0},
    }
    for key, themes in shares.items():
        for theme_id, share in themes.items():
            known = key != "letter"
            low, high = (max(0.0, share - 0.1), min(1.0, share + 0.123)) if known else (NAN, NAN)
            rows.append((theme_id, "source", key, share, low, high, "within" if known else None, 1, key == "notes"))
    for period, theme_id, share in [("2021", "cranes", 0.2), ("2022", "cranes", 0.0004), ("2021", "lamps", 0.16665)]:
        rows.append((theme_id, "period", period, share, NAN, NAN, None, 2 if period == "2021" else 1, False))
    rows.append(("lamps", "period", "2022", 0.4996, 0.2, 0.8, "between", 5, False))
    n = len(rows)
    theme_id, level, key, share, low, high, interval, n_sources, thin = zip(*rows, strict=True)
    words = np.full(n, 1234.0)
    once = Prevalence(
        theme_id=theme_id,
        level=level,
        key=key,
        unit=("words",) * n,
        measure=("primary",) * n,
        share=np.array(share),
        low=np.array(low),
        high=np.array(high),
        interval=interval,
        theme_units=np.round(np.array(share) * words),
        total_units=words,
        n_sources=np.array(n_sources),
        n_blocks=np.full(n, NAN),
        thin=np.array(thin),
    )
    return once


def make_changes() -> Changes:
    """Of themes 0 and 1: described changes of share, a tested one of what is said, and one of words."""
    years = Comparison("period", (0,), (1,))
    sides: dict[str, Any] = {"comparison": years, "n_from": 2, "n_to": 1, "units_from": 2, "units_to": 1}
    described: dict[str, Any] = {
        **sides,
        "kind": "prevalence",
        "unit": "words",
        "smallest_p": 1 / 3,
        "why": "2 against 1 sources cannot show a change beyond themselves",
    }
    tested: dict[str, Any] = {**sides, "smallest_p": 0.001}
    rows = (
        Change(
            0,
            effect=-0.1996,
            loo_low=-0.3996,
            loo_high=0.0004,
            value_from=0.2,
            value_to=0.0004,
            rests_on="call",
            detectable=math.inf,
            **described,
        ),
        Change(1, effect=0.33295, **described),
        Change(
            0,
            kind="content",
            unit="distance",
            effect=0.1234,
            expected=0.05,
            p=0.0123,
            q=0.04,
            p_shift=0.2,
            detectable=0.11,
            **tested,
        ),
        Change(3, kind="vocabulary", unit="log odds", effect=-2.5, p=0.00001, q=0.5, unstable=True, **tested),
    )
    return changes_table(rows, [theme.theme_id for theme in _THEMES], ("2021", "2022"))


def make_terms() -> ChangeTerms:
    return ChangeTerms(
        theme_id=("cranes",) * 3,
        level=("period",) * 3,
        from_=("2021",) * 3,
        to=("2022",) * 3,
        term=("tolls", "<b>pier", "boxes"),
        log_odds=np.array([2.0, 1.0, -1.5]),
        n_from=np.array([0, 1, 4]),
        n_to=np.array([3, 2, 0]),
        of_from=np.array([8, 8, 8]),
        of_to=np.array([9, 9, 9]),
        sources_from=np.array([0, 1, 1]),
        sources_to=np.array([1, 1, 0]),
        only_in=("notes", None, "call"),
    )


def make_results() -> dict[str, Any]:
    sources = make_sources()
    segments = make_segments(sources)
    rows, n = segments.fingerprint, len(segments)
    primary = np.array(_PRIMARY)
    carried = np.flatnonzero(primary >= 0)
    exemplars = {
        place: tuple(segments.segment_id[row] for row in np.flatnonzero(primary == place)) for place in range(4)
    }
    themes = Themes(
        themes=tuple(replace(theme, exemplars=exemplars[place]) for place, theme in enumerate(_THEMES)),
        row=carried,
        theme=primary[carried],
        strength=np.full(len(carried), 0.5, dtype=np.float32),
        rank=np.ones(len(carried), dtype=np.int64),
        near_row=np.zeros(0, dtype=np.int64),
        near_theme=np.zeros(0, dtype=np.int64),
        near_strength=np.zeros(0, dtype=np.float32),
        n_rows=n,
        rows=rows,
    )
    xy = np.column_stack([np.cos(np.arange(n)), np.sin(np.arange(n))]).astype(np.float32)
    xy[-1] = NAN
    findings = (
        Finding(
            "fades",
            "cranes",
            "“Cranes and boxes” falls from 2021 to 2022",
            "Cranes and boxes falls from 20.0 % to under 0.1% of the words, in 2 sources and 1.",
            {"share_from": 0.2, "share_to": 0.0004, "effect": -0.1996, "sources_from": 2, "sources_to": 1},
            (segments.segment_id[0], segments.segment_id[6]),
            "described",
            "2021",
            "2022",
            ("call",),
            ("whose <speakers> are known",),
        ),
        Finding(
            "rises",
            "d_ropes",
            "“Ropes & <nets>” rises from 2021 to 2022",
            "Ropes & <nets> stand at 100.0% in 1 source.",
            {},
            (segments.segment_id[1],),
            "described",
            "2021",
            "2022",
        ),
        Finding(
            "absent",
            "whales",
            "“Whales” is the main theme of no segment",
            "Whales is absent.",
            {"words": 90},
            (),
            "described",
        ),
    )
    drift = Drift(
        prevalence=make_prevalence(),
        changes=make_changes(),
        terms=make_terms(),
        instruments=("The segments of 2022 are <half> as long.",),
        gates=(GateResult("a rise of <cranes> over 5 points", "passed", "It falls.", ()),),
        findings=findings,
        periods=("2021", "2022"),
        period_of={"call": "2021", "talk": "2021", "notes": "2022", "radio": "2022"},
        pooled={"cranes": {"2021": 0.25, "2022": 0.0004}},
        undecided=("No period has five sources, so <none> has an interval.",),
        rows=rows,
    )
    return {
        "config": validate_config({"name": "harbour", "report": {"title": "Harbour & <town>"}}, "test"),
        "manifest": make_manifest(),
        "sources": sources,
        "segments": segments,
        "embeddings": make_embeddings(segments),
        "repeats": Repeats(np.array([2]), np.array([8]), ("exact",), np.array([1.0]), n, rows),
        "map": Map(xy, "UMAP", rows),
        "themes": themes,
        "drift": drift,
    }


def make_embeddings(segments: Segments) -> Embeddings:
    served = np.array([language == "en" for language in segments.language])
    angles = np.arange(len(segments))
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32) * served[:, None]
    return Embeddings(vectors, served, "tiny/encoder", "r1", ("en",), segments.fingerprint)


def make_manifest() -> dict[str, Any]:
    return {
        "name": "harbour",
        "topicgpu_version": "0.0.1",
        "created": "2024-05-06T07:08:09Z",
        "seed": 7,
        "config_path": "harbour.toml",
        "device": {"wanted": "auto", "used": "cpu", "name": "a processor", "reason": "no GPU was found"},
        "versions": {"numpy": "2.0", "altair": "6.0"},
        "stages": {
            "ingest": {"status": "store", "seconds": 0.01, "peak_memory_bytes": None, "implementation": {}},
            "neighbors": {
                "status": "computed",
                "seconds": 75.2,
                "peak_memory_bytes": 2**31,
                "implementation": {"topk": "reference: the tensor is on the CPU"},
            },
        },
        "warnings": [{"stage": "embed", "message": "1 segment is in a language that is <not> served."}],
        "neighbors": {"k": 30, "exact": False, "recall": 0.961},
        "dropped": {"menu": 7},
        "not_served": [{"source_id": "radio", "language": "zh", "segments": 1, "words": 10}],
        "encoder": {"model": "tiny/encoder", "languages": ["en"], "dimension": 384, "max_tokens": 256},
    }
