// The pointer on the map: resting reads, clicking selects, dragging moves or draws an area, two fingers zoom. A wheel
// alone scrolls the page.

const MAP_REACH = 14; // pixels from the pointer to a point that still counts as under it
const MAP_STILL = 4; // pixels that a click may tremble

class MapPointer {
  constructor(map) {
    this.map = map;
    this.canvas = map.canvas;
    this.down = new Map(); // by pointer: where it is
    this.start = null; // of a drag by one pointer
    this.dragging = false;
    const listeners = {
      pointerdown: (event) => this.press(event),
      pointermove: (event) => this.move(event),
      pointerup: (event) => this.lift(event),
      pointercancel: (event) => this.lift(event),
      pointerleave: () => this.down.size || map.leave(),
      wheel: (event) => this.wheel(event),
      dblclick: (event) => map.zoom(2, this.placeOf(event)),
    };
    for (const [event, listener] of Object.entries(listeners)) {
      this.canvas.addEventListener(event, listener, { passive: false });
    }
  }

  placeOf({ clientX, clientY }) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  }

  press(event) {
    if (event.button !== 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.down.set(event.pointerId, this.placeOf(event));
    this.start = this.down.size === 1 ? this.placeOf(event) : null;
  }

  move(event) {
    const { map, down } = this;
    const place = this.placeOf(event);
    const before = down.get(event.pointerId);
    if (!before) return this.hover(place);
    if (this.start && !this.dragging && Math.hypot(place[0] - this.start[0], place[1] - this.start[1]) < MAP_STILL) return;
    this.dragging = true;
    this.canvas.classList.add("dragging");
    map.leave();
    if (down.size > 1) this.pinch(event.pointerId, before, place);
    else if (this.start && map.choosing) map.drawing = this.boxTo(place);
    else map.camera.move(place[0] - before[0], place[1] - before[1]);
    down.set(event.pointerId, place);
    map.later();
  }

  pinch(pointer, before, place) {
    const { camera } = this.map;
    const [, [x, y]] = [...this.down].find(([id]) => id !== pointer);
    const apart = (one) => Math.max(Math.hypot(one[0] - x, one[1] - y), 1);
    camera.move((place[0] - before[0]) / 2, (place[1] - before[1]) / 2);
    camera.zoomAt((place[0] + x) / 2, (place[1] + y) / 2, apart(place) / apart(before));
  }

  lift(event) {
    const { map } = this;
    if (!this.down.delete(event.pointerId) || this.down.size) return;
    const { dragging } = this;
    const box = map.drawing;
    this.dragging = false;
    this.canvas.classList.remove("dragging");
    map.drawing = null;
    if (event.type === "pointercancel") map.later(); // the browser took it, to scroll the page
    else if (box) map.selectArea(box);
    else if (!dragging) this.click(this.placeOf(event));
  }

  boxTo([endX, endY]) {
    const [startX, startY] = this.start;
    const [left, top] = this.map.camera.toMap(Math.min(startX, endX), Math.min(startY, endY));
    const [right, bottom] = this.map.camera.toMap(Math.max(startX, endX), Math.max(startY, endY));
    return { left, bottom, right, top };
  }

  wheel(event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 30 : 1); // a mode of lines, or of pixels
    this.map.zoom(Math.exp(-Math.min(Math.max(pixels, -120), 120) / 250), this.placeOf(event));
  }

  under([x, y]) {
    const { camera, grid, store } = this.map;
    return grid.nearest(...camera.toMap(x, y), MAP_REACH / camera.scale, store.mask);
  }

  hover(place) {
    const { map } = this;
    if (map.choosing) return;
    const { density } = map.painting.drawn;
    const row = density ? -1 : this.under(place);
    const cell = map.painting.cellAt(...place);
    this.canvas.classList.toggle("over", row >= 0);
    if (row >= 0) map.read(row);
    else map.leave();
    if (cell) {
      map.panel.fillCell(cell, map.colors.groups[cell.group].name);
      map.panel.showAt(place);
    }
  }

  click(place) {
    const { map } = this;
    if (map.painting.drawn.density) return map.zoom(2, place);
    const row = this.under(place);
    if (row < 0) return;
    map.read(row);
    map.store.select(row);
  }
}
