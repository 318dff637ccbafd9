// Elements, and values as people read them.

/** An element; `on…` are listeners, `undefined` and `false` leave an attribute out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** An element of SVG. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Sets a text only where it is another one: screen readers tell of each change. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

let count = 0;
/** A field with its label. */
export function field(label, control, attributes = {}) {
  count += 1;
  control.id ||= `field-${count}`;
  return h("div", { class: "field", ...attributes }, h("label", { for: control.id }, label), control);
}

export function options(values, chosen) {
  return values.map(([value, label]) => h("option", { value, selected: value === chosen }, label ?? value));
}

/** Tells a screen reader. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

let hiding;
/** Shows why something went wrong. */
export function complain(text) {
  const alert = document.getElementById("alert");
  alert.textContent = text;
  alert.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { alert.hidden = true; }, 8000);
}

export function watts(value) {
  if (value === null || value === undefined) return "–";
  return value < 1000 ? `${value} W` : `${(value / 1000).toFixed(value < 100_000 ? 2 : 1)} kW`;
}

export function wattHours(value) {
  if (value === null || value === undefined) return "–";
  return Math.abs(value) < 1000 ? `${value} Wh` : `${(value / 1000).toFixed(2)} kWh`;
}

export function duration(millis) {
  const seconds = Math.max(0, Math.round(millis / 1000));
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

/** The time of day: to the second, or with fewer or more of its parts. */
export function clock(date, parts = { hour: "2-digit", minute: "2-digit", second: "2-digit" }) {
  return date.toLocaleTimeString([], { hourCycle: "h23", ...parts });
}

export const MINUTES = { hour: "2-digit", minute: "2-digit" };

/** A time of the central system. */
export function when(text) {
  return text ? new Date(text).toLocaleString([], { hourCycle: "h23" }) : "–";
}

/** A table of rows; nothing to show has its own words. */
export function table(caption, heads, rows, empty) {
  if (rows.length === 0) return h("p", { class: "note" }, empty);
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    h("table", {}, h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, ...heads.map((head) => h("th", { scope: "col" }, head)))),
      h("tbody", {}, ...rows.map((cells) => h("tr", {}, ...cells.map((cell) => h("td", {}, cell)))))));
}
