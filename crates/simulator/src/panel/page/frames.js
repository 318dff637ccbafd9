// Frames in and out: searched, filtered, and read beside what was sent.

import { clock, field, h, options, setText } from "./dom.js";

const PRECISE = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };
/** So many rows at most, the newest. */
const MOST = 400;

/** Payload of a frame, or the error of one. */
function parsed(text) {
  try {
    const frame = JSON.parse(text);
    if (!Array.isArray(frame)) return null;
    return frame[0] === 4
      ? { id: frame[1], payload: { errorCode: frame[2], errorDescription: frame[3], errorDetails: frame[4] } }
      : { id: frame[1], payload: frame.at(-1) };
  } catch {
    return null;
  }
}

/** The beginning of what a frame says. */
function summary(payload) {
  if (payload === null || typeof payload !== "object") return "";
  const parts = Object.entries(payload).filter(([, value]) => typeof value !== "object");
  return parts.map(([name, value]) => `${name} ${value}`).join(", ");
}

/** Names and values, nested as they are. */
function readable(value) {
  if (Array.isArray(value)) return h("ol", { class: "nested" }, ...value.map((it) => h("li", {}, readable(it))));
  if (value === null || typeof value !== "object") return h("span", { class: typeof value }, String(value));
  const entries = Object.entries(value);
  if (entries.length === 0) return h("span", { class: "quiet" }, "nothing");
  return h("dl", { class: "nested" }, ...entries.map(([name, it]) => h("div", {}, h("dt", {}, name), h("dd", {}, readable(it)))));
}

export class Frames {
  constructor(station) {
    this.station = station;
    this.all = [];
    const again = { oninput: () => this.filter() };
    this.text = h("input", { type: "search", placeholder: "in a frame", autocomplete: "off", spellcheck: "false", ...again });
    this.direction = h("select", again, ...options([["", "both"], ["in", "in"], ["out", "out"]]));
    this.kind = h("select", again, ...options([["", "all"], ["call", "calls"], ["result", "results"], ["error", "errors"], ["odd", "with deviations"]]));
    this.action = h("select", again, ...options([["", "all"]]));
    this.actions = new Set();
    this.list = h("ol", { class: "frames", "aria-label": "Frames, the newest first", onkeydown: (event) => this.move(event) });
    this.count = h("p", { class: "note" });
    this.detail = h("div", { class: "detail", hidden: true, tabindex: "-1", role: "region", "aria-label": "The chosen frame" });
    this.pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.hold() }, "Pause");
    this.element = h("section", { class: "card traffic", "aria-labelledby": "frames" },
      h("div", { class: "head" }, h("h2", { id: "frames" }, "Frames"), this.count, this.pause),
      h("div", { class: "join", role: "search" }, field("Search", this.text, { class: "field wide" }), field("Action", this.action), field("Kind", this.kind), field("Direction", this.direction)),
      this.list, this.detail);
  }

  async begin() {
    const { frames } = await this.station.get("/frames?limit=400");
    for (const frame of frames) this.add(frame, true);
    this.filter();
  }

  add(frame, quiet) {
    if (this.last !== undefined && frame.number <= this.last) return;
    this.last = frame.number;
    frame.read = parsed(frame.text);
    frame.lower = frame.text.toLowerCase();
    this.all.push(frame);
    if (this.all.length > MOST * 2) this.all.splice(0, MOST);
    if (frame.action && !this.actions.has(frame.action)) {
      this.actions.add(frame.action);
      const chosen = this.action.value;
      const names = [...this.actions].sort().map((it) => [it]);
      this.action.replaceChildren(...options([["", "all"], ...names], chosen));
    }
    if (!quiet && !this.held) {
      if (this.takes(frame)) this.list.prepend(this.row(frame));
      while (this.list.children.length > MOST) this.list.lastChild.remove();
      this.tell();
    }
  }

  /** A frame that is not to the letter: the one before. */
  deviates({ field: place, rule }) {
    const frame = this.all.findLast((it) => it.dir === "in");
    if (!frame) return;
    (frame.deviations ??= []).push(`${place || "the frame"} ${rule}`);
    frame.mark?.removeAttribute("hidden");
  }

  takes(frame) {
    const text = this.text.value.toLowerCase();
    const kind = this.kind.value;
    return (!text || frame.lower.includes(text))
      && (!this.direction.value || frame.dir === this.direction.value)
      && (!kind || (kind === "odd" ? frame.deviations : frame.kind === kind))
      && (!this.action.value || frame.action === this.action.value);
  }

  row(frame) {
    frame.mark = h("span", { class: "mark", hidden: !frame.deviations, title: "not to the letter of OCPP" }, "!");
    const time = clock(new Date(this.origin + frame.t), PRECISE);
    const way = frame.dir === "in" ? "in" : "out";
    const button = h("button", { type: "button", class: `frame ${way} ${frame.kind}`, "aria-pressed": String(this.chosen === frame.number), onclick: () => this.choose(frame, button) },
      h("time", {}, time), h("span", { class: "way", "aria-label": way }, way === "in" ? "←" : "→"), h("span", { class: "name" }, frame.message), frame.mark, h("span", { class: "say" }, summary(frame.read?.payload)));
    return h("li", {}, button);
  }

  filter() {
    const shown = this.all.filter((it) => this.takes(it)).slice(-MOST).reverse();
    this.list.replaceChildren(...shown.map((it) => this.row(it)));
    this.tell();
  }

  tell() {
    setText(this.count, `${this.list.children.length} of ${this.all.length}`);
  }

  hold() {
    this.held = !this.held;
    this.pause.setAttribute("aria-pressed", String(this.held));
    setText(this.pause, this.held ? "Go on" : "Pause");
    if (!this.held) this.filter();
  }

  /** Arrows go from row to row. */
  move(event) {
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    const next = step && event.target.closest("li")?.[step];
    if (!next) return;
    event.preventDefault();
    next.firstElementChild.focus();
  }

  choose(frame, button) {
    for (const other of this.list.querySelectorAll("[aria-pressed=true]")) other.setAttribute("aria-pressed", "false");
    const again = this.chosen === frame.number;
    this.chosen = again ? null : frame.number;
    this.detail.hidden = again;
    if (again) return;
    button.setAttribute("aria-pressed", "true");
    const raw = h("pre", { tabindex: "0", "aria-label": "As it was sent" }, frame.text);
    const copy = h("button", { type: "button", onclick: async () => { await navigator.clipboard?.writeText(frame.text); setText(copy, "Copied"); } }, "Copy");
    const other = this.all.find((it) => it !== frame && it.read?.id === frame.read?.id && it.dir !== frame.dir);
    const took = other && `${Math.abs(other.t - frame.t)} ms between ${frame.kind === "call" ? "it and its answer" : "its call and it"}`;
    const odd = frame.deviations && h("ul", { class: "odd" }, ...frame.deviations.map((it) => h("li", {}, it)));
    const close = h("button", { type: "button", onclick: () => { this.choose(frame, button); button.focus(); } }, "Close");
    this.detail.replaceChildren(
      h("div", { class: "head" }, h("h3", {}, frame.message), h("span", { class: "note" }, [frame.read && `id ${frame.read.id}`, took].filter(Boolean).join(" · ")), copy, close),
      ...(odd ? [odd] : []),
      h("div", { class: "both" }, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Readable" }, frame.read ? readable(frame.read.payload) : h("p", { class: "note" }, "No frame of OCPP-J.")), raw));
  }
}
