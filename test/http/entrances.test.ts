import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Problem } from '../../src/fhir/problem.ts';
import { StoreBusyError } from '../../src/store/contract/store.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const site = 'https://app.example';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ auth: 'smart', crossOrigin: (from) => from === site });
  server.app.register(
    async (door) => {
      door.setErrorHandler((_error, _request, reply) =>
        reply.status(418).type('text/html').send('<p>no</p>'),
      );
      door.setNotFoundHandler((_request, reply) => reply.status(404).type('text/html').send('<p>none</p>'));
      door.get('/', async (_request, reply) =>
        reply.header('content-security-policy', "default-src 'self'").send('page'),
      );
      door.get('/fails', async () => {
        throw new Problem('forbidden', 'no');
      });
    },
    { prefix: '/app' },
  );
  server.app.get('/plain/problem', async () => {
    throw new Problem('forbidden', 'You may not');
  });
  server.app.get('/plain/bug', async () => {
    throw new TypeError('secret detail');
  });
  server.app.get('/plain/busy', async () => {
    throw new StoreBusyError('full');
  });
});
afterAll(() => server.close());

describe('an entrance beside FHIR', () => {
  it('has its own pages, headers and errors, and no refusal but its own', async () => {
    const page = await server.get('/app');
    expect([page.status, page.text, page.headers['content-security-policy']]).toEqual([
      200,
      'page',
      "default-src 'self'",
    ]);
    expect([page.headers['x-content-type-options'], page.headers['x-request-id']]).toEqual([
      'nosniff',
      expect.any(String),
    ]);
    expect(await statusAndText('/app/fails')).toEqual([418, '<p>no</p>']);
    expect(await statusAndText('/app/nothing')).toEqual([404, '<p>none</p>']);
  });

  it.each`
    url                 | status | detail
    ${'/plain/problem'} | ${403} | ${'You may not'}
    ${'/plain/busy'}    | ${503} | ${expect.stringContaining('try again soon')}
    ${'/plain/bug'}     | ${500} | ${expect.stringMatching(/^The server failed to answer; its log has the details under request /)}
  `('answers $status plainly at $url where it says nothing else', async ({ url, status, detail }) => {
    const { headers, text } = await server.get(url);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(text)).toEqual({ status, detail });
    expect(headers['retry-after']).toBe(status === 503 ? '1' : undefined);
  });

  it.each`
    url                                   | type
    ${'/%zz'}                             | ${'application/problem+json'}
    ${'/fhirish/%zz'}                     | ${'application/problem+json'}
    ${'/fhir/Patient/%zz'}                | ${'application/fhir+json'}
    ${'/fhir?a=%zz'}                      | ${'application/fhir+json'}
    ${`/fhir/Patient/${'x'.repeat(201)}`} | ${'application/fhir+json'}
    ${'/fhir/a/b/c/d/e'}                  | ${'application/fhir+json'}
  `('is told from FHIR where the path cannot be read: $url', async ({ url, type }) => {
    const { statusCode, headers } = await server.app.inject({ url });
    expect([statusCode >= 400 && statusCode < 500, headers['content-type']]).toEqual([
      true,
      expect.stringContaining(type),
    ]);
  });

  it('is not open to pages of other sites because FHIR is', async () => {
    const allowedTo = async (url: string, origin: string) =>
      (await server.app.inject({ url, headers: { origin } })).headers['access-control-allow-origin'];
    for (const url of ['/fhir/metadata', '/fhir/Patient', '/fhir/a/b/c/d/e']) {
      expect(await allowedTo(url, site)).toBe(site);
    }
    expect(await allowedTo('/fhir/metadata', 'https://other.example')).toBe('https://other.example');
    expect(await allowedTo('/fhir/Patient', 'https://other.example')).toBeUndefined();
    for (const url of ['/app', '/health/live', '/plain/problem']) {
      expect(await allowedTo(url, site)).toBeUndefined();
    }
  });
});

async function statusAndText(url: string): Promise<readonly [number, string]> {
  const { status, text } = await server.get(url);
  return [status, text];
}
