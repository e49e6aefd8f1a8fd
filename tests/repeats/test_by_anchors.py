import numpy as np
import pytest

from topicgpu.repeats.by_anchors import pairs_by_anchors
from topicgpu.repeats.order import Side

NAMES = "Tesla Optimus Cortex Berlin Lemonade Samsung Megapack Colossus Robotaxi Starship Falcon Raptor".split()


def story(number, language, figures=None):
    """A story that shares with its translation three figures and a name, and nothing else."""
    figures = figures if figures is not None else [1000 + 37 * number, 501.5 + 11 * number, 2001 + 13 * number]
    name = NAMES[number % len(NAMES)]
    if language == "zh":
        return (
            f"{name}去年生产了{figures[0]}辆,价值{figures[1]}亿元,比计划的{figures[2]}多。"
            if figures
            else f"{name}很好。"
        )
    if figures:
        return f"Last year {name} made {figures[0]:,}, worth {figures[1]} million, over the {figures[2]:,} planned."
    return f"All is well at {name}, they say."


def side(texts, source=None):
    return Side(texts, [source or f"{place}" for place in range(len(texts))])


def found(left, right):
    return {(row, other) for row, other, _ in pairs_by_anchors(left, right)}


def test_stories_with_the_same_numbers_and_names_are_paired():
    left = side([story(number, "zh") for number in range(20)])
    right = side([story(number, "en") for number in range(10, 40)])
    assert found(left, right) == {(number, number - 10) for number in range(10, 20)}
    assert all(0.9 < score <= 1 for _, _, score in pairs_by_anchors(left, right))


def test_the_same_subject_with_other_figures_is_no_translation():
    left = side([story(number, "zh") for number in range(20)])
    right = side([story(number, "en", [9000 + number, 8000 + number, 7000 + number]) for number in range(20)])
    assert found(left, right) == set()


def test_names_alone_are_not_enough():
    left = side([story(number, "zh", []) for number in range(12)])
    right = side([story(number, "en", []) for number in range(12)])
    assert found(left, right) == set()


def test_two_that_fit_alike_are_none():
    left = side([story(number, "zh") for number in range(20)])
    right = side([story(number, "en") for number in range(20)] + [story(3, "en")])
    assert found(left, right) == {(number, number) for number in range(20) if number != 3}


def test_figures_that_all_share_are_no_evidence():
    left = side([f"2024年,100辆,50台,第{number}条" for number in range(30)])
    right = side([f"In 2024, 100 cars and 50 robots, item {number + 100}" for number in range(30)])
    assert found(left, right) == set()


@pytest.mark.parametrize("order_shows", [True, False])
def test_between_sure_pairs_in_order_less_is_enough(order_shows):
    """Half of the stories are sure; the others share one figure and a name."""
    weak = {number: [3001 + 2 * number] for number in range(1, 12, 2)}

    def texts(language):
        pattern = "{}今年有{}台在工作。" if language == "zh" else "At {} there are {} at work this year."
        return [
            pattern.format(NAMES[number], weak[number][0]) if number in weak else story(number, language)
            for number in range(12)
        ]

    source = "digest" if order_shows else None
    pairs = found(side(texts("zh"), source), side(texts("en"), source))
    assert pairs == {(number, number) for number in range(12) if order_shows or number not in weak}


def test_a_row_between_the_pairs_of_two_sources_is_in_one_pair():
    """Two digests translate every other story each, and both have the one that stands after the first."""
    left = [story(number, "zh") for number in range(12)]
    left.insert(1, story(20, "zh"))
    item = story(20, "en")
    stories = [[story(number, "en") for number in range(start, 12, 2)] for start in (0, 1)]
    digests = [[stories[0][0], item, *stories[0][1:]], [item, *stories[1]]]
    right = Side([text for digest in digests for text in digest], ["first"] * 7 + ["second"] * 7)
    pairs = [(row, other) for row, other, _ in pairs_by_anchors(side(left, "digest"), right)]
    assert [other for row, other in pairs if row == 1] in ([1], [7])
    assert len({row for row, _ in pairs}) == len({other for _, other in pairs}) == len(pairs) == 13


@pytest.mark.parametrize("n", [0, 1])
def test_few_rows_or_none(n):
    left, right = side([story(number, "zh") for number in range(n)]), side([story(0, "en")])
    assert found(left, right) == set()
    assert found(right, left) == set()


def test_random_figures_pair_nothing():
    rng = np.random.default_rng(0)
    left = side([story(int(rng.integers(12)), "zh", rng.integers(1, 500, 3).tolist()) for _ in range(400)])
    right = side([story(int(rng.integers(12)), "en", rng.integers(1, 500, 3).tolist()) for _ in range(400)])
    assert len(found(left, right)) <= 1
