// What else there is of a station, each on a tab: keys, queue, reservations, list, profiles, events.

import { clock, field, h, say, table, when } from "./dom.js";

const KINDS = { start: "start", values: "meter values", stopValues: "readings for the stop", stop: "stop" };

export class Tabs {
  constructor(station) {
    this.station = station;
    this.events = [];
    this.tabs = [
      { name: "Keys", path: "/keys", view: (told) => this.keys(told) },
      { name: "Queue", path: "/queue", view: (told) => this.queue(told) },
      { name: "Reservations", path: "/reservations", view: (told) => this.reservations(told) },
      { name: "Local list", path: "/local-list", view: (told) => this.list(told) },
      { name: "Profiles", path: "/profiles", view: (told) => this.profiles(told) },
      { name: "Events", view: () => this.happened() },
    ];
    this.buttons = this.tabs.map((tab, place) => h("button", {
      type: "button", role: "tab", id: `tab-${place}`, "aria-controls": "tab-panel", "aria-selected": "false", tabindex: "-1",
      onclick: () => this.open(place), onkeydown: (event) => this.move(event, place),
    }, tab.name));
    this.panel = h("div", { role: "tabpanel", id: "tab-panel", tabindex: "0" });
    this.element = h("section", { class: "card tabs", "aria-label": "Records of the station" },
      h("div", { role: "tablist", "aria-label": "Records of the station" }, ...this.buttons), this.panel);
  }

  begin() {
    return this.open(0);
  }

  move(event, place) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (place + step + this.tabs.length) % this.tabs.length;
    this.buttons[next].focus();
    this.open(next);
  }

  async open(place) {
    this.place = place;
    this.buttons.forEach((button, it) => {
      button.setAttribute("aria-selected", String(it === place));
      button.tabIndex = it === place ? 0 : -1;
    });
    this.panel.setAttribute("aria-labelledby", `tab-${place}`);
    this.edited = null;
    await this.renew();
  }

  /** A value is being typed. */
  isUsed() {
    const focused = document.activeElement;
    return Boolean(this.edited) || (focused.tagName === "INPUT" && this.panel.contains(focused));
  }

  /** Asks again for what is shown, unless that is being changed. */
  async renew() {
    const { place } = this;
    const tab = this.tabs[place];
    if (this.isUsed()) return;
    try {
      const told = tab.path ? await this.station.get(tab.path) : null;
      if (place === this.place && !this.isUsed()) this.panel.replaceChildren(...tab.view(told));
    } catch (error) {
      this.panel.replaceChildren(h("p", { class: "note" }, `${tab.name}: ${error.message}.`));
    }
  }

  /** What a change of the state makes old. */
  show(state) {
    const { queue, localList, profiles, connectors } = state;
    const mark = JSON.stringify([queue, localList, profiles, connectors.map((it) => it.reservationId)]);
    if (mark !== this.mark && this.place > 0) this.renew();
    this.mark = mark;
  }

  add(event) {
    this.events.push(event);
    if (this.events.length > 300) this.events.shift();
    if (event.event === "config" && this.place === 0) this.renew();
    if (this.place === this.tabs.length - 1) this.renew();
  }

  keys(keys) {
    const search = h("input", { type: "search", value: this.wanted ?? "", autocomplete: "off", oninput: () => { this.wanted = search.value; fill(); } });
    const rows = h("tbody", {});
    const fill = () => {
      const wanted = search.value.toLowerCase();
      rows.replaceChildren(...keys.filter((it) => it.key.toLowerCase().includes(wanted)).map((it) => this.key(it)));
    };
    fill();
    return [
      h("div", { class: "join" }, field("Search keys", search)),
      h("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": "Configuration keys" },
        h("table", { class: "keys" }, h("caption", { class: "hidden" }, "Configuration keys"),
          h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Key"), h("th", { scope: "col" }, "Value"))), rows)),
    ];
  }

  key({ key, value, readonly }) {
    if (readonly) return h("tr", {}, h("th", { scope: "row" }, key), h("td", { class: "fixed" }, value || "–"));
    const input = h("input", { "aria-label": key, value: value ?? "", placeholder: value === null ? "can only be written" : undefined, autocomplete: "off", spellcheck: "false",
      oninput: () => { this.edited = input; set.hidden = false; } });
    const set = h("button", { type: "submit", hidden: true, "aria-label": `Set ${key}` }, "Set");
    const form = h("form", { class: "join", onsubmit: async (event) => {
      event.preventDefault();
      const told = await this.station.send("PUT", `/keys/${encodeURIComponent(key)}`, { value: input.value });
      if (!told) return;
      note.textContent = told.status;
      say(`${key}: ${told.status}`);
      if (told.status !== "Rejected") {
        this.edited = null;
        set.hidden = true;
      }
    } }, input, set);
    const note = h("span", { class: "note" });
    form.append(note);
    return h("tr", {}, h("th", { scope: "row" }, key), h("td", {}, form));
  }

  queue({ messages, free, capacity, attempts }) {
    const rows = messages.map((it) => [String(it.sequence), KINDS[it.kind], String(it.connector), String(it.transaction)]);
    return [
      h("p", { class: "note" }, `${capacity - free} of ${capacity} records are taken${attempts ? `; the first was sent ${attempts} times in vain` : ""}.`),
      table("Messages that wait", ["Number", "Message", "Connector", "Transaction"], rows, "Nothing waits for the central system."),
    ];
  }

  reservations(all) {
    const rows = all.map((it) => [String(it.reservationId), it.connector ? `connector ${it.connector}` : "one of any", it.idTag, it.parentIdTag ?? "–", when(it.expiryDate)]);
    return [table("Reservations", ["Number", "Where", "idTag", "Group", "Until"], rows, "Nothing is reserved.")];
  }

  list({ version, entries, capacity }) {
    const rows = entries.map((it) => [it.idTag, it.status, it.parentIdTag ?? "–", when(it.expiryDate)]);
    const about = version < 0 ? "The list is switched off (LocalAuthListEnabled)." : `Version ${version}, ${entries.length} of ${capacity} entries.`;
    return [h("p", { class: "note" }, about), table("Local authorization list", ["idTag", "Status", "Group", "Until"], rows, "The list is empty.")];
  }

  profiles(all) {
    const rows = all.map((it) => [String(it.chargingProfileId), it.purpose, String(it.stackLevel), it.connector ? `connector ${it.connector}` : "all"]);
    return [table("Charging profiles", ["Number", "Purpose", "Stack level", "Where"], rows, "No charging profile is installed.")];
  }

  happened() {
    const rows = this.events.toReversed().map(({ t, event, number, ...fields }) => {
      const words = Object.entries(fields).filter(([, value]) => value !== null).map(([name, value]) => `${name} ${value}`);
      return [clock(new Date(this.origin + t)), event, words.join(", ")];
    });
    return [table("Events", ["Time", "Event", "What"], rows, "Nothing has happened since this page was opened.")];
  }
}
