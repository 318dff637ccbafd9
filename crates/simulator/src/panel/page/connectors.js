// A card for each connector: what it does, and what a person does there.

import { draw, timeTicks } from "./chart.js";
import { clock, duration, field, h, MINUTES, options, say, setText, svg, watts, wattHours } from "./dom.js";

const ERRORS = ["ConnectorLockFailure", "EVCommunicationError", "GroundFailure", "HighTemperature", "InternalError",
  "OtherError", "OverCurrentFailure", "OverVoltage", "PowerMeterFailure", "PowerSwitchFailure", "ReaderFailure",
  "ResetFailure", "UnderVoltage", "WeakSignal"];
/** Seconds that a chart shows, and at the beginning. */
const SHOWN = 300;
const LEAST = 60;

/** How a status is to be seen. */
export function tone(status) {
  if (status === "Charging") return "good";
  if (["Faulted", "Unavailable"].includes(status)) return "bad";
  if (["Available", undefined, null].includes(status)) return "quiet";
  return "busy";
}

class Card {
  constructor(station, number, simple) {
    this.station = station;
    this.number = number;
    this.samples = [];
    const name = `connector ${number}`;
    const command = (words) => ({ onclick: () => station.command({ line: words() }) });
    this.pill = h("span", { class: "pill" });
    this.power = h("strong", {});
    this.energy = h("strong", {});
    this.soc = h("strong", {});
    this.facts = h("dl", { class: "facts" });
    this.values = {};
    this.chart = svg("svg", { class: "chart" });
    this.plug = h("button", { type: "button", class: "main" , onclick: () => station.command({ line: `${this.plugged ? "unplug" : "plug"} ${number}` }) });
    this.tag = h("input", { value: localStorage.getItem("tag") ?? "04A1B2C3D4E5F6", maxlength: 36, autocomplete: "off", spellcheck: "false" });
    this.code = h("select", {}, ...options(ERRORS.map((it) => [it]), "GroundFailure"));
    this.draw = h("input", { type: "number", min: 0, max: 1_000_000, step: 100, value: 7400, inputmode: "numeric" });
    this.meter = h("input", { type: "number", min: 0, max: 2_147_483_647, value: 0, inputmode: "numeric" });
    this.hold = h("select", { onchange: () => station.command({ line: this.hold.value ? `suspend ${number} ${this.hold.value}` : `resume ${number}` }) },
      ...options([["", "nothing"], ["ev", "the vehicle"], ["evse", "the charge point"]]));
    this.lock = h("select", { onchange: () => station.command({ line: `unlock ${number} ${this.lock.value}` }) },
      ...options([["ok", "unlocks"], ["fail", "fails"], ["unsupported", "has none"]]));
    const swipe = (event) => {
      event.preventDefault();
      localStorage.setItem("tag", this.tag.value);
      station.command({ command: "tag", connector: number, idTag: this.tag.value });
    };
    this.element = h("article", { class: "card connector", "aria-labelledby": `c${number}` },
      h("div", { class: "head" }, h("h3", { id: `c${number}` }, `Connector ${number}`), this.pill),
      h("div", { class: "figures" },
        h("div", {}, this.power, h("span", {}, "power")),
        h("div", {}, this.energy, h("span", {}, "this session")),
        simple ? null : h("div", {}, this.soc, h("span", {}, "battery"))),
      this.chart,
      h("p", { class: "legend" }, h("span", { class: "key power" }, "power"), h("span", { class: "key energy" }, "energy, its own scale"), h("span", { class: "key limit" }, "limit")),
      this.facts,
      h("div", { class: "actions", role: "group", "aria-label": `At ${name}` },
        this.plug,
        h("form", { class: "join", onsubmit: swipe }, field("idTag", this.tag), h("button", { type: "submit" }, "Swipe"))),
      h("details", {}, h("summary", {}, simple ? "Power, faults" : "Power, faults, lock, meter"),
        h("div", { class: "more" },
          h("div", { class: "join" }, field("Vehicle draws, W", this.draw), h("button", { type: "button", ...command(() => `power ${number} ${this.draw.value}`) }, "Set power"), h("button", { type: "button", ...command(() => `power ${number} auto`) }, "Like its battery")),
          h("div", { class: "join" }, field("Fault", this.code), h("button", { type: "button", ...command(() => `fault ${number} ${this.code.value}`) }, "Break"), h("button", { type: "button", ...command(() => `clear ${number}`) }, "Clear")),
          simple ? null : h("div", { class: "join" }, field("Energy is held back by", this.hold), field("The lock", this.lock)),
          simple ? null : h("div", { class: "join" }, field("Register, Wh", this.meter), h("button", { type: "button", ...command(() => `meter ${number} ${this.meter.value}`) }, "Set register")))));
  }

  /** A fact, or none. */
  fact(name, value) {
    let pair = this.values[name];
    if (!pair) {
      pair = { row: h("div", {}, h("dt", {}, name), h("dd", {})) };
      this.values[name] = pair;
      this.facts.append(pair.row);
    }
    pair.row.hidden = value === null || value === undefined || value === "";
    setText(pair.row.lastChild, String(value ?? ""));
  }

  show(state, t) {
    const was = this.status;
    this.status = state.status;
    this.plugged = state.plugged;
    this.state = state;
    setText(this.pill, state.status ?? "–");
    this.pill.className = `pill ${tone(state.status)}`;
    if (was && was !== state.status) say(`Connector ${this.number}: ${state.status}`);
    setText(this.plug, state.plugged ? "Unplug" : "Plug in");
    setText(this.power, watts(state.power));
    setText(this.energy, state.meterStart === null ? "–" : wattHours(state.energy - state.meterStart));
    setText(this.soc, Number.isFinite(state.soc) ? `${state.soc} %` : "–");
    this.fact("Driver", state.idTag ?? (state.awaited && `${state.awaited}, awaits the cable`));
    this.fact("Transaction", state.idTag === null ? null : state.transactionId ?? "not told yet");
    this.fact("Lasts", state.startedAt === null ? null : duration(t - state.startedAt));
    this.fact("Limit", limit(state.limit));
    this.fact("Reserved", state.reservedFor && `for ${state.reservedFor} (${state.reservationId})`);
    this.fact("Held back", state.suspended && (state.suspended === "ev" ? "by the vehicle" : "by the charge point"));
    this.fact("Draws", Number.isFinite(state.draw) ? `${watts(state.draw)}, as set` : null);
    this.fact("In your hands", state.byHand ? "until it is unplugged and works" : null);
    this.fact("Fault", ["NoError", null].includes(state.errorCode) ? null : [state.errorCode, state.info].filter(Boolean).join(": "));
    this.fact("Register", wattHours(state.energy));
    for (const [control, value] of [[this.hold, state.suspended ?? ""], [this.lock, state.unlock ?? "ok"]]) {
      if (document.activeElement !== control) control.value = value;
    }
  }

  /** Draws what was measured; `origin` is the time of day of `t` 0. */
  paint(origin, now) {
    const until = origin + now;
    const first = this.samples[0]?.t ?? now;
    const seconds = Math.min(SHOWN, Math.max(LEAST, (now - first) / 1000));
    const from = until - seconds * 1000;
    const at = (sample) => origin + sample.t;
    const limits = this.samples.map((it) => [at(it), it.limit]);
    const lines = [
      { style: "power", area: true, points: this.samples.map((it) => [at(it), it.power]) },
      { style: "energy", own: true, points: this.samples.map((it) => [at(it), it.energy]) },
      { style: "limit", steps: true, points: limits },
    ];
    const last = this.samples.at(-1);
    draw(this.chart, {
      from, until, least: 1000, lines, unit: (value) => `${value / 1000} kW`,
      ticks: timeTicks(from, until, (this.chart.clientWidth || 400) / 110, (date, step) => clock(date, step < 60_000 ? undefined : MINUTES)),
      label: `Power over the last ${duration(seconds * 1000)} minutes at connector ${this.number}: now ${watts(last?.power)}, register ${wattHours(last?.energy)}`,
    });
  }
}

export function limit(limit) {
  return limit && `${watts(limit.watts)}, ${limit.current} A on ${limit.phases} ${limit.phases === 1 ? "phase" : "phases"}`;
}

/** The cards of a station. */
export class Connectors {
  /** Simple ones have no battery, lock and register to be set. */
  constructor(station, simple) {
    this.station = station;
    this.simple = simple;
    this.cards = [];
    this.element = h("div", { class: "cards" });
  }

  async begin() {
    const history = await this.station.get("/history");
    this.past = history;
  }

  show(state, origin) {
    for (const connector of state.connectors.slice(1)) {
      const place = connector.connector - 1;
      if (!this.cards[place]) {
        this.cards[place] = new Card(this.station, connector.connector, this.simple);
        this.element.append(this.cards[place].element);
        this.cards[place].samples = (this.past ?? []).filter((it) => it.connectors[place]).map((it) => ({ t: it.t, ...it.connectors[place] }));
      }
      this.cards[place].show(connector, state.t);
    }
    this.origin = origin;
  }

  /** Once a second: time passes where nothing else does. */
  tick(now) {
    for (const card of this.cards) {
      const { state } = card;
      card.samples.push({ t: now, power: state.power, energy: state.energy ?? card.samples.at(-1)?.energy ?? 0, limit: state.limit?.watts ?? null });
      while (card.samples.length > SHOWN * 2) card.samples.shift();
      if (state.startedAt !== null) card.fact("Lasts", duration(now - state.startedAt));
      card.paint(this.origin, now);
    }
  }
}
