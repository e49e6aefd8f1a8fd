// What happens once the page is there: tables first, texts when the reader's browser has nothing else to do.

if (!("DecompressionStream" in globalThis)) {
  throw new Error("This browser cannot unpack the report's tables: they need Chrome 80, Firefox 113 or Safari 16.4.");
}

const painted = new Promise((resume) => {
  requestAnimationFrame(() => setTimeout(resume));
  setTimeout(resume, 300); // a page in the background is not painted
});
await painted;
const store = document.getElementById("data-segments") && (await openStore());
document.documentElement.classList.add("scripted"); // from here on, what needs scripts is shown
if (store) setTimeout(() => store.loadTexts(), 50);

async function openStore() {
  const tables = await unpack("segments");
  return new Store(tables, await unpackColumns("columns", tables.columns));
}
