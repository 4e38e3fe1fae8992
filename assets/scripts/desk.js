// What script adds to the desk, whose pages are complete without it: a key for the search box, a pad
// that fills the PIN in place, a word before the page locks, and a lock that leaves nothing to see.
const root = document.documentElement;
root.classList.add("has-script");

const find = (selector) => document.querySelector(selector);

// --- "/" goes to the search box, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  const box = find(`[data-key="${CSS.escape(event.key)}"]`);
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (!box || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  box.focus();
});

// --- A second click on the same button does nothing; the server would act once anyway.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
// A page that comes back from the browser's memory may be sent again, unless it is behind a lock.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  root.classList.add("locked");
  location.reload();
});

// --- The station: a name leads to the PIN; the pad types into it.
const pin = find("[data-pin]");
if (pin) {
  for (const name of document.querySelectorAll("[data-member]"))
    name.addEventListener("change", () => pin.focus());
  for (const key of document.querySelectorAll("[data-digit]"))
    key.addEventListener("click", (event) => {
      event.preventDefault();
      pin.value = key.dataset.digit === "back" ? pin.value.slice(0, -1) : pin.value + key.dataset.digit;
      pin.focus();
    });
}

// --- The lock. The clock is the time of day, so that a sleeping computer wakes up locked.
const { lock, lockTo } = document.body.dataset;
if (lock) {
  const WARN = 60000;
  const dialog = find("[data-lock-dialog]");
  let ends = Date.now() + Number(lock) * 1000;
  const shut = () => {
    root.classList.add("locked");
    document.title = "";
    location.replace(lockTo);
  };
  setInterval(() => {
    const left = ends - Date.now();
    if (left <= 0) shut();
    else if (left <= WARN && dialog.hidden) {
      dialog.hidden = false;
    }
  }, 1000);
  find("[data-lock-stay]").addEventListener("click", async () => {
    const form = find("[data-stay]");
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
      const { seconds } = await answer.json();
      if (!answer.ok || !(seconds > 0)) return shut();
      ends = Date.now() + seconds * 1000;
      dialog.hidden = true;
    } catch {
      dialog.hidden = false; // no connection: what is typed stays until the time is over
    }
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
