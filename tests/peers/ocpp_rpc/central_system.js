'use strict';

// The central system of the package, in strict mode, on a free port of 127.0.0.1.

const { randomUUID } = require('node:crypto');
const https = require('node:https');
const { CALL, CALLERROR, CALLRESULT } = require('./frame_log');
const { Journal } = require('./journal');
const { NOREPLY, RPCServer } = require('./peer');

const ANSWER_WITHIN_MS = 6000;
const RECONNECT_WITHIN_MS = 20000;

class CentralSystem {
  #server;
  #http;
  #rawIds = new Set();

  constructor(books, frames, subprotocol = 'ocpp1.6') {
    this.subprotocol = subprotocol;
    this.books = books;
    this.frames = frames;
    this.connections = new Journal('central system');
    /** What the package found wrong by itself. */
    this.complaints = [];
    /** What answers without fields have instead of the payload {}. */
    this.emptyPayload = '{}';
  }

  /** With `tls` over wss: certificate, key, and the password that every charge point has to have. */
  async listen(tls) {
    this.#server = new RPCServer({
      protocols: [this.subprotocol],
      strictMode: true,
      callTimeoutMs: ANSWER_WITHIN_MS,
    });
    this.#server.on('client', (client) => this.#welcome(client));
    this.#server.on('upgradeAborted', ({ error }) => this.complaints.push(`handshake: ${error}`));
    if (tls) {
      this.#server.auth((accept, reject, { password }) =>
        password && tls.password.equals(password) ? accept() : reject(401));
      this.#http = https.createServer({ cert: tls.cert, key: tls.key });
      this.#http.on('upgrade', this.#server.handleUpgrade);
      await new Promise((resolve) => { this.#http.listen(0, '127.0.0.1', resolve); });
    } else {
      this.#http = await this.#server.listen(0, '127.0.0.1');
    }
    return this.port;
  }

  get port() {
    return this.#http.address().port;
  }

  #welcome(client) {
    const connection = this.connections.add({ client, handshake: client.handshake, open: true });
    connection.closed = new Promise((resolve) => { client.once('disconnect', resolve); });
    client.on('message', ({ message, outbound }) =>
      this.frames.record(outbound ? 'in' : 'out', message.toString()));
    client.on('disconnect', () => { connection.open = false; });
    client.on('strictValidationFailure', ({ method, error }) =>
      this.complaints.push(`${method}: ${error.message}`));
    client.on('badMessage', ({ buffer, error }) => {
      const answersRawCall = [...this.#rawIds].some((id) => buffer.includes(id));
      if (!answersRawCall) this.complaints.push(`${error.message}: ${buffer}`);
    });
    client.handle(({ messageId, method, params }) => {
      const call = { connection: connection.index, id: messageId, action: method, params };
      const answer = this.books.enter(call);
      if (this.emptyPayload === '{}' || Object.keys(answer).length > 0) return answer;
      this.malformedFrame(`[${CALLRESULT},${JSON.stringify(messageId)},${this.emptyPayload}]`);
      return NOREPLY;
    });
  }

  get #client() {
    if (!this.connected) throw new Error('the charge point is not connected');
    return this.connections.entries.at(-1).client;
  }

  get connected() {
    return this.connections.entries.at(-1)?.open ?? false;
  }

  /** Waits for a connection made after `count` others. */
  connection(count) {
    return this.connections.until(() => true, {
      since: count,
      within: RECONNECT_WITHIN_MS,
      what: `connection number ${count + 1}`,
    });
  }

  /** Asks the charge point; resolves to the payload of its CALLRESULT. */
  call(action, params = {}) {
    return this.#client.call(action, params);
  }

  /** Asks what is expected to be answered with a CALLERROR; resolves to its code. */
  async refusal(action, params = {}) {
    try {
      const answer = await this.call(action, params);
      throw new Error(`${action} was answered ${JSON.stringify(answer)}`);
    } catch (error) {
      if (error.rpcErrorCode) return error.rpcErrorCode;
      throw error;
    }
  }

  /**
   * Sends a CALL that strict mode would not let pass, on the same websocket; resolves to the
   * code of the CALLERROR, or to undefined when it was answered with a CALLRESULT.
   */
  async malformedCall(action, ...payload) {
    const { frame } = await this.rawCall(randomUUID(), action, ...payload);
    return frame[0] === CALLERROR ? frame[2] : undefined;
  }

  /** The same; resolves to the entry of the frame that answers it. */
  rawCall(id, action, ...payload) {
    this.#rawIds.add(String(id));
    this.malformedFrame(JSON.stringify([CALL, id, action, ...payload]));
    return this.frames.answerTo(id);
  }

  /** Sends a text that is no good frame. */
  malformedFrame(text) {
    this.frames.expectInvalid(text);
    this.#client.sendRaw(text);
  }

  /** Did the charge point answer `asked` before it sent its own CALL `told`? */
  answeredBefore(asked, told, since) {
    const [call] = this.frames.since(since, ({ dir, frame }) =>
      dir === 'in' && frame[0] === CALL && frame[2] === asked);
    const [answer] = this.frames.since(since, ({ dir, frame }) =>
      dir === 'out' && frame[0] === CALLRESULT && frame[1] === call.frame[1]);
    const [message] = this.frames.since(since, ({ dir, frame }) =>
      dir === 'out' && frame[0] === CALL && frame[2] === told);
    return answer.index < message.index;
  }

  async close() {
    this.#http?.closeAllConnections?.();
    await this.#server?.close({ force: true });
    this.#http?.close();
  }
}

module.exports = { CentralSystem };
