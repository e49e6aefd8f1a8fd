// Search in words: case, accents, kinds of apostrophe and breaks between lines make no difference.

const MARKS = /[\u0300-\u036f\u0591-\u05bd\u064b-\u0652\u00ad\u200b\ufeff]/g; // accents, points; what is not seen
const PLAIN = /^(?:[!-~]| (?! ))*$/; // nothing but lower case to do

function fold(text) {
  if (PLAIN.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(MARKS, "")
    .replaceAll("ς", "σ")
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/\s+/g, " ");
}

// What a query asks for: words, and "phrases in quotation marks" as they stand.
function termsOf(query) {
  const parts = query.matchAll(/["“”„«»]([^"“”„«»]*)["“”„«»]?|[^\s"“”„«»]+/g);
  return Array.from(parts, ([whole, phrase]) => fold(phrase ?? whole).trim()).filter(Boolean);
}

// Where terms stand in a text: [start, end] pairs, ascending, that do not touch. Letters are folded one by one here, so
// that each place in what was folded leads back to its letter.
function found(text, terms) {
  let folded = "";
  const from = [];
  let place = 0;
  for (const letter of text) {
    const part = fold(letter);
    if (part !== " " || !folded.endsWith(" ")) {
      folded += part;
      for (let unit = 0; unit < part.length; unit += 1) from.push(place);
    }
    place += letter.length;
  }
  from.push(text.length);
  const ranges = [];
  for (const term of terms) {
    for (let hit = folded.indexOf(term); hit >= 0; hit = folded.indexOf(term, hit + term.length)) {
      let stop = hit + term.length;
      while (from[stop] === from[stop - 1]) stop += 1; // a ligature or a syllable is marked whole
      ranges.push([from[hit], from[stop]]);
    }
  }
  ranges.sort((one, other) => one[0] - other[0]);
  const merged = [];
  for (const [start, end] of ranges) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
