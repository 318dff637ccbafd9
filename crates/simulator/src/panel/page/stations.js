// All stations of the process, and new ones.

import { get, send } from "./api.js";
import { tone } from "./connectors.js";
import { field, h, options, say, watts } from "./dom.js";

export class StationsView {
  constructor() {
    this.rows = h("tbody", {});
    this.csms = h("input", { placeholder: "as the first one", autocomplete: "off", spellcheck: "false" });
    this.identity = h("input", { required: true, value: "CP-2", autocomplete: "off", spellcheck: "false" });
    this.version = h("select", {}, ...options([["1.6"], ["2.0.1"]]));
    this.connectors = h("input", { type: "number", min: 1, max: 250, value: 2 });
    this.password = h("input", { type: "password", autocomplete: "new-password", placeholder: "as the first one" });
    this.element = h("div", { class: "stations" },
      h("section", { class: "card", "aria-labelledby": "all" },
        h("div", { class: "head" }, h("h1", { id: "all" }, "Stations")),
        h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Stations" },
          h("table", {}, h("thead", {}, h("tr", {}, ...["", "Identity", "OCPP", "Connection", "Connectors", "Power", "Queue", ""].map((head) => h("th", { scope: "col" }, head)))), this.rows))),
      h("section", { class: "card", "aria-labelledby": "new" },
        h("h2", { id: "new" }, "New station"),
        h("form", { class: "join", onsubmit: (event) => this.create(event) },
          field("Identity", this.identity), field("Central system", this.csms, { class: "field wide" }), field("OCPP", this.version), field("Connectors", this.connectors), field("Password", this.password),
          h("button", { type: "submit", class: "main" }, "Create"))));
  }

  async begin(live) {
    document.title = "Stations · charge point";
    this.live = live;
    await this.renew();
    this.timer = setInterval(() => this.renew(), 2000);
  }

  end() {
    clearInterval(this.timer);
  }

  async renew() {
    try {
      this.show(await get("/api/stations"));
      this.live(true);
    } catch {
      this.live(false);
    }
  }

  show(all) {
    const focus = document.activeElement?.dataset?.key;
    this.rows.replaceChildren(...all.map((state) => this.row(state)));
    if (focus) this.rows.querySelector(`[data-key="${focus}"]`)?.focus();
  }

  row(state) {
    const connectors = (state.connectors ?? []).slice(1);
    const power = connectors.reduce((sum, it) => sum + it.power, 0);
    const pills = connectors.slice(0, 12).map((it) => h("span", { class: `pill ${tone(it.status)}`, title: `connector ${it.connector}` }, it.status ?? "–"));
    if (connectors.length > 12) pills.push(`and ${connectors.length - 12} more`);
    const remove = state.own && h("button", { type: "button", "data-key": `remove-${state.id}`, "aria-label": `Remove ${state.identity}`, onclick: () => this.remove(state) }, "Remove");
    return h("tr", {}, h("td", {}, String(state.id)), h("th", { scope: "row" }, h("a", { href: `#${state.id}`, "data-key": `open-${state.id}` }, state.identity ?? "–")),
      h("td", {}, state.version ?? "–"), h("td", {}, h("span", { class: `pill ${state.connection === "online" ? "good" : "bad"}` }, state.running ? state.connection : "ended")),
      h("td", { class: "pills" }, ...pills), h("td", { class: "number" }, watts(power)), h("td", { class: "number" }, String(state.queue?.messages ?? "–")), h("td", {}, remove || ""));
  }

  async create(event) {
    event.preventDefault();
    const wanted = { identity: this.identity.value, version: this.version.value, connectors: Number(this.connectors.value) };
    if (this.csms.value) wanted.csms = this.csms.value;
    if (this.password.value) wanted.password = this.password.value;
    const told = await send("POST", "/api/stations", wanted);
    if (!told) return;
    say(`Station ${told.id} was created`);
    this.identity.value = `CP-${told.id + 1}`;
    await this.renew();
  }

  async remove(state) {
    await send("DELETE", `/api/stations/${state.id}`);
    say(`${state.identity} was removed`);
    await this.renew();
  }
}
