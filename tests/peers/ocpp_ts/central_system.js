'use strict';

// A central system on the npm package ocpp-ts. Lines on standard input say what to ask the charge
// point, or ask for the books; README.md of tests/peers says how.
//
//   PEERS_NODE_MODULES  the node_modules directory that holds ocpp-ts

const http = require('node:http');
const path = require('node:path');
const readline = require('node:readline');
const { OcppServer } = require(path.resolve(process.env.PEERS_NODE_MODULES, 'ocpp-ts'));

const HEARTBEAT_INTERVAL_S = 300;
const BLOCKED = 'STOLEN';
const REGISTER = 'Energy.Active.Import.Register';

const books = { boots: 0, statuses: {}, transactions: [], dataTransfers: [] };

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function idTagInfo(idTag) {
  return { status: idTag === BLOCKED ? 'Blocked' : 'Accepted' };
}

function transaction(id) {
  const found = books.transactions.find((one) => one.id === id);
  if (!found) throw new Error(`no transaction ${id}`);
  return found;
}

const ANSWERS = {
  Authorize: ({ idTag }) => ({ idTagInfo: idTagInfo(idTag) }),

  BootNotification: () => {
    books.boots += 1;
    const currentTime = new Date().toISOString();
    return { status: 'Accepted', currentTime, interval: HEARTBEAT_INTERVAL_S };
  },

  DataTransfer: ({ data }) => {
    books.dataTransfers.push(data);
    return { status: 'Accepted' };
  },

  Heartbeat: () => ({ currentTime: new Date().toISOString() }),

  MeterValues: ({ transactionId, meterValue }) => {
    if (transactionId === undefined) return {};
    const samples = meterValue.flatMap(({ sampledValue }) => sampledValue);
    const readings = samples.filter(({ measurand = REGISTER }) => measurand === REGISTER);
    if (readings.length) transaction(transactionId).reading = Number(readings.at(-1).value);
    return {};
  },

  StartTransaction: ({ connectorId, idTag, meterStart }) => {
    const id = books.transactions.length + 1;
    books.transactions.push({ id, connector: connectorId, idTag, meterStart });
    return { transactionId: id, idTagInfo: idTagInfo(idTag) };
  },

  StatusNotification: ({ connectorId, status }) => {
    books.statuses[connectorId] = status;
    return {};
  },

  StopTransaction: ({ transactionId, meterStop, reason }) => {
    Object.assign(transaction(transactionId), { meterStop, reason });
    return {};
  },
};

let client;

async function answer({ action, payload }) {
  if (!action) return { books };
  try {
    return { answer: await client.callRequest(action, payload) };
  } catch (error) {
    return { error: `${error.code}: ${error.message}` };
  }
}

const server = new OcppServer();
server.on('connection', (connected) => {
  client = connected;
  for (const [action, answerTo] of Object.entries(ANSWERS)) {
    connected.on(action, (request, reply) => reply(answerTo(request)));
  }
});

// The package takes no address and does not tell the port that it got.
const { listen } = http.Server.prototype;
http.Server.prototype.listen = function listenHere(port) {
  return listen.call(this, port, '127.0.0.1', () => say({ port: this.address().port }));
};
server.listen(0);

readline.createInterface({ input: process.stdin })
  .on('line', async (line) => say(await answer(JSON.parse(line))))
  .on('close', () => process.exit(0));
