// What happens once the page is there.

document.documentElement.classList.add("scripted");
const store = document.getElementById("data-segments") && new Store(await unpack("segments"));
