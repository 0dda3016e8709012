import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { utc } from '../../../src/values/time-zone.ts';
import type { Browser, SmartServer } from '../smart/smart-server.ts';
import { csrfIn, openSiteServer, signedInBrowser } from './site-server.ts';

/** A way to a server that others do not reach by https, and one that leaves no room. */
const addresses = [
  ['http://iis.example', 'This server cannot make links: it has no https address.'],
  [`https://iis.example/${'x'.repeat(100)}`, 'This server cannot make links: its address is too long.'],
] as const;

describe.each(addresses)('a health link of a server that is %s', (publicUrl, words) => {
  let server: SmartServer;
  let mother: Browser;
  let path: string;

  beforeAll(async () => {
    server = await openSiteServer([], utc, { publicUrl });
    const resource = { resourceType: 'Patient', name: [{ family: 'Lowe' }] } as const;
    const { version } = await createResource(server.auth.system, {
      resource: resource as never,
      exactNumbers: false,
    });
    path = `/app/record/${version.id}/share`;
    await server.addUser('mother', { role: 'individual', patient: version.id });
    mother = await signedInBrowser(server, 'mother');
  });

  afterAll(() => server.close());

  it('is not made, and the page says why', async () => {
    const csrf = csrfIn(await mother.get(path));
    const fields = { csrf, make: 'link', label: '', life: 'week', passcode: '' };
    const { status, text } = await mother.post(path, fields);
    expect(status).toBe(422);
    expect(text).toContain(words);
  });
});
