'use strict';

// The npm package ocpp-rpc, in strict mode, as a central system that obeys the orders of
// `charge-point test --hook URL` (docs/scenarios.md). It prints {"csms": URL, "hook": URL} and ends with its
// standard input.
//
//   PEERS_NODE_MODULES  the node_modules directory that holds ocpp-rpc

const http = require('node:http');
const { RPCServer } = require('./peer');

const ANSWER_WITHIN_MS = 6000;
const INTERVAL_S = 300;
const NOT_IMPLEMENTED = 501;

const tags = new Map();
const boots = new Map();
const passwords = new Map();
const clients = new Map();
let nextTransaction = 1;

const idTagInfo = (idTag) => tags.get(idTag.toLowerCase()) ?? { status: 'Invalid' };

function answer(identity, method, params) {
  const currentTime = new Date().toISOString();
  switch (method) {
    case 'BootNotification': {
      const { status = 'Accepted', interval = INTERVAL_S } = boots.get(identity) ?? {};
      return { status, interval, currentTime };
    }
    case 'Heartbeat':
      return { currentTime };
    case 'Authorize':
      return { idTagInfo: idTagInfo(params.idTag) };
    case 'StartTransaction':
      return { transactionId: nextTransaction++, idTagInfo: idTagInfo(params.idTag) };
    case 'StopTransaction':
      return params.idTag ? { idTagInfo: idTagInfo(params.idTag) } : {};
    case 'DataTransfer':
    case 'SignCertificate':
      return { status: 'Accepted' };
    default:
      return {};
  }
}

function welcome(client) {
  clients.set(client.identity, client);
  const answers = new Map();
  client.handle(({ messageId, method, params }) => {
    // A CALL that comes again gets the answer of the first.
    if (!answers.has(messageId)) answers.set(messageId, answer(client.identity, method, params));
    return answers.get(messageId);
  });
}

/** Resolves when the CALL is on its way; rejects when the package does not let it pass. */
function send(identity, action, payload) {
  const client = clients.get(identity);
  if (!client) throw new Error(`${identity} is not connected`);
  return new Promise((resolve, reject) => {
    const sent = ({ message, outbound }) => {
      if (!outbound || JSON.parse(message)[2] !== action) return;
      client.off('message', sent);
      resolve();
    };
    client.on('message', sent);
    // What the charge point answers is seen by the charge point.
    client.call(action, payload).then(resolve, reject);
  });
}

async function obey(order) {
  switch (order.do) {
    case 'send':
      return send(order.identity, order.action, order.payload);
    case 'know': {
      const { value } = order;
      if (order.what === 'boot') boots.set(order.identity, value);
      else if (order.what === 'password') passwords.set(order.identity, Buffer.from(value.password));
      else if (order.what === 'idTag') {
        const { idTag, ...info } = value;
        tags.set(idTag.toLowerCase(), { status: 'Accepted', ...info });
      } else return NOT_IMPLEMENTED;
      return undefined;
    }
    default:
      return NOT_IMPLEMENTED;
  }
}

async function listenForOrders() {
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    try {
      response.statusCode = (await obey(JSON.parse(body))) ?? 200;
      response.end();
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error.message).split('\n')[0]);
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return server.address().port;
}

async function main() {
  const server = new RPCServer({
    protocols: ['ocpp1.6'],
    strictMode: true,
    callTimeoutMs: ANSWER_WITHIN_MS,
  });
  server.auth((accept, reject, { identity, password }) => {
    const wanted = passwords.get(identity);
    if (!wanted || (password && wanted.equals(password))) accept();
    else reject(401);
  });
  server.on('client', welcome);
  const listener = await server.listen(0, '127.0.0.1');
  const urls = {
    csms: `ws://127.0.0.1:${listener.address().port}/ocpp`,
    hook: `http://127.0.0.1:${await listenForOrders()}/`,
  };
  console.log(JSON.stringify(urls));
  process.stdin.resume();
  process.stdin.on('end', () => process.exit(0));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
