'use strict';

// The package under whose rules the charge point is tested. It is installed outside the source
// tree, in the directory PEERS_NODE_MODULES names.

const path = require('node:path');

const installed = process.env.PEERS_NODE_MODULES;
const locate = (file) => (installed ? path.resolve(installed, file) : file);

module.exports = {
  ...require(locate('ocpp-rpc')),
  /** The schemas by the subprotocol. */
  schemas: {
    'ocpp1.6': require(locate('ocpp-rpc/lib/schemas/ocpp1_6.json')),
    'ocpp2.0.1': require(locate('ocpp-rpc/lib/schemas/ocpp2_0_1.json')),
  },
};
