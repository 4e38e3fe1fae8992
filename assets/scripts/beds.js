// The bed board shows itself anew when it changed, and goes from bed to bed by arrow keys. The page is complete without it.
const board = () => document.querySelector("[data-board]");
const note = document.querySelector("[data-board-note]");
const { boardLive, boardEvents } = document.querySelector("[data-board-live]").dataset;

// --- Anew: the part that changes, parsed by the browser as a document of its own. What is in focus stays in focus.
const RETRY = 10000;
let asking = false, again = false;

const say = (name) => {
  note.textContent = note.dataset[name] || "";
};

function place(fresh) {
  const held = document.activeElement, href = held && board().contains(held) ? held.getAttribute("href") : null;
  board().replaceWith(document.adoptNode(fresh));
  if (href) [...board().querySelectorAll("a")].find((link) => link.getAttribute("href") === href)?.focus();
  say("changed");
}

function ask() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  const request = new XMLHttpRequest();
  request.responseType = "document";
  request.open("GET", boardLive);
  request.onloadend = () => {
    const fresh = request.status === 200 && request.response && request.response.querySelector("[data-board]");
    asking = false;
    if (fresh) place(fresh);
    else say("stale");
    if (again) {
      again = false;
      ask();
    }
  };
  request.send();
}

// --- The stream. The first event says where the board stood when the page was opened.
let seen = null;
function listen() {
  const source = new EventSource(boardEvents);
  source.addEventListener("board", ({ lastEventId }) => {
    if (seen !== null && seen !== lastEventId) ask();
    else if (seen !== null) say("");
    seen = lastEventId;
  });
  source.addEventListener("error", () => {
    say("stale");
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(listen, RETRY);
  });
  addEventListener("pagehide", () => source.close());
}
listen();

// --- Arrow keys, from one bed's link to the next
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const here = event.target.closest("[data-board] th.bed a");
  if (!step || !here || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const all = [...document.querySelectorAll("[data-board] th.bed a")], next = all[all.indexOf(here) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});
