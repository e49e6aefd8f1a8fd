// The segment table: the rows that pass the filter, in an order, a page at a time.
if (document.getElementById("segment-table")) {
  const PAGE = matchMedia("(max-width: 46rem)").matches ? 10 : 25; // rows; cards on a small screen are tall
  const MOST_SHOWN = 3000; // characters of one segment, until the reader asks for all
  const place = document.getElementById("segment-table");
  const [body, count, pages] = ["tbody", ".count", ".pages span"].map((name) => place.querySelector(name));
  const [previous, next] = place.querySelectorAll(".pages button");
  const compare = new Intl.Collator("en", { numeric: true }).compare;
  const ranked = (texts) => {
    const sorted = [...texts].sort(compare);
    return new Map(sorted.map((text, rank) => [text, rank]));
  };
  const titles = ranked(new Set(store.sources.map((source) => source.title)));
  const names = ranked(new Set(store.themes.map((theme) => theme.name)));
  // Each gives a number to sort a row by; NaN stands last in either direction. Equal rows stay in the sources' order.
  const keys = {
    theme: (row) => (store.theme[row] < 0 ? NaN : names.get(store.themes[store.theme[row]].name)),
    strength: (row) => (store.theme[row] < 0 ? NaN : store.strength[row]),
    source: (row) => titles.get(store.sources[store.source[row]].title),
    date: (row) => store.sources[store.source[row]].day ?? NaN,
    place: (row) => store.start[row],
  };
  const orders = new Map(); // by key and direction: all rows
  let sorting = { key: null, falling: false };
  let order = store.matches; // the rows shown, in order
  let page = 0;

  // All rows are sorted once for an order; a filter then only picks from them.
  function sorted({ key, falling }) {
    const name = `${key} ${falling}`;
    if (!orders.has(name)) {
      const values = Float64Array.from({ length: store.n }, (_, row) => keys[key](row));
      const sign = falling ? -1 : 1;
      const last = (value) => Number(Number.isNaN(value));
      const rows = Int32Array.from(values.keys());
      rows.sort((a, b) => last(values[a]) - last(values[b]) || sign * (values[a] - values[b]) || a - b);
      orders.set(name, rows);
    }
    return orders.get(name);
  }

  function arrange() {
    order = sorting.key === null ? store.matches : sorted(sorting).filter((row) => store.mask[row]);
  }

  function show(wanted) {
    const last = Math.max(0, Math.ceil(order.length / PAGE) - 1);
    page = Math.min(Math.max(wanted, 0), last);
    const { terms } = store;
    body.replaceChildren(...Array.from(order.subarray(page * PAGE, (page + 1) * PAGE), (row) => rowOf(row, terms)));
    if (!order.length) body.append(element("tr", {}, element("td", { colspan: 6 }, "No segment passes the filters.")));
    pages.textContent = `page ${whole(page + 1)} of ${whole(last + 1)}`;
    previous.disabled = page === 0;
    next.disabled = page === last;
  }

  function rowOf(row, terms) {
    const source = store.sources[store.source[row]];
    const language = store.languages[store.language[row]];
    return element(
      "tr",
      { "data-row": row, "aria-current": row === store.selected && "true" },
      cell("Words", quoteOf(row, terms, language), ...marksOf(row, source, language)),
      cell("Theme", ...themesOf(row)),
      cell("Strength", store.theme[row] < 0 ? null : (store.strength[row] / 100).toFixed(2)),
      cell("Source", ...sourceOf(row, source)),
      cell("Date", source.date),
      cell("Place", ...placeOf(row)),
    );
  }

  function cell(label, ...children) {
    return element("td", { "data-label": label }, ...children);
  }

  function quoteOf(row, terms, language) {
    if (!store.hasTexts) return element("p", { class: "absent" }, "not in this file");
    if (store.text[row] === undefined) return element("p", { class: "absent" }, "Reading the texts …");
    const text = store.text[row];
    const said = element("p", { class: "said", lang: language, dir: "auto" });
    if (text.length <= MOST_SHOWN) {
      said.append(...marked(text, terms));
      return said;
    }
    const more = element("button", { type: "button" }, `Show all ${counted(store.chars[row], "character")}`);
    more.addEventListener("click", () => said.replaceChildren(...marked(text, terms)));
    said.append(...marked(text.slice(0, MOST_SHOWN).replace(/[\ud800-\udbff]$/, ""), terms), " … ", more);
    return said;
  }

  function marked(text, terms) {
    const parts = [];
    let from = 0;
    for (const [start, end] of terms.length ? found(text, terms) : []) {
      parts.push(text.slice(from, start), element("mark", {}, text.slice(start, end)));
      from = end;
    }
    return [...parts, text.slice(from)];
  }

  function marksOf(row, source, language) {
    const marks = [];
    if (source.digest) marks.push("digest, not the speaker’s words");
    if (store.repeated.has(row)) marks.push("repeats another segment, not counted in shares");
    if (language !== "en") marks.push(languageName(language));
    return marks.map((text) => element("span", { class: "mark" }, text));
  }

  function themesOf(row) {
    if (store.theme[row] < 0) return ["no theme"];
    const further = (store.further[row] ?? []).map((theme) => element("small", {}, "also ", nameOf(theme)));
    return [nameOf(store.theme[row]), ...further];
  }

  function nameOf(number) {
    const theme = store.themes[number];
    const linked = document.getElementById(theme.anchor);
    const attributes = linked ? { class: "theme", href: `#${theme.anchor}` } : { class: "theme" };
    const unstable = theme.unstable ? element("small", {}, "unstable") : null;
    return element(linked ? "a" : "span", attributes, swatch(number), element("bdi", {}, theme.name), unstable);
  }

  function sourceOf(row, source) {
    const speaker = store.speakers[store.speaker[row]];
    const title = element("bdi", {}, source.title);
    const link = document.getElementById(source.anchor) ? element("a", { href: `#${source.anchor}` }, title) : title;
    return [speaker === undefined ? null : element("bdi", { class: "speaker" }, speaker), link];
  }

  function placeOf(row) {
    const time = store.time[row] === null ? null : element("span", { class: "place" }, `at ${store.time[row]}`);
    const copyButton = element("button", { type: "button" }, "Copy citation");
    copyButton.addEventListener("click", () => copyCitation(row));
    const onMap = store.x && store.x[row] >= 0 && document.getElementById("map");
    const mapLink = onMap ? element("a", { href: "#map", class: "choose" }, "Show on map") : null;
    const offsets = `characters ${whole(store.start[row])} to ${whole(store.end[row])}`;
    return [time, element("span", { class: "offsets" }, offsets), mapLink, copyButton];
  }

  async function copyCitation(row) {
    await store.loadTexts();
    const copied = await copy(citation(row));
    tell(copied ? "Copied." : "This browser lets no page copy: mark the words and copy them by hand.");
  }

  function tell(text) {
    place.querySelector(".told").textContent = text;
  }

  function showCount() {
    let words = 0;
    for (const row of store.matches) words += store.words[row];
    const some = store.matches.length < store.n ? `${whole(store.matches.length)} of ` : "";
    count.textContent = `${some}${counted(store.n, "segment")}; ${counted(words, "word")}`;
  }

  function showSelected() {
    const at = order.indexOf(store.selected);
    if (at >= 0 && Math.floor(at / PAGE) !== page) show(Math.floor(at / PAGE));
    for (const tr of body.querySelectorAll("tr[data-row]")) {
      const current = Number(tr.dataset.row) === store.selected;
      if (current) tr.setAttribute("aria-current", "true");
      else tr.removeAttribute("aria-current");
    }
    tell(store.selected >= 0 && at < 0 ? "The segment chosen on the map does not pass the filters." : "");
  }

  function sortBy(button) {
    const key = button.dataset.sort;
    const rising = sorting.key !== key;
    if (rising) sorting = { key, falling: false };
    else sorting = { key: sorting.falling ? null : key, falling: !sorting.falling };
    for (const th of place.querySelectorAll("th")) th.removeAttribute("aria-sort");
    if (sorting.key) button.closest("th").setAttribute("aria-sort", sorting.falling ? "descending" : "ascending");
    arrange();
    show(0);
  }

  body.addEventListener("click", (event) => {
    const tr = event.target.closest("tr[data-row]");
    const other = event.target.closest("a:not(.choose), button");
    if (tr && !other && getSelection().isCollapsed) store.select(Number(tr.dataset.row));
  });
  place.querySelector("thead").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) sortBy(button);
  });
  for (const [button, step] of [[previous, -1], [next, 1]]) {
    button.addEventListener("click", () => {
      show(page + step);
      if (button.disabled) (button === next ? previous : next).focus(); // the last page that way
      count.scrollIntoView(); // the new page is read from its top
    });
  }
  place.querySelector(".download").addEventListener("click", async () => {
    await store.loadTexts();
    download("segments.csv", csv(order));
  });
  store.on("filter", () => {
    arrange();
    show(0);
    showCount();
  });
  store.on("select", showSelected);
  store.on("reading", () => {
    const read = Math.floor((100 * store.read) / store.n);
    if (store.terms.length && read < 100) count.textContent = `Reading the texts: ${read} %`;
    const waiting = store.hasTexts && body.querySelector(".absent")?.closest("tr").dataset.row;
    if (waiting && store.text[waiting] !== undefined) show(page);
  });
  show(0);
  showCount();
}
