"""Whether the two sides of a comparison are of different kinds: of source, of form, of language."""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import TypeVar

ALIKE = Fraction(4, 5)  # of a side, up to which two mixes are one

Kind = TypeVar("Kind", bound=Hashable)


def mix_differs(before: Mapping[Kind, int | Fraction], after: Mapping[Kind, int | Fraction]) -> bool:
    """
    Tell whether two mixes of kinds differ.

    Parameters
    ----------
    before, after : mapping of kind to int or Fraction
        How much of each side is of each kind: sources, words or votes. What is under None is of no known kind, and is
        not compared.

    Returns
    -------
    bool
        True where more than a fifth of one side would need another kind to look like the other. False where of a
        side nothing is known.

    Notes
    -----
    Total variation distance of the two mixes, in fractions: a fifth is a fifth whatever the numbers.
    """
    one, other = ({kind: n for kind, n in side.items() if kind is not None} for side in (before, after))
    n_one, n_other = sum(one.values()), sum(other.values())
    if not n_one or not n_other:
        return False
    shared = sum(min(Fraction(n, n_one), Fraction(other.get(kind, 0), n_other)) for kind, n in one.items())
    return shared < ALIKE
