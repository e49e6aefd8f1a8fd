// The map on its canvas: points, or cells of density where there are too many to tell apart; names of themes; marks.

const MAP_SINGLE = 20000; // segments in view that are drawn one by one
const MAP_CELL = 8; // pixels a side, of a cell of density
const MAP_NAMES = 40;

class MapPainting {
  constructor(canvas, store, grid, camera, colors) {
    Object.assign(this, { canvas, store, grid, camera, colors });
    this.context = canvas.getContext("2d");
    this.names = this.placeNames();
    this.drawn = { density: false, count: 0 };
    this.swatch = new Uint8ClampedArray(4).fill(255);
    this.packed = new Uint32Array(this.swatch.buffer); // the swatch as a pixel, in this machine's order of bytes
    this.kept = new Int32Array(grid.placed); // rows in view that pass the filter
    this.counts = new Uint32Array(0);
  }

  resize() {
    const { canvas, camera } = this;
    camera.width = Math.max(canvas.clientWidth, 1);
    camera.height = Math.max(canvas.clientHeight, 1);
    this.ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(camera.width * this.ratio);
    canvas.height = Math.round(camera.height * this.ratio);
    this.image = this.context.createImageData(canvas.width, canvas.height);
    this.pixels = new Uint32Array(this.image.data.buffer);
  }

  // stale: whether more than the marks has changed since the last time.
  paint({ stale, focus, selected, box }) {
    const { context, colors } = this;
    const other = this.ratio !== window.devicePixelRatio; // the window is on another screen, or zoomed
    if (other) this.resize();
    if (stale || other) this.paintSegments();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(this.image, 0, 0);
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.writeNames();
    if (box) this.outline(box);
    this.ring(selected, colors.accent, 3);
    this.ring(focus, colors.ink, 2);
  }

  paintSegments() {
    const { store, grid, camera, ratio } = this;
    const rows = grid.inside(camera.view(6));
    let count = 0;
    for (const row of rows) if (store.mask[row]) this.kept[count++] = row;
    const [left, top] = camera.toPixels(0, 0);
    this.projection = { scale: camera.scale * ratio, shiftX: left * ratio, shiftY: top * ratio }; // map to pixels
    this.drawn = { density: count > MAP_SINGLE, count };
    this.pixels.fill(this.pack(this.colors.raised));
    if (this.drawn.density) this.paintDensity(rows);
    else this.paintPoints(rows, this.kept.subarray(0, count));
  }

  pack(rgb) {
    this.swatch.set(rgb);
    return this.packed[0];
  }

  // Of a color over the ground.
  tint(rgb, strength) {
    return this.pack(this.colors.raised.map((value, band) => value + (rgb[band] - value) * strength));
  }

  // What passes the filter over what does not; speech with no group underneath.
  paintPoints(rows, passing) {
    const { mask } = this.store;
    const { group, groups, rgb, none } = this.colors;
    const radius = (passing.length <= 1500 ? 3 : passing.length <= 6000 ? 2.3 : 1.8) * this.ratio;
    const [dot, faint] = [disc(radius), disc(0.7 * radius)];
    const last = groups.length - 1;
    if (rows.length - passing.length > MAP_SINGLE) this.paintDust(rows);
    else for (const row of rows) if (!mask[row]) this.stamp(row, faint, none, 0.3);
    for (const row of passing) if (group[row] === last) this.stamp(row, dot, rgb[last], 0.8);
    for (const row of passing) if (group[row] !== last) this.stamp(row, dot, rgb[group[row]], 0.8);
  }

  // Very many that do not pass: one pixel each, all of one strength.
  paintDust(rows) {
    const { mask } = this.store;
    const { x, y } = this.grid;
    const { width, height } = this.image;
    const { scale, shiftX, shiftY } = this.projection;
    const tint = this.tint(this.colors.none, 0.45);
    for (const row of rows) {
      if (mask[row]) continue;
      const [left, top] = [Math.round(x[row] * scale + shiftX), Math.round(shiftY - y[row] * scale)];
      if (left >= 0 && top >= 0 && left < width && top < height) this.pixels[top * width + left] = tint;
    }
  }

  stamp(row, { reach, cover }, [red, green, blue], strength) {
    const { data, width, height } = this.image;
    const { scale, shiftX, shiftY } = this.projection;
    const left = Math.round(this.grid.x[row] * scale + shiftX) - reach;
    const top = Math.round(shiftY - this.grid.y[row] * scale) - reach;
    const side = 2 * reach + 1;
    for (let line = Math.max(0, -top); line < side && top + line < height; line += 1) {
      for (let column = Math.max(0, -left); column < side && left + column < width; column += 1) {
        const share = cover[line * side + column] * strength;
        if (share === 0) continue;
        const at = 4 * ((top + line) * width + left + column);
        data[at] += (red - data[at]) * share;
        data[at + 1] += (green - data[at + 1]) * share;
        data[at + 2] += (blue - data[at + 2]) * share;
      }
    }
  }

  // Cells stand on the map, not on the screen, so that they do not shimmer when it moves.
  cells() {
    const { camera } = this;
    const [originX, originY] = camera.toPixels(0, 0);
    const shift = (origin) => (((origin % MAP_CELL) + MAP_CELL) % MAP_CELL) - MAP_CELL;
    const [left, top] = [shift(originX), shift(originY)];
    return { left, top, columns: Math.ceil((camera.width - left) / MAP_CELL), lines: Math.ceil((camera.height - top) / MAP_CELL) };
  }

  paintDensity(rows) {
    const { store, camera, colors } = this;
    const { left, top, columns, lines } = this.cells();
    const groups = colors.groups.length;
    if (this.counts.length < columns * lines * groups) this.counts = new Uint32Array(columns * lines * groups);
    const counts = this.counts.fill(0);
    const [total, others, prevailing, most] = [0, 0, 0, 0].map(() => new Uint32Array(columns * lines));
    const { scale } = camera;
    const [shiftX, shiftY] = [camera.width / 2 - camera.x * scale - left, camera.height / 2 + camera.y * scale - top];
    for (const row of rows) {
      const column = Math.floor((this.grid.x[row] * scale + shiftX) / MAP_CELL);
      const line = Math.floor((shiftY - this.grid.y[row] * scale) / MAP_CELL);
      if (column < 0 || line < 0 || column >= columns || line >= lines) continue;
      const cell = line * columns + column;
      const group = colors.group[row];
      if (!store.mask[row]) others[cell] += 1;
      else {
        total[cell] += 1;
        const own = (counts[cell * groups + group] += 1);
        if (own > most[cell]) [most[cell], prevailing[cell]] = [own, group];
      }
    }
    const greatest = Math.sqrt(total.reduce((a, b) => Math.max(a, b), 1));
    for (let cell = 0; cell < total.length; cell += 1) {
      if (!total[cell] && !others[cell]) continue;
      const rgb = total[cell] ? colors.rgb[prevailing[cell]] : colors.none;
      const strength = total[cell] ? 0.12 + (0.88 * Math.sqrt(total[cell])) / greatest : 0.2;
      this.square(left + (cell % columns) * MAP_CELL, top + Math.floor(cell / columns) * MAP_CELL, rgb, strength);
    }
    Object.assign(this.drawn, { left, top, columns, total, prevailing, most });
  }

  square(left, top, rgb, strength) {
    const { width, height } = this.image;
    const edge = (pixels, limit) => Math.min(Math.max(Math.round(pixels * this.ratio), 0), limit);
    const [right, bottom] = [edge(left + MAP_CELL, width), edge(top + MAP_CELL, height)];
    const tint = this.tint(rgb, strength);
    for (let line = edge(top, height); line < bottom; line += 1) {
      this.pixels.fill(tint, line * width + edge(left, width), line * width + right);
    }
  }

  // Of the cell of density under a place: null where it is empty.
  cellAt(x, y) {
    const { density, left, top, columns, total, prevailing, most } = this.drawn;
    if (!density) return null;
    const cell = Math.floor((y - top) / MAP_CELL) * columns + Math.floor((x - left) / MAP_CELL);
    return total[cell] ? { total: total[cell], group: prevailing[cell], most: most[cell] } : null;
  }

  placeNames() {
    const { store, grid } = this;
    const own = store.themes.map(() => []);
    for (const row of grid.rows) if (store.theme[row] >= 0) own[store.theme[row]].push(row);
    const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    return own
      .map((rows, theme) => ({ rows, text: shortName(store.themes[theme].name) }))
      .filter(({ rows, text }) => rows.length && text)
      .sort((a, b) => b.rows.length - a.rows.length)
      .map(({ rows, text }) => ({
        text,
        x: median(rows.map((row) => grid.x[row])),
        y: median(rows.map((row) => grid.y[row])),
      }));
  }

  // The largest theme first, on the free line nearest to its middle; a name that finds none waits for a closer look.
  writeNames() {
    const { context, camera, colors } = this;
    const line = 17;
    context.font = `600 13px ${getComputedStyle(this.canvas).fontFamily}`;
    Object.assign(context, { textAlign: "center", textBaseline: "middle", lineJoin: "round", lineWidth: 4 });
    context.strokeStyle = colors.css(colors.paper);
    context.fillStyle = colors.css(colors.ink);
    const taken = [];
    for (const name of this.names) {
      const [x, y] = camera.toPixels(name.x, name.y);
      if (x < 0 || y < 0 || x > camera.width || y > camera.height) continue;
      name.half ??= context.measureText(name.text).width / 2 + 4;
      if (2 * name.half > camera.width) continue;
      const middle = Math.min(Math.max(x, name.half), camera.width - name.half);
      const isFree = (height) =>
        height >= line / 2 &&
        height <= camera.height - line / 2 &&
        taken.every((one) => Math.abs(one.middle - middle) > one.half + name.half || Math.abs(one.height - height) >= line);
      const height = [0, -1, 1, -2, 2, -3, 3].map((step) => y + step * line).find(isFree);
      if (height === undefined) continue;
      taken.push({ middle, height, half: name.half });
      context.strokeText(name.text, middle, height);
      context.fillText(name.text, middle, height);
      if (taken.length === MAP_NAMES) break;
    }
  }

  ring(row, rgb, width) {
    if (row < 0 || this.grid.x[row] < 0) return;
    const [x, y] = this.camera.toPixels(this.grid.x[row], this.grid.y[row]);
    for (const [color, line] of [[this.colors.paper, width + 2], [rgb, width]]) {
      this.context.beginPath();
      this.context.arc(x, y, 8, 0, 2 * Math.PI);
      this.context.strokeStyle = this.colors.css(color);
      this.context.lineWidth = line;
      this.context.stroke();
    }
  }

  outline({ left, bottom, right, top }) {
    const [x, y] = this.camera.toPixels(left, top);
    const [endX, endY] = this.camera.toPixels(right, bottom);
    this.context.strokeStyle = this.colors.css(this.colors.accent);
    this.context.lineWidth = 2;
    this.context.strokeRect(x, y, endX - x, endY - y);
  }
}

// How much of each pixel a disc around the middle one covers.
function disc(radius) {
  const reach = Math.ceil(radius);
  const side = 2 * reach + 1;
  const share = (_, place) => {
    const distance = Math.hypot((place % side) - reach, Math.floor(place / side) - reach);
    return Math.min(Math.max(radius + 0.5 - distance, 0), 1);
  };
  return { reach, cover: Float32Array.from({ length: side * side }, share) };
}

function shortName(name) {
  const text = name.replace(/\p{C}/gu, " ").replace(/\s+/g, " ").trim();
  const letters = Array.from(text);
  return letters.length > 42 ? `${letters.slice(0, 41).join("").trimEnd()}…` : text;
}
