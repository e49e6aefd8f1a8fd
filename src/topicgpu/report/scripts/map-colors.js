// What colours the map's points: theme, source or period, each a list of groups with a colour that the page's styles
// give, light or dark.

const MAP_SOURCES = 10; // colours that can be told apart; sources beyond the largest ten share a grey

class MapColors {
  constructor(store, element) {
    this.store = store;
    this.element = element;
    this.by = "theme";
    this.group = new Int16Array(store.n);
    this.arrange(this.by);
  }

  arrange(by) {
    this.by = by;
    const groups = { theme: () => this.themes(), source: () => this.sources(), period: () => this.periods() }[by]();
    for (const group of groups) group.n = 0;
    for (let row = 0; row < this.store.n; row += 1) if (this.store.x[row] >= 0) groups[this.group[row]].n += 1;
    this.groups = groups;
    this.read();
  }

  themes() {
    const { themes, theme } = this.store;
    this.group.forEach((_, row) => (this.group[row] = theme[row] < 0 ? themes.length : theme[row]));
    const groups = themes.map(({ name, slot, unstable }, number) => ({
      name: unstable ? `${name} (unstable)` : name,
      color: unstable ? "--muted" : `--c${slot}`,
      filter: { theme: number },
    }));
    return [...groups, { name: "no theme", color: "--none", filter: { theme: -1 } }];
  }

  sources() {
    const { sources, source, x } = this.store;
    const sizes = sources.map((_, number) => ({ number, size: 0 }));
    for (let row = 0; row < this.store.n; row += 1) if (x[row] >= 0) sizes[source[row]].size += 1;
    const largest = sizes.sort((a, b) => b.size - a.size || a.number - b.number).slice(0, MAP_SOURCES);
    const slot = new Int16Array(sources.length).fill(largest.length);
    largest.forEach(({ number }, place) => (slot[number] = place));
    this.group.forEach((_, row) => (this.group[row] = slot[source[row]]));
    const groups = largest.map(({ number }, place) => ({
      name: sources[number].title,
      color: `--c${place}`,
      filter: { source: number },
    }));
    const others = sources.length - largest.length;
    return [...groups, { name: `${others} other sources, in one grey`, color: "--none", filter: null }];
  }

  periods() {
    const { sources, source, periods } = this.store;
    const number = new Map(periods.map((period, place) => [period, place]));
    this.group.forEach((_, row) => (this.group[row] = number.get(sources[source[row]].period) ?? periods.length));
    const groups = periods.map((period, place) => ({
      name: period,
      share: periods.length > 1 ? place / (periods.length - 1) : 0.5,
      filter: { period },
    }));
    return [...groups, { name: "no period", color: "--none", filter: null }];
  }

  // Again when the colour scheme changes.
  read() {
    const style = getComputedStyle(this.element);
    const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    const color = (name) => {
      context.fillStyle = style.getPropertyValue(name).trim();
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data.subarray(0, 3)];
    };
    const [early, middle, late] = ["--early", "--middle", "--late"].map(color);
    const mix = (from, to, share) => from.map((value, band) => Math.round(value + (to[band] - value) * share));
    const ramp = (share) => (share < 0.5 ? mix(early, middle, 2 * share) : mix(middle, late, 2 * share - 1));
    this.rgb = this.groups.map(({ color: name, share }) => (share === undefined ? color(name) : ramp(share)));
    for (const name of ["ink", "paper", "raised", "none", "accent"]) this[name] = color(`--${name}`);
  }

  css(rgb) {
    return `rgb(${rgb.join(" ")})`;
  }
}
