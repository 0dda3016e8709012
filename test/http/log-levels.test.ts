import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it, type Mock, vi } from 'vitest';
import { StoreBusyError } from '../../src/store/contract/store.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

let server: TestServer;
let error: Mock;
let warn: Mock;
beforeAll(async () => {
  server = await openTestServer();
  error = vi.spyOn(server.app.log, 'error') as unknown as Mock;
  warn = vi.spyOn(server.app.log, 'warn') as unknown as Mock;
});
beforeEach(() => {
  error.mockClear();
  warn.mockClear();
});
afterAll(() => server.close());

it('logs nothing of what clients do wrong', async () => {
  expect((await server.get('/fhir/Patient/none')).status).toBe(404);
  expect((await server.get('/fhir/Patient?nonsense=1')).status).toBe(400);
  const method = 'PROPFIND' as 'GET';
  expect((await server.app.inject({ method, url: '/fhir/Patient' })).statusCode).toBe(501);
  expect(error).not.toHaveBeenCalled();
  expect(warn).not.toHaveBeenCalled();
});

it('logs nothing of a client that goes', async () => {
  const port = Number(new URL(await server.app.listen({ host: '127.0.0.1', port: 0 })).port);
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /fhir/Patient HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{',
  );
  await sleep(200);
  socket.destroy();
  await sleep(200);
  expect(error).not.toHaveBeenCalled();
});

it('warns, without a stack, of what the machine cannot do now', async () => {
  const write = vi.spyOn(server.store, 'write').mockRejectedValue(new StoreBusyError('The disk is full.'));
  const { status, headers } = await server.send('POST', '/fhir/Patient', { resourceType: 'Patient' });
  write.mockRestore();
  expect([status, headers['retry-after']]).toEqual([503, '1']);
  expect(error).not.toHaveBeenCalled();
  const [[noted]] = warn.mock.calls as [[Record<string, unknown>]];
  expect(noted['reason']).toContain('The disk is full.');
  expect(noted).not.toHaveProperty('err');
});

it('logs its own faults as errors, with what was thrown', async () => {
  const write = vi.spyOn(server.store, 'write').mockRejectedValue(new TypeError('no such thing'));
  const { status } = await server.send('POST', '/fhir/Patient', { resourceType: 'Patient' });
  write.mockRestore();
  expect(status).toBe(500);
  expect(error).toHaveBeenCalledTimes(1);
  expect(error.mock.calls[0]?.[0]).toMatchObject({ err: { message: 'no such thing' } });
});
