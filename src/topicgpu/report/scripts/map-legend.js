// What the colours mean: each a button that shows its segments alone.

const MAP_LEGEND = 24; // colours named before the rest unfolds

class MapLegend {
  constructor(store, list, colors) {
    Object.assign(this, { store, list, colors });
  }

  draw() {
    const { groups, rgb, by } = this.colors;
    this.used = groups.map((group, place) => ({ group, place, rgb: rgb[place] })).filter(({ group }) => group.n);
    if (by !== "period") this.used.sort((one, other) => other.group.n - one.group.n); // periods stay in their order
    const entries = this.used.map((one) => this.entry(one));
    if (entries.length > MAP_LEGEND) {
      const more = element("button", { type: "button" }, `${whole(entries.length - MAP_LEGEND)} more`);
      const last = element("li", {}, more);
      for (const entry of entries.slice(MAP_LEGEND)) entry.hidden = true;
      more.addEventListener("click", () => {
        for (const entry of entries) entry.hidden = false;
        entries[MAP_LEGEND].querySelector("button")?.focus();
        last.remove();
      });
      entries.push(last);
    }
    this.list.replaceChildren(...entries);
    this.mark();
  }

  entry(one) {
    const { group, rgb } = one;
    const dot = element("span", { class: "swatch", "aria-hidden": "true" });
    dot.style.color = this.colors.css(rgb);
    one.count = element("small");
    const parts = [dot, element("bdi", {}, group.name), " ", one.count];
    if (!group.filter) return element("li", {}, element("span", { class: "plain" }, ...parts));
    one.button = element("button", { type: "button" }, ...parts);
    one.button.addEventListener("click", () => {
      const none = Object.fromEntries(Object.keys(group.filter).map((key) => [key, EVERYTHING[key]]));
      this.store.set(this.isSet(group) ? none : group.filter);
    });
    return element("li", {}, one.button);
  }

  isSet({ filter }) {
    return Object.entries(filter).every(([key, value]) => this.store.filter[key] === value);
  }

  // What is set, and how many of each colour pass the filters.
  mark() {
    const passing = this.passing();
    for (const { group, place, button, count } of this.used) {
      button?.setAttribute("aria-pressed", this.isSet(group));
      const some = passing[place] < group.n ? `${whole(passing[place])} of ` : "";
      count.textContent = `${some}${whole(group.n)}`;
    }
  }

  passing() {
    const { mask, x } = this.store;
    const { group, groups } = this.colors;
    const counts = new Uint32Array(groups.length);
    for (let row = 0; row < mask.length; row += 1) if (mask[row] && x[row] >= 0) counts[group[row]] += 1;
    return counts;
  }
}
