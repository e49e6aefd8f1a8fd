// What a reader takes away: a citation, or the rows as a file.

function citation(row) {
  const source = store.sources[store.source[row]];
  const place = `characters ${store.start[row]} to ${store.end[row]} of ${source.source_id}`;
  const time = store.time[row] && `at ${store.time[row]}`;
  const facts = [store.speakers[store.speaker[row]], source.title, source.date, time, place];
  if (source.digest) facts.push("a digest, not the speaker’s words");
  const from = `(${facts.filter(Boolean).join(", ")})`;
  return store.hasTexts ? `“${store.text[row].trim().replace(/\s+/g, " ")}” ${from}` : from;
}

// Whether it worked. The clipboard of the platform asks for leave, and older ones for a text field.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof DOMException)) throw error; // not there, or not allowed
  }
  const before = document.activeElement;
  const field = element("textarea", { "aria-hidden": "true", class: "off" });
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  before?.focus();
  return copied;
}

const COLUMNS = {
  segment_id: (row) => `${store.sources[store.source[row]].source_id}:${store.start[row]}-${store.end[row]}`,
  source_id: (row) => store.sources[store.source[row]].source_id,
  title: (row) => store.sources[store.source[row]].title,
  date: (row) => store.sources[store.source[row]].iso_date,
  genre: (row) => store.sources[store.source[row]].genre,
  period: (row) => store.sources[store.source[row]].period,
  speaker: (row) => store.speakers[store.speaker[row]],
  language: (row) => store.languages[store.language[row]],
  time: (row) => store.time[row],
  theme_id: (row) => store.themes[store.theme[row]]?.theme_id,
  theme: (row) => store.themes[store.theme[row]]?.name,
  strength: (row) => (store.theme[row] < 0 ? null : store.strength[row] / 100),
  further_themes: (row) => (store.further[row] ?? []).map((theme) => store.themes[theme].theme_id).join(" "),
  repeats: (row) => store.repeated.has(row),
  words: (row) => store.words[row],
  text: (row) => store.text[row],
};

// RFC 4180. A spreadsheet would compute a cell that begins like a formula: an apostrophe makes it text.
function csvCell(value) {
  const text = String(value ?? "").replace(/^[=+\-@\t\r\n]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function csv(rows) {
  const lines = [Object.keys(COLUMNS).join(",")];
  for (const row of rows) lines.push(Object.values(COLUMNS).map((read) => csvCell(read(row))).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function download(name, text) {
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" })); // the mark tells Excel: UTF-8
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
