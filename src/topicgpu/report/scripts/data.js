// The page's tables: base64 of a zlib stream, unpacked by the browser itself.

async function inflate(name) {
  const letters = atob(document.getElementById(`data-${name}`).textContent);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place += 1) bytes[place] = letters.charCodeAt(place);
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")));
}

async function unpack(name) {
  return (await inflate(name)).json();
}

// layout: [name, length, whether differences are stored] of each column. Four planes of bytes a column, lowest first.
async function unpackColumns(name, layout) {
  const bytes = new Uint8Array(await (await inflate(name)).arrayBuffer());
  const columns = {};
  let from = 0;
  for (const [column, length, running] of layout) {
    const values = new Int32Array(length);
    for (let row = 0, sum = 0; row < length; row += 1) {
      const place = from + row;
      const value =
        bytes[place] |
        (bytes[place + length] << 8) |
        (bytes[place + 2 * length] << 16) |
        (bytes[place + 3 * length] << 24);
      sum = running ? sum + value : value;
      values[row] = sum;
    }
    columns[column] = values;
    from += 4 * length;
  }
  return columns;
}
