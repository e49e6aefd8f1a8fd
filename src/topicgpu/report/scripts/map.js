// The map that answers: reading, selecting, moving, and the filter that it shares with the table.

const MAP_QUOTE = 240; // characters of a segment that the panel shows
const MAP_REACH = 14; // pixels from the pointer to a point that still counts as under it
const MAP_LEGEND = 24; // colours named before the rest unfolds

const mapPart = (name) => document.getElementById(`map-${name}`);
const mapNumber = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");
const mapCount = (number) => `${mapNumber(number)} ${number === 1 ? "segment" : "segments"}`;

function mapElement(tag, text, css = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = css;
  return element;
}

class SegmentMap {
  constructor(store) {
    this.store = store;
    this.canvas = mapPart("canvas");
    this.panel = mapPart("panel");
    this.canvas.style.aspectRatio = `${this.canvas.width} / ${this.canvas.height}`;
    mapPart("plot").hidden = false;
    document.getElementById("map").classList.add("live");
    this.grid = new MapGrid(store.x, store.y);
    this.camera = new MapCamera(this.grid.bounds);
    this.colors = new MapColors(store, this.canvas);
    this.painting = new MapPainting(this.canvas, store, this.grid, this.camera, this.colors);
    this.focus = -1; // the row that the panel shows
    this.box = null; // the selected area, in steps of the map
    this.area = null; // the filter that it is
    this.pointers = new Map();
    this.listen();
    this.drawLegend();
    this.refilter();
    new ResizeObserver(() => this.later(() => this.painting.resize())).observe(this.canvas);
  }

  listen() {
    const { store, canvas } = this;
    store.on("filter", () => this.refilter());
    store.on("select", () => this.show(store.selected));
    store.on("texts", () => this.focus >= 0 && !this.panel.hidden && this.fillPanel(this.focus));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.colors.read();
      this.drawLegend();
      this.later();
    });
    for (const [event, listener] of Object.entries({
      pointerdown: (happened) => this.press(happened),
      pointermove: (happened) => this.point(happened),
      pointerup: (happened) => this.lift(happened),
      pointercancel: (happened) => this.lift(happened),
      pointerleave: () => !this.pointers.size && this.leave(),
      wheel: (happened) => this.wheel(happened),
      dblclick: (happened) => this.zoom(2, ...this.placeOf(happened)),
      keydown: (happened) => this.type(happened),
      focus: () => store.loadTexts(),
      pointerenter: () => store.loadTexts(),
      blur: () => this.leave(),
    })) {
      canvas.addEventListener(event, listener, { passive: false });
    }
    addEventListener("scroll", () => this.hide(), { passive: true });
    mapPart("in").addEventListener("click", () => this.zoom(2));
    mapPart("out").addEventListener("click", () => this.zoom(0.5));
    mapPart("whole").addEventListener("click", () => this.zoom(0));
    mapPart("area").addEventListener("click", () => this.choosing(!this.isChoosing));
    mapPart("colors").addEventListener("change", ({ target }) => {
      this.colors.arrange(target.value);
      this.drawLegend();
      this.later();
    });
    mapPart("words").addEventListener("input", ({ target }) => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => store.set({ words: target.value }), 200);
    });
    if (store.hasTexts === false) mapPart("words").parentElement.hidden = true;
  }

  // One frame for all that happens before it.
  later(before) {
    before?.();
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.painting.paint({ focus: this.focus, selected: this.store.selected, box: this.dragged ?? this.box });
      this.canvas.classList.toggle("near", this.camera.zoom > 1);
      this.state();
    });
  }

  // What is drawn, in words: never another picture in silence.
  state() {
    const { density, count } = this.painting.drawn;
    const passing = this.passing < this.grid.placed ? `, of ${mapCount(this.passing)} that pass the filter` : "";
    const drawn = density
      ? `drawn as density, in cells of ${MAP_CELL} pixels: the colour of most segments in a cell, darker with the square ` +
        `root of their number. Zoom in to under ${mapNumber(MAP_SINGLE)} to see single segments.`
      : "each drawn as a point.";
    const text = `${mapCount(count)} in view${passing}, ${drawn}`;
    if (mapPart("state").textContent !== text) mapPart("state").textContent = text;
    this.canvas.dataset.drawn = density ? "density" : "points";
    mapPart("in").disabled = this.camera.zoom >= 400;
    mapPart("out").disabled = mapPart("whole").disabled = this.camera.zoom === 1;
  }

  tell(text) {
    mapPart("told").textContent = text;
  }

  refilter() {
    const { store, grid } = this;
    this.passing = 0;
    for (const row of grid.rows) this.passing += store.mask[row];
    if (store.filter.area !== this.area) this.box = this.area = null;
    if (document.activeElement !== mapPart("words")) mapPart("words").value = store.filter.words;
    this.marks();
    this.chips();
    this.tell(`${mapCount(this.passing)} on the map pass the filter.`);
    this.later();
  }

  chips() {
    const { filter } = this.store;
    const chips = [];
    const chip = (text, changes) => {
      const button = mapElement("button", text);
      button.type = "button";
      button.addEventListener("click", () => this.store.set(changes));
      chips.push(button);
    };
    if (filter.area) chip("Clear the area", { area: null });
    const none = Object.fromEntries(Object.keys(filter).map((key) => [key, key === "words" ? "" : null]));
    if (Object.keys(filter).some((key) => filter[key] !== none[key])) chip("Show all segments", none);
    mapPart("chips").replaceChildren(...chips);
  }

  drawLegend() {
    const { groups, rgb, by } = this.colors;
    const shown = groups.map((group, place) => ({ group, color: this.colors.css(rgb[place]) })).filter(({ group }) => group.n);
    if (by !== "period") shown.sort((a, b) => b.group.n - a.group.n);
    const entries = shown.map(({ group, color }, place) => {
      const entry = mapElement("li", "");
      entry.hidden = place >= MAP_LEGEND;
      const label = mapElement(group.filter ? "button" : "span", "", group.filter ? "" : "plain");
      const swatch = mapElement("span", "", "swatch");
      swatch.style.color = color;
      label.append(swatch, mapElement("bdi", group.name), " ", mapElement("small", mapNumber(group.n)));
      if (group.filter) {
        label.type = "button";
        label.group = group;
        label.addEventListener("click", () => this.store.set(this.isSet(group) ? { [by]: null } : group.filter));
      }
      entry.append(label);
      return entry;
    });
    if (entries.length > MAP_LEGEND) {
      const entry = mapElement("li", "");
      const more = mapElement("button", `${entries.length - MAP_LEGEND} more`);
      more.type = "button";
      more.addEventListener("click", () => {
        for (const one of entries) one.hidden = false;
        entry.remove();
      });
      entry.append(more);
      entries.push(entry);
    }
    mapPart("legend").replaceChildren(...entries);
    this.marks();
  }

  isSet({ filter }) {
    return Object.entries(filter).every(([key, value]) => this.store.filter[key] === value);
  }

  marks() {
    for (const label of mapPart("legend").querySelectorAll("button")) {
      if (label.group) label.setAttribute("aria-pressed", this.isSet(label.group));
    }
  }

  // The pointer: one moves the map or draws an area, two zoom.

  get isChoosing() {
    return this.canvas.classList.contains("area");
  }

  choosing(on) {
    this.canvas.classList.toggle("area", on);
    mapPart("area").setAttribute("aria-pressed", on);
    if (on) this.tell("Drag over the map to select the segments of an area.");
  }

  placeOf({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  press(happened) {
    if (happened.button !== 0) return;
    this.canvas.setPointerCapture(happened.pointerId);
    this.pointers.set(happened.pointerId, this.placeOf(happened));
    this.pressed = this.pointers.size === 1 ? this.placeOf(happened) : null;
  }

  point(happened) {
    const place = this.placeOf(happened);
    const before = this.pointers.get(happened.pointerId);
    if (!before) return this.hover(place);
    const moved = this.pressed && Math.hypot(place[0] - this.pressed[0], place[1] - this.pressed[1]);
    if (moved !== null && moved < 4 && !this.canvas.classList.contains("dragging")) return;
    this.hide();
    this.canvas.classList.add("dragging");
    if (this.isChoosing && this.pressed) {
      this.dragged = this.boxBetween(this.pressed, place);
    } else if (this.pointers.size === 1) {
      this.camera.move(place[0] - before[0], place[1] - before[1]);
    } else {
      const [[otherX, otherY]] = [...this.pointers].filter(([id]) => id !== happened.pointerId).map(([, one]) => one);
      const apart = ([x, y]) => Math.max(Math.hypot(x - otherX, y - otherY), 1);
      const middle = [(place[0] + otherX) / 2, (place[1] + otherY) / 2];
      this.camera.move((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
      this.camera.zoomAt(...middle, apart(place) / apart(before));
    }
    this.pointers.set(happened.pointerId, place);
    this.later();
  }

  lift(happened) {
    if (!this.pointers.delete(happened.pointerId) || this.pointers.size) return;
    const dragging = this.canvas.classList.contains("dragging");
    this.canvas.classList.remove("dragging");
    const box = this.dragged;
    this.dragged = undefined;
    if (happened.type === "pointercancel") return this.later();
    if (box) return this.choose(box);
    if (!dragging) this.click(this.placeOf(happened));
  }

  boxBetween([startX, startY], [endX, endY]) {
    const [left, top] = this.camera.toMap(Math.min(startX, endX), Math.min(startY, endY));
    const [right, bottom] = this.camera.toMap(Math.max(startX, endX), Math.max(startY, endY));
    return { left, bottom, right, top };
  }

  choose(box) {
    const { x, y } = this.store;
    this.choosing(false);
    this.box = box;
    this.area = (row) =>
      x[row] >= 0 && x[row] >= box.left && x[row] <= box.right && y[row] >= box.bottom && y[row] <= box.top;
    this.store.set({ area: this.area });
  }

  wheel(happened) {
    if (!happened.ctrlKey && !happened.metaKey) return; // a wheel alone scrolls the page
    happened.preventDefault();
    const pixels = happened.deltaY * (happened.deltaMode === 1 ? 30 : 1);
    this.zoom(Math.exp(-Math.min(Math.max(pixels, -120), 120) / 250), ...this.placeOf(happened));
  }

  // factor 0: the whole map.
  zoom(factor, x = this.camera.width / 2, y = this.camera.height / 2) {
    this.hide();
    if (factor === 0) this.camera.whole();
    else this.camera.zoomAt(x, y, factor);
    this.later();
  }

  under([x, y]) {
    const { camera, grid, store } = this;
    return grid.nearest(...camera.toMap(x, y), MAP_REACH / camera.scale, store.mask);
  }

  hover(place) {
    if (this.isChoosing) return;
    const cell = this.painting.cellAt(...place);
    const row = this.painting.drawn.density ? -1 : this.under(place);
    this.canvas.classList.toggle("over", row >= 0);
    if (cell) {
      const { name } = this.colors.groups[cell.group];
      this.panel.replaceChildren(mapElement("p", mapCount(cell.total)), mapElement("p", `most: ${name}, ${mapNumber(cell.most)}`, "meta"));
      this.focus = -1;
      return this.showPanel(place);
    }
    if (row < 0) return this.leave();
    if (row !== this.focus) this.fillPanel(row);
    this.focus = row;
    this.showPanel(this.camera.toPixels(this.store.x[row], this.store.y[row]));
    this.later();
  }

  click(place) {
    if (this.painting.drawn.density) return this.zoom(2, ...place);
    const row = this.under(place);
    if (row >= 0) this.store.select(row);
  }

  // The panel beside a point: never beyond the window.

  fillPanel(row) {
    const { store } = this;
    const source = store.sources[store.source[row]];
    const theme = store.theme[row] < 0 ? null : store.themes[store.theme[row]];
    const text = store.text[row];
    const parts = [];
    if (text !== undefined || store.hasTexts !== false) {
      const letters = Array.from((text ?? "…").slice(0, 2 * MAP_QUOTE + 2));
      const cut = letters.length > MAP_QUOTE ? `${letters.slice(0, MAP_QUOTE).join("")}…` : letters.join("");
      const quote = mapElement("blockquote", "");
      quote.lang = store.languages[store.language[row]];
      quote.append(mapElement("bdi", cut));
      parts.push(quote);
    }
    const name = mapElement("p", "");
    name.append(mapElement("bdi", theme ? theme.name : "no theme"), theme?.unstable ? " (unstable)" : "");
    const cited = mapElement("p", "", "meta");
    const speaker = store.speaker[row] < 0 ? null : store.speakers[store.speaker[row]];
    const facts = [speaker, source.title, source.date, store.time[row] && `at ${store.time[row]}`, source.digest && "digest, not the speaker’s words"];
    for (const fact of facts.filter(Boolean)) cited.append(cited.childNodes.length ? ", " : "", mapElement("bdi", fact));
    this.panel.replaceChildren(...parts, name, cited);
  }

  showPanel([x, y]) {
    const { panel } = this;
    const frame = this.canvas.getBoundingClientRect();
    panel.hidden = false;
    const { width, height } = panel.getBoundingClientRect();
    const edge = 8;
    const room = { x: document.documentElement.clientWidth - width - edge, y: innerHeight - height - edge };
    const right = frame.left + x + 16;
    const below = frame.top + y + 16;
    const left = right <= room.x ? right : frame.left + x - width - 16;
    const top = below <= room.y ? below : frame.top + y - height - 16;
    panel.style.left = `${Math.max(edge, Math.min(left, room.x))}px`;
    panel.style.top = `${Math.max(edge, Math.min(top, room.y))}px`;
  }

  hide() {
    this.panel.hidden = true;
  }

  leave() {
    this.hide();
    this.canvas.classList.remove("over");
    if (this.focus < 0) return;
    this.focus = -1;
    this.later();
  }

  // A row that table or keyboard came to: in view, with its panel where the map has the keyboard.
  show(row) {
    if (row >= 0 && this.store.x[row] >= 0) {
      const { camera, store } = this;
      const [x, y] = camera.toPixels(store.x[row], store.y[row]);
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) {
        [camera.x, camera.y] = [store.x[row], store.y[row]];
      }
    }
    this.later();
  }

  // The keyboard.

  type(happened) {
    const { key, ctrlKey, metaKey, altKey } = happened;
    if (ctrlKey || metaKey || altKey) return;
    const keys = {
      ArrowRight: () => this.step(1, 0),
      ArrowLeft: () => this.step(-1, 0),
      ArrowUp: () => this.step(0, 1),
      ArrowDown: () => this.step(0, -1),
      "+": () => this.zoomHere(2),
      "=": () => this.zoomHere(2),
      "-": () => this.zoomHere(0.5),
      0: () => this.zoomHere(0),
      Enter: () => this.focus >= 0 && this.store.select(this.focus),
      a: () => this.choose(this.camera.view()),
      Escape: () => this.escape(),
    };
    const act = keys[key.length === 1 ? key.toLowerCase() : key];
    if (!act) return;
    happened.preventDefault();
    act();
  }

  step(right, up) {
    const { grid, camera, store } = this;
    if (!this.passing) return this.tell("No segment on the map passes the filter.");
    const from = this.focus >= 0 && store.mask[this.focus] ? this.focus : -1;
    this.focus = from < 0 ? grid.nearest(camera.x, camera.y, 2 * MAP_STEPS, store.mask) : grid.along(from, right, up, store.mask);
    if (this.focus === from) return this.tell("No segment further that way.");
    this.show(this.focus);
    this.fillPanel(this.focus);
    this.showPanel(camera.toPixels(store.x[this.focus], store.y[this.focus]));
    this.tell([...this.panel.children].map((part) => part.textContent).join(". "));
  }

  zoomHere(factor) {
    const { camera, store, focus } = this;
    const place = focus < 0 ? [] : camera.toPixels(store.x[focus], store.y[focus]);
    this.zoom(factor, ...place);
    if (focus >= 0) this.showPanel(camera.toPixels(store.x[focus], store.y[focus]));
    this.tell(`Zoom ${camera.zoom.toFixed(1)}.`);
  }

  escape() {
    if (this.isChoosing) return this.choosing(false);
    if (this.focus >= 0) return this.leave();
    if (this.store.filter.area) this.store.set({ area: null });
  }
}

function startMap(store) {
  if (mapPart("canvas") && store.x) new SegmentMap(store);
}
startMap(store);
