'use strict';

const assert = require('node:assert/strict');
const http = require('node:http');

const PAST = '2001-01-01T00:00:00Z';
const FIRMWARE = 'FirmwareStatusNotification';
const DIAGNOSTICS = 'DiagnosticsStatusNotification';

/** A server of files while `use` works with it: `{ url, put }`. */
async function withServer(use) {
  const put = new Map();
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('Connection', 'close');
      if (request.method === 'PUT') {
        put.set(request.url, Buffer.concat(chunks).toString());
        response.writeHead(201).end();
      } else if (request.url === '/image.bin') {
        response.writeHead(200).end('an image of the firmware');
      } else if (request.url === '/moved') {
        response.writeHead(302, { Location: '/image.bin' }).end();
      } else if (request.url === '/empty') {
        response.writeHead(200).end();
      } else {
        response.writeHead(404).end();
      }
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  try {
    await use({ url: `http://127.0.0.1:${server.address().port}`, put });
  } finally {
    server.close();
  }
}

/** The statuses that were told in this scenario up to `last`. */
async function statuses(books, action, last) {
  await books.until(action, { status: last });
  return books.all(action).map(({ params }) => params.status);
}

async function update(system, location, more = {}) {
  assert.deepEqual(
    await system.call('UpdateFirmware', { location, retrieveDate: PAST, ...more }),
    {},
  );
}

module.exports = {
  withServer,
  topic: 'firmware and diagnostics',
  scenarios: {
    'an image is downloaded, installed and told of after the reboot': async (stage) => {
      const { books, system } = stage;
      await withServer(async ({ url }) => {
        const boots = books.boots;
        await update(system, `${url}/moved`, { retries: 1, retryInterval: 0 });
        assert.deepEqual(await statuses(books, FIRMWARE, 'Installed'),
          ['Downloading', 'Downloaded', 'Installing', 'Installed']);
        assert.equal(books.boots, boots + 1);
      });
    },

    'an image that is not there: DownloadFailed': async ({ books, system }) => {
      await withServer(async ({ url }) => {
        await update(system, `${url}/missing`, { retries: 1, retryInterval: 0 });
        assert.deepEqual(await statuses(books, FIRMWARE, 'DownloadFailed'),
          ['Downloading', 'DownloadFailed']);
      });
    },

    'an image that is empty: DownloadFailed': async ({ books, system }) => {
      await withServer(async ({ url }) => {
        await update(system, `${url}/empty`);
        assert.deepEqual(await statuses(books, FIRMWARE, 'DownloadFailed'),
          ['Downloading', 'DownloadFailed']);
      });
    },

    'a location of an unknown protocol: DownloadFailed': async ({ books, system }) => {
      await update(system, 'gopher://127.0.0.1/image');
      assert.deepEqual(await statuses(books, FIRMWARE, 'DownloadFailed'), ['DownloadFailed']);
    },

    'an image that cannot be installed: InstallationFailed': async ({ books, point, system }) => {
      await withServer(async ({ url }) => {
        point.tell('firmware fail');
        await update(system, `${url}/image.bin`);
        assert.deepEqual(await statuses(books, FIRMWARE, 'InstallationFailed'),
          ['Downloading', 'Downloaded', 'Installing', 'InstallationFailed']);
        point.tell('firmware ok');
        await books.untilStatuses({ 1: 'Available', 2: 'Available' });
      });
    },

    'diagnostics are put into the folder under the name that was told':
      async ({ books, system }) => {
        await withServer(async ({ url, put }) => {
          const { fileName } = await system.call('GetDiagnostics', {
            location: `${url}/logs/`, startTime: PAST, retries: 0, retryInterval: 1,
          });
          assert.deepEqual(await statuses(books, DIAGNOSTICS, 'Uploaded'),
            ['Uploading', 'Uploaded']);
          assert.match(put.get(`/logs/${fileName}`), /BootNotification/);
        });
      },

    'diagnostics that nothing takes: UploadFailed': async ({ books, system }) => {
      await system.call('GetDiagnostics', { location: 'http://127.0.0.1:9/' });
      assert.deepEqual(await statuses(books, DIAGNOSTICS, 'UploadFailed'),
        ['Uploading', 'UploadFailed']);
    },

    'UpdateFirmware without retrieveDate: ProtocolError': async ({ system }) => {
      const code = await system.malformedCall('UpdateFirmware', { location: 'http://127.0.0.1/' });
      assert.equal(code, 'ProtocolError');
    },

    'GetDiagnostics with a number for its location: TypeConstraintViolation':
      async ({ system }) => {
        const code = await system.malformedCall('GetDiagnostics', { location: 7 });
        assert.equal(code, 'TypeConstraintViolation');
      },
  },
};
