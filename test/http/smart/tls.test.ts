import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { buildApp } from '../../../src/app.ts';
import { useFolder } from '../../use-folder.ts';
import { openTestServer } from '../open-test-server.ts';

const folder = useFolder();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

it.skipIf(!hasOpenssl)('speaks https by TLS 1.2 or later with the certificate of the settings', async () => {
  const [certFile, keyFile] = [folder.at('cert.pem'), folder.at('key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', [...made, '-days', '2', ...subject], { stdio: 'ignore' });
  const cert = readFileSync(certFile);
  const { context, operations, close } = await openTestServer();
  const app = buildApp({
    context: { ...context, baseUrl: 'https://localhost/fhir' },
    contextFor: () => expect.fail(),
    operations,
    codeSystems: () => [],
    auth: 'smart',
    log: 'silent',
    tls: { cert, key: readFileSync(keyFile) },
    software: { name: 'Jenner', version: 'test', released: '2026-01-01' },
    check: async () => undefined,
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/health/live',
    servername: 'localhost',
    ca: cert,
  }).end();
  const [response] = await once(asked, 'response');
  expect([response.statusCode, response.headers['strict-transport-security']]).toEqual([
    200,
    'max-age=31536000',
  ]);
  response.destroy();
  const old = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: cert, maxVersion: 'TLSv1.1' });
  const refused = await once(old, 'secureConnect').then(
    () => 'connected',
    () => 'refused',
  );
  expect(refused).toBe('refused');
  await app.close();
  await close();
});
