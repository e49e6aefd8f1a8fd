// What stands beside a point: the segment's words and where they are from. Never beyond the window.

const MAP_QUOTE = 240; // characters of a segment that the panel shows

class MapPanel {
  constructor(store, panel, canvas) {
    Object.assign(this, { store, panel, canvas });
  }

  get text() {
    return [...this.panel.children].map((part) => part.textContent).join(". ");
  }

  fill(row) {
    const { store } = this;
    const theme = store.themes[store.theme[row]];
    const name = theme ? [element("bdi", {}, theme.name), theme.unstable ? " (unstable)" : ""] : ["no theme"];
    const quote = store.hasTexts ? [this.quote(row)] : [];
    this.panel.replaceChildren(...quote, element("p", {}, ...name), this.citation(row));
  }

  // An ellipsis alone stands for texts that are still being unpacked.
  quote(row) {
    const letters = Array.from((this.store.text[row] ?? "…").slice(0, 2 * MAP_QUOTE + 2));
    const text = letters.slice(0, MAP_QUOTE).join("") + (letters.length > MAP_QUOTE ? "…" : "");
    const lang = this.store.languages[this.store.language[row]];
    return element("blockquote", { lang }, element("bdi", {}, text));
  }

  citation(row) {
    const { store } = this;
    const source = store.sources[store.source[row]];
    const time = store.time[row] && `at ${store.time[row]}`;
    const mark = source.digest && "digest, not the speaker’s words";
    const facts = [store.speakers[store.speaker[row]], source.title, source.date, time, mark].filter(Boolean);
    const parts = facts.flatMap((fact, place) => [place ? ", " : "", element("bdi", {}, fact)]);
    return element("p", { class: "meta" }, ...parts);
  }

  fillCell({ total, most }, name) {
    const least = element("p", { class: "meta" }, "most: ", element("bdi", {}, name), `, ${whole(most)}`);
    this.panel.replaceChildren(element("p", {}, counted(total, "segment")), least);
  }

  showAt([x, y]) {
    const { panel } = this;
    const away = 16; // pixels from the point
    const edge = 8; // and from the window's edge
    const frame = this.canvas.getBoundingClientRect();
    panel.hidden = false;
    const { width, height } = panel.getBoundingClientRect();
    const beside = (point, size, room) => {
      const after = point + away;
      const start = after + size + edge <= room ? after : point - size - away;
      return Math.max(edge, Math.min(start, room - size - edge));
    };
    panel.style.left = `${beside(frame.left + x, width, document.documentElement.clientWidth)}px`;
    panel.style.top = `${beside(frame.top + y, height, innerHeight)}px`;
  }

  hide() {
    this.panel.hidden = true;
  }
}
