"""What is masked in the texts before anything is stored, and how a configuration is written down without saying it."""

import hashlib
import re
from functools import cache

import regex
from pydantic import Field, field_serializer, field_validator

from topicgpu.config.section import Section

_SEAL = re.compile(r"scrypt:[0-9a-f]{64}")
_NAME = re.compile(r"[^\W_][\w -]{0,39}")


@cache
def seal(text: str) -> str:
    """
    Hash what may be a secret, so that equal ones are known again and a guess is dear.

    Parameters
    ----------
    text : str
        For example a pattern, which may be somebody's name.

    Returns
    -------
    str
        The same for the same text.

    Notes
    -----
    scrypt (RFC 7914) with N = 2**14 and r = 8: some 50 ms and 16 MB for each guess. The salt is fixed, since the result
    must be the same in every run.
    """
    hashed = hashlib.scrypt(text.encode("utf-8", "surrogatepass"), salt=b"topicgpu", n=2**14, r=8, p=1, dklen=32)
    return f"scrypt:{hashed.hex()}"


def is_sealed(pattern: str) -> bool:
    """
    Tell whether a pattern is no longer known: a run folder keeps none.

    Parameters
    ----------
    pattern : str
        Of `ingest.redact`.

    Returns
    -------
    bool
        True for what `seal` gives.
    """
    return _SEAL.fullmatch(pattern) is not None


class IngestSection(Section):
    """What is masked in the texts before anything is stored."""

    redact: dict[str, str] = Field(
        default_factory=dict,
        repr=False,
        description="What nobody is to read, as { mail = '[\\w.+-]+@[\\w.-]+' }: every character of what a regular "
        "expression matches is masked, in texts, titles and names.",
    )
    redact_seconds: float = Field(
        default=60.0, gt=0, le=86_400, description="Time that the patterns may take for one source."
    )

    @field_validator("redact")
    @classmethod
    def _possible(cls, patterns: dict[str, str]) -> dict[str, str]:
        for name, pattern in patterns.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"the name {name!r} must be of letters, digits, _, - and spaces, at most 40")
            if is_sealed(pattern):
                continue
            try:
                matches_nothing = regex.compile(pattern).search("") is not None
            except regex.error as error:
                raise ValueError(f"the pattern {name!r}, {pattern!r}, is not valid: {error}; correct it") from None
            if matches_nothing:
                raise ValueError(
                    f"the pattern {name!r}, {pattern!r}, matches an empty text; let it need a character, with + for *"
                )
        return patterns

    @field_serializer("redact")
    def _sealed(self, patterns: dict[str, str]) -> dict[str, str]:
        """No manifest, report or key holds a pattern: it may itself be the secret."""
        return {name: pattern if is_sealed(pattern) else seal(pattern) for name, pattern in patterns.items()}
