// Which segments the reader looks at: one filter that table, map and links set, and that tells them when it changes.

const EVERYTHING = {
  words: "",
  theme: null, // number; -1: no theme
  source: null, // number
  period: null, // name
  genre: null, // name
  language: null, // number
  speaker: null, // number
  area: null, // function from row to boolean, and of the map
};

class Store {
  constructor(tables, columns) {
    Object.assign(this, { x: null, y: null }, tables, columns);
    this.end = this.start.map((start, row) => start + this.chars[row]);
    this.time = Array.from(this.second, clock);
    this.further = {};
    this.further_row.forEach((row, place) => (this.further[row] ??= []).push(this.further_theme[place]));
    this.repeated = new Set(this.repeats);
    this.text = new Array(this.n); // filled by loadTexts; stays empty where the file has no texts
    this.folded = new Array(this.n);
    this.read = 0; // rows whose texts are there
    this.filter = { ...EVERYTHING };
    this.mask = new Uint8Array(this.n).fill(1); // 1: passes the filter
    this.matches = Int32Array.from({ length: this.n }, (_, row) => row); // rows that pass, ascending
    this.selected = -1; // the row that the reader points at, in the table or on the map
    this.listeners = { filter: [], select: [], reading: [], texts: [] };
  }

  get hasTexts() {
    return this.parts.length > 0;
  }

  // Texts come after the first paint, part by part with a pause after each: a search before that waits for them.
  loadTexts() {
    this.loading ??= (async () => {
      for (const [part, first] of this.parts.entries()) {
        const texts = await unpack(`text-${part}`);
        for (const [place, text] of texts.entries()) {
          this.text[first + place] = text;
          this.folded[first + place] = fold(text);
        }
        this.read = first + texts.length;
        this.tell("reading");
        await new Promise((resume) => setTimeout(resume));
      }
      this.tell("texts");
    })();
    return this.loading;
  }

  on(event, listener) {
    this.listeners[event].push(listener);
  }

  tell(event) {
    for (const listener of this.listeners[event]) listener(this);
  }

  // changes: some keys of the filter. Listeners hear of it when the rows are found.
  async set(changes) {
    Object.assign(this.filter, changes);
    if (this.read < this.n && this.terms.length) {
      this.tell("reading");
      await this.loadTexts(); // the filter may change meanwhile
    }
    this.find();
    this.tell("filter");
  }

  get terms() {
    return this.hasTexts ? termsOf(this.filter.words) : [];
  }

  find() {
    const { theme, source, period, genre, language, speaker, area } = this.filter;
    const terms = this.terms;
    const from = Uint8Array.from(
      this.sources,
      (one, number) =>
        (source === null || number === source) &&
        (period === null || one.period === period) &&
        (genre === null || one.genre === genre),
    );
    const matches = new Int32Array(this.n);
    let count = 0;
    for (let row = 0; row < this.n; row += 1) {
      const passes =
        from[this.source[row]] === 1 &&
        (theme === null || this.theme[row] === theme || (this.further[row]?.includes(theme) ?? false)) &&
        (language === null || this.language[row] === language) &&
        (speaker === null || this.speaker[row] === speaker) &&
        (area === null || area(row)) &&
        terms.every((term) => this.folded[row].includes(term));
      this.mask[row] = passes ? 1 : 0;
      if (passes) matches[count++] = row;
    }
    this.matches = matches.slice(0, count);
  }

  select(row) {
    this.selected = row;
    this.tell("select");
  }
}

function clock(second) {
  if (second < 0) return null;
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(second / 3600);
  const minutes = Math.floor((second % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(second % 60)}` : `${minutes}:${two(second % 60)}`;
}
