// Lines over time, drawn as SVG.

import { svg } from "./dom.js";

/** Before it is laid out. */
const USUAL_WIDTH = 600;

/** A round number, at least that. */
function nice(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const times = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((it) => it * power >= least);
  return times * power;
}

/** Points as a path; with steps a value lasts until the next. */
function path(points, x, y, steps) {
  let drawn = "";
  let last = null;
  for (const [at, value] of points) {
    if (value === null) { last = null; continue; }
    const [px, py] = [x(at).toFixed(1), y(value).toFixed(1)];
    drawn += last === null ? `M${px} ${py}` : steps ? `H${px}V${py}` : `L${px} ${py}`;
    last = value;
  }
  return drawn;
}

/**
 * Draws lines: each has `points` of time and value, a `style`, and may be an area, drawn in steps, or
 * of a scale of its own.
 */
export function draw(element, { from, until, least, height = 120, lines, label, unit, ticks }) {
  const shown = lines.map((line) => ({ ...line, points: clip(line.points, from) }));
  const values = (own) => shown.filter((line) => Boolean(line.own) === own)
    .flatMap((line) => line.points.map(([, value]) => value ?? 0));
  const top = nice(Math.max(least, ...values(false)) * 1.05);
  const own = values(true);
  const [low, high] = own.length ? [Math.min(...own), Math.max(...own)] : [0, 1];
  const width = element.clientWidth || USUAL_WIDTH;
  const [left, bottom] = [54, height - 18];
  const x = (at) => left + ((at - from) / (until - from)) * (width - left - 4);
  const y = (value) => bottom - (value / top) * (bottom - 8);
  const ownY = (value) => bottom - 2 - ((value - low) / Math.max(high - low, 1)) * (bottom - 12);
  const parts = [];
  for (const part of [0, 0.5, 1]) {
    const at = y(top * part);
    parts.push(svg("line", { class: "grid", x1: left, x2: width - 4, y1: at, y2: at }));
    parts.push(svg("text", { class: "axis", x: left - 6, y: at + 3.5, "text-anchor": "end" }, unit(top * part)));
  }
  for (const [at, text] of ticks) {
    if (at < from || at > until) continue;
    parts.push(svg("line", { class: "grid", x1: x(at), x2: x(at), y1: 8, y2: bottom }));
    // What would stand beyond the edge is left out.
    if (x(at) > left + 10 && x(at) < width - 25) {
      parts.push(svg("text", { class: "axis", x: x(at), y: height - 4, "text-anchor": "middle" }, text));
    }
  }
  for (const line of shown) {
    const of = line.own ? ownY : y;
    const drawn = path(line.points, x, of, line.steps);
    if (line.area && drawn && line.points.length > 1) {
      const first = line.points[0][0];
      parts.push(svg("path", { class: `area ${line.style}`, d: `${drawn}V${bottom}H${x(first).toFixed(1)}Z` }));
    }
    parts.push(svg("path", { class: `line ${line.style}`, d: drawn }));
  }
  element.setAttribute("viewBox", `0 0 ${width} ${height}`);
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", label);
  element.replaceChildren(...parts);
}

/** From that time on, with what held then. */
function clip(points, from) {
  const first = points.findIndex(([at]) => at >= from);
  if (first < 0) return points.slice(-1).map(([, value]) => [from, value]);
  if (first === 0) return points;
  return [[from, points[first - 1][1]], ...points.slice(first)];
}

/** Whole units of time between two times, with their names. */
export function timeTicks(from, until, most, name) {
  const minute = 60_000;
  const steps = [0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((it) => it * minute);
  const step = steps.find((it) => (until - from) / it <= most) ?? steps.at(-1);
  const offset = new Date(from).getTimezoneOffset() * minute;
  const ticks = [];
  for (let at = Math.ceil((from - offset) / step) * step + offset; at <= until; at += step) {
    ticks.push([at, name(new Date(at), step)]);
  }
  return ticks;
}
