import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { openTestServer, type TestServer, type TestServerOptions } from './open-test-server.ts';

let server: TestServer;
let sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await server.close();
});

const usual = { requests: 100, pipelined: 100, bodyBytes: 1024 * 1024 };

async function listen(options: TestServerOptions): Promise<number> {
  server = await openTestServer(options);
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  const address = server.app.server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}

/** The status lines and what else came, until so many answers have come. */
async function answers(socket: Socket, count: number): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  for (let tries = 0; tries < 200; tries++) {
    if ((text.match(/HTTP\/1\.1 \d/g)?.length ?? 0) >= count) return text;
    await sleep(20);
  }
  throw new Error(`too few answers: ${text}`);
}

const statuses = (text: string) => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;

it('answers the requests of one connection one after the other, and 503 what waits beyond the bound', async () => {
  const port = await listen({ bounds: { ...usual, pipelined: 2 } });
  const socket = await open(port);
  socket.write(get('/fhir/metadata').repeat(5));
  const text = await answers(socket, 5);
  expect(statuses(text)).toEqual(['200', '200', '200', '503', '503']);
  expect(text).toMatch(/retry-after: 1\r\n/i);
  expect(text).toContain('"code":"transient"');
  socket.write(get('/fhir/metadata'));
  expect(statuses(await answers(socket, 1))).toEqual(['200']);
});

it('answers 503 when too many requests are under way, but says that it lives', async () => {
  const port = await listen({ bounds: { ...usual, requests: 1 } });
  const slow = await open(port);
  slow.write(
    'POST /fhir/Patient HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n',
  );
  const socket = await open(port);
  await sleep(100);
  socket.write(get('/fhir/metadata') + get('/health/live'));
  expect(statuses(await answers(socket, 2))).toEqual(['503', '200']);
  slow.destroy();
  await sleep(100);
  const later = await open(port);
  later.write(get('/fhir/metadata').repeat(2));
  expect(statuses(await answers(later, 2))).toEqual(['200', '503']);
});

it('answers 503 when too many bytes of bodies are under way, unpacked, and takes them back when they are done', async () => {
  await listen({ bounds: usual });
  const packed = (bytes: number) => gzipSync(`{"resourceType":"Patient","language":"${'x'.repeat(bytes)}"}`);
  const post = async (bytes: number) =>
    (
      await server.app.inject({
        method: 'POST',
        url: '/fhir/Patient',
        headers: { 'content-type': 'application/fhir+json', 'content-encoding': 'gzip' },
        payload: packed(bytes),
      })
    ).statusCode;
  expect(await post(1024 * 1024)).toBe(503);
  // What was refused takes no room.
  for (let n = 0; n < 5; n++) expect(await post(900 * 1024)).not.toBe(503);
});

it('does not answer more in one batch than goes into one text', async () => {
  server = await openTestServer();
  const data = 'QUJD'.repeat(1024 * 1024);
  const binary = { resourceType: 'Binary', id: 'b', contentType: 'text/plain', data };
  expect((await server.send('PUT', '/fhir/Binary/b', binary)).status).toBe(201);
  const entry = Array(10).fill({ request: { method: 'GET', url: 'Binary/b' } });
  for (const type of ['batch', 'transaction']) {
    const { status, body } = await server.send('POST', '/fhir', { resourceType: 'Bundle', type, entry });
    expect(status).toBe(200);
    const found = body.entry.map((one: { response: { status: string } }) => one.response.status.slice(0, 3));
    expect(found).toEqual([...Array(8).fill('200'), '413', '413']);
  }
});
