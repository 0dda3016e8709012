import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResource } from '../../../src/interaction/create-resource.ts';
import { doseFor, report } from '../identity-world.ts';
import type { Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('the list of whom to see', () => {
  let server: SmartServer;
  let nurse: Browser;

  const create = async (resource: object) => {
    const parsed = { resource: resource as never, exactNumbers: false };
    return (await createResource(server.auth.system, parsed)).version.id;
  };

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
    await server.addUser('clerk', { role: 'programme-staff' });
    await server.addUser('auditor', { role: 'auditor' });
    await server.addUser('boss', { role: 'administrator' });
    const ofClinic = (name: string, more: object) =>
      report(name, {
        identifier: [{ system: 'urn:today', value: name }],
        name: [{ family: name, given: ['Ida'] }],
        managingOrganization: { reference: 'Organization/a' },
        ...more,
      });
    const late = await create(ofClinic('Late', { birthDate: '2023-01-01' }));
    await create(doseFor(late, '2024-02-01'));
    await create(ofClinic('Gone', { birthDate: '2023-01-02', deceasedDateTime: '2024-01-01' }));
    await create(ofClinic('Newborn', { birthDate: '2026-05-31' }));
    await create(ofClinic('Elsewhere', { managingOrganization: { reference: 'Organization/school' } }));
    nurse = await signedInBrowser(server, 'nurse');
  });

  afterAll(() => server.close());

  it('has those of the own clinic who are overdue, with what, and says that there are no appointments', async () => {
    const { status, text } = await nurse.get('/app/today');
    expect(status).toBe(200);
    expect(text).toContain('The registry keeps no appointments.');
    expect(text).toContain('Ida Late');
    expect(text).toContain('Polio');
    for (const other of ['Gone', 'Newborn', 'Elsewhere']) expect(text).not.toContain(`Ida ${other}`);
    expect(text).toMatch(/[1-9] people of your clinic were looked at/);
    expect(text).toMatch(/class="button primary" href="\/app\/patients\/[\w-]+"/);
  });

  it('is a file too', async () => {
    const { text } = await nurse.get('/app/today?format=csv');
    expect(text.split('\r\n')[0]).toBe('\uFEFFName,Birth date and age,Overdue,Due as well,Parent or phone');
    expect(text).toContain('Ida Late,2023-01-01,"');
  });

  it('is for who vaccinates', async () => {
    expect((await (await signedInBrowser(server, 'clerk')).get('/app/today')).status).toBe(403);
  });

  it.each([
    ['nurse', ['/app/patients', '/app/today']],
    ['clerk', ['/app/patients', '/app/review', '/app/reporters']],
    ['boss', ['/app/patients', '/app/review', '/app/reporters']],
    ['auditor', ['/app/admin/audit']],
  ])('the start page of %s leads to the work of the role, four tiles at most', async (login, links) => {
    const { text } = await (await signedInBrowser(server, login)).get('/app');
    const [, content = ''] = text.split('<main');
    expect([...content.matchAll(/<h2><a href="([^"]*)"/g)].map(([, href]) => href)).toEqual(links);
  });
});
