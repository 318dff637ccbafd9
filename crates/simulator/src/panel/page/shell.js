// What every page of a panel has: its colours, whether it is live, and which part of it is shown.

import { complain } from "./dom.js";

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

/** Shows what the address names: `view` makes it, `home` says what that is without a name. */
export function start({ home, view }) {
  let shown;
  let turn = 0;
  const route = async () => {
    turn += 1;
    const mine = turn;
    let where = location.hash.slice(1);
    try {
      where ||= await home();
      if (mine !== turn) return;
      shown?.end();
      shown = view(where);
      document.getElementById("main").replaceChildren(shown.element);
      document.getElementById("to-stations").setAttribute("aria-current", where === "stations" ? "page" : "false");
      await shown.begin(live);
    } catch (error) {
      live(false);
      complain(`${where || "Stations"}: ${error.message}`);
    }
  };
  addEventListener("hashchange", () => {
    if (location.hash !== "#main") route();
  });
  route();
}
