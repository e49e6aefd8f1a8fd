"""
A run in which every text that a user can give is hostile: to HTML, to scripts, to templates, to spreadsheets, to eyes.

Each payload sets `window.pwned` or asks for something where it is run or fetched: a browser that is watched says so.
"""

from itertools import cycle
from typing import Any

from planted.runs import Named, Said, Told, run_of

PAYLOADS = (
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 2</script>",
    "</style><script>window.pwned = 3</script>",
    "<!--<script>window.pwned = 4</script>",
    "--><img src=x onerror=window.pwned=5>",
    "]]><script>window.pwned = 6</script>",
    "<svg onload=window.pwned=7><title></title></svg>",
    "</title></svg></textarea><iframe srcdoc='<script>parent.pwned=8</script>'></iframe>",
    '"onmouseover="window.pwned=9" autofocus onfocus="window.pwned=10" x="',
    "'onclick='window.pwned=11' tabindex='0",
    "javascript:window.pwned=12",
    "<a href=javascript:window.pwned=13>here</a>",
    "<img src=http://evil.invalid/a.png srcset=http://evil.invalid/b.png>",
    "<link rel=stylesheet href=http://evil.invalid/c.css><base href=http://evil.invalid/>",
    "<meta http-equiv=refresh content='0;url=http://evil.invalid/d'>",
    "<style>*{background:url(http://evil.invalid/e)}</style>",
    "{{ 7 * 7 }} {% raw %} {{ config }} {# gone #} ${7*7} #{7*7} <%= 7*7 %>",
    "{{constructor.constructor('window.pwned=14')()}}",
    "\\u003cscript\\u003ewindow.pwned=15\\u003c/script\\u003e \\x3cscript\\x3e `${window.pwned=16}`",
    "&lt;b&gt; &amp;amp; &#x3c;script&#x3e; &copy &nbsp;",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+9)*cmd|'/C calc'!A0",
    "\t=1+1",
    "a,b;c\t\"d\" 'e'",
    "\u202ereversed\u202c \u2066isolated and never closed \u200f\u061c",
    "line\u2028separator\u2029paragraph\u0085next",
    "nothing\x00here\x08\x1b[31m\x7f",
    "constructor __proto__ toString hasOwnProperty",
    "e\u0301" + "\u0316" * 60 + " stacked",
    "\U0001f469\u200d\U0001f680\ufeff\u200b\u00ad\ufffe",
    "a" * 300,
    "مناخ البحر والميناء",
)

IDS = (
    "folder/with/slashes",
    "a space and #hash",
    "per%20cent%2e%2e",
    "../../etc/passwd",
    "__proto__",
    "constructor",
    '<b>"bold"</b>\'',
    "=1+1",
    "C:\\windows\\path",
    "اسم",
)


def hostile_run() -> dict[str, Any]:
    """
    Make the run.

    Returns
    -------
    dict
        Arguments of `topicgpu.report.Results`: every payload is a text, a title, a speaker, a theme's name and keyword,
        and some are definitions, genres, forms, series and origins.
    """
    following = cycle(PAYLOADS)
    themes = [Named(text, text if place % 2 else None, (text, next(following))) for place, text in enumerate(PAYLOADS)]
    n = len(PAYLOADS)
    told = [
        Told(
            id=IDS[place] if place < len(IDS) else f"{place}: {title}",
            said=[
                Said(f"{text} {place}", (number + place) % n if number % 3 else -1, PAYLOADS[(number + 2 * place) % n])
                for number, text in enumerate(PAYLOADS)
            ],
            date=f"{2015 + place % 5}-{1 + place % 12:02d}" if place % 7 else None,
            title=title,
            genre=PAYLOADS[place % 4],
            form=f"digest {title}" if place % 5 == 0 else title,
            series=PAYLOADS[-place],
            origin=title,
        )
        for place, title in enumerate(PAYLOADS)
    ]
    given = {"report": {"title": PAYLOADS[1] + PAYLOADS[6]}, "drift": {"period": "year"}}
    made = run_of(told, themes, given)
    warnings = [{"stage": text, "message": text} for text in PAYLOADS]
    made["manifest"] = {
        "name": PAYLOADS[0],
        "config_path": PAYLOADS[2],
        "topicgpu_version": PAYLOADS[3],
        "warnings": warnings,
        "device": {"wanted": "auto", "used": "cpu", "name": PAYLOADS[4], "reason": PAYLOADS[5]},
        "versions": {PAYLOADS[7]: PAYLOADS[8]},
        "dropped": {PAYLOADS[0]: 7},
        "encoder": {"model": PAYLOADS[0], "languages": [PAYLOADS[6]], "dimension": 16, "max_tokens": 256},
    }
    return made
