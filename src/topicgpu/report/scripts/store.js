// Which segments the reader looks at: one filter that table, map and links set, and that tells them when it changes.

class Store {
  constructor(columns) {
    Object.assign(this, columns);
    this.text = new Array(this.n); // filled by loadTexts
    this.lower = new Array(this.n);
    this.filter = { words: "", theme: null, source: null, period: null, genre: null, language: null, area: null };
    this.mask = new Uint8Array(this.n).fill(1); // 1: passes the filter
    this.matches = Int32Array.from({ length: this.n }, (_, row) => row); // rows that pass, ascending
    this.selected = -1; // the row that the reader points at, in the table or on the map
    this.listeners = { filter: [], select: [], texts: [] };
  }

  // Texts come after the first paint: a search before that waits for them.
  loadTexts() {
    this.loading ??= (async () => {
      for (let part = 0; part * this.texts < this.n; part += 1) {
        const texts = await unpack(`text-${part}`);
        texts.forEach((text, place) => {
          const row = part * this.texts + place;
          this.text[row] = text;
          this.lower[row] = text.toLowerCase();
        });
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

  // changes: some keys of the filter. area: a function from row to boolean, or null.
  async set(changes) {
    Object.assign(this.filter, changes);
    if (this.filter.words) await this.loadTexts();
    const words = this.filter.words.toLowerCase().split(/\s+/).filter(Boolean);
    const { theme, source, period, genre, language, area } = this.filter;
    let count = 0;
    for (let row = 0; row < this.n; row += 1) {
      const from = this.sources[this.source[row]];
      const passes =
        (theme === null || this.theme[row] === theme || (this.further[row] ?? []).includes(theme)) &&
        (source === null || this.source[row] === source) &&
        (period === null || from.period === period) &&
        (genre === null || from.genre === genre) &&
        (language === null || this.language[row] === language) &&
        (area === null || area(row)) &&
        words.every((word) => this.lower[row].includes(word));
      this.mask[row] = passes ? 1 : 0;
      count += this.mask[row];
    }
    this.matches = new Int32Array(count);
    for (let row = 0, place = 0; row < this.n; row += 1) if (this.mask[row]) this.matches[place++] = row;
    this.tell("filter");
  }

  select(row) {
    this.selected = row;
    this.tell("select");
  }
}
