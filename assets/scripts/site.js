// What script adds to pages that are complete without it: results that update in place, "near me",
// a filter on a facility's services, and a way out that leaves no step back.
import htmx from "htmx.org";

// Nothing is evaluated, styled inline, sent elsewhere or kept in the browser.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyEnabled: false,
  historyCacheSize: 0,
  selfRequestsOnly: true,
  scrollBehavior: "auto",
  // A refused search says what to mend, in its place.
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "400", swap: true },
    { code: "...", swap: false, error: true },
  ],
});

document.documentElement.classList.add("has-script");

const find = (selector) => document.querySelector(selector);

// --- Quick exit: this page is replaced, so that Back does not return to it. Esc three times does it too.
const exit = find("[data-exit]");
const leave = () => location.replace(exit.href);
if (exit) {
  exit.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let presses = [];
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      presses = [];
      return;
    }
    presses = [...presses.filter((time) => event.timeStamp - time < 2000), event.timeStamp];
    if (presses.length >= 3) leave();
  });
}

// --- Near me: asks for the place only when pressed; it travels in the body of a POST.
for (const button of document.querySelectorAll("[data-near-me]")) {
  if (!("geolocation" in navigator)) continue;
  const form = button.form;
  const message = form.querySelector("[data-message]");
  button.hidden = false;
  button.addEventListener("click", () => {
    message.textContent = button.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        message.textContent = "";
        form.querySelectorAll("[name=near]").forEach((field) => field.closest("label").remove());
        let field = form.querySelector("[data-here]");
        if (!field) {
          field = document.createElement("input");
          field.type = "hidden";
          field.name = "near";
          field.dataset.here = "";
          form.append(field);
        }
        field.value = `${coords.latitude.toFixed(4)},${coords.longitude.toFixed(4)}`;
        const results = find("#results");
        const box = form.elements.q;
        if (box) box.value = (results && results.dataset.place && results.dataset.words) || "";
        form.submit();
      },
      (error) => {
        message.textContent = error.code === 1 ? button.dataset.refused : button.dataset.failed;
      },
      { enableHighAccuracy: false, timeout: 10000, maximumAge: 300000 },
    );
  });
}

// --- The finder
const finder = find("#finder");
if (finder) {
  // A new place typed means that place, not the one from before.
  finder.addEventListener("input", (event) => {
    if (event.target.name !== "q") return;
    const near = finder.querySelector("input[type=checkbox][name=near]");
    if (near) near.checked = event.target.value.trim() === "";
  });

  const fields = () => [...new FormData(finder)];

  // The other language asks what stands in the form now.
  const other = find("#switch");
  other.addEventListener("submit", () => {
    other.querySelectorAll("input").forEach((field) => field.remove());
    for (const [name, value] of fields())
      other.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  });

  // No answer: say so, and leave all as it was. An answer that is no page of results: show it whole.
  const message = finder.querySelector("[data-message]");
  document.addEventListener("htmx:sendError", () => {
    message.textContent = finder.dataset.offline;
  });
  document.addEventListener("htmx:beforeRequest", () => {
    message.textContent = "";
  });
  document.addEventListener("htmx:responseError", () => finder.submit());

  // Pressing the button moves to what was found; ticking a box stays where it is.
  document.addEventListener("htmx:afterSettle", (event) => {
    const cause = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    if (!cause) return;
    if (event.detail.requestConfig.elt.hasAttribute("data-more")) {
      const first = find(`#place-${event.detail.requestConfig.elt.dataset.more} h2 a`);
      if (first) first.focus();
    } else if (cause.type === "submit") {
      const title = find("#results h1");
      if (title) {
        title.focus({ preventScroll: true });
        title.scrollIntoView({ block: "start" });
      }
    }
  });

  // Back from another page brings what was asked last. It is remembered with this step of the
  // history alone: not in the address, not in any storage.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target.id === "results") history.replaceState({ fields: fields() }, "");
  });
  const kept = history.state && history.state.fields;
  if (kept) {
    const was = JSON.stringify(fields());
    for (const field of finder.elements) {
      const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "checkbox") field.checked = values.includes(field.value);
      else if (field.type === "text" || field.tagName === "SELECT") field.value = values[0] || "";
    }
    if (JSON.stringify(fields()) !== was)
      window.addEventListener("load", () => htmx.trigger(finder, "restored"));
  }
}

// --- One facility: find a service among many.
const filter = find("[data-filter]");
if (filter) {
  const groups = [...document.querySelectorAll("#services details")];
  const wasOpen = groups.map((group) => group.open);
  const status = find("[data-filter-status]");
  const fold = (text) =>
    text
      .normalize("NFD")
      .replace(/[\u0300-\u036f]/g, "")
      .toLowerCase();
  filter.closest("[hidden]").hidden = false;
  filter.addEventListener("input", () => {
    const typed = fold(filter.value.trim());
    let shown = 0;
    groups.forEach((group, index) => {
      const title = fold(group.querySelector("summary").textContent);
      let here = 0;
      for (const item of group.querySelectorAll("li")) {
        const fits = typed === "" || title.includes(typed) || fold(item.textContent).includes(typed);
        item.hidden = !fits;
        if (fits) here += 1;
      }
      shown += here;
      group.hidden = here === 0;
      group.open = typed === "" ? wasOpen[index] : here > 0;
    });
    status.textContent = typed === "" ? "" : filter.dataset.found.replace("#", shown);
  });
}

// --- Paper has no closed groups, in browsers whose styles cannot open them, either.
const closed = () => document.querySelectorAll("#services details:not([open])");
let opened = [];
window.addEventListener("beforeprint", () => {
  opened = [...closed()];
  for (const group of opened) group.open = true;
});
window.addEventListener("afterprint", () => {
  for (const group of opened) group.open = false;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
