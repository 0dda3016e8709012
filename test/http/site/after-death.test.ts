import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import type { Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('the chart of somebody who has died', () => {
  let server: SmartServer;
  let nurse: Browser;

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', practitioner: 'doc', organization: ['a'] });
  });
  beforeEach(async () => {
    nurse = await signedInBrowser(server, 'nurse');
  });
  afterAll(() => server.close());

  async function chartOf(more: object): Promise<string> {
    const resource = {
      resourceType: 'Patient',
      name: [{ family: 'Kowalski', given: ['Miles'] }],
      gender: 'male',
      birthDate: '2024-03-28',
      managingOrganization: { reference: 'Organization/a' },
      ...more,
    };
    const ctx = server.auth.system;
    const { version } = await createResource(ctx, { resource: resource as never, exactNumbers: false });
    return (await nurse.get(`/app/patients/${version.id}`)).text;
  }

  it.each([{ deceasedBoolean: true }, { deceasedDateTime: '2026-03-01' }])(
    'leads to a past dose alone: %o',
    async (more) => {
      const text = await chartOf(more);
      expect(text).toContain('doses/new?kind=past"');
      expect(text).toContain('given before the death');
      expect(text).not.toMatch(/action="[^"]*doses\/new"|href="[^"]*doses\/new"|kind=not-given|#record/);
      expect(text).not.toContain('Fewest injections');
    },
  );

  it('is that of the living otherwise', async () => {
    const text = await chartOf({ deceasedBoolean: false });
    expect(text).toMatch(/action="[^"]*doses\/new"/);
    expect(text).toContain('href="#record"');
  });
});
