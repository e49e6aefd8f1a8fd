// What happens once the page is there.

document.documentElement.classList.add("scripted");
const store = new Store(await unpack("segments"));
