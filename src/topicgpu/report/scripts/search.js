// Search in words: case, accents, kinds of apostrophe and breaks between lines make no difference.

const MARKS = /[\u0300-\u036f\u0591-\u05bd\u064b-\u0652\u00ad\u200b\ufeff]/g; // accents, points; what is not seen
const SPECIAL = /[^ -~]| {2}/; // where lower case is not all that there is to do

function fold(text) {
  if (!SPECIAL.test(text)) return text.toLowerCase();
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

// A text folded, and of each letter in it the place in the text that it came from (and the text's end, at last). Letters
// are folded one by one here; what comes out is the same.
function traced(text) {
  if (!SPECIAL.test(text)) return [text.toLowerCase(), Array.from({ length: text.length + 1 }, (_, place) => place)];
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
  return [folded, from];
}

// Where terms stand in a text: [start, end] pairs, ascending, that do not touch.
function found(text, terms) {
  const [folded, from] = traced(text);
  const ranges = [];
  for (const term of terms) {
    for (let hit = folded.indexOf(term); hit >= 0; hit = folded.indexOf(term, hit + term.length)) {
      let stop = hit + term.length;
      while (from[stop] === from[stop - 1]) stop += 1; // a ligature or a syllable is marked whole
      ranges.push([from[hit], from[stop]]);
    }
  }
  const merged = [];
  for (const [start, end] of ranges.sort((one, other) => one[0] - other[0])) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
