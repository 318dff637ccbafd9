// The page of a fleet: its table, or one of its stations.

import { MemberView } from "./member.js";
import { start } from "./shell.js";
import { FleetView } from "./table.js";

document.querySelector(".brand span").textContent = "Fleet";

start({
  home: async () => "stations",
  view: (where) => (where === "stations" ? new FleetView() : new MemberView(where)),
});
