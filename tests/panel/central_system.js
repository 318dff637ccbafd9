'use strict';

// A central system that accepts everything, for the charge point whose panel is looked at.

const { createRequire } = require('node:module');
const path = require('node:path');

const modules = createRequire(path.join(process.env.PANEL_NODE_MODULES, 'index.js'));
const { RPCServer } = modules('ocpp-rpc');

class CentralSystem {
  #server = new RPCServer({ protocols: ['ocpp1.6'], strictMode: false });
  #clients = new Map();
  #transactions = 0;
  #http;

  async listen() {
    this.#server.on('client', (client) => this.#welcome(client));
    this.#http = await this.#server.listen(0, '127.0.0.1');
    this.url = `ws://127.0.0.1:${this.#http.address().port}/ocpp`;
  }

  #welcome(client) {
    this.#clients.set(client.identity, client);
    const accepted = { idTagInfo: { status: 'Accepted' } };
    client.handle('BootNotification', () => ({
      status: 'Accepted', interval: 3600, currentTime: new Date().toISOString(),
    }));
    client.handle('Heartbeat', () => ({ currentTime: new Date().toISOString() }));
    client.handle('Authorize', () => accepted);
    client.handle('StartTransaction', () => {
      this.#transactions += 1;
      return { transactionId: this.#transactions, ...accepted };
    });
    client.handle('StopTransaction', () => accepted);
    client.handle(() => ({}));
  }

  call(identity, action, payload) {
    return this.#clients.get(identity).call(action, payload);
  }

  async close() {
    await this.#server.close({ force: true });
  }
}

module.exports = { CentralSystem, modules };
