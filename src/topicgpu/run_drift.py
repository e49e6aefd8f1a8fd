"""The drift of a run as it is read in Python: its rows as pandas tables, its findings with their quotes."""

from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol

from topicgpu.errors import InputError
from topicgpu.types import Drift, Finding, Segments, Sources, Themes
from topicgpu.types.display import html_table, paragraph


class Texts(Protocol):
    """What holds the texts that ids lead to: a `Run`."""

    @property
    def sources(self) -> Sources: ...
    @property
    def segments(self) -> Segments: ...
    @property
    def themes(self) -> Themes: ...


@dataclass(frozen=True, slots=True)
class Quote:
    """A segment's words, and where they stand."""

    text: str
    speaker: str | None
    title: str  # of the source
    date: str | None  # ISO 8601, at the precision that is known
    source_id: str
    start_char: int  # code points of the source's canonical text
    end_char: int
    start_s: float  # NaN where untimed
    segment_id: str
    form: str | None  # of the source; a digest's words are not the speaker's


@dataclass(frozen=True, slots=True)
class QuotedFinding:
    """A finding with the name of its theme and the words of its evidence."""

    kind: str
    theme_id: str
    theme: str  # its name
    status: str  # described, tested
    headline: str
    sentence: str
    figures: dict[str, float]
    quotes: tuple[Quote, ...]  # the clearest first

    def __str__(self) -> str:
        lines = [f"{self.headline} ({self.status})", self.sentence]
        for quote in self.quotes:
            where = ", ".join(part for part in (quote.speaker, quote.title, quote.date) if part)
            lines.append(f"  {where}, characters {quote.start_char} to {quote.end_char}:")
            lines.append(f"    {' '.join(quote.text.split())}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = ((quote.date, quote.speaker, quote.title, quote.text) for quote in self.quotes)
        quotes = html_table(self.theme, ("date", "speaker", "source", "words"), rows, len(self.quotes))
        return paragraph(self.sentence) + quotes


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunDrift(Drift):
    """The results of the drift stage, and what leads from them to names and texts."""

    run: Texts = field(kw_only=True, repr=False)

    @classmethod
    def of(cls, drift: Drift, run: Texts) -> "RunDrift":
        """
        Join results to the run that they are of.

        Parameters
        ----------
        drift : Drift
            Results of the stage.
        run : Run
            Read where a text or a name is asked for, and not before.

        Returns
        -------
        RunDrift
            With every attribute of `drift`.
        """
        return cls(**{column.name: getattr(drift, column.name) for column in fields(Drift)}, run=run)

    def _repr_html_(self) -> str:
        names = {theme.theme_id: theme.name for theme in self.run.themes.all}
        named = replace(
            Drift(**{column.name: getattr(self, column.name) for column in fields(Drift)}),
            findings=tuple(replace(each, theme_id=names.get(each.theme_id, each.theme_id)) for each in self.findings),
        )
        return named._repr_html_()

    def table(self, kind: str | None = None, theme: str | None = None, level: str | None = None) -> Any:
        """
        List the changes.

        Parameters
        ----------
        kind : str, optional
            prevalence, content or vocabulary; all if not given.
        theme : str, optional
            Id of a theme.
        level : str, optional
            period (each and the next) or span (the first third of the periods and the last).

        Returns
        -------
        pandas.DataFrame
            The columns of drift.parquet by their names there, and `name` of the theme in front. Empty where nothing
            could be compared: `undecided` says why.

        Raises
        ------
        InputError
            If there is no such kind, theme or level.
        """
        import pandas as pd

        names = {each.theme_id: each.name for each in self.run.themes.themes}
        columns = {column.name: getattr(self.changes, column.name) for column in fields(self.changes)}
        table = pd.DataFrame({name.rstrip("_"): column for name, column in columns.items()})
        table.insert(0, "name", [names[theme_id] for theme_id in self.changes.theme_id])
        for column, value, known in (
            ("kind", kind, ("prevalence", "content", "vocabulary")),
            ("theme_id", theme, tuple(names)),
            ("level", level, ("period", "span")),
        ):
            if value is not None:
                if value not in known:
                    what = column.removesuffix("_id")
                    raise InputError(f"{what} = {value!r} must be one of {', '.join(known)}.")
                table = table[table[column] == value]
        return table.reset_index(drop=True)

    def finding(self, i: int) -> QuotedFinding:
        """
        Give one finding with the words that show it.

        Parameters
        ----------
        i : int
            From 0, in the order of `findings`: the most important first.

        Returns
        -------
        QuotedFinding
            `print` shows the headline, the sentence and the quotes.

        Raises
        ------
        InputError
            If there is no finding of that number.
        """
        if not 0 <= i < len(self.findings):
            there = f"{len(self.findings)} of them, from 0" if self.findings else "none; undecided may say why"
            raise InputError(f"i = {i} is the number of no finding: there are {there}.")
        finding: Finding = self.findings[i]
        themes = {theme.theme_id: theme.name for theme in self.run.themes.themes}
        return QuotedFinding(
            kind=finding.kind,
            theme_id=finding.theme_id,
            theme=themes[finding.theme_id],
            status=finding.status,
            headline=finding.headline,
            sentence=finding.sentence,
            figures=dict(finding.figures),
            quotes=self._quotes(finding.evidence),
        )

    def _quotes(self, segment_ids: tuple[str, ...]) -> tuple[Quote, ...]:
        segments, sources = self.run.segments, self.run.sources
        wanted = set(segment_ids)
        row_of = {segment_id: row for row, segment_id in enumerate(segments.segment_id) if segment_id in wanted}
        place = {source_id: row for row, source_id in enumerate(sources.source_id)}
        quotes = []
        for segment_id in segment_ids:
            row = row_of[segment_id]
            source = place[segments.source_id[row]]
            quotes.append(
                Quote(
                    text=segments.text[row],
                    speaker=segments.speaker[row],
                    title=sources.title[source],
                    date=segments.date[row],
                    source_id=segments.source_id[row],
                    start_char=int(segments.start_char[row]),
                    end_char=int(segments.end_char[row]),
                    start_s=float(segments.start_s[row]),
                    segment_id=segment_id,
                    form=sources.form[source],
                )
            )
        return tuple(quotes)
