// A station of a fleet: as any other, but with one central system, and a session model that works beside a person.

import { duration, field, h } from "./dom.js";
import { StationView } from "./station.js";

export class MemberView extends StationView {
  get simple() {
    return true;
  }

  actions(act) {
    const time = h("input", { value: "30s", size: 6, autocomplete: "off", spellcheck: "false" });
    const blackout = (event) => {
      event.preventDefault();
      this.station.command({ line: `blackout ${time.value}` });
    };
    return [
      this.link, this.now,
      h("button", act("restart"), "Restart"),
      h("button", act("fault 0 InternalError"), "Break it all"),
      h("button", act("clear 0"), "Clear"),
      h("form", { class: "join", onsubmit: blackout }, field("Without power for", time), h("button", { type: "submit", class: "harsh" }, "Cut power")),
      this.line("power 1 7400"),
    ];
  }

  elsewhere() {
    return undefined;
  }

  where(state) {
    return `OCPP ${state.version} · ${state.url}`;
  }

  facts(state) {
    const { lastError, t } = state;
    return lastError && `last error: ${lastError.error}, ${duration(t - lastError.t)} ago`;
  }
}
