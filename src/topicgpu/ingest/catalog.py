"""sources.toml: what a corpus says about its sources. Every mistake in it is one sentence with path and entry."""

import os
import re
import tomllib
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from topicgpu.errors import CorpusError
from topicgpu.ingest.dates import DateRange, date_range
from topicgpu.ingest.files import SUFFIXES, read_bytes

CATALOG = "sources.toml"
_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")


class SourceEntry(BaseModel):
    """One `[[source]]` of sources.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^\w[\w.-]{0,99}$")
    file: str = Field(min_length=1)
    title: str | None = Field(default=None, min_length=1)
    date: DateRange | None = None
    date_precision: Literal["day", "month", "year"] = "day"
    genre: str | None = Field(default=None, min_length=1)
    language: tuple[str, ...] = ()
    form: str | None = Field(default=None, min_length=1)
    series: str | None = Field(default=None, min_length=1)
    origin: str | None = Field(default=None, min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _at_precision(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "date" not in data:
            return data
        return data | {"date": _read_date(data["date"], data.get("date_precision", "day"))}

    @field_validator("file")
    @classmethod
    def _one_spelling(cls, value: str) -> str:
        return os.path.normpath(value)

    @field_validator("language", mode="before")
    @classmethod
    def _split_languages(cls, value: Any) -> Any:
        if not isinstance(value, str):
            raise ValueError("must be codes such as en, or zh,en")
        codes = tuple(code.strip() for code in value.split(","))
        if not all(_LANGUAGE.fullmatch(code) for code in codes):
            raise ValueError("must be codes such as en, or zh,en")
        return codes


def _read_date(value: Any, precision: str) -> DateRange:
    text = value.isoformat()[:10] if isinstance(value, date | datetime) else str(value)
    match = _DATE.fullmatch(text)
    numbers = [int(part) for part in match.groups() if part] if match else []
    needed = {"year": 1, "month": 2}.get(precision, 3)
    if len(numbers) < needed:
        form = ("YYYY", "YYYY-MM", "YYYY-MM-DD")[needed - 1]
        raise ValueError(f"date = {text!r} must be a date like {form}, or have a wider date_precision")
    try:
        date_range(*numbers)  # 2024-02-30 is no date of any precision
        return date_range(*numbers[:needed])
    except ValueError:
        raise ValueError(f"date = {text!r} is no day of the calendar; correct it") from None


def read_catalog(folder: Path) -> list[SourceEntry]:
    """
    Read the sources.toml of a folder.

    Parameters
    ----------
    folder : Path
        Holds sources.toml.

    Returns
    -------
    list of SourceEntry
        In the order of the file; each names a text file that lies in the folder.

    Raises
    ------
    CorpusError
        If the file is not TOML, an entry has an unknown key or an impossible value, an id or a file is there twice, or
        a file is missing, outside the folder or of another kind.
    """
    path = folder / CATALOG
    entries = [_entry(path, number, item) for number, item in enumerate(_items(path), start=1)]
    for what in ("id", "file"):
        value, times = Counter(getattr(entry, what) for entry in entries).most_common(1)[0]
        if times > 1:
            raise CorpusError(f"{path}: {times} sources have the {what} {value!r}; give each source its own.")
    return entries


def _items(path: Path) -> list[Any]:
    try:
        data = tomllib.loads(read_bytes(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is not UTF-8 text (byte {error.start}); save the file as UTF-8.") from error
    except (ValueError, RecursionError) as error:  # no TOML, a number of thousands of digits, or nested too deeply
        raise CorpusError(f"{path}: is not valid TOML: {error}.") from error
    unknown = next((key for key in data if key != "source"), None)
    if unknown is not None:
        raise CorpusError(f"{path}: unknown key {unknown}; the file holds [[source]] entries only.")
    items = data.get("source")
    if not isinstance(items, list) or not items:
        raise CorpusError(f"{path}: names no source; add a [[source]] with id and file, or take the file away.")
    return items


def _entry(path: Path, number: int, item: Any) -> SourceEntry:
    try:
        return SourceEntry.model_validate(item)
    except ValidationError as error:
        problem = error.errors()[0]
    name = f"source {item['id']!r}" if isinstance(item, dict) and "id" in item else f"source number {number}"
    key = ".".join(str(part) for part in problem["loc"])
    reason = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if problem["type"] == "extra_forbidden":
        reason = f"unknown key {key}; known keys are {', '.join(SourceEntry.model_fields)}"
    elif problem["type"] == "missing":
        reason = f"has no {key}; every source needs id and file"
    elif problem["type"] == "string_pattern_mismatch":
        reason = f"{key} must be of letters, digits, _, . and -, at most 100 of them, a letter, digit or _ first"
    elif key:
        reason = f"{key} = {problem['input']!r}: {reason[0].lower()}{reason[1:]}"
    raise CorpusError(f"{path}: {name}: {reason}.")


def check_file(folder: Path, entry: SourceEntry) -> None:
    """
    Check that a source's file is a text file inside the folder.

    Parameters
    ----------
    folder : Path
        Of the corpus.
    entry : SourceEntry
        Of its catalog.

    Raises
    ------
    CorpusError
        If it is not.
    """
    path = folder / CATALOG
    # Compared as written: a link inside the folder may lead out of it, a path may not.
    target = Path(os.path.normpath(folder / entry.file))
    if not target.is_relative_to(os.path.normpath(folder)):
        raise CorpusError(f"{path}: source {entry.id!r}: {entry.file} is outside the folder; move the file into it.")
    if not target.is_file():
        raise CorpusError(f"{path}: source {entry.id!r}: {entry.file} is missing; correct the name or add the file.")
    if target.suffix.lower() not in SUFFIXES:
        raise CorpusError(
            f"{path}: source {entry.id!r}: {entry.file} is of no kind that is read; "
            f"save it as plain text, or as one of {', '.join(SUFFIXES)}."
        )
