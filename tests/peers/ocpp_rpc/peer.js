'use strict';

// The package under whose rules the charge point is tested. It is installed outside the source
// tree, in the directory PEERS_NODE_MODULES names.

const path = require('node:path');

const installed = process.env.PEERS_NODE_MODULES;
const locate = (file) => (installed ? path.resolve(installed, file) : file);

module.exports = {
  ...require(locate('ocpp-rpc')),
  schemas: require(locate('ocpp-rpc/lib/schemas/ocpp1_6.json')),
};
