// The filters above the segment table: controls, what is set, links that set them, and an address that keeps them.
if (document.getElementById("segment-table")) {
  const MOST_OPTIONS = 500; // of a list to choose from; beyond it the reader types
  const MOST_OFFERED = 50; // of what was typed
  const PREFIX = "#segments?";
  const bar = document.querySelector("#segment-table .filters");
  const chips = document.querySelector("#segment-table .chips");
  const shown = {}; // by key of the filter: lets its control show a value

  const byLabel = (one, other) => one[1].localeCompare(other[1]);
  const choices = {
    theme: ["Theme", [[-1, "no theme"], ...store.themes.map((theme, number) => [number, theme.name])]],
    source: ["Source", sourceLabels().map((label, number) => [number, label])],
    period: ["Period", store.periods.map((name) => [name, name])],
    genre: ["Kind", [...new Set(store.sources.map((source) => source.genre))].sort().map((name) => [name, name])],
    speaker: ["Speaker", store.speakers.map((name, number) => [number, name]).sort(byLabel)],
    language: ["Language", store.languages.map((code, number) => [number, languageName(code)]).sort(byLabel)],
  };

  // Sources of one title and date are told apart by their ids.
  function sourceLabels() {
    const labels = store.sources.map((source) => `${source.title}, ${source.date}`);
    const often = new Map();
    for (const label of labels) often.set(label, (often.get(label) ?? 0) + 1);
    return labels.map((label, row) => (often.get(label) > 1 ? `${label} (${store.sources[row].source_id})` : label));
  }

  function addWords() {
    const hint = element("small", { id: "words-hint" });
    hint.append("Every word must occur; “quoted words” as they stand. Case and accents are ignored.");
    const input = element("input", { type: "search", autocomplete: "off", "aria-describedby": hint.id });
    onTyping(input, (words) => store.set({ words }));
    bar.append(element("label", { class: "words" }, element("span", {}, "Search in the words"), input, hint));
    shown.words = (words) => {
      if (document.activeElement !== input) input.value = words;
    };
  }

  function addSelect(key, label, options) {
    const select = element("select", {}, element("option", { value: "" }, "all"));
    select.append(...options.map(([, text], place) => element("option", { value: place }, text)));
    select.addEventListener("change", () => store.set({ [key]: options[select.value]?.[0] ?? null }));
    bar.append(element("label", {}, element("span", {}, label), select));
    shown[key] = (value) => {
      select.value = value === null ? "" : options.findIndex(([option]) => option === value);
    };
  }

  // Of a long list the browser gets the few that hold what was typed.
  function addTyped(key, label, options) {
    const list = element("datalist", { id: `list-${key}` });
    const input = element("input", { list: list.id, autocomplete: "off" });
    input.placeholder = `all ${whole(options.length)}: type to find one`;
    const values = new Map(options.map(([value, text]) => [text, value]));
    const folded = options.map(([, text]) => fold(text));
    input.addEventListener("input", () => {
      const typed = fold(input.value).trim();
      const offered = typed ? options.filter((_, place) => folded[place].includes(typed)).slice(0, MOST_OFFERED) : [];
      list.replaceChildren(...offered.map(([, text]) => element("option", { value: text })));
      input.setAttribute("aria-invalid", String(Boolean(typed) && !offered.length));
      const chosen = values.get(input.value) ?? null;
      if (chosen !== store.filter[key]) store.set({ [key]: chosen });
    });
    bar.append(element("label", {}, element("span", {}, label), input), list);
    shown[key] = (value) => {
      if (document.activeElement !== input) input.value = options.find(([option]) => option === value)?.[1] ?? "";
    };
  }

  function button(text, name, clear) {
    const made = element("button", { type: "button", class: name }, text);
    made.addEventListener("click", () => {
      store.set(clear);
      bar.querySelector("input, select")?.focus(); // the button is gone
    });
    return made;
  }

  function showChips() {
    const set = Object.keys(EVERYTHING).some((key) => store.filter[key] !== EVERYTHING[key]);
    chips.replaceChildren(
      ...(store.filter.area ? [button("Area of the map: remove", "chip", { area: null })] : []),
      ...(set ? [button("Clear all filters", "clear", EVERYTHING)] : []),
    );
  }

  // The address names what is set by ids, which the next report of the same corpus has too.
  const place = (list, test) => {
    const number = list.findIndex(test);
    return number < 0 ? null : number;
  };
  const names = {
    words: [(value) => value, (words) => words],
    theme: [
      (value) => store.themes[value]?.theme_id ?? "",
      (id) => (id ? place(store.themes, (theme) => theme.theme_id === id) : -1),
    ],
    source: [
      (value) => store.sources[value].source_id,
      (id) => place(store.sources, (source) => source.source_id === id),
    ],
    speaker: [(value) => store.speakers[value], (name) => place(store.speakers, (one) => one === name)],
    language: [(value) => store.languages[value], (name) => place(store.languages, (one) => one === name)],
    period: [(value) => value, (name) => store.periods.find((one) => one === name) ?? null],
    genre: [(value) => value, (name) => store.sources.find((source) => source.genre === name)?.genre ?? null],
  };

  function address() {
    const set = Object.keys(names).filter((key) => store.filter[key] !== EVERYTHING[key]);
    return PREFIX + new URLSearchParams(set.map((key) => [key, names[key][0](store.filter[key])]));
  }

  function writeAddress() {
    if (address() === location.hash) return; // browsers allow few changes a second
    if (address() !== PREFIX) history.replaceState(null, "", address());
    else if (location.hash.startsWith(PREFIX)) history.replaceState(null, "", "#segments");
  }

  function readAddress() {
    if (!location.hash.startsWith(PREFIX) || location.hash === address()) return;
    const query = [...new URLSearchParams(location.hash.slice(PREFIX.length))];
    const known = query.filter(([key]) => Object.hasOwn(names, key));
    showSegments(Object.fromEntries(known.map(([key, value]) => [key, names[key][1](value)])));
  }

  // Anything in the page may carry the number of a theme or source or the name of a period: it leads to its segments.
  function follow(event) {
    const link = event.target.closest("[data-filter-theme], [data-filter-source], [data-filter-period]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    history.pushState(null, "", "#segments"); // a step that the reader can take back
    const { filterTheme, filterSource, filterPeriod } = link.dataset;
    showSegments({
      theme: filterTheme === undefined ? null : Number(filterTheme),
      source: filterSource === undefined ? null : Number(filterSource),
      period: filterPeriod ?? null,
    });
  }

  if (store.hasTexts) addWords();
  for (const [key, [label, options]] of Object.entries(choices)) {
    if (options.length > 1) (options.length > MOST_OPTIONS ? addTyped : addSelect)(key, label, options);
  }
  store.on("filter", () => {
    for (const [key, showValue] of Object.entries(shown)) showValue(store.filter[key]);
    showChips();
    writeAddress();
  });
  document.addEventListener("click", follow);
  addEventListener("hashchange", readAddress);
  setTimeout(readAddress); // when the table is there
}

// Leads to the segments that pass this filter and no other.
function showSegments(filter) {
  store.set({ ...EVERYTHING, ...filter });
  document.getElementById("segments").scrollIntoView();
  document.getElementById("h-segments").focus({ preventScroll: true });
}

function languageName(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch (error) {
    if (error instanceof RangeError) return code; // no code of a language, but the corpus' own word
    throw error;
  }
}
