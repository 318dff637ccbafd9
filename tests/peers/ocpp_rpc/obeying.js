'use strict';

// The npm package ocpp-rpc, in strict mode, as a central system that obeys the orders of
// `charge-point test --hook URL` (docs/scenarios.md), with OCPP 1.6 and 2.0.1, and with TLS and without on one port. It
// prints {"csms": URL, "hook": URL} and ends with its standard input.
//
//   node obeying.js FOLDER
//
// FOLDER has the authority of the central system (ca.pem, ca.key), its certificate (server.pem, server.key), and what is
// in those of charge points (client.ext); openssl signs them.
//
//   PEERS_NODE_MODULES  the node_modules directory that holds ocpp-rpc

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const { RPCServer } = require('./peer');

const ANSWER_WITHIN_MS = 6000;
const INTERVAL_S = 300;
const NOT_IMPLEMENTED = 501;
/** The first byte of a TLS handshake. */
const HANDSHAKE = 0x16;

const tags = new Map();
const boots = new Map();
const requests = new Map();
const passwords = new Map();
const profiles = new Map();
const clients = new Map();
let nextTransaction = 1;

const file = (name) => path.join(process.argv[2], name);

const idTagInfo = (idTag) => tags.get(idTag.toLowerCase()) ?? { status: 'Invalid' };

/** The certificate that a request is for. */
function sign(csr) {
  const by = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-extfile', file('client.ext')];
  const words = ['x509', '-req', ...by, '-days', '30'];
  return execFileSync('openssl', words, { input: csr, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
}

/** What OCPP 2.0.1 has in another way. */
function answer201(identity, method, params) {
  switch (method) {
    case 'Authorize':
      return { idTokenInfo: idTagInfo(params.idToken.idToken) };
    case 'TransactionEvent':
      return params.idToken ? { idTokenInfo: idTagInfo(params.idToken.idToken) } : {};
    default:
      return answer(identity, method, params);
  }
}

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
      return { status: 'Accepted' };
    case 'SignCertificate':
      return { status: requests.get(identity)?.status ?? 'Accepted' };
    default:
      return {};
  }
}

function welcome(client) {
  clients.set(client.identity, client);
  const answers = new Map();
  const respond = client.protocol === 'ocpp2.0.1' ? answer201 : answer;
  client.handle(({ messageId, method, params }) => {
    // A CALL that comes again gets the answer of the first.
    if (!answers.has(messageId)) answers.set(messageId, respond(client.identity, method, params));
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
    case 'sign':
      return send(order.identity, 'CertificateSigned', { certificateChain: sign(order.csr) });
    case 'know': {
      const { value } = order;
      if (order.what === 'boot') boots.set(order.identity, value);
      else if (order.what === 'password') passwords.set(order.identity, Buffer.from(value.password));
      else if (order.what === 'profile') profiles.set(order.identity, value.profile);
      else if (order.what === 'csr') requests.set(order.identity, value);
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

/** Listens with TLS and without; the port. A certificate of the charge point is looked at when it is let in. */
async function listen(server) {
  const read = (name) => fs.readFileSync(file(name));
  const plain = http.createServer();
  const secure = https.createServer({
    cert: read('server.pem'),
    key: read('server.key'),
    ca: read('ca.pem'),
    requestCert: true,
    rejectUnauthorized: false,
  });
  for (const one of [plain, secure]) one.on('upgrade', server.handleUpgrade);
  const front = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('readable', () => {
      const first = socket.read(1);
      if (!first) return;
      socket.unshift(first);
      (first[0] === HANDSHAKE ? secure : plain).emit('connection', socket);
    });
  });
  await new Promise((resolve) => { front.listen(0, '127.0.0.1', resolve); });
  return front.address().port;
}

async function main() {
  const server = new RPCServer({
    protocols: ['ocpp1.6', 'ocpp2.0.1'],
    strictMode: true,
    callTimeoutMs: ANSWER_WITHIN_MS,
  });
  server.auth((accept, reject, { identity, password, request }) => {
    const wanted = passwords.get(identity);
    const isIn = profiles.get(identity) === 3
      ? request.socket.authorized
      : !wanted || (password && wanted.equals(password));
    if (isIn) accept();
    else reject(401);
  });
  server.on('client', welcome);
  const urls = {
    csms: `ws://127.0.0.1:${await listen(server)}/ocpp`,
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
