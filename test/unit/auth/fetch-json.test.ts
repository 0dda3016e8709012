import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchJson, isPublicAddress, type Resolve } from '../../../src/auth/clients/fetch-json.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(
  answer: RequestListener,
): Promise<{ readonly port: number; readonly asked: () => number }> {
  let asked = 0;
  server = createServer((request, response) => {
    asked++;
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

const inside = /inside the network/;

describe('what a client names', () => {
  it.each([
    'https://127.0.0.1/jwks',
    'https://127.1/jwks',
    'https://2130706433/jwks',
    'https://0x7f.0.0.1/jwks',
    'https://[::1]/jwks',
    'https://[::ffff:127.0.0.1]/jwks',
    'https://[::ffff:7f00:1]/jwks',
    'https://10.0.0.8/jwks',
    'https://169.254.169.254/latest/meta-data',
    'https://[fe80::1]/jwks',
    'https://[fd00::1]/jwks',
    'https://[64:ff9b::7f00:1]/jwks',
    'https://[2002:7f00:1::]/jwks',
    'https://0.0.0.0/jwks',
    'https://100.64.0.1/jwks',
    'https://192.168.1.1/jwks',
    'https://172.31.255.255/jwks',
    'https://localhost/jwks',
  ])('does not reach inside: %s', async (url) => {
    await expect(fetchJson(url, { allowPrivate: false })).rejects.toThrow(inside);
  });

  it.each([['127.0.0.1'], ['10.1.2.3', '8.8.8.8'], ['8.8.8.8', '::1']])(
    'does not reach inside by a name that leads there: %s',
    async (...addresses) => {
      const resolve: Resolve = (_host, found) =>
        found(
          null,
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      const asked = fetchJson('https://keys.example/jwks', { allowPrivate: false, resolve });
      await expect(asked).rejects.toThrow(inside);
    },
  );

  it('is looked up once: the address that was judged is the one that is asked', async () => {
    const { port } = await serve((_request, response) => response.end('{"keys":[]}'));
    let lookups = 0;
    const resolve: Resolve = (_host, found) => {
      lookups++;
      found(null, [{ address: '127.0.0.1', family: 4 }]);
    };
    const { json } = await fetchJson(`http://keys.example:${port}/`, { allowPrivate: true, resolve });
    expect([json, lookups]).toEqual([{ keys: [] }, 1]);
  });

  it.each(['http://keys.example/jwks', 'file:///etc/passwd', 'ftp://keys.example/'])(
    'is fetched by https alone: %s',
    async (url) => {
      await expect(fetchJson(url, { allowPrivate: false })).rejects.toThrow('https was expected');
    },
  );
});

describe('an answer', () => {
  const get = (port: number) => fetchJson(`http://127.0.0.1:${port}/`, { allowPrivate: true });

  it('is not followed elsewhere', async () => {
    const { port, asked } = await serve((request, response) => {
      if (request.url === '/secret') response.end('{"secret":1}');
      else response.writeHead(302, { location: '/secret' }).end();
    });
    await expect(get(port)).rejects.toThrow('redirects are not followed');
    expect(asked()).toBe(1);
  });

  it('has a bound', async () => {
    const { port } = await serve((_request, response) => {
      response.write('[');
      const more = setInterval(() => response.write(' '.repeat(64 * 1024)), 1);
      response.on('close', () => clearInterval(more));
    });
    await expect(get(port)).rejects.toThrow('too long');
  });

  it.each([
    ['no JSON', '<html>', 200, /no JSON/],
    ['an error', '{}', 500, /no 200/],
  ])('that is %s is none', async (_, body, status, message) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end(body));
    await expect(get(port)).rejects.toThrow(message);
  });

  it.each([
    ['max-age=60', 60],
    ['public, max-age=3600', 3600],
    ['no-store', 0],
    [undefined, undefined],
  ])('says how long it may be kept: %s', async (header, maxAge) => {
    const { port } = await serve((_request, response) => {
      if (header !== undefined) response.setHeader('cache-control', header);
      response.end('{}');
    });
    expect((await get(port)).maxAge).toBe(maxAge);
  });
});

it.each(['8.8.8.8', '2606:4700::1111', '172.32.0.1', '11.0.0.1'])(
  'takes %s for somebody else’s',
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

describe('what is written elsewhere', () => {
  it.each([200, 201, 204])('is done by an answer of %i, whatever is in it', async (status) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end());
    const options = { allowPrivate: true, method: 'POST', body: '{}', isWrite: true } as const;
    const answer = await fetchJson(`http://127.0.0.1:${port}/fhir/Immunization`, options);
    expect(answer).toEqual({ json: undefined, maxAge: undefined });
  });

  it.each([202, 301, 400, 422, 500])('is not done by an answer of %i, which is told', async (status) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end('{}'));
    const options = { allowPrivate: true, method: 'POST', body: '{}', isWrite: true } as const;
    await expect(fetchJson(`http://127.0.0.1:${port}/fhir/Immunization`, options)).rejects.toMatchObject({
      status,
    });
  });

  it('is no way to read what was only created', async () => {
    const { port } = await serve((_request, response) => response.writeHead(201).end('{}'));
    const read = fetchJson(`http://127.0.0.1:${port}/fhir`, { allowPrivate: true });
    await expect(read).rejects.toMatchObject({ status: 201 });
  });
});
