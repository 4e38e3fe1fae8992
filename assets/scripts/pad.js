// A pad to sign on with a finger, a pen or a mouse, on pages that are complete without it: a typed name or a scan
// signs as well. What is drawn is kept in a hidden field as strokes in the pad's own units ("x,y x,y;x,y x,y"), which
// the server checks.
const WIDTH = 600, HEIGHT = 200, MOST = 5000, APART = 2;
const SVG = "http://www.w3.org/2000/svg";

for (const pad of document.querySelectorAll("[data-pad]")) {
  const surface = pad.querySelector("svg"), field = pad.querySelector("[data-strokes]");
  let strokes = field.value ? field.value.split(";").map((stroke) => stroke.split(" ")) : [];
  let line = null, last = null;

  const begin = (points) => {
    line = document.createElementNS(SVG, "polyline");
    line.setAttribute("points", points.join(" "));
    surface.append(line);
  };
  const keep = () => {
    field.value = strokes.filter((points) => points.length > 1).map((points) => points.join(" ")).join(";");
  };
  const place = (event) => {
    const box = surface.getBoundingClientRect();
    const within = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    return [within((event.clientX - box.left) / box.width * WIDTH, WIDTH), within((event.clientY - box.top) / box.height * HEIGHT, HEIGHT)];
  };
  const add = ([x, y]) => {
    const full = strokes.reduce((sum, points) => sum + points.length, 0) >= MOST;
    if (full || (last && Math.hypot(x - last[0], y - last[1]) < APART)) return;
    last = [x, y];
    strokes[strokes.length - 1].push(`${x},${y}`);
    line.setAttribute("points", strokes[strokes.length - 1].join(" "));
  };

  strokes.forEach(begin);
  line = null;
  surface.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    surface.setPointerCapture(event.pointerId);
    strokes.push([]);
    last = null;
    begin([]);
    add(place(event));
  });
  surface.addEventListener("pointermove", (event) => {
    if (!line || !event.isPrimary) return;
    const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const one of all.length ? all : [event]) add(place(one));
  });
  const lift = () => {
    if (!line) return;
    line = null;
    keep();
  };
  surface.addEventListener("pointerup", lift);
  surface.addEventListener("pointercancel", lift);
  pad.querySelector("[data-clear]").addEventListener("click", () => {
    strokes = [];
    surface.replaceChildren();
    keep();
  });
}
