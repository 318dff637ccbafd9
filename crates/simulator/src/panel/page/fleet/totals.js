// What all stations of the fleet do together, and what is done to all of them.

import { send } from "./api.js";
import { field, h, say, setText } from "./dom.js";

/** Counters of what goes wrong, and what they are called. */
const ERRORS = {
  refused: "refused", rejected: "rejected", lost: "lost", call_errors: "CALLERROR", timeouts: "no answer", bad_answers: "bad answer",
  given_up: "given up", dropped: "dropped", not_authorized: "not authorized", storage_failures: "not stored",
};
const FIGURES = {
  connected: "connected", accepted: "accepted", charging: "charging", queued: "messages wait", calls: "CALLs a second", answers: "ms to an answer, 50 / 99 %",
};

export class Totals {
  constructor() {
    this.figures = Object.fromEntries(Object.keys(FIGURES).map((name) => [name, h("strong", {}, "–")]));
    this.name = h("h1", { id: "fleet" }, "Fleet");
    this.where = h("p", { class: "note where" });
    this.errors = h("p", { class: "note" });
    this.time = h("input", { value: "30s", size: 6, autocomplete: "off", spellcheck: "false" });
    this.share = h("input", { value: "25%", size: 6, autocomplete: "off", spellcheck: "false" });
    const button = (label, line, attributes = {}) => h("button", { type: "button", onclick: () => this.order(line()), ...attributes }, label);
    this.element = h("section", { class: "card", "aria-labelledby": "fleet" },
      h("div", { class: "head" }, this.name),
      this.where,
      h("div", { class: "figures totals" }, ...Object.entries(FIGURES).map(([name, label]) => h("div", {}, this.figures[name], h("span", {}, label)))),
      this.errors,
      h("div", { class: "actions", role: "group", "aria-label": "Of all stations" },
        h("div", { class: "join" }, field("For", this.time),
          button("Cut the power of all", () => `blackout ${this.time.value}`, { class: "harsh" }), button("Cut all links", () => `outage ${this.time.value}`)),
        h("div", { class: "join" }, field("Share", this.share), button("Vehicles come", () => `surge ${this.share.value}`)),
        button("Restart all", () => "restart")));
  }

  async order(line) {
    if (await send("POST", "/api/fleet/commands", { line })) say(`All stations: ${line}`);
  }

  show(state) {
    setText(this.name, `${state.stations} ${state.stations === 1 ? "station" : "stations"}`);
    setText(this.where, state.csms);
    const { p50, p99 } = state.answerMs;
    const digits = (ms) => (ms < 10 ? ms.toFixed(1) : ms.toFixed(0));
    const told = {
      ...state, calls: state.callsPerSecond.toFixed(state.callsPerSecond < 10 ? 1 : 0), answers: p50 ? `${digits(p50)} / ${digits(p99)}` : "–",
    };
    for (const [name, figure] of Object.entries(this.figures)) setText(figure, String(told[name]));
    const errors = Object.entries(ERRORS).filter(([name]) => state.sums[name] > 0).map(([name, label]) => `${label} ${state.sums[name]}`);
    setText(this.errors, `${errors.join(" · ") || "no errors"} · ${(state.memory / 1024 / 1024).toFixed(0)} MiB of memory`);
  }
}
