// Where the reader stands over the map, from its grid (0 to 65535, y upwards) to pixels of the canvas and back; and
// which segments stand near a place.

const MAP_STEPS = 65536;
const MAP_CLOSEST = 400; // times the scale of the whole map
const MAP_CELLS = 128; // a side, of the grid in which segments are looked up

class MapCamera {
  constructor({ left, bottom, right, top }) {
    this.bounds = { left, bottom, right, top };
    this.margin = 28; // pixels around the whole map
    this.width = this.height = 1;
    this.whole();
  }

  whole() {
    const { left, bottom, right, top } = this.bounds;
    this.x = (left + right) / 2;
    this.y = (bottom + top) / 2;
    this.zoom = 1;
  }

  get scale() {
    const { left, bottom, right, top } = this.bounds;
    const room = (pixels, steps) => (steps > 0 ? Math.max(pixels - 2 * this.margin, 1) / steps : Infinity);
    const fit = Math.min(room(this.width, right - left), room(this.height, top - bottom));
    return this.zoom * (Number.isFinite(fit) ? fit : 1);
  }

  toPixels(x, y) {
    const { scale } = this;
    return [(x - this.x) * scale + this.width / 2, (this.y - y) * scale + this.height / 2];
  }

  toMap(left, top) {
    const { scale } = this;
    return [(left - this.width / 2) / scale + this.x, this.y - (top - this.height / 2) / scale];
  }

  view(margin = 0) {
    const [left, top] = this.toMap(-margin, -margin);
    const [right, bottom] = this.toMap(this.width + margin, this.height + margin);
    return { left, bottom, right, top };
  }

  move(dx, dy) {
    const { left, bottom, right, top } = this.bounds;
    this.x = Math.min(Math.max(this.x - dx / this.scale, left), right);
    this.y = Math.min(Math.max(this.y + dy / this.scale, bottom), top);
  }

  // The place under (left, top) stays where it is.
  zoomAt(left, top, factor) {
    const [x, y] = this.toMap(left, top);
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), MAP_CLOSEST);
    if (this.zoom === 1) return this.whole();
    const [nowX, nowY] = this.toMap(left, top);
    this.x += x - nowX;
    this.y += y - nowY;
    this.move(0, 0);
  }
}

class MapGrid {
  constructor(x, y) {
    this.x = x;
    this.y = y;
    const cell = (row) => this.cell(x[row]) + MAP_CELLS * this.cell(y[row]);
    this.starts = new Uint32Array(MAP_CELLS * MAP_CELLS + 1);
    this.bounds = { left: Infinity, bottom: Infinity, right: -Infinity, top: -Infinity };
    for (let row = 0; row < x.length; row += 1) {
      if (x[row] < 0) continue;
      this.starts[cell(row) + 1] += 1;
      this.bounds.left = Math.min(this.bounds.left, x[row]);
      this.bounds.right = Math.max(this.bounds.right, x[row]);
      this.bounds.bottom = Math.min(this.bounds.bottom, y[row]);
      this.bounds.top = Math.max(this.bounds.top, y[row]);
    }
    for (let place = 1; place < this.starts.length; place += 1) this.starts[place] += this.starts[place - 1];
    this.placed = this.starts[this.starts.length - 1];
    this.rows = new Int32Array(this.placed); // by cell
    const next = this.starts.slice();
    for (let row = 0; row < x.length; row += 1) if (x[row] >= 0) this.rows[next[cell(row)]++] = row;
    this.found = new Int32Array(this.placed);
  }

  cell(steps) {
    return Math.min(Math.max(Math.floor((steps * MAP_CELLS) / MAP_STEPS), 0), MAP_CELLS - 1);
  }

  // The rows inside; good until the next call.
  inside({ left, bottom, right, top }) {
    const { x, y, rows, starts, found } = this;
    let count = 0;
    for (let line = this.cell(bottom); line <= this.cell(top); line += 1) {
      const end = starts[line * MAP_CELLS + this.cell(right) + 1];
      for (let place = starts[line * MAP_CELLS + this.cell(left)]; place < end; place += 1) {
        const row = rows[place];
        if (x[row] >= left && x[row] <= right && y[row] >= bottom && y[row] <= top) found[count++] = row;
      }
    }
    return found.subarray(0, count);
  }

  // The nearest row of the mask, or -1 where none is within reach (in steps).
  nearest(x, y, reach, mask) {
    let best = -1;
    let least = reach * reach;
    for (const row of this.inside({ left: x - reach, bottom: y - reach, right: x + reach, top: y + reach })) {
      const distance = (this.x[row] - x) ** 2 + (this.y[row] - y) ** 2;
      if (mask[row] && distance < least) [best, least] = [row, distance];
    }
    return best;
  }

  // The row of the mask that an arrow key leads to: near, and more along the arrow than across it. Segments in one
  // place follow each other in their order.
  along(from, right, up, mask) {
    let best = from;
    let least = Infinity;
    for (const row of this.rows) {
      if (!mask[row] || row === from) continue;
      const [dx, dy] = [this.x[row] - this.x[from], this.y[row] - this.y[from]];
      const ahead = dx * right + dy * up;
      const aside = Math.abs(dx * up - dy * right);
      const same = dx === 0 && dy === 0;
      if (same ? row > from !== right - up > 0 : ahead <= 0 || aside > ahead) continue;
      const cost = same ? Math.abs(row - from) / mask.length : ahead + 2 * aside;
      if (cost < least) [best, least] = [row, cost];
    }
    return best;
  }
}
