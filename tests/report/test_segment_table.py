"""The segment table in a real browser: search, filters, order, pages, citations, links, the rows as a file."""

import csv
import io
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import expect

from topicgpu.config import validate_config
from topicgpu.report import Results, render
from topicgpu.types import Embeddings, Repeats, Segments, Sources, Theme, Themes

pytestmark = pytest.mark.slow

VOCABULARY = (
    "harbour crane rope lamp tide signal cargo keeper storm council tariff ledger anchor vessel winter bridge market "
    "engine captain voyage pilot customs grain timber copper lantern wharf ferry channel buoy"
).split()


def make_run(harbour, texts, **columns):
    """A run of these texts, one after another in one source unless `source_id` says otherwise."""
    n = len(texts)
    ends = np.cumsum([len(text) + 1 for text in texts], dtype=np.int64) - 1
    starts = ends - np.array([len(text) for text in texts], dtype=np.int64)
    ids = columns.pop("source_id", ("call",) * n)
    sources = columns.pop("sources", harbour["sources"])
    primary = np.asarray(columns.pop("primary", np.full(n, -1)))
    theme_names = columns.pop("themes", ("Cranes", "Lamps"))
    empty = np.zeros(0, dtype=np.int64)
    values = {
        "segment_id": tuple(f"{one}:{a}-{b}" for one, a, b in zip(ids, starts, ends, strict=True)),
        "source_id": ids,
        "position": np.arange(n),
        "passage": np.zeros(n, dtype=np.int64),
        "start_char": starts,
        "end_char": ends,
        "start_s": np.full(n, np.nan),
        "end_s": np.full(n, np.nan),
        "speaker": (None,) * n,
        "language": ("en",) * n,
        "date": (None,) * n,
        "text": tuple(texts),
        "n_tokens": np.full(n, 3),
        "n_words": np.array([len(text.split()) for text in texts], dtype=np.int64),
    }
    segments = Segments(**{**values, **columns})
    rows, carried = segments.fingerprint, np.flatnonzero(primary >= 0)
    themes = Themes(
        themes=tuple(
            Theme(f"t{number}", name, "discovered", None, (), int((primary == number).sum()), ())
            for number, name in enumerate(theme_names)
        ),
        row=carried,
        theme=primary[carried],
        strength=np.linspace(0.1, 0.9, len(carried)).astype(np.float32),
        rank=np.ones(len(carried), dtype=np.int64),
        near_row=empty,
        near_theme=empty,
        near_strength=empty.astype(np.float32),
        n_rows=n,
        rows=rows,
    )
    vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (n, 1))
    return {
        "config": validate_config({"name": "harbour"}, "test"),
        "manifest": {"name": "harbour"},
        "sources": sources,
        "segments": segments,
        "embeddings": Embeddings(vectors, np.ones(n, dtype=bool), "tiny/encoder", "r1", ("en",), rows),
        "repeats": Repeats(empty, empty, (), np.zeros(0), n, rows),
        "themes": themes,
    }


@pytest.fixture
def table(open_page):
    """Open the table of a run, and wait until its texts are there."""

    def open_table(run, sections=("segments",), **options):
        page = open_page(render(Results(**run), sections), **options)
        reading = page.locator("#segment-table .absent", has_text="Reading the texts")
        page.wait_for_selector("#segment-table tbody tr")
        expect(reading).to_have_count(0)
        return page

    return open_table


def quotes(page):
    return page.locator("#segment-table .said").all_inner_texts()


def count(page):
    return page.locator("#segment-table .count").inner_text().replace("\u202f", " ")


def search(page, words, expected):
    page.get_by_label("Search in the words").fill(words)
    page.locator("#segment-table .count", has_text=expected).wait_for()


def address(page):
    return page.evaluate("() => decodeURIComponent(location.hash.replaceAll('+', ' '))")


def test_every_quote_is_exactly_the_segments_text(table, harbour):
    page = table(harbour)
    shown = page.locator("#segment-table .said").evaluate_all("all => all.map((one) => one.textContent)")
    assert shown == list(harbour["segments"].text)


def test_texts_that_scripts_and_html_stumble_over_are_shown_as_they_are(table, harbour):
    texts = [
        "</script><b>no</b>",
        "nul \x00 byte",
        "line \u2028 break",
        "\u202eolleh",
        "{{ 7 * 7 }} ${8 * 8}",
        "]]> -->",
    ]
    page = table(make_run(harbour, texts))
    shown = page.locator("#segment-table .said").evaluate_all("all => all.map((one) => one.textContent)")
    assert shown == texts


def test_a_search_finds_all_words_in_any_order_case_and_accent(table, harbour):
    page = table(make_run(harbour, ["A Résumé of the CAFÉ", "cafe without", "the resume", "Crème, café, résumé."]))
    search(page, "CAFE résumé", "2 of 4 segments")
    assert quotes(page) == ["A Résumé of the CAFÉ", "Crème, café, résumé."]
    assert page.locator("mark").all_inner_texts() == ["Résumé", "CAFÉ", "café", "résumé"]


def test_a_phrase_in_quotation_marks_stands_as_it_is_across_line_breaks(table, harbour):
    page = table(make_run(harbour, ["red  \n lamp here", "lamp red", "a red lamp"]))
    search(page, '"red lamp"', "2 of 3 segments")
    assert page.locator("mark").evaluate_all("all => all.map((one) => one.textContent)") == ["red  \n lamp", "red lamp"]
    search(page, "“red lamp” here", "1 of 3 segments")


def test_chinese_is_found_by_any_part_of_it_and_has_its_language(table, harbour):
    page = table(harbour)
    search(page, "海上", "1 of 10 segments")
    assert page.locator("mark").inner_text() == "海上"
    assert page.locator(".said").get_attribute("lang") == "zh"
    assert page.locator("#segment-table .mark", has_text="Chinese").count() == 1


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("the ﬁnal office", "final", ["ﬁnal"]),
        ("cafe\u0301 next", "café", ["cafe\u0301"]),
        ("don’t go", "don't", ["don’t"]),
        ("ΟΔΟΣ οδός", "οδος", ["ΟΔΟΣ", "οδός"]),
        ("a \U0001f600 lamp", "lamp", ["lamp"]),
        ("İstanbul", "istanbul", ["İstanbul"]),
        ("banana", "ana an", ["anan"]),
    ],
)
def test_what_was_found_is_marked_where_it_stands(table, harbour, text, words, marked):
    page = table(make_run(harbour, [text, "other"]))
    search(page, words, "1 of 2 segments")
    shown = page.locator("mark").evaluate_all("all => all.map((one) => one.textContent)")
    assert shown == marked
    assert page.locator(".said").evaluate("(one) => one.textContent") == text


def test_a_search_taken_back_before_the_texts_are_read_stays_taken_back(browser, tmp_path, harbour):
    path = tmp_path / "slow.html"
    path.write_bytes(render(Results(**make_run(harbour, ["one", "two"])), ["segments"]).encode())
    page = browser.new_page()
    page.add_init_script(  # the second part of data that is unpacked, and so the texts, waits for the test
        """const { json } = Response.prototype;
        let asked = 0;
        Response.prototype.json = async function () {
            asked += 1;
            if (asked > 1) await new Promise((resume) => { globalThis.readOn = resume; });
            return json.call(this);
        };"""
    )
    page.goto(path.as_uri())
    search(page, "two", "Reading the texts")
    page.get_by_label("Search in the words").fill("")
    page.locator(".count", has_text="2 segments; 2 words").wait_for()
    page.evaluate("() => readOn()")
    page.get_by_text("two").wait_for()
    page.get_by_role(
        "button", name="Copy citation"
    ).first.click()  # comes after the texts, and after what waits for them
    page.locator(".told", has_text="op").wait_for()
    assert count(page) == "2 segments; 2 words"
    page.close()


def test_filters_narrow_together_and_clear_together(table, harbour):
    page = table(harbour)
    assert count(page) == "10 segments; 100 words"
    page.get_by_label("Theme").select_option("ropes, nets")
    assert count(page) == "3 of 10 segments; 30 words"
    page.get_by_label("Source").select_option("Undated letter, undated")
    assert count(page) == "1 of 10 segments; 10 words"
    page.get_by_label("Kind").select_option("minutes")
    assert count(page) == "0 of 10 segments; 0 words"
    assert page.get_by_text("No segment passes the filters.").is_visible()
    page.get_by_role("button", name="Clear all filters").click()
    assert count(page) == "10 segments; 100 words"
    assert page.get_by_label("Theme").input_value() == ""
    assert page.evaluate("() => document.activeElement.type") == "search"


def test_speech_with_no_theme_can_be_asked_for(table, harbour):
    page = table(harbour)
    page.get_by_label("Theme").select_option("no theme")
    assert count(page) == "3 of 10 segments; 30 words"


def test_a_filter_with_one_choice_is_left_out(table, harbour):
    page = table(make_run(harbour, ["one", "two"]) | {"sources": harbour["sources"]})
    labels = page.locator(".filters label > span").all_inner_texts()
    assert "Speaker" not in labels
    assert "Period" not in labels
    assert "Language" not in labels


def test_a_further_theme_counts_and_is_named(table, harbour):
    run = make_run(harbour, ["one", "two"], primary=[0, 1])
    themes = run["themes"]
    row, theme, rank = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([1, 2, 1])
    run["themes"] = replace(
        themes, row=row, theme=theme, rank=rank, strength=np.array([0.9, 0.3, 0.5], dtype=np.float32)
    )
    page = table(run)
    page.get_by_label("Theme").select_option("Lamps")
    assert quotes(page) == ["one", "two"]
    assert page.locator("tbody td:nth-child(2)").first.inner_text().split() == ["Cranes", "also", "Lamps"]


def test_columns_sort_in_both_directions_and_back_and_say_so(table, harbour):
    page = table(make_run(harbour, ["b", "c", "a"], primary=[1, -1, 0]))
    heading, button = page.locator("th", has_text="Theme"), page.get_by_role("button", name="Theme")
    shown = []
    for _ in range(3):
        button.click()
        shown.append((heading.get_attribute("aria-sort"), quotes(page)))
    assert shown == [("ascending", ["a", "b", "c"]), ("descending", ["b", "a", "c"]), (None, ["b", "c", "a"])]
    page.get_by_role("button", name="Strength").click()
    assert quotes(page) == ["b", "a", "c"]
    assert heading.get_attribute("aria-sort") is None


def test_dates_sort_in_time_and_undated_sources_come_last(table, harbour):
    page = table(harbour)
    page.get_by_role("button", name="Date").click()
    dates = list(dict.fromkeys(page.locator("tbody td:nth-child(5)").all_inner_texts()))
    assert dates == ["9 March 2021", "June 2021", "2022", "4 May 2022", "undated"]
    page.get_by_role("button", name="Date").click()
    assert page.locator("tbody td:nth-child(5)").last.inner_text() == "undated"


def test_pages_turn_and_stop_at_both_ends(table, harbour):
    page = table(make_run(harbour, [f"text {number}" for number in range(60)]))
    previous, following = page.get_by_role("button", name="Previous"), page.get_by_role("button", name="Next")
    assert len(quotes(page)) == 25
    assert previous.is_disabled()
    following.click()
    following.click()
    assert page.locator(".pages span").inner_text() == "page 3 of 3"
    assert quotes(page)[0] == "text 50"
    assert following.is_disabled()
    search(page, "text 7", "6 of 60 segments")
    assert page.locator(".pages span").inner_text() == "page 1 of 1"


def test_the_table_works_by_keyboard_alone(table, harbour):
    page = table(make_run(harbour, [f"text {number}" for number in range(60)], primary=[0] * 30 + [1] * 30))
    page.get_by_label("Search in the words").focus()
    page.keyboard.type("text 5")
    page.locator(".count", has_text="15 of 60 segments").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("L")  # the theme that begins so
    page.locator(".count", has_text="12 of 60 segments").wait_for()
    page.keyboard.press("Tab")
    for _ in range(12):
        if page.evaluate("() => document.activeElement.textContent") == "Clear all filters":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".count", has_text="60 segments; 120 words").wait_for()


def test_a_citation_is_copied_with_speaker_title_date_and_characters(table, harbour):
    page = table(harbour, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy citation").first.click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()") == (
        "“The cranes moved more boxes than in any spring before.” (Ana \u202e<i>, Harbour company, half-year call, "
        "9 March 2021, at 1:05, characters 0 to 54 of call)"
    )
    page.get_by_role("button", name="Copy citation").nth(6).click()
    page.get_by_text("Copied.").wait_for()
    assert "of notes, a digest, not the speaker’s words)" in page.evaluate("() => navigator.clipboard.readText()")


def test_a_citation_is_copied_without_the_clipboard_of_the_platform(table, harbour):
    page = table(harbour, permissions=["clipboard-read"])
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new DOMException('no')); }")
    page.get_by_role("button", name="Copy citation").nth(1).click()
    page.get_by_text("Copied.").wait_for()
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("“She said <script>")


def test_rows_that_pass_are_downloaded_in_their_order_and_no_cell_is_a_formula(table, harbour, tmp_path):
    texts = ['=1+1, "so"', "+lamp", "plain", "@lamp\nline"]
    page = table(make_run(harbour, texts, primary=[0, 1, -1, 1]))
    page.get_by_label("Theme").select_option("Lamps")
    page.get_by_role("button", name="Place").click()
    page.get_by_role("button", name="Place").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download these rows as CSV").click()
    path = tmp_path / "rows.csv"
    waiting.value.save_as(path)
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    assert [row["text"] for row in rows] == ["'@lamp\nline", "'+lamp"]
    assert [row["segment_id"] for row in rows] == ["call:23-33", "call:11-16"]
    assert [row["theme_id"] for row in rows] == ["t1", "t1"]
    assert waiting.value.suggested_filename == "segments.csv"


def test_a_row_is_chosen_by_a_click_anywhere_in_it(table, harbour):
    page = table(make_run(harbour, [f"text {number}" for number in range(60)]))
    page.locator("tbody tr").nth(3).locator("td").nth(3).click()
    assert page.locator("tr[aria-current]").get_attribute("data-row") == "3"


def test_the_link_to_the_map_chooses_the_row_and_leads_there(table, harbour):
    page = table(harbour, ("map", "segments"))
    links = page.get_by_role("link", name="Show on map")
    assert links.count() == 9  # one has no place
    links.nth(1).focus()
    page.keyboard.press("Enter")
    assert page.locator("tr[aria-current]").get_attribute("data-row") == "1"
    assert page.evaluate("() => location.hash") == "#map"


def test_anything_that_names_a_theme_source_or_period_leads_to_its_segments_and_back_again(table, harbour):
    page = table(harbour)
    page.evaluate(
        """() => {
            const link = document.createElement("a");
            Object.assign(link, { href: "#segments", textContent: "those", id: "those" });
            Object.assign(link.dataset, { filterTheme: "3", filterSource: "0" });
            document.querySelector("footer").append(link);
        }"""
    )
    page.get_by_label("Kind").select_option("minutes")
    page.evaluate("() => { location.hash = 'h-segments'; }")
    page.locator("#those").focus()
    page.keyboard.press("Enter")
    page.locator(".count", has_text="2 of 10 segments").wait_for()
    assert page.get_by_label("Theme").locator("option:checked").inner_text() == "ropes, nets"
    assert page.get_by_label("Kind").input_value() == ""
    assert address(page) == "#segments?theme=d_ropes&source=call"
    assert page.evaluate("() => document.activeElement.id") == "h-segments"
    page.go_back()
    assert address(page) == "#h-segments"


def test_the_address_of_a_view_opens_it_again(table, harbour):
    page = table(harbour)
    page.get_by_label("Language").select_option("English")
    search(page, "lamp", "2 of 10 segments")
    assert address(page) == "#segments?words=lamp&language=en"
    page.reload()
    page.locator(".count", has_text="2 of 10 segments").wait_for()
    assert page.get_by_label("Search in the words").input_value() == "lamp"
    assert page.get_by_label("Language").locator("option:checked").inner_text() == "English"


def test_an_address_that_names_what_is_not_there_shows_everything(table, harbour):
    page = table(harbour)
    page.evaluate("() => { location.hash = '#segments?theme=gone&__proto__=1&period=1066'; }")
    page.locator(".count", has_text="10 segments; 100 words").wait_for()


def test_without_scripts_a_sentence_says_what_needs_them(open_page, harbour):
    page = open_page(render(Results(**harbour), ["segments"]), java_script_enabled=False)
    assert page.locator(".unscripted").is_visible()
    assert page.locator("#segment-table").is_hidden()


def test_a_browser_that_cannot_unpack_gets_the_sentence_too(browser, tmp_path, harbour):
    path = tmp_path / "old.html"
    path.write_bytes(render(Results(**harbour), ["segments"]).encode())
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script("delete window.DecompressionStream")
    page.goto(path.as_uri())
    assert page.locator(".unscripted").is_visible()
    assert page.locator("#segment-table").is_hidden()
    assert "This browser cannot unpack" in errors[0]
    page.close()


def test_without_texts_the_table_says_so_and_has_no_search(table, harbour):
    config = validate_config({"report": {"text": False}}, "test")
    page = table(harbour | {"config": config})
    assert page.get_by_label("Search in the words").count() == 0
    assert page.get_by_text("not in this file").count() == 10
    assert count(page) == "10 segments; 100 words"


def test_no_segments_make_an_empty_table(table, harbour):
    page = table(make_run(harbour, []))
    assert count(page) == "0 segments; 0 words"
    assert page.locator(".pages span").inner_text() == "page 1 of 1"


def test_a_segment_of_very_many_characters_is_cut_until_asked_for_and_searched_whole(table, harbour):
    text = "lamp " * 20_000 + "buoy"
    page = table(make_run(harbour, [text, "lamp"]))
    said = page.locator(".said").first
    assert len(said.text_content()) < 3100
    search(page, "buoy", "1 of 2 segments")
    page.get_by_role("button", name="Show all 100\u202f004 characters").click()
    assert said.evaluate("(one) => one.textContent") == text
    assert page.locator("mark").all_inner_texts() == ["buoy"]


@pytest.mark.parametrize("width", [360, 1280])
def test_rows_fit_the_window(table, harbour, width):
    long = "x" * 400
    page = table(
        make_run(harbour, [long, "two"], primary=[0, 1], themes=("n" * 300, "اسم")),
        viewport={"width": width, "height": 800},
    )
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    box = page.locator("#segment-table .scroll")
    assert box.evaluate("(one) => one.scrollWidth <= one.clientWidth")


def many_sources(n):
    names = tuple(f"s{number}" for number in range(n))
    nothing = (None,) * n
    return {
        "source_id": names,
        "title": tuple(f"Talk {number // 2}" for number in range(n)),
        "date_start": nothing,
        "date_end": nothing,
        "genre": nothing,
        "form": nothing,
        "series": nothing,
        "languages": (("en",),) * n,
        "path": names,
        "sha256": ("0" * 64,) * n,
        "origin": nothing,
        "text": ("",) * n,
    }


def test_of_many_sources_one_is_found_by_typing(table, harbour):
    n = 600
    old = harbour["sources"]
    none = np.zeros(0, dtype=np.int64)
    turns = replace(
        old.turns,
        **{name: () for name in ("source_id", "kind", "speaker", "locator")},
        **{name: none for name in ("position", "start_char", "end_char")},
        **{name: none.astype(float) for name in ("start_s", "end_s")},
    )
    dropped = replace(old.dropped, source_id=(), start_char=none, end_char=none, n_words=none, reason=())
    sources = Sources(**many_sources(n), turns=turns, dropped=dropped, warnings=())
    run = make_run(harbour, [f"text {number}" for number in range(n)], source_id=sources.source_id, sources=sources)
    page = table(run)
    box = page.get_by_label("Source")
    assert box.get_attribute("placeholder").startswith("all 600")
    box.fill("talk 29")
    assert page.locator("datalist option").evaluate_all("all => all.map((one) => one.value)")[:2] == [
        "Talk 29, undated (s58)",
        "Talk 29, undated (s59)",
    ]
    box.fill("Talk 29, undated (s59)")
    page.locator(".count", has_text="1 of 600 segments").wait_for()
    assert quotes(page) == ["text 59"]
    box.fill("no such talk")
    assert box.get_attribute("aria-invalid") == "true"


def test_a_hundred_thousand_segments_are_searched_and_filtered(table, harbour, capsys):
    rng = np.random.default_rng(3)
    n = 100_000
    words = rng.integers(0, len(VOCABULARY), (n, 20))
    texts = [f"{number} " + " ".join(VOCABULARY[word] for word in row) for number, row in enumerate(words)]
    run = make_run(harbour, texts, primary=rng.integers(-1, 2, n))
    started = time.perf_counter()
    html = render(Results(**run), ["segments"])
    written = time.perf_counter() - started
    page = table(run)
    search(page, "99999", "1 of 100")  # before the texts are read
    assert quotes(page) == [texts[-1]]
    seconds = page.evaluate(
        """async () => {
            const input = document.querySelector(".words input");
            const count = document.querySelector("#segment-table .count");
            const started = performance.now();
            const changed = new Promise((resume) => new MutationObserver(resume).observe(count, { childList: true }));
            input.value = "harbour lantern";
            input.dispatchEvent(new Event("input"));
            await changed;
            return (performance.now() - started) / 1000;
        }"""
    )
    both = sum(VOCABULARY.index("harbour") in row and VOCABULARY.index("lantern") in row for row in words.tolist())
    assert count(page).startswith(f"{both // 1000} {both % 1000:03} of 100 000 segments")
    with capsys.disabled():
        sys.stdout.write(
            f"\n100,000 segments: written in {written:.1f} s, {len(html) / 1e6:.1f} MB, searched in {seconds:.2f} s\n"
        )
