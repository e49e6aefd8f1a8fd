// An element with attributes and children. Data become text, never markup.

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const whole = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f"); // thin spaces, as in the page's text
const counted = (number, one) => `${whole(number)} ${one}${number === 1 ? "" : "s"}`;

function swatch(theme) {
  const color = theme < 0 ? "none" : `c${store.themes[theme].slot}`;
  return element("span", { class: `swatch ${color}`, "aria-hidden": "true" });
}

// A search follows the typing, once a moment passes without a key.
function onTyping(input, act) {
  let waiting = 0;
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => act(input.value), 80);
  });
}
