// Which page is shown, and in which colours.

import { get } from "./api.js";
import { complain } from "./dom.js";
import { StationView } from "./station.js";
import { StationsView } from "./stations.js";

const theme = document.getElementById("theme");
const dress = () => {
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
};
theme.value = localStorage.getItem("theme") ?? "";
theme.onchange = () => {
  localStorage.setItem("theme", theme.value);
  dress();
};
dress();

const pill = document.getElementById("live");
function live(isUp) {
  const text = isUp ? "live" : "not live";
  if (pill.textContent !== text) pill.textContent = text;
  pill.className = `pill ${isUp ? "good" : "bad"}`;
}

let shown;
let turn = 0;

/** Shows what the address names: all stations, one of them, or the only one. */
async function route() {
  turn += 1;
  const mine = turn;
  let where = location.hash.slice(1);
  try {
    if (!where) {
      const all = await get("/api/stations");
      where = all.length === 1 ? String(all[0].id) : "stations";
    }
    if (mine !== turn) return;
    shown?.end();
    shown = where === "stations" ? new StationsView() : new StationView(where);
    document.getElementById("main").replaceChildren(shown.element);
    document.getElementById("to-stations").setAttribute("aria-current", where === "stations" ? "page" : "false");
    await shown.begin(live);
  } catch (error) {
    live(false);
    complain(`${where || "Stations"}: ${error.message}`);
  }
}

addEventListener("hashchange", () => {
  if (location.hash !== "#main") route();
});
route();
