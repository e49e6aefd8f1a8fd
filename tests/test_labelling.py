"""Labels by hand from the command line: the sample, its blindness, and the figures that come back, counted by hand."""

import csv
import json
import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

import topicgpu
from planted.tables import Row, tables
from topicgpu.cli import main
from topicgpu.errors import ConfigError, RunFolderError
from topicgpu.label_scores import Rate, reader_kappa, score_labels, weighted_rate
from topicgpu.labelling import candidates, draw_sample
from topicgpu.themes.labels import Label

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:hdbscan", "ignore::SyntaxWarning")

# Drawing


def drawn(rows, n, seed=0, labelled=()):
    made = tables(rows, {row.source: "2024" for row in rows})
    free = candidates(made.segments, made.embeddings, made.repeats, labelled)
    return draw_sample(made.segments, free, n, seed).tolist()


def test_each_source_gives_as_many_as_the_others_as_far_as_it_has_them() -> None:
    rows = [Row("a")] * 50 + [Row("b")] * 3 + [Row("c")] * 50
    sample = drawn(rows, 23)
    assert len(set(sample)) == 23
    assert Counter(rows[row].source for row in sample) == {"a": 10, "b": 3, "c": 10}
    assert sorted(drawn(rows, 1000)) == list(range(103))
    assert len({rows[row].source for row in drawn(rows, 2)}) == 2


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    rows = [Row("a")] * 200
    assert drawn(rows, 20) == drawn(rows, 20)
    assert len(set(drawn(rows, 20)) & set(drawn(rows, 20, seed=1))) < 10
    assert drawn(rows, 20) != sorted(drawn(rows, 20))  # their order says nothing


def test_repeats_other_languages_and_labelled_text_are_not_drawn() -> None:
    rows = [Row("a"), Row("a", repeats=0), Row("a", served=False), Row("a"), Row("a")]
    assert sorted(drawn(rows, 9)) == [0, 3, 4]
    assert sorted(drawn(rows, 9, labelled=[Label("a", 350, 360, None, None)])) == [0, 4]
    assert drawn([Row("a", served=False)], 9) == []


# Scores


def test_without_weights_the_interval_is_wilsons() -> None:
    hits = np.array([True] * 63 + [False] * 29)
    expected = binomtest(63, 92).proportion_ci(method="wilson")
    rate = weighted_rate(hits, np.full(92, 7.0))
    assert rate[:3] == pytest.approx((63 / 92, expected.low, expected.high), abs=1e-4)
    assert rate.n == 92


def test_weights_count_rows_and_widen_the_interval() -> None:
    hits, weights = np.array([True, False, False]), np.array([6.0, 1.0, 1.0])
    share, low, high, n = weighted_rate(hits, weights)
    assert (share, n) == (0.75, 3)
    even = weighted_rate(np.array([True, True, True, False]), np.ones(4))
    assert high - low > even.high - even.low
    assert weighted_rate(hits[:0], weights[:0]) == Rate(None, None, None, 0)


def scored(run, reader, **options):
    """Rows (source, run's theme or None) against labels (primary, second)."""
    rows = [Row(source, (theme,) if theme else ()) for source, theme in run]
    made = tables(rows, {source: "2024" for source, _ in run}, theme_ids=["x", "y", "d1"])
    discovered = replace(made.themes.themes[2], kind="discovered")
    themes = replace(made.themes, themes=(*made.themes.themes[:2], discovered))
    spans = zip(made.segments.source_id, made.segments.start_char, made.segments.end_char, strict=True)
    labels = [Label(*span, *given) for span, given in zip(spans, reader, strict=False)]
    return score_labels(labels, made.segments, themes, np.ones(len(rows), dtype=bool), **options)


RUN = [("a", "x"), ("a", "x"), ("a", "y"), ("a", None), ("a", None), ("a", "d1")]
READER = [("x", None), ("y", "x"), ("y", None), ("x", None), (None, None), ("d1", None)]


def test_agreement_and_coverage_counted_by_hand() -> None:
    scores = scored(RUN, READER)
    assert (scores.agreement.share, scores.agreement.n) == (0.75, 4)  # x y d1 of x x y d1
    assert scores.either.share == 1.0
    assert (scores.coverage.share, scores.coverage.n) == (0.8, 5)
    assert {theme: (of[0].share, of[1].share) for theme, of in scores.by_theme.items()} == {
        "x": (0.5, 0.5),
        "y": (1.0, 0.5),
        "d1": (1.0, 1.0),
    }
    assert sorted(scores.confusions) == [("x", "none", 1), ("y", "x", 1)]
    assert (scores.n_labels, scores.not_found, scores.unknown) == (6, 0, [])


def test_guided_themes_alone() -> None:
    scores = scored(RUN, READER, guided=True)
    assert (scores.agreement.n, scores.coverage.n) == (3, 4)
    assert set(scores.by_theme) == {"x", "y"}


def test_a_source_counts_by_its_segments_and_not_by_its_labels() -> None:
    run = [("a", "x")] * 2 + [("b", "x")] * 8
    scores = scored(run, [("x", None), ("x", None), ("y", None), ("y", None)])
    assert scores.agreement.share == 0.2  # a: 2 of 2, b: none of 2, and b has four times the segments
    assert {name: of[0].share for name, of in scores.by_source.items()} == {"a": 1.0, "b": 0.0}


def test_labels_of_merged_hidden_and_unknown_themes() -> None:
    run = [("a", "x"), ("a", None), ("a", "y")]
    reader = [("d7", None), ("d8", None), ("d9", None)]
    scores = scored(run, reader, became={"d7": "x", "d8": None})
    assert scores.agreement.share == 0.5
    assert scores.coverage.n == 2
    assert scores.unknown == ["d9"]


def test_labels_of_text_that_is_not_there() -> None:
    made = tables([Row("a", ("x",))], {"a": "2024"})
    scores = score_labels([Label("b", 0, 9, "x", None)], made.segments, made.themes, np.ones(1, dtype=bool))
    assert scores.not_found == 1
    assert scores.agreement == Rate(None, None, None, 0)


def reading(*themes):
    return [Label("a", row * 10, row * 10 + 10, theme, None) for row, theme in enumerate(themes)]


def test_kappa_of_two_readers() -> None:
    same, kappa = reader_kappa(reading("x", "x", "y", None), reading("x", "y", "y", None, "x"))
    assert (same.share, same.n) == (0.75, 4)
    assert kappa == pytest.approx((0.75 - 5 / 16) / (1 - 5 / 16), abs=1e-4)
    assert reader_kappa(reading("x", "x"), reading("x", "x"))[1] is None
    with pytest.raises(ConfigError, match="no labelled segment in common"):
        reader_kappa(reading("x"), [Label("b", 0, 10, "x", None)])


# The command


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> topicgpu.Run:
    """A run of three sources with guided and discovered themes; no test changes it."""
    folder = tmp_path_factory.mktemp("labelling")
    (folder / "talks").mkdir()
    words = np.random.default_rng(0).choice(
        ["wind", "rain", "seed", "flour", "market", "price", "tax", "law"], (3, 40, 6)
    )
    for number, subject in enumerate(("rocket engine", "bread oven", "garden soil")):
        lines = [f"=The {subject} is in the {' of the '.join(line)}." for line in words[number]]
        (folder / "talks" / f"202{4 + number}-01-01 talk{number}.txt").write_text(" ".join(lines) + "\n")
    (folder / "small.toml").write_text(
        f'[corpus]\npath = "talks"\n[embedding]\nmodel = {json.dumps(str(tiny_model))}\ndevice = "cpu"\n'
        "[neighbors]\nk = 5\n[cluster]\nmin_size = 3\n[themes]\nmin_segments = 2\n"
        '[[themes.guided]]\nid = "bread"\nname = "Bread"\ndescription = "bread in the oven"\nseeds = ["the oven"]\n'
        'not = ["flour"]\n'
    )
    return topicgpu.run(folder / "small.toml", folder / "run")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path: Path, out: Path, primary: dict[str, str], delimiter: str = ",") -> Path:
    rows = rows_of(path)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(row | {"primary": primary.get(row["segment_id"], "none")} for row in rows)
    return out


def truth_of(run: topicgpu.Run) -> dict[str, str]:
    names = [theme.theme_id for theme in run.themes.themes]
    pairs = zip(run.segments.segment_id, run.themes.primary, strict=True)
    return {segment_id: names[theme] for segment_id, theme in pairs if theme >= 0}


def test_a_sample_holds_the_text_and_not_the_runs_answer(
    finished: topicgpu.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in finished.folder.rglob("*") if path.is_file()}
    assert main(["label", str(finished.folder), "--n", "6"]) == 0
    assert capsys.readouterr().out == "labels.csv: 6 segments; labels-themes.md: the themes, and what to write.\n"
    rows = rows_of(tmp_path / "labels.csv")
    assert len(rows) == 6
    assert list(rows[0]) == ["segment_id", "source", "date", "before", "text", "after", "primary", "second"]
    texts, place = finished.segments.text, {name: row for row, name in enumerate(finished.segments.segment_id)}
    for row in rows:
        at = place[row["segment_id"]]
        assert row["text"].removeprefix("'") == texts[at]
        assert not row["text"].startswith("=")
        assert row["before"].removeprefix("'") == (texts[at - 1] if finished.segments.position[at] else "")
        assert (row["primary"], row["second"]) == ("", "")
    about = (tmp_path / "labels-themes.md").read_text(encoding="utf-8")
    assert "- `bread`: **Bread**. bread in the oven\n  - like: the oven\n  - not: flour\n" in about
    assert all(f"- `{theme.theme_id}`: **{theme.name}**" in about for theme in finished.themes.themes)
    assert {path: path.read_bytes() for path in finished.folder.rglob("*") if path.is_file()} == before

    assert main(["label", str(finished.folder)]) == 2
    assert capsys.readouterr().err == (
        "topicgpu: labels.csv: is there already, and labels are work; give another place with --out.\n"
    )
    fill(tmp_path / "labels.csv", tmp_path / "done.csv", {})
    more = ["label", str(finished.folder), "--exclude", "done.csv", "--out", "more.csv", "--n", "500", "--guided"]
    assert main([*more, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    other = {row["segment_id"] for row in rows_of(tmp_path / "more.csv")}
    assert result == {"sample": "more.csv", "themes": "more-themes.md", "segments": len(other)}
    assert not other & {row["segment_id"] for row in rows}
    assert "`d1`" not in (tmp_path / "more-themes.md").read_text(encoding="utf-8")
    fill(tmp_path / "more.csv", tmp_path / "more-done.csv", {})
    rest = ["label", str(finished.folder), "--out", "none.csv"]
    assert main([*rest, "--exclude", "done.csv", "--exclude", "more-done.csv"]) == 2
    assert "no segment is left to draw" in capsys.readouterr().err


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_labels_that_say_what_the_run_says_agree(
    finished: topicgpu.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], delimiter: str
) -> None:
    run = str(finished.folder)
    assert main(["label", run, "--out", str(tmp_path / "a.csv")]) == 0
    read = fill(tmp_path / "a.csv", tmp_path / "read.csv", truth_of(finished), delimiter)
    other = fill(tmp_path / "a.csv", tmp_path / "other.csv", {}, delimiter)
    capsys.readouterr()
    assert main(["label", run, "--read", str(read), "--against", str(other), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["agreement"][0] == scores["coverage"][0] == 1.0
    assert scores["confusions"] == scores["unknown"] == []
    assert set(scores["by_source"]) == set(finished.sources.source_id)
    assert scores["readers"]["kappa"] <= 0
    assert main(["label", run, "--read", str(read), "--against", str(other)]) == 0
    shown = capsys.readouterr().out
    assert "given a theme by the run, agree      1.00 (" in shown
    assert "reader against reader: the same " in shown


def test_wrong_files_of_labels_are_one_sentence(
    finished: topicgpu.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, path = str(finished.folder), tmp_path / "labels.csv"
    path.write_text("segment_id,primary\ntalk0:0-5,\n")
    wanted = {
        ("--read", path): f"{path}: no row has a primary theme yet; label some, or write none.",
        ("--read", tmp_path / "no.csv"): f"{tmp_path}/no.csv: can't be read (No such file or directory); give a CSV "
        "that topicgpu label wrote.",
        ("--against", path): "--against is a second reader's file; give the first one's with --read.",
    }
    for (flag, file), message in wanted.items():
        assert main(["label", run, flag, str(file)]) == 2
        assert capsys.readouterr().err == f"topicgpu: {message}\n"


def _bread(run: topicgpu.Run) -> list[float]:
    carried = run.themes.strength[run.themes.theme == 0]
    return [*carried.tolist(), *run.themes.near_strength[run.themes.near_theme == 0].tolist()]


def test_labels_in_the_configuration_are_part_of_the_key(
    finished: topicgpu.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = finished.folder.parent
    labels = folder / "mine.csv"
    own, other = finished.segments.segment_id[:2]
    try:
        labels.write_text(f"segment_id,primary\n{own},bread\n")
        config = folder / "labelled.toml"
        config.write_text((folder / "small.toml").read_text().replace("[themes]", '[themes]\nlabels = "mine.csv"'))
        run = topicgpu.run(config, tmp_path / "run")
        assert run.manifest["config"]["themes"]["labels"] == os.path.relpath(labels, tmp_path / "run")
        assert _bread(run) != _bread(finished)
        assert topicgpu.run(config, tmp_path / "run").manifest["stages"]["themes"]["status"] == "store"
        labels.write_text(f"segment_id,primary\n{other},bread\n")
        assert topicgpu.run(config, tmp_path / "run").manifest["stages"]["themes"]["status"] == "computed"
        labels.write_text("segment_id,primary\nx:0-1,jam\n")
        before = (tmp_path / "run/manifest.json").read_bytes()
        capsys.readouterr()
        assert main(["run", str(config), "--out", str(tmp_path / "run")]) == 2
        assert capsys.readouterr().err == (
            f"topicgpu: {labels}: line 2: primary is 'jam', which no theme has; ids are bread, or none.\n"
        )
        assert (tmp_path / "run/manifest.json").read_bytes() == before
    finally:
        labels.unlink()


def test_examples_neither_judge_the_run_nor_are_drawn(
    finished: topicgpu.Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(finished.folder, folder)
    examples, other = tmp_path / "mine.csv", tmp_path / "other.csv"
    own, *rest = finished.segments.segment_id
    examples.write_text(f"segment_id,primary\n{own},bread\n")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["config"]["themes"]["labels"] = str(examples)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    for text, n in ((examples.read_text(), "1 of its labels is"), (f"segment_id,primary\n{own},none\n", "1 of its")):
        other.write_text(f"{text}{rest[0]},bread\n")
        assert main(["label", str(folder), "--read", str(other)]) == 2
        assert capsys.readouterr().err.startswith(f"topicgpu: {other}: {n}")
    assert main(["label", str(folder), "--read", str(examples)]) == 2
    assert capsys.readouterr().err == (
        f"topicgpu: {examples}: 1 of its labels is of text that the run has as an example from {examples} "
        f"(themes.labels), which can't judge it; draw a new sample: topicgpu label {folder}.\n"
    )
    other.write_text(f"segment_id,primary\n{rest[0]},bread\n")
    assert main(["label", str(folder), "--read", str(other)]) == 0
    assert main(["label", str(folder), "--n", "999", "--out", str(tmp_path / "sample.csv")]) == 0
    drawn_ids = {row["segment_id"] for row in rows_of(tmp_path / "sample.csv")}
    assert own not in drawn_ids
    assert set(rest) >= drawn_ids
    assert drawn_ids


def test_a_run_with_labels_is_explained_with_them(finished: topicgpu.Run, tmp_path: Path) -> None:
    labels, config = tmp_path / "mine.csv", tmp_path / "labelled.toml"
    own, other = finished.segments.segment_id[:2]
    labels.write_text(f"segment_id,primary\n{own},bread\n")
    text = (finished.folder.parent / "small.toml").read_text()
    text = text.replace('path = "talks"', f"path = {json.dumps(str(finished.folder.parent / 'talks'))}")
    config.write_text(text.replace("[themes]", '[themes]\nlabels = "mine.csv"'))
    run = topicgpu.run(config, tmp_path / "run")
    assert run.themes.themes[0].theme_id == "bread"
    place = int(np.flatnonzero(run.themes.near_theme == 0)[0])
    segment_id, strength = run.segments.segment_id[run.themes.near_row[place]], float(run.themes.near_strength[place])

    def bread(explained: topicgpu.Run) -> float:
        return next(one.strength for one in explained.explain(segment_id).themes if one.theme_id == "bread")

    assert bread(run) == pytest.approx(strength, abs=1e-6)
    assert bread(finished) != pytest.approx(strength, abs=1e-6)
    labels.write_text(f"segment_id,primary\n{other},bread\n")
    with pytest.raises(RunFolderError, match=r"mine.csv: has other labels than when .*run was made"):
        run.explain(own)
