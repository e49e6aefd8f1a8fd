// What the colours mean: each a button that shows its segments alone.

const MAP_LEGEND = 24; // colours named before the rest unfolds

class MapLegend {
  constructor(store, list, colors) {
    Object.assign(this, { store, list, colors });
  }

  draw() {
    const { groups, rgb, by } = this.colors;
    const used = groups.map((group, place) => ({ group, rgb: rgb[place] })).filter(({ group }) => group.n);
    if (by !== "period") used.sort((one, other) => other.group.n - one.group.n); // periods stay in the order of time
    const entries = used.map((entry) => this.entry(entry));
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

  entry({ group, rgb }) {
    const dot = element("span", { class: "swatch", "aria-hidden": "true" });
    dot.style.color = this.colors.css(rgb);
    const parts = [dot, element("bdi", {}, group.name), " ", element("small", {}, whole(group.n))];
    if (!group.filter) return element("li", {}, element("span", { class: "plain" }, ...parts));
    const button = element("button", { type: "button" }, ...parts);
    button.group = group;
    button.addEventListener("click", () => {
      const none = Object.fromEntries(Object.keys(group.filter).map((key) => [key, EVERYTHING[key]]));
      this.store.set(this.isSet(group) ? none : group.filter);
    });
    return element("li", {}, button);
  }

  isSet({ filter }) {
    return Object.entries(filter).every(([key, value]) => this.store.filter[key] === value);
  }

  mark() {
    for (const button of this.list.querySelectorAll("button")) {
      if (button.group) button.setAttribute("aria-pressed", this.isSet(button.group));
    }
  }
}
