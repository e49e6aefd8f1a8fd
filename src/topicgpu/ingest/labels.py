"""Who speaks: labels are known by their repeated shape at the start of lines, never by the names in them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from topicgpu.ingest.label_shapes import Candidate, find_candidate
from topicgpu.ingest.lines import Line
from topicgpu.ingest.names import asks, merge_names, parts_of

_MIN_RECURRENCE = 3
_MIN_TURNS_SHARE = 0.5  # of the paragraphs
_MIN_BARE_SHARE = 0.03  # of the lines


class Label(NamedTuple):
    """A speaker's name at the start of a line."""

    name: str
    end: int  # of the label; the words begin after it
    time: str | None = None  # as it stands in the label


def find_labels(lines: Sequence[Line]) -> dict[int, Label]:
    """
    Find the speaker labels of a text.

    Parameters
    ----------
    lines : sequence of Line
        Of a whole text.

    Returns
    -------
    dict of int to Label
        By the index of the line; empty where no names recur. Short forms of a name are merged into the longer one.

    Notes
    -----
    Two names or more must recur, one of them at least three times (on lines of their own: three labels in all, two
    names), so that prose with a colon is not cut; twice each is enough where two take turns and begin most of the
    paragraphs. One name is enough where a time stands beside it or a number in it, and two parts such as `Q` and `A`
    need not recur (letters only as a pair of one language). Once a text has labels, a name that stands there once
    counts where it can be nothing else: alone on its line, or a full name.
    """
    found_at = {index: found for index, line in enumerate(lines) if (found := find_candidate(line.text))}
    bare = _bare(found_at, lines)
    candidates = {index: found for index, found in found_at.items() if not found.bare or index in bare}
    candidates = _without_titles(candidates, lines)
    names = _accepted(list(candidates.values())) or _taking_turns(candidates, lines)
    labels = {i: found for i, found in candidates.items() if found.name.casefold() in names}
    people = merge_names([found.name for found in labels.values()])
    return {i: Label(people[found.name], lines[i].start + found.end, found.time) for i, found in labels.items()}


def _bare(found_at: Mapping[int, Candidate], lines: Sequence[Line]) -> set[int]:
    """Lines without any mark are names where words follow them, two recur, and there is one every few lines."""
    bare = {
        index: found.name
        for index, found in found_at.items()
        if found.bare and index + 1 < len(lines) and not ((after := found_at.get(index + 1)) and after.bare)
    }
    known = Counter(name for index, name in bare.items() if not found_at[index].loose)
    recurring = {name for name, n in known.items() if n > 1}
    if len(recurring) < 2 or known.total() < _MIN_BARE_SHARE * len(lines):
        return set()
    times = Counter(bare.values())
    return {index for index, name in bare.items() if name in known or times[name] > 1}


def _without_titles(found_at: Mapping[int, Candidate], lines: Sequence[Line]) -> dict[int, Candidate]:
    """Leave out headings with words after a colon, which are titles unless the name before it recurs."""
    times = Counter(found.name.casefold() for found in found_at.values())
    return {
        index: found
        for index, found in found_at.items()
        if found.alone or times[found.name.casefold()] > 1 or not lines[index].text.startswith("#")
    }


def _taking_turns(found_at: Mapping[int, Candidate], lines: Sequence[Line]) -> set[str]:
    """Two names are enough twice each where they take turns and begin most of the paragraphs."""
    said = [found.name.casefold() for found in found_at.values() if not (found.loose or found.bare)]
    capitals = not any(found.name[0].islower() for found in found_at.values())
    parted = any(line.after_blank for line in lines[1:])
    n_paragraphs = sum(line.after_blank or not parted for line in lines)
    most = len(said) > _MIN_TURNS_SHARE * n_paragraphs
    return set(said) if most and capitals and len(set(said)) == 2 and said == said[:2] * 2 else set()


def _accepted(candidates: Sequence[Candidate]) -> set[str]:
    times: Counter[str] = Counter()
    times_alone: Counter[str] = Counter()
    times_sure: Counter[str] = Counter()
    once: dict[str, Candidate] = {}
    for found in candidates:
        if not found.loose or found.bare:
            name = found.name.casefold()
            times[name] += 1
            times_alone[name] += found.alone
            times_sure[name] += found.sure
            once[name] = found
    recurring = {name for name, n in times.items() if n > 1}
    names_alone = {name for name in recurring if times_alone[name] > 1}
    dialogue = len(recurring) > 1 and max(times.values()) >= _MIN_RECURRENCE
    column = bool(names_alone) and sum(times_alone.values()) >= _MIN_RECURRENCE and len(+times_alone) > 1
    parts = {name.casefold() for name in parts_of(found.name for found in once.values())}
    marked = {name for name, n in times_sure.items() if n} if times_sure.total() >= _MIN_RECURRENCE else set()
    if not (dialogue or column):
        asked = {name for name, n in times.items() if asks(name) and n >= _MIN_RECURRENCE}
        return marked | (parts if len(parts) > 1 else asked)
    lower = any(once[name].name.islower() for name in recurring)
    singles = {name for name in times.keys() - recurring if _stands_alone(once[name], bool(names_alone), lower)}
    return recurring | singles | marked | parts


def _stands_alone(found: Candidate, alone_is_usual: bool, lower_is_usual: bool) -> bool:
    words = found.name.split()
    capitalised = all(not word[0].islower() for word in words)
    if found.alone and alone_is_usual:
        return capitalised or (lower_is_usual and len(words) == 1)
    return capitalised and len(words) > 1
