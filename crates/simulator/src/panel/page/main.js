// The page of stations that each have a thread: all of them, one of them, or the only one.

import { get } from "./api.js";
import { start } from "./shell.js";
import { StationView } from "./station.js";
import { StationsView } from "./stations.js";

start({
  home: async () => {
    const all = await get("/api/stations");
    return all.length === 1 ? String(all[0].id) : "stations";
  },
  view: (where) => (where === "stations" ? new StationsView() : new StationView(where)),
});
