// One station: its state and connection, and all that it consists of.

import { Station } from "./api.js";
import { Connectors, limit, tone } from "./connectors.js";
import { field, h, options, say, setText } from "./dom.js";
import { Frames } from "./frames.js";
import { Schedule } from "./schedule.js";
import { Tabs } from "./tabs.js";

export const WORDS = {
  online: "online", connected: "connected, not accepted yet", connecting: "connecting", restarting: "restarting", waiting: "not connected", down: "link is cut", off: "without power",
};
export const TONES = { online: "good", connected: "busy", connecting: "busy", restarting: "busy", waiting: "bad", down: "bad", off: "quiet" };

export class StationView {
  constructor(id) {
    this.station = new Station(id);
    this.parts = {
      connectors: new Connectors(this.station, this.simple), schedule: new Schedule(this.station), frames: new Frames(this.station), tabs: new Tabs(this.station),
    };
    const { connectors, schedule, frames, tabs } = this.parts;
    const act = (line) => ({ type: "button", onclick: () => this.station.command({ line }) });
    this.name = h("h1", {});
    this.pill = h("span", { class: "pill" });
    this.about = h("p", { class: "note where" });
    this.whole = h("p", { class: "note" });
    this.link = h("button", { type: "button", onclick: () => this.station.command({ line: `link ${this.state.link ? "down" : "up"}` }) });
    this.now = h("button", act("connect"), "Connect now");
    this.dialog = this.elsewhere();
    this.element = h("div", { class: "station" },
      h("section", { class: "card summary", "aria-label": "Charge point" },
        h("div", { class: "head" }, this.name, this.pill),
        this.about, this.whole,
        h("div", { class: "actions", role: "group", "aria-label": "Of the charge point" }, ...this.actions(act))),
      h("div", { class: "columns" },
        h("div", {}, connectors.element, schedule.element),
        h("div", {}, frames.element, tabs.element)),
      this.dialog);
  }

  /** Its connectors can do less. */
  get simple() {
    return false;
  }

  /** What is done to the whole charge point. */
  actions(act) {
    return [
      this.link, this.now,
      h("button", { type: "button", onclick: () => this.ask() }, "Connect elsewhere…"),
      h("button", act("reboot"), "Reboot"),
      h("button", { ...act("power-loss"), class: "harsh" }, "Cut power"),
      h("button", act("fault 0 InternalError"), "Break it all"),
      h("button", act("clear 0"), "Clear"),
      this.line("data Acme Hello"),
    ];
  }

  /** A field for a command, and an example of one. */
  line(placeholder) {
    const line = h("input", { autocomplete: "off", spellcheck: "false", placeholder });
    const obey = async (event) => {
      event.preventDefault();
      if (await this.station.command({ line: line.value })) line.value = "";
    };
    return h("form", { class: "join", onsubmit: obey }, field("Any command of standard input", line), h("button", { type: "submit" }, "Carry out"));
  }

  where(state) {
    return `OCPP ${state.version} · ${state.url} · security profile ${state.securityProfile}${state.hasPassword ? ", with a password" : ""}`;
  }

  /** What else there is to be said of the whole charge point. */
  facts(state) {
    return [state.firmware !== "Idle" && `firmware ${state.firmware}`, state.diagnostics !== "Idle" && `diagnostics ${state.diagnostics}`].filter(Boolean).join(" · ");
  }

  async begin(live) {
    const state = await this.station.get();
    document.title = `${state.identity ?? `Station ${this.station.id}`} · charge point`;
    await this.parts.connectors.begin();
    this.show(state);
    this.parts.frames.origin = this.origin;
    await this.parts.frames.begin();
    await this.parts.tabs.begin();
    const last = Math.max(state.lastEvent, this.parts.frames.last ?? 0);
    this.stop = this.station.listen(last, {
      open: live, state: (told) => this.show(told), event: (event) => this.happen(event),
    });
    this.timer = setInterval(() => this.parts.connectors.tick(Date.now() - this.origin), 1000);
    this.parts.connectors.tick(state.t);
  }

  end() {
    this.stop?.();
    clearInterval(this.timer);
  }

  show(state) {
    this.state = state;
    // The program was started anew: nothing here is of this run.
    if (state.lastEvent < (this.parts.frames.last ?? 0)) return location.reload();
    // The time of day of t 0, as it was first known: charts shall not jump.
    this.origin ??= Date.now() - state.t;
    if (!state.connectors) return;
    const { connectors, schedule, frames, tabs } = this.parts;
    setText(this.name, state.identity);
    const was = this.pill.textContent;
    const isOver = !state.running && state.connection !== "off";
    setText(this.pill, isOver ? "has ended" : WORDS[state.connection]);
    if (was && was !== this.pill.textContent) say(this.pill.textContent);
    this.pill.className = `pill ${isOver ? "bad" : TONES[state.connection]}`;
    setText(this.about, this.where(state));
    const [whole] = state.connectors;
    const facts = [`Whole charge point: ${whole.status ?? "–"}${["NoError", null].includes(whole.errorCode) ? "" : ` (${whole.errorCode})`}`, whole.limit && `limit ${limit(whole.limit)}`,
      `${state.queue.messages} ${state.queue.messages === 1 ? "message waits" : "messages wait"}`, this.facts(state)];
    setText(this.whole, facts.filter(Boolean).join(" · "));
    this.element.dataset.tone = tone(whole.status);
    setText(this.link, state.link ? "Cut the link" : "Mend the link");
    this.now.disabled = !state.link || state.connection !== "waiting";
    connectors.show(state, this.origin);
    schedule.show(state);
    frames.origin = this.origin;
    tabs.origin = this.origin;
    tabs.show(state);
  }

  happen(event) {
    if (event.event === "frame") return this.parts.frames.add(event);
    if (event.event === "deviation") this.parts.frames.deviates(event);
    this.parts.tabs.add(event);
  }

  /** The form by which it goes to another central system. */
  elsewhere() {
    this.csms = h("input", { type: "text", required: true, autocomplete: "off", spellcheck: "false" });
    this.identity = h("input", { required: true, autocomplete: "off", spellcheck: "false" });
    this.version = h("select", {}, ...options([["1.6"], ["2.0.1"]]));
    this.password = h("input", { type: "password", autocomplete: "new-password", placeholder: "as it is" });
    this.open = h("input", { type: "checkbox", id: "no-password" });
    const go = async (event) => {
      event.preventDefault();
      const wanted = { csms: this.csms.value, identity: this.identity.value, version: this.version.value };
      // What is shown of a URL hides its query: left alone, it stays.
      if (wanted.csms === this.state.csms) delete wanted.csms;
      if (this.open.checked) wanted.password = null;
      else if (this.password.value) wanted.password = this.password.value;
      const told = await this.station.send("PUT", "/connection", wanted);
      if (told) this.dialog.close();
    };
    return h("dialog", { "aria-labelledby": "elsewhere" },
      h("form", { onsubmit: go },
        h("h2", { id: "elsewhere" }, "Connect elsewhere"),
        h("p", { class: "note" }, "Transactions end, and the charge point starts again. What it has queued goes to the new central system."),
        field("Central system", this.csms), field("Identity", this.identity), field("OCPP", this.version), field("Password", this.password),
        h("div", { class: "check" }, this.open, h("label", { for: "no-password" }, "Without a password")),
        h("div", { class: "actions" }, h("button", { type: "submit", class: "main" }, "Connect"), h("button", { type: "button", onclick: () => this.dialog.close() }, "Cancel"))));
  }

  ask() {
    this.csms.value = this.state.csms;
    this.identity.value = this.state.identity;
    this.version.value = this.state.version;
    this.password.value = "";
    this.open.checked = false;
    this.dialog.showModal();
    this.csms.focus();
  }
}
