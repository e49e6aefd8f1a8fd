"""What lies above and below the themes: families that they form, and the parts that a wide one has."""

from typing import Any

from topicgpu.report.context import Context
from topicgpu.report.wording import counted, percent
from topicgpu.types import Theme

MAX_KEYWORDS = 5  # of a part: the theme's own are above them


def parts_of(theme: Theme, context: Context) -> dict[str, Any]:
    """
    Gather the subthemes of a theme, its family, and its keywords in each language.

    Parameters
    ----------
    theme : Theme
        One of those that carry segments.
    context : Context
        With themes.

    Returns
    -------
    dict
        family (its name or None), subthemes by falling size, and keywords_by_language.
    """
    parts = [part for part in context.all_themes.subthemes if part.parent_id == theme.theme_id]
    family = [family.name for family in context.all_themes.families if family.theme_id == theme.parent_id]
    return {
        "family": family[0] if family else None,
        "subthemes": [
            {
                "theme_id": part.theme_id,
                "name": part.name,
                "size": counted(part.size, "segment"),
                "stability": None if part.stability is None else percent(part.stability),
                "unstable": part.unstable,
                "keywords": [keyword.term for keyword in part.keywords[:MAX_KEYWORDS]],
                "quotes": context.quotes.varied(part.exemplars, 1),
            }
            for part in sorted(parts, key=lambda part: -part.size)
        ],
        "keywords_by_language": {
            language: [keyword.term for keyword in words] for language, words in theme.keywords_by_language.items()
        },
    }


def families_of(context: Context) -> list[dict[str, Any]]:
    """
    List the families with their themes.

    Parameters
    ----------
    context : Context
        With themes.

    Returns
    -------
    list of dict
        name, size and themes of each family, in the order of the run.
    """
    return [
        {
            "name": family.name,
            "size": counted(family.size, "segment"),
            "themes": [context.refs[theme.theme_id] for theme in context.themes if theme.parent_id == family.theme_id],
        }
        for family in context.all_themes.families
    ]
