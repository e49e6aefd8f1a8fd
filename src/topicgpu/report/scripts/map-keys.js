// The map without a pointer: from point to point by arrows, and all else by a key. What happens is said aloud.

class MapKeys {
  constructor(map) {
    this.map = map;
    this.acts = {
      ArrowRight: () => this.step(1, 0),
      ArrowLeft: () => this.step(-1, 0),
      ArrowUp: () => this.step(0, 1),
      ArrowDown: () => this.step(0, -1),
      "+": () => this.zoom(2),
      "=": () => this.zoom(2), // the key of + without shift
      "-": () => this.zoom(0.5),
      0: () => this.zoom(0),
      Enter: () => this.select(),
      a: () => map.selectArea(map.camera.view()),
      Escape: () => this.escape(),
    };
    map.canvas.addEventListener("keydown", (event) => {
      const act = this.acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      act();
    });
  }

  step(right, up) {
    const { map } = this;
    const { grid, camera, store } = map;
    const from = map.focus >= 0 && store.mask[map.focus] ? map.focus : -1;
    const middle = () => grid.nearest(camera.x, camera.y, 2 * MAP_STEPS, store.mask);
    const to = from < 0 ? middle() : grid.along(from, right, up, store.mask);
    if (to < 0) return map.tell("No segment on the map passes the filter.");
    if (to === from) return map.tell("No segment further that way.");
    map.bringIntoView(to);
    map.read(to);
    map.tell(map.panel.text);
  }

  zoom(factor) {
    const { map } = this;
    const { focus } = map;
    map.zoom(factor, focus < 0 ? undefined : map.pixelsOf(focus));
    if (focus >= 0) map.read(focus);
    map.tell(`Zoom ${map.camera.zoom.toFixed(1)}.`);
  }

  select() {
    const { map } = this;
    if (map.focus < 0) return map.tell("Go to a point first, with the arrows.");
    map.store.select(map.focus);
    map.tell("Selected.");
  }

  // One step back at a time: the area being drawn, the point being read, the area that is set.
  escape() {
    const { map } = this;
    if (map.choosing) map.choose(false);
    else if (map.focus >= 0) map.leave();
    else if (map.store.filter.area) map.store.set({ area: null });
  }
}
