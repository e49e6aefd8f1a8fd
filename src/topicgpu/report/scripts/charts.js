// Shares over time of the themes that the reader chooses, drawn by Vega when the view is first asked for.

class Comparison {
  static MOST = 8; // themes in one chart
  static WIDE = 7; // pixels between the marks of two themes in one source

  constructor(root, data) {
    Object.assign(this, data, { root, chosen: new Set(data.themes.slice(0, 3).map((_, place) => place)), at: -1 });
    this.cells = []; // what is drawn, in the order in which the arrow keys walk: {theme, column, x, share, text}
    this.picker = this.makePicker();
    const keys = `Arrow keys walk through the marks${this.segments ? ", Enter shows their segments" : ""}.`;
    this.plane = element("div", {
      class: "plane",
      tabindex: 0,
      role: "application",
      "aria-label": `Shares over time of the chosen themes. ${keys}`,
    });
    this.tip = element("p", { class: "tip", role: "status" });
    root.append(this.picker, this.plane, this.tip);
  }

  get segments() {
    return store && document.getElementById("segments");
  }

  makePicker() {
    const picker = element("fieldset", { class: "picker" });
    picker.append(element("legend", {}, `Themes: up to ${Comparison.MOST}`));
    if (this.themes.length > 15) {
      const find = "Find a theme";
      const search = element("input", { type: "search", placeholder: find, "aria-label": find });
      search.addEventListener("input", () => {
        const words = fold(search.value).trim();
        this.labels.forEach((label, place) => {
          label.hidden = !fold(this.themes[place].name).includes(words) && !this.chosen.has(place);
        });
      });
      picker.append(search);
    }
    this.labels = this.themes.map((theme, place) => {
      const box = element("input", { type: "checkbox", checked: this.chosen.has(place) });
      box.addEventListener("change", () => {
        this.chosen[box.checked ? "add" : "delete"](place);
        this.draw();
      });
      const parts = [box, element("span", { class: "swatch" }), element("bdi", {}, theme.name)];
      return element("label", { class: theme.unstable && "unstable" }, ...parts, theme.unstable ? " (unstable)" : "");
    });
    picker.append(element("div", { class: "choices" }, ...this.labels));
    return picker;
  }

  async start() {
    const place = element("div");
    this.plane.append(place);
    const { view } = await window.vegaEmbed(place, this.spec, {
      ast: true, // no code from strings: the page's policy forbids it
      actions: false,
      renderer: "svg",
      defaultStyle: false,
      mode: "vega-lite",
      tooltip: () => {},
    });
    this.view = view;
    for (const [name, rows] of Object.entries(this.fixed)) view.data(name, rows);
    view.addEventListener("pointermove", (_, item) => this.point(item?.datum?.cell ?? -1));
    view.addEventListener("click", (_, item) => item?.datum?.cell !== undefined && this.filter(item.datum.cell));
    this.plane.addEventListener("pointerleave", () => this.point(-1));
    this.plane.addEventListener("blur", () => this.read(-1));
    this.plane.addEventListener("keydown", (event) => this.key(event));
    await this.draw();
  }

  // Two chosen themes with one colour: the later one takes the next that is free.
  colors() {
    const taken = new Set();
    return new Map([...this.chosen].sort((a, b) => a - b).map((place) => {
      if (this.themes[place].unstable) return [place, "var(--muted)"];
      let slot = this.themes[place].slot;
      while (taken.has(slot)) slot = (slot + 1) % 10;
      taken.add(slot);
      return [place, `var(--c${slot})`];
    }));
  }

  // Where each source stands: at its date, moved apart where the marks of the chosen themes would cover others.
  places() {
    const gap = (this.chosen.size * Comparison.WIDE + 8) * this.step;
    const groups = []; // [sum of dates, columns]
    const middle = ([sum, members]) => sum / members.length;
    const single = this.columns.filter((column) => column.source !== undefined).sort((a, b) => a.x - b.x);
    if (single.length * gap > 700 * this.step) return new Map(single.map((column) => [column, column.x]));
    for (const column of single) {
      let [sum, members] = [column.x, [column]];
      while (groups.length) {
        const before = groups.at(-1);
        const least = ((before[1].length + members.length) / 2) * gap;
        if (sum / members.length - middle(before) >= least) break;
        groups.pop();
        [sum, members] = [sum + before[0], [...before[1], ...members]];
      }
      groups.push([sum, members]);
    }
    return new Map(groups.flatMap((group) =>
      group[1].map((column, place) => [column, middle(group) + (place - (group[1].length - 1) / 2) * gap])));
  }

  async draw() {
    const colors = this.colors();
    const full = this.chosen.size >= Comparison.MOST;
    this.labels.forEach((label, place) => {
      label.querySelector("input").disabled = full && !this.chosen.has(place);
      label.querySelector(".swatch").style.color = colors.get(place) ?? "transparent";
    });
    this.step = this.days / this.view.width(); // of a pixel
    const rows = { bands: [], means: [], thin_means: [], intervals: [], marks: [], full: [], thin: [], targets: [] };
    const places = this.places();
    this.cells = [];
    [...colors].forEach(([place, color], order) => {
      const aside = (order - (colors.size - 1) / 2) * Comparison.WIDE * this.step;
      for (const [number, share, low, high, thin, text] of this.themes[place].cells) {
        const column = this.columns[number];
        const single = column.source !== undefined;
        const x = single ? places.get(column) + aside : column.x;
        const row = { ...column, x, share, low, high, color, cell: this.cells.length };
        this.cells.push({ place, column, x, share, text });
        if (single) {
          if (column.end - column.start > 3 * this.step) rows.marks.push(row); // a date known to the month or year
          rows[thin ? "thin" : "full"].push(row);
          if (low !== null) rows.intervals.push(row);
        } else {
          rows[thin ? "thin_means" : "means"].push(row);
          if (low !== null) rows.bands.push(row);
        }
        rows.targets.push(row);
      }
    });
    this.walk = this.cells.map((_, cell) => cell).sort((a, b) => this.cells[a].x - this.cells[b].x || a - b);
    for (const [name, values] of Object.entries(rows)) this.view.data(name, values);
    await this.read(-1);
  }

  // A pointer that rests on nothing does not take away what the keys have chosen.
  point(cell) {
    if (cell === -1 && !this.pointed) return;
    this.pointed = cell !== -1;
    this.read(cell);
  }

  // Shows what a mark stands for, beside it; -1: nothing.
  async read(cell) {
    if (cell === this.at && cell !== -1) return;
    this.at = cell;
    const { x, share, text, place } = this.cells[cell] ?? {};
    this.view.data("focus", cell === -1 ? [] : [{ x, share }]);
    await this.view.runAsync();
    if (cell !== this.at) return; // the reader is elsewhere by now
    this.tip.textContent = cell === -1 ? "" : `${this.themes[place].name}. ${text}`;
    const ring = this.plane.querySelector(".focus_marks path")?.getBoundingClientRect();
    if (!ring) return;
    const box = this.root.getBoundingClientRect();
    const left = Math.min(ring.left - box.left, box.width - this.tip.offsetWidth);
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${ring.bottom - box.top + 6}px`;
  }

  key(event) {
    const here = this.walk.indexOf(this.at);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = { Home: 0, End: this.walk.length - 1 }[event.key] ?? (step && (here === -1 ? 0 : here + step));
    if (event.key === "Escape") this.read(-1);
    else if (event.key === "Enter" && this.at !== -1) this.filter(this.at);
    else if (to !== undefined && this.walk.length) {
      event.preventDefault();
      this.read(this.walk[Math.min(this.walk.length - 1, Math.max(0, to))]);
    }
  }

  // The segment table shows what the mark is made of.
  filter(cell) {
    if (!this.segments) return;
    const { place, column } = this.cells[cell];
    history.pushState(null, "", "#segments"); // a step that the reader can take back
    showSegments({ theme: this.themes[place].number, source: column.source ?? null, period: column.period ?? null });
  }
}

{
  const switched = document.getElementById("time-compare");
  const start = async () => {
    const root = document.getElementById("compare");
    root.textContent = "Drawing …";
    const data = await unpack("charts");
    // The page's policy knows the hash of this script, which is unpacked only for those who ask for the chart.
    document.head.append(element("script", {}, await unpack("vega")));
    root.textContent = "";
    await new Comparison(root, data).start();
  };
  if (switched?.checked) start();
  else switched?.addEventListener("change", start, { once: true });
}
