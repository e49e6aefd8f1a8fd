// The map that answers: it reads, selects and moves, and shares its filter with the table.

const MAP_MEANINGS = {
  theme: "Colour is the main theme; faint grey is none, clear grey a theme that is unstable.",
  source: `Colour is the source: one each for the largest ${MAP_SOURCES}, faint grey for the others.`,
  period: "Colour is the period, from the earliest to the latest; faint grey is none.",
};

class SegmentMap {
  constructor(store, part) {
    Object.assign(this, { store, part, canvas: part("canvas") });
    this.canvas.style.aspectRatio = `${this.canvas.width} / ${this.canvas.height}`; // as the picture that it replaces
    part("plot").hidden = false;
    document.getElementById("map").classList.add("live");
    this.grid = new MapGrid(store.x, store.y);
    this.camera = new MapCamera(this.grid.bounds);
    this.colors = new MapColors(store, this.canvas);
    this.painting = new MapPainting(this.canvas, store, this.grid, this.camera, this.colors);
    this.panel = new MapPanel(store, part("panel"), this.canvas);
    this.legend = new MapLegend(store, part("legend"), this.colors);
    this.focus = -1; // the row that is being read
    this.choosing = false; // whether a drag draws an area
    this.drawing = null; // the area being drawn, in steps of the map
    this.box = null; // the area that is set
    this.area = null; // its filter
    new MapPointer(this);
    new MapKeys(this);
    this.listen();
    this.stale = true; // whether more than the rings has to be painted
    this.legend.draw();
    this.refilter();
    this.painting.resize();
    this.paint();
  }

  listen() {
    const { store, part, canvas } = this;
    store.on("filter", () => this.refilter());
    store.on("select", () => this.select());
    store.on("texts", () => this.focus >= 0 && this.panel.fill(this.focus));
    for (const event of ["focus", "pointerenter"]) canvas.addEventListener(event, () => store.loadTexts());
    canvas.addEventListener("blur", () => this.leave());
    addEventListener("scroll", () => this.scrolled(), { passive: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.recolor(() => this.colors.read()));
    new ResizeObserver(() => this.resize()).observe(canvas);
    part("in").addEventListener("click", () => this.zoom(2));
    part("out").addEventListener("click", () => this.zoom(0.5));
    part("whole").addEventListener("click", () => this.zoom(0));
    part("area").addEventListener("click", () => this.choose(!this.choosing));
    part("colors").addEventListener("change", ({ target }) => this.recolor(() => this.colors.arrange(target.value)));
    part("words").closest("label").hidden = !store.hasTexts;
    onTyping(part("words"), (words) => store.set({ words }));
  }

  // One frame for all that happens before it.
  later() {
    this.stale = true;
    this.remark();
  }

  // Where only rings change, what is under them stays as it was painted.
  remark() {
    this.frame ??= requestAnimationFrame(() => this.paint());
  }

  paint() {
    const { stale, focus, drawing, box, store } = this;
    this.frame = null;
    this.stale = false;
    this.painting.paint({ stale, focus, selected: store.selected, box: drawing ?? box });
    this.state();
  }

  resize() {
    this.painting.resize();
    this.later();
  }

  // What is drawn, in words: never another picture in silence.
  state() {
    const { painting, grid, camera, canvas, part } = this;
    const { density, count } = painting.drawn;
    const passing = this.passing < grid.placed ? ` of ${whole(this.passing)} that pass the filters` : "";
    const drawn = density
      ? `drawn as density, in cells of ${MAP_CELL} pixels: the colour that most segments of a cell have, stronger with ` +
        `the square root of their number. Zoom in to ${whole(MAP_SINGLE)} or fewer to see single segments.`
      : "each a point.";
    const text = `${counted(count, "segment")} in view${passing}, ${drawn}`;
    if (part("state").textContent !== text) part("state").textContent = text;
    canvas.dataset.drawn = density ? "density" : "points";
    canvas.classList.toggle("near", camera.zoom > 1);
    part("in").disabled = camera.zoom >= MAP_CLOSEST;
    part("out").disabled = part("whole").disabled = camera.zoom <= 1;
    if (document.activeElement.matches("#map-plot :disabled")) canvas.focus({ preventScroll: true });
  }

  tell(text) {
    this.part("told").textContent = text;
  }

  refilter() {
    const { store, grid, part } = this;
    this.passing = 0;
    for (const row of grid.rows) this.passing += store.mask[row];
    if (store.filter.area !== this.area) this.box = this.area = null;
    if (document.activeElement !== part("words")) part("words").value = store.filter.words;
    if (this.focus >= 0 && !store.mask[this.focus]) this.leave();
    this.legend.mark();
    // The table says its own count aloud: the map joins in only where the reader is at it.
    if (part("plot").contains(document.activeElement)) {
      this.tell(`${counted(this.passing, "segment")} of the map pass the filters.`);
    }
    this.showChips();
    this.later();
  }

  recolor(first) {
    first();
    this.legend.draw();
    const meaning = document.getElementById("map-meaning");
    if (meaning) meaning.textContent = MAP_MEANINGS[this.colors.by];
    this.later();
  }

  showChips() {
    const { filter, selected } = this.store;
    const chip = (text, changes) => {
      const button = element("button", { type: "button" }, text);
      button.addEventListener("click", () => {
        this.store.set(changes);
        this.canvas.focus({ preventScroll: true }); // the button is gone
      });
      return button;
    };
    const chips = [];
    if (filter.area) chips.push(chip("Area: remove", { area: null }));
    if (Object.keys(EVERYTHING).some((key) => filter[key] !== EVERYTHING[key])) chips.push(chip("Clear all filters", EVERYTHING));
    if (selected >= 0 && document.getElementById("segments")) {
      chips.push(element("a", { href: "#segments" }, "The selected segment in the table"));
    }
    this.part("chips").replaceChildren(...chips);
  }

  choose(on) {
    this.choosing = on;
    this.canvas.classList.toggle("area", on);
    this.part("area").setAttribute("aria-pressed", on);
    if (on) this.tell("Drag over the map to select the segments of an area.");
  }

  selectArea(box) {
    const { x, y } = this.store;
    this.choose(false);
    this.box = box;
    this.area = (row) =>
      x[row] >= 0 && x[row] >= box.left && x[row] <= box.right && y[row] >= box.bottom && y[row] <= box.top;
    this.store.set({ area: this.area });
  }

  // factor 0: the whole map.
  zoom(factor, [x, y] = [this.camera.width / 2, this.camera.height / 2]) {
    this.leave();
    if (factor === 0) this.camera.whole();
    else this.camera.zoomAt(x, y, factor);
    this.later();
  }

  pixelsOf(row) {
    return this.camera.toPixels(this.store.x[row], this.store.y[row]);
  }

  read(row) {
    if (row !== this.focus) this.panel.fill(row);
    this.focus = row;
    this.panel.showAt(this.pixelsOf(row));
    this.remark();
  }

  leave() {
    this.panel.hide();
    this.canvas.classList.remove("over");
    if (this.focus < 0) return;
    this.focus = -1;
    this.remark();
  }

  // Where the keyboard is, the point stays: focus alone may have scrolled the map into view. Else the pointer has left it.
  scrolled() {
    if (this.focus < 0 || document.activeElement !== this.canvas) return this.leave();
    const [x, y] = this.pixelsOf(this.focus);
    const height = y + this.canvas.getBoundingClientRect().top;
    if (height >= 0 && height <= innerHeight) this.panel.showAt([x, y]);
    else this.panel.hide();
  }

  select() {
    if (this.store.selected >= 0) this.bringIntoView(this.store.selected);
    this.showChips();
    this.remark();
  }

  bringIntoView(row) {
    const { camera, store } = this;
    if (store.x[row] < 0) return;
    const [x, y] = this.pixelsOf(row);
    if (x >= 0 && y >= 0 && x <= camera.width && y <= camera.height) return;
    [camera.x, camera.y] = [store.x[row], store.y[row]];
    this.later();
  }
}

function startMap(store) {
  const part = (name) => document.getElementById(`map-${name}`);
  if (part("canvas")) new SegmentMap(store, part);
}
startMap(store);
