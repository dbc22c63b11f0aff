// A box drawn on a map becomes the area of the form's filter. Without this the field is filled in.
const LEAST = 4; // pixels: what is smaller is a click

const degrees = (map, event) => {
  const point = new DOMPoint(event.clientX, event.clientY);
  return point.matrixTransform(map.getScreenCTM().inverse());
};

const within = (number, most) => Math.min(Math.max(number, -most), most);

const boxOf = (from, to) => ({
  west: within(Math.min(from.x, to.x), 180), east: within(Math.max(from.x, to.x), 180),
  south: within(-Math.max(from.y, to.y), 90), north: within(-Math.min(from.y, to.y), 90),
});

const show = (frame, box) => {
  frame.toggleAttribute("hidden", !box);
  if (!box) return;
  const { west, south, east, north } = box;
  const sizes = { x: west, y: -north, width: east - west, height: north - south };
  for (const [name, value] of Object.entries(sizes)) frame.setAttribute(name, value);
};

const drawing = (map) => {
  const frame = map.querySelector(".drawn-area");
  const field = document.getElementById(map.dataset.area);
  let begin = null;
  let hasMoved = false;

  map.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // no text is selected, no link is dragged
    begin = { event, point: degrees(map, event) };
    hasMoved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!begin) return;
    const way = Math.hypot(event.clientX - begin.event.clientX, event.clientY - begin.event.clientY);
    hasMoved ||= way > LEAST;
    if (hasMoved) show(frame, boxOf(begin.point, degrees(map, event)));
  });
  window.addEventListener("pointerup", (event) => {
    if (!begin) return;
    const box = boxOf(begin.point, degrees(map, event));
    begin = null;
    if (!hasMoved || box.west >= box.east || box.south >= box.north) return show(frame, null);
    const digits = Math.max(1, 3 - Math.floor(Math.log10(box.east - box.west)));
    field.value = [box.west, box.south, box.east, box.north]
      .map((each) => Number(each.toFixed(digits))).join(",");
    field.form.requestSubmit();
  });
  window.addEventListener("pointercancel", () => {
    begin = null;
    show(frame, null);
  });
  // What ends a drawing is no click on what lies there.
  map.addEventListener("click", (event) => hasMoved && event.preventDefault(), true);
};

for (const map of document.querySelectorAll("svg.map[data-area]")) drawing(map);
for (const hint of document.querySelectorAll(".drawing-hint")) hint.hidden = false;
