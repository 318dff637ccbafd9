// All stations of the fleet: found, sorted and cut into pages by the server.

import { get, listen } from "./api.js";
import { tone } from "./connectors.js";
import { duration, field, h, options, say, setText, watts, wattHours } from "./dom.js";
import { TONES, WORDS } from "./station.js";
import { Totals } from "./totals.js";

const STATUSES = ["Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Reserved", "Unavailable", "Faulted", "Occupied"];
const COLUMNS = [
  ["id", "Identity"], ["version", "OCPP"], ["connection", "Connection"], [null, "Registration"], [null, "Connectors"],
  ["power", "Power"], ["energy", "Energy"], ["queued", "Queue"], ["lastError", "Last error"],
];
const SORTS = COLUMNS.filter(([sort]) => sort).map(([sort, label]) => [sort, label.toLowerCase()]);
/** Milliseconds between two looks at the same page. */
const EVERY = 2000;

/** What was looked for last: it is there again when one comes back from a station. */
const wanted = { text: "", connection: "", status: "", version: "", registration: "", more: "", sort: "id", order: "ascending", limit: "50", offset: 0 };

class Row {
  constructor(id) {
    this.link = h("a", { href: `#${id}` });
    this.version = h("td", {});
    this.connection = h("span", { class: "pill" });
    this.registration = h("td", { "data-label": "Registration" });
    this.spots = [];
    this.connectors = h("td", { class: "pills" });
    this.power = h("td", { class: "number", "data-label": "Power" });
    this.energy = h("td", { class: "number", "data-label": "Energy" });
    this.queued = h("td", { class: "number", "data-label": "Queue" });
    this.error = h("td", { "data-label": "Last error" });
    this.element = h("tr", {}, h("th", { scope: "row" }, this.link), this.version, h("td", {}, this.connection), this.registration, this.connectors, this.power, this.energy, this.queued, this.error);
  }

  show(state, now) {
    setText(this.link, state.identity);
    setText(this.version, state.version);
    setText(this.connection, WORDS[state.connection]);
    this.connection.className = `pill ${TONES[state.connection]}`;
    setText(this.registration, state.registration ?? "–");
    state.connectors.forEach((it, place) => {
      if (!this.spots[place]) {
        this.spots[place] = h("span", { class: "pill", title: `connector ${it.connector}` });
        this.connectors.append(this.spots[place]);
      }
      setText(this.spots[place], it.status ?? "–");
      this.spots[place].className = `pill ${tone(it.status)}`;
    });
    setText(this.power, watts(state.power));
    setText(this.energy, wattHours(state.energy));
    setText(this.queued, String(state.queued));
    setText(this.error, state.lastError ? `${state.lastError.error}, ${duration(now - state.lastError.t)} ago` : "–");
  }
}

export class FleetView {
  constructor() {
    this.totals = new Totals();
    const choose = (name, all) => h("select", { onchange: (event) => this.want({ [name]: event.target.value }) }, ...options(all, wanted[name]));
    const any = ["", "any"];
    this.text = h("input", { type: "search", value: wanted.text, placeholder: "in the identity", autocomplete: "off", spellcheck: "false", oninput: () => this.want({ text: this.text.value }) });
    this.sort = choose("sort", SORTS);
    this.order = choose("order", [["ascending"], ["descending"]]);
    this.heads = COLUMNS.map(([sort, label]) => h("th", { scope: "col" },
      sort ? h("button", { type: "button", class: "sort", onclick: () => this.sortBy(sort) }, label) : label));
    this.body = h("tbody", {});
    this.rows = new Map();
    this.count = h("p", { class: "note", role: "status" });
    this.back = h("button", { type: "button", onclick: () => this.turn(-1) }, "Back");
    this.forward = h("button", { type: "button", onclick: () => this.turn(1) }, "Forward");
    this.element = h("div", { class: "stations" },
      this.totals.element,
      h("section", { class: "card", "aria-labelledby": "table" },
        h("div", { class: "head" }, h("h2", { id: "table" }, "Stations"), this.count),
        h("div", { class: "join", role: "search" },
          field("Search", this.text, { class: "field wide" }),
          field("Connection", choose("connection", [any, ...Object.entries(WORDS).filter(([name]) => name !== "restarting")])),
          field("A connector is", choose("status", [any, ...STATUSES.map((it) => [it])])),
          field("OCPP", choose("version", [any, ["1.6"], ["2.0.1"]])),
          field("Registration", choose("registration", [any, ["Accepted"], ["Pending"], ["Rejected"]])),
          field("With", choose("more", [["", "anything"], ["queued", "messages that wait"], ["error", "an error"]])),
          field("Sorted by", this.sort), field("Order", this.order)),
        h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Stations" },
          h("table", { class: "members" }, h("caption", { class: "hidden" }, "Stations"), h("thead", {}, h("tr", {}, ...this.heads)), this.body)),
        h("div", { class: "actions", role: "group", "aria-label": "Pages" }, this.back, this.forward,
          field("Rows", choose("limit", [["20"], ["50"], ["100"], ["200"], ["500"]])))));
  }

  async begin(live) {
    document.title = "Stations · fleet";
    const state = await get("/api/fleet");
    this.show(state);
    await this.renew();
    this.stop = listen("/api/fleet", state.lastEvent, { open: live, state: (told) => this.show(told), event: () => {} });
    this.timer = setInterval(() => { if (!document.hidden) this.renew(); }, EVERY);
  }

  end() {
    this.ended = true;
    this.stop?.();
    clearInterval(this.timer);
  }

  show(state) {
    this.origin = Date.now() - state.t;
    this.totals.show(state);
  }

  /** Looks for something else, from the first page on. */
  want(changes) {
    Object.assign(wanted, { offset: 0 }, changes);
    this.sort.value = wanted.sort;
    this.order.value = wanted.order;
    return this.renew();
  }

  sortBy(sort) {
    const isSame = wanted.sort === sort;
    const down = isSame ? wanted.order === "ascending" : !["id", "version"].includes(sort);
    return this.want({ sort, order: down ? "descending" : "ascending" });
  }

  async turn(pages) {
    wanted.offset = Math.max(0, wanted.offset + pages * Number(wanted.limit));
    await this.renew();
    say(this.count.textContent);
  }

  async renew() {
    const { more, ...rest } = wanted;
    const asked = Object.entries({ ...rest, ...(more && { [more]: "true" }) }).filter(([, value]) => value !== "");
    this.asked = (this.asked ?? 0) + 1;
    const mine = this.asked;
    try {
      const told = await get(`/api/stations?${new URLSearchParams(asked)}`);
      // A later look is on its way, or the page is another one.
      if (mine !== this.asked || this.ended) return;
      this.fill(told);
    } catch (error) {
      if (mine === this.asked && !this.ended) setText(this.count, error.message);
    }
  }

  fill({ stations, found, all, offset }) {
    // Stations that are looked for have become fewer.
    if (stations.length === 0 && offset > 0 && found > 0) return this.want({});
    const now = Date.now() - this.origin;
    const rows = new Map();
    for (const state of stations) {
      const row = this.rows.get(state.id) ?? new Row(state.id);
      row.show(state, now);
      rows.set(state.id, row);
    }
    if ([...rows.keys()].join() !== [...this.rows.keys()].join()) {
      const focus = document.activeElement;
      this.body.replaceChildren(...[...rows.values()].map((row) => row.element));
      if (this.body.contains(focus)) focus.focus();
    }
    this.rows = rows;
    this.heads.forEach((head, place) => {
      if (COLUMNS[place][0] === wanted.sort) head.setAttribute("aria-sort", wanted.order);
      else head.removeAttribute("aria-sort");
    });
    const which = stations.length ? `${offset + 1} to ${offset + stations.length} of ${found}` : "none";
    setText(this.count, found === all ? which : `${which}, of ${all} in all`);
    this.back.disabled = offset === 0;
    this.forward.disabled = offset + stations.length >= found;
    return undefined;
  }
}
