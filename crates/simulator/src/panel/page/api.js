// The API that openapi.json describes.

import { complain } from "./dom.js";

async function request(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (answer.status === 204) return null;
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error ?? answer.statusText);
  return told;
}

/** What is asked; the error is the caller's. */
export const get = (path) => request("GET", path);

/** What is changed; an error is shown, and `undefined` comes back. */
export async function send(method, path, body) {
  try {
    return await request(method, path, body);
  } catch (error) {
    complain(error.message);
    return undefined;
  }
}

/** A station of the process. */
export class Station {
  constructor(id) {
    this.id = id;
    this.path = `/api/stations/${id}`;
  }

  get(path = "") {
    return get(this.path + path);
  }

  /** Has a command carried out, as standard input has it. */
  command(command) {
    return send("POST", `${this.path}/commands`, command);
  }

  send(method, path, body) {
    return send(method, this.path + path, body);
  }

  listen(after, listeners) {
    return listen(this.path, after, listeners);
  }
}

/** Listens until the function that comes back is called. */
export function listen(path, after, { state, event, open }) {
  const source = new EventSource(`${path}/events?after=${after}`);
  source.addEventListener("state", (message) => state(JSON.parse(message.data)));
  source.onmessage = (message) => event(JSON.parse(message.data));
  source.onopen = () => open(true);
  source.onerror = () => open(false);
  return () => source.close();
}
