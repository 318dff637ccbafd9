// The composite schedule: what may be drawn from now on.

import { draw, timeTicks } from "./chart.js";
import { clock, field, h, MINUTES, options, svg, table } from "./dom.js";

const DURATIONS = [["3600", "an hour"], ["21600", "6 hours"], ["86400", "a day"], ["604800", "a week"]];

export class Schedule {
  constructor(station) {
    this.station = station;
    const again = { onchange: () => this.renew() };
    this.connector = h("select", again);
    this.unit = h("select", again, ...options([["W", "W"], ["A", "A on each phase"]]));
    this.length = h("select", again, ...options(DURATIONS, "86400"));
    this.chart = svg("svg", { class: "chart" });
    this.periods = h("details", {});
    this.note = h("p", { class: "note", hidden: true });
    this.element = h("section", { class: "card", "aria-labelledby": "schedule" },
      h("div", { class: "head" }, h("h2", { id: "schedule" }, "Charging schedule")),
      h("div", { class: "join" }, field("Of", this.connector), field("In", this.unit), field("For", this.length)),
      this.chart, this.note, this.periods);
  }

  show(state) {
    if (this.connector.children.length !== state.connectors.length) {
      const named = state.connectors.map((it) => [String(it.connector), it.connector === 0 ? "the whole charge point" : `connector ${it.connector}`]);
      this.connector.replaceChildren(...options(named, "1"));
    }
    // What a schedule follows from.
    const mark = JSON.stringify([state.profiles, state.connection, state.connectors.map((it) => [it.limit, it.idTag])]);
    if (mark !== this.mark) {
      this.mark = mark;
      this.renew();
    }
  }

  async renew() {
    let schedule;
    try {
      schedule = await this.station.get(`/schedule?connector=${this.connector.value}&unit=${this.unit.value}&duration=${this.length.value}`);
    } catch (error) {
      this.note.hidden = false;
      this.note.textContent = `No schedule: ${error.message}.`;
      this.chart.replaceChildren();
      this.periods.replaceChildren();
      return;
    }
    const from = Date.parse(schedule.start);
    const until = from + this.length.value * 1000;
    const points = schedule.periods.map((it) => [from + it.startPeriod * 1000, it.limit]);
    points.push([from + schedule.duration * 1000, points.at(-1)?.[1] ?? 0]);
    const days = this.length.value > 86_400;
    const tick = (date) => days ? date.toLocaleDateString([], { weekday: "short" }) : clock(date, MINUTES);
    const unit = this.unit.value === "W" ? (value) => `${value / 1000} kW` : (value) => `${value} A`;
    draw(this.chart, {
      from, until, height: 150, least: this.unit.value === "W" ? 1000 : 10, unit,
      lines: [{ style: "limit", area: true, steps: true, points }],
      ticks: timeTicks(from, until, 6, tick),
      label: `Charging schedule: ${schedule.periods.map((it) => `from ${clock(new Date(from + it.startPeriod * 1000))} ${it.limit} ${schedule.unit}`).slice(0, 10).join(", ")}`,
    });
    this.note.hidden = true;
    const rows = schedule.periods.map((it) => [new Date(from + it.startPeriod * 1000).toLocaleString([], { hourCycle: "h23" }), `${it.limit} ${schedule.unit}`, String(it.numberPhases ?? "–")]);
    const is = rows.length === 1 ? "period" : "periods";
    this.periods.replaceChildren(h("summary", {}, `${rows.length} ${is} as a table`), table("Periods", ["From", "Limit", "Phases"], rows, "None."));
  }
}
