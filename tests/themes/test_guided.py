"""Guided themes on vectors made by hand: each phrase and each segment is a direction."""

import numpy as np
import pytest
from scipy import sparse

from topicgpu.config import GuidedTheme
from topicgpu.themes import context, guided
from topicgpu.themes.evidence import phrases_of
from topicgpu.themes.guided import Rows, assign, guide
from topicgpu.types import Neighbors

AXES = {"bread": 0, "rocket": 1, "garden": 2, "chat": 3, "cake": 4}
D = 32


def direction(text):
    """The sum of the axes that the text names, and nothing else."""
    vector = np.zeros(D)
    for word, axis in AXES.items():
        vector[axis] += word in text.lower()
    return vector / max(np.linalg.norm(vector), 1e-9)


def encode(texts):
    return np.array([direction(text) for text in texts], dtype=np.float32).reshape(len(texts), D)


def segments_about(subjects, noise=0.15, seed=0):
    """Rows on these subjects (a word, two words, or "" for nothing), with noise on all axes."""
    rng = np.random.default_rng(seed)
    vectors = np.array([direction(subject) for subject in subjects]) + noise * rng.normal(size=(len(subjects), D))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def theme(name, *seeds, exclude=()):
    return GuidedTheme(id=name, name=name.capitalize(), description=f"about {name}", seeds=seeds, exclude=exclude)


BREAD, ROCKET = theme("bread"), theme("rocket")


def rows_of(vectors, texts, source_of, passage_of, graph=None, twins=()):
    n = len(vectors)
    graph = sparse.csr_array((n, n)) if graph is None else graph  # no neighbors unless they are the matter
    twins = np.array(twins, dtype=np.int64).reshape(-1, 2)
    return Rows(np.arange(n), vectors, tuple(texts), tuple(source_of), passage_of, graph, twins)


def guided_posterior(vectors, texts, source_of, passage_of, themes, background, encode, **others):
    return guide(rows_of(vectors, texts, source_of, passage_of, **others), themes, background, encode).posterior


def unknown(n):
    """Passages that nobody looked for."""
    return np.full(n, -1)


def posterior_of(subjects, themes=(BREAD, ROCKET), background=(), sources=None, noise=0.15):
    vectors = segments_about(subjects, noise)
    # A source a row unless said otherwise: no neighbors, so nothing is smoothed.
    sources = [str(row) for row in range(len(subjects))] if sources is None else sources
    return guided_posterior(
        vectors, ["..."] * len(subjects), sources, unknown(len(subjects)), themes, background, encode
    )


MIXED = ["bread"] * 8 + ["rocket"] * 8 + ["garden"] * 20 + [""] * 20


def test_segments_carry_the_theme_that_they_are_about():
    posterior = posterior_of(MIXED)
    np.testing.assert_allclose(posterior.sum(axis=1), 1, atol=1e-12)
    assert posterior.argmax(axis=1).tolist() == [0] * 8 + [1] * 8 + [2] * 40


def test_a_segment_may_be_about_two_themes():
    posterior = posterior_of([*MIXED, "bread and rocket"])
    assigned = assign(posterior, 3)
    assert sorted(assigned.themes[(assigned.rows == len(MIXED)) & (assigned.ranks > 0)]) == [0, 1]


def test_phrases_that_say_the_same_change_nothing():
    wordy = theme("bread", "bread rolls", "rolls of bread")
    np.testing.assert_allclose(posterior_of(MIXED, themes=(wordy, ROCKET)), posterior_of(MIXED), atol=1e-6)


def test_seeds_find_what_the_description_does_not_say():
    seeded = posterior_of([*MIXED, *["cake"] * 6], themes=(theme("bread", "cake", "more cake"), ROCKET))
    assert (seeded[-6:, 0] > 0.5).all()


def test_the_description_is_a_phrase_and_none_is_said_twice():
    assert phrases_of(theme("bread", "rolls", "about bread", "rolls")) == ["about bread", "rolls"]


def test_talk_like_the_background_is_about_nothing():
    subjects = [*MIXED, *["bread chat chat"] * 2]
    without = posterior_of(subjects)[-2:, 0]
    with_it = posterior_of(subjects, background=("chat and bread",))
    assert (without > 0.5).all()
    assert (with_it[-2:].argmax(axis=1) == 2).all()
    assert (with_it[:8].argmax(axis=1) == 0).mean() > 0.8


def test_what_a_theme_leaves_out_takes_only_those_rows_from_it():
    subjects = [*MIXED, *["bread cake"] * 6]
    without = posterior_of(subjects)
    with_out = posterior_of(subjects, themes=(theme("bread", exclude=("bread cake",)), ROCKET))
    assert (without[-6:].argmax(axis=1) == 0).all()
    assert (with_out[-6:, 0] == 0).all()
    np.testing.assert_allclose(with_out[:8], without[:8], atol=0.02)  # the theme's own scale stays
    assert (with_out[:, 0] <= without[:, 0] + 1e-9).all()


def test_the_order_of_the_themes_does_not_matter():
    one, other = posterior_of(MIXED), posterior_of(MIXED, themes=(ROCKET, BREAD))
    np.testing.assert_allclose(other, one[:, [1, 0, 2]], atol=1e-6)


def test_neighbors_in_a_source_lift_a_doubtful_segment():
    subjects = (["bread"] * 10 + ["garden"] * 10 + ["rocket"] * 10 + [""] * 10) * 2
    vectors = segments_about(subjects)
    vectors[5] = direction("") + segments_about([""], seed=9)[0]
    texts = ["..."] * len(subjects)
    alone = guided_posterior(vectors, texts, [str(row) for row in range(80)], unknown(80), (BREAD, ROCKET), (), encode)
    along = guided_posterior(vectors, texts, ["one"] * 40 + ["two"] * 40, unknown(80), (BREAD, ROCKET), (), encode)
    assert along[5, 0] > alone[5, 0] + 0.1
    np.testing.assert_allclose(along.sum(axis=1), 1, atol=1e-9)


def test_a_passage_lifts_a_doubtful_segment_and_no_passage_beside_it():
    subjects = ["bread"] * 5 + ["garden"] * 30
    vectors = segments_about(subjects)
    vectors[4] = direction("") + segments_about([""], seed=9)[0]
    texts, alone = ["..."] * 35, [str(row) for row in range(35)]
    one = ["one"] * 35  # a source without order: each passage counts for itself alone
    rows = (BREAD, ROCKET), (), encode
    without = guided_posterior(vectors, texts, alone, unknown(35), *rows)
    within = guided_posterior(vectors, texts, one, np.repeat([0, 1], [5, 30]), *rows)
    beside = guided_posterior(vectors, texts, one, np.repeat([0, 1], [4, 31]), *rows)
    assert within[4, 0] > without[4, 0] + 0.1
    assert within[4, 0] > beside[4, 0] + 0.1


def test_passages_of_rows_in_no_order_share_next_to_nothing():
    rng = np.random.default_rng(3)
    subjects = rng.permutation(["bread"] * 40 + ["rocket"] * 40 + ["garden"] * 80 + [""] * 80).tolist()
    vectors, texts = segments_about(subjects), ["..."] * 240
    rows = (BREAD, ROCKET), (), encode
    alone = guided_posterior(vectors, texts, ["one"] * 240, unknown(240), *rows)
    shared = guided_posterior(vectors, texts, ["one"] * 240, np.repeat(np.arange(6), 40), *rows)
    assert (alone.argmax(axis=1) == shared.argmax(axis=1)).mean() > 0.98
    assert (alone.argmax(axis=1)[[i for i, subject in enumerate(subjects) if subject == "bread"]] == 0).all()


def test_neither_words_nor_passages_undo_an_exclusion():
    bread = theme("bread", exclude=("about rocket",))
    subjects = ["bread"] * 6 + ["bread and rocket"] + ["garden"] * 20 + [""] * 20
    vectors = segments_about(subjects)
    vectors[6] = direction("rocket") * 0.8 + direction("bread") * 0.6
    texts = ["..."] * len(subjects)
    texts[6] = "bread bread about bread"
    passages = np.repeat([0, 1, 2], [7, 20, 20])
    posterior = guided_posterior(vectors, texts, ["one"] * len(subjects), passages, (bread,), (), encode)
    free = guided_posterior(vectors, texts, ["one"] * len(subjects), passages, (theme("bread"),), (), encode)
    alone = guided_posterior(
        vectors,
        ["..."] * len(subjects),
        list(map(str, range(len(subjects)))),
        unknown(len(subjects)),
        (bread,),
        (),
        encode,
    )
    assert free[6].argmax() == 0
    assert alone[6, 0] == 0
    assert posterior[6, 0] == 0


def test_words_in_common_count_where_vectors_say_nothing():
    vectors = segments_about(MIXED)
    texts = ["plain words only"] * len(MIXED)
    texts[-1] = "a rocket"
    sources = [str(row) for row in range(len(MIXED))]
    plain = guided_posterior(
        vectors, ["plain words only"] * len(MIXED), sources, unknown(len(MIXED)), (BREAD, ROCKET), (), encode
    )
    worded = guided_posterior(vectors, texts, sources, unknown(len(MIXED)), (BREAD, ROCKET), (), encode)
    assert worded[-1, 1] > plain[-1, 1]
    np.testing.assert_allclose(worded[:-1], plain[:-1], atol=0.02)


@pytest.mark.parametrize("subjects", [["bread"], ["bread"] * 5])
def test_one_segment_or_one_said_over_and_over_has_no_scale_and_no_theme(subjects):
    posterior = posterior_of(subjects, background=("chat",), noise=0.0)
    assert np.isfinite(posterior).all()
    assert (posterior.argmax(axis=1) == 2).all()


def alike(n, pairs):
    """A graph of these pairs, each row's weights adding to 1."""
    table = np.zeros((n, n))
    for one, other in pairs:
        table[one, other] = table[other, one] = 1
    return sparse.csr_array(table / np.maximum(table.sum(axis=1, keepdims=True), 1))


def test_a_doubtful_segment_heeds_the_rows_most_like_it():
    subjects = [*MIXED, "bread garden garden"]
    vectors, texts, last = segments_about(subjects), ["..."] * len(subjects), len(MIXED)
    sources = [str(row) for row in range(len(subjects))]
    rows = vectors, texts, sources, unknown(len(subjects)), (BREAD, ROCKET), (), encode
    among_bread = guided_posterior(*rows, graph=alike(len(subjects), [(last, row) for row in range(8)]))
    among_rockets = guided_posterior(*rows, graph=alike(len(subjects), [(last, row) for row in range(8, 16)]))
    alone = guided_posterior(*rows)
    assert among_bread[last, 0] > alone[last, 0] + 0.1
    assert among_rockets[last, 0] < alone[last, 0]


def test_neither_neighbors_nor_order_undo_an_exclusion():
    bread = theme("bread", exclude=("bread cake",))
    subjects = ["bread"] * 4 + ["bread cake"] + ["bread"] * 4 + ["garden"] * 20 + [""] * 20
    n = len(subjects)
    graph = alike(n, [(4, row) for row in (0, 1, 2, 3, 5, 6, 7, 8)])
    rows = segments_about(subjects), ["bread"] * n, ["one"] * n, np.repeat([0, 1], [9, n - 9])
    free = guided_posterior(*rows, (theme("bread"),), (), encode, graph=graph)
    posterior = guided_posterior(*rows, (bread,), (), encode, graph=graph)
    assert free[4, 0] > 0.5
    assert posterior[4, 0] == 0
    np.testing.assert_allclose(posterior.sum(axis=1), 1, atol=1e-9)


def test_twins_in_two_languages_have_the_same_strengths():
    subjects = [*MIXED, "bread", "bread garden garden"]
    n = len(subjects)
    rows = segments_about(subjects), ["..."] * n, [str(row) for row in range(n)], unknown(n)
    apart = guided_posterior(*rows, (BREAD, ROCKET), (), encode)
    shared = guided_posterior(*rows, (BREAD, ROCKET), (), encode, twins=[(n - 1, n - 2)])
    assert apart[-2, 0] > apart[-1, 0] + 0.1
    np.testing.assert_allclose(shared[-1], shared[-2], atol=1e-12)
    assert apart[-1, 0] < shared[-1, 0] < apart[-2, 0]


def test_terms_that_the_corpus_adds_to_a_definition_count():
    vectors = segments_about([*MIXED, "garden"])
    texts = ["sourdough"] * 8 + ["booster"] * 8 + ["soil"] * 20 + ["weather"] * 20 + ["soil"]
    grown = [*texts[:-1], "sourdough"]
    rows = [str(row) for row in range(57)], unknown(57), (BREAD, ROCKET), (), encode
    assert guided_posterior(vectors, grown, *rows)[-1, 0] > guided_posterior(vectors, texts, *rows)[-1, 0] + 0.01


def test_twice_the_same_run_gives_the_same_figures():
    assert np.array_equal(posterior_of(MIXED), posterior_of(MIXED))


def test_three_hundred_themes_and_fewer_rows_than_themes():
    many = tuple(theme(f"bread{number}", f"bread {number}") for number in range(300))
    posterior = posterior_of(["bread", "rocket", "garden", "", "chat"], themes=many)
    assert posterior.shape == (5, 301)
    np.testing.assert_allclose(posterior.sum(axis=1), 1, atol=1e-9)


def test_a_phrase_of_five_thousand_words_stands_for_its_theme():
    long = GuidedTheme(id="baking", name="Baking", description="bread " * 5000)
    assert posterior_of(MIXED, themes=(long, ROCKET)).argmax(axis=1).tolist() == [0] * 8 + [1] * 8 + [2] * 40


def test_a_definition_in_another_language_counts_by_its_vectors_alone():
    """Nothing in it is spelled as in the texts: the encoder has to serve its language, and that is enough."""
    foreign = GuidedTheme(id="launch", name="火箭", description="火箭发射")
    rows = segments_about(MIXED), ["A rocket."] * len(MIXED), [str(row) for row in range(56)], unknown(56)
    serves = guided_posterior(
        *rows, (BREAD, foreign), (), lambda texts: encode([text.replace("火箭", "rocket") for text in texts])
    )
    assert serves.argmax(axis=1).tolist() == [0] * 8 + [1] * 8 + [2] * 40
    does_not = guided_posterior(*rows, (BREAD, foreign), (), encode)
    assert (does_not[8:16, 1] < 0.5).all()


def test_a_description_is_cut_at_commas_and_colons_in_any_script():
    one = GuidedTheme(id="a", name="A", description="farming: crops, harvest, 1,000 cows", seeds=("tractors, ploughs",))
    other = GuidedTheme(id="b", name="B", description="农业：作物，收成")
    assert phrases_of(one) == [one.description, "farming", "crops", "harvest", "1,000 cows", "tractors, ploughs"]
    assert phrases_of(other) == [other.description, "农业", "作物", "收成"]


def test_calming_makes_strengths_less_sure_and_keeps_their_order(monkeypatch):
    calm = posterior_of(MIXED)
    monkeypatch.setattr(guided, "_CALM", 1.0)
    sure = posterior_of(MIXED)
    root = np.sqrt(sure)
    np.testing.assert_allclose(calm, root / root.sum(axis=1, keepdims=True), atol=1e-9)
    assert (calm.max(axis=1) < sure.max(axis=1)).all()
    assert np.array_equal(calm.argsort(axis=1), sure.argsort(axis=1))


def test_the_graph_holds_the_served_rows_alone():
    indices = np.array([[1, 2], [0, 2], [0, 1], [-1, -1]])
    distances = np.array([[0.2, 0.4], [0.2, 0.6], [0.4, 0.6], [np.inf, np.inf]], dtype=np.float32)
    graph = context.neighbor_graph(Neighbors(indices, distances, "cosine", True, None, "rows"), np.array([0, 2, 3]))
    np.testing.assert_allclose(graph.toarray(), [[0, 1, 0], [1, 0, 0], [0, 0, 0]], atol=1e-7)


def test_a_threshold_takes_doubtful_rows_from_their_theme():
    posterior = np.array([[0.6, 0.2, 0.2], [0.4, 0.3, 0.3]])
    assert assign(posterior, 3, 0.5).ranks.tolist() == [1, 2, 0, 0]


def test_assignment_is_by_rank_with_what_only_comes_near():
    posterior = np.array(
        [
            [0.50, 0.30, 0.10, 0.10],  # two themes, a third near
            [0.30, 0.10, 0.02, 0.58],  # no theme: two near
            [0.10, 0.45, 0.00, 0.45],  # as likely as none: carried
            [0.01, 0.02, 0.03, 0.94],
            [0.25, 0.26, 0.27, 0.22],
        ]
    )
    assigned = assign(posterior, 2)
    rows = list(zip(*(column.tolist() for column in (assigned.rows, assigned.themes, assigned.ranks)), strict=True))
    assert rows == [
        (0, 0, 1),
        (0, 1, 2),
        (0, 2, 0),
        (1, 0, 0),
        (1, 1, 0),
        (2, 1, 1),
        (2, 0, 0),
        (4, 2, 1),
        (4, 1, 2),
        (4, 0, 0),
    ]
    np.testing.assert_allclose(assigned.strengths, [posterior[row, column] for row, column, _ in rows], atol=1e-7)
    assert assigned.strengths.dtype == np.float32


def test_no_more_themes_than_there_are():
    assert assign(np.array([[0.9, 0.1]]), 3).ranks.tolist() == [1]


@pytest.mark.parametrize("at_most", [1, 2, 3])
def test_a_segment_carries_no_more_than_allowed(at_most):
    assigned = assign(np.full((4, 5), 0.2), at_most)
    assert np.bincount(assigned.rows[assigned.ranks > 0]).tolist() == [at_most] * 4


@pytest.mark.parametrize(("n", "k"), [(100, 6), (500, 10), (2_000, 15)])
def test_a_small_corpus_heeds_fewer_neighbors(n, k):
    indices = (np.arange(n)[:, None] + 1 + np.arange(20)) % n
    distances = np.tile(np.linspace(0.1, 0.5, 20, dtype=np.float32), (n, 1))
    neighbors = Neighbors(indices, distances, "cosine", True, None, "")
    assert set(np.diff(context.neighbor_graph(neighbors, np.arange(n)).indptr)) == {
        2 * k
    }  # whose neighbor it is, and its own


def test_order_has_half_a_say(monkeypatch):
    talk = [*["bread"] * 12, "", *["bread"] * 12, *["rocket"] * 12, "", *["rocket"] * 12]
    found = {}
    for weight in (0.0, 0.5, 1.0):
        monkeypatch.setattr(guided, "_ORDER_WEIGHT", weight)
        found[weight] = posterior_of(talk, sources=["one"] * len(talk))[
            12, 0
        ]  # nothing is said there, amid talk of bread
    assert found[0.0] < found[0.5] < found[1.0]
