import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mmr, sampleVxu } from '../hl7v2/sample-vxu.ts';
import type { Browser, SmartServer } from '../smart/smart-server.ts';
import { openSiteServer, signedInBrowser } from './site-server.ts';

describe('the pages of reporters', () => {
  let server: SmartServer;
  let clerk: Browser;

  const send = (login: string, payload: string) =>
    server.inject({
      method: 'POST',
      url: '/hl7v2',
      headers: {
        'content-type': 'application/hl7-v2',
        authorization: `Basic ${Buffer.from(`${login}:password of ${login}`).toString('base64')}`,
      },
      payload,
    });

  beforeAll(async () => {
    server = await openSiteServer();
    await server.addUser('clerk', { role: 'programme-staff' });
    await server.addUser('nurse', { role: 'clinician', organization: ['a'] });
    await server.addUser('lab', { role: 'interface', organization: ['a'] });
    await server.addUser('hub', { role: 'interface', organization: ['b'] });
    await send('lab', sampleVxu({ controlId: 'R1' }));
    const noLot = mmr.map((one) => one.replace('||||X014321|', '|||||'));
    await send('lab', sampleVxu({ controlId: 'R2', mrn: '4712', orders: noLot }));
    await send('lab', sampleVxu({ controlId: 'R3', mrn: '4713', birth: '' }));
    await send(
      'lab',
      sampleVxu({ controlId: 'R4' }).replace('VXU^V04^VXU_V04', 'VXU^V04^VXU_V04').replace('2.5.1', '9.9'),
    );
    await send('hub', sampleVxu({ controlId: 'H1', mrn: '4714' }));
    clerk = await signedInBrowser(server, 'clerk');
  });

  afterAll(() => server.close());

  it('list who sends, with how much of it was not kept whole', async () => {
    const { status, text } = await clerk.get('/app/reporters');
    expect(status).toBe(200);
    expect(text).toContain('href="/app/reporters/lab"');
    expect(text).toContain('Harbor Clinic');
    const { text: csv } = await clerk.get('/app/reporters?sort=-name&format=csv');
    expect(csv.split('\r\n').slice(1, 3)).toEqual([
      'lab,Harbor Clinic,4,1,1,50%',
      'hub,Hill Clinic,1,0,0,0%',
    ]);
    expect((await clerk.get('/app/reporters?name=hu')).text).not.toContain('/app/reporters/lab"');
  });

  it('show what the report says, week by week, and the worst message first', async () => {
    const { text } = await clerk.get('/app/reporters/lab');
    expect(text).toMatch(/Accepted messages<\/h2><p class="figure">50%<\/p><p class="quiet">2 of 4/);
    expect(text).toContain('Does not pass the test yet');
    expect(text).toMatch(/<title>Messages: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4<\/title>/);
    const worst = [...text.matchAll(/messages\/v2-[0-9a-f]+">(R\d)</g)].map(([, id]) => id);
    expect(worst).toEqual(['R4', 'R3']);
    const accepted = await clerk.get('/app/reporters/lab?outcome=AA');
    expect([...accepted.text.matchAll(/messages\/v2-[0-9a-f]+">(R\d)</g)].map(([, id]) => id).sort()).toEqual(
      ['R1', 'R2'],
    );
    const { text: csv } = await clerk.get('/app/reporters/lab?format=csv');
    expect(csv).toMatch(/R4,2026-.*,AR,/);
  });

  it('say which marks the test wants, what there is, and what was found by a sentence', async () => {
    const { text } = await clerk.get('/app/reporters/lab');
    const [, lacking = ''] = /id="lacking">(.*?)<\/section>/s.exec(text) ?? [];
    expect(lacking).toMatch(/<b>Messages<\/b>: 4, at least \d+ is asked for\./);
    expect(lacking).toMatch(/<b>Accepted messages<\/b>: 50%, at least \d+% is asked for\./);
    expect(lacking).toMatch(/<b>Birth date given<\/b>: [\d.]+%, at least 100% is asked for\./);
    expect(lacking).not.toContain('Sex given');
    expect(text).toMatch(
      /<td[^>]*>.*<span lang="en">[^<]* is missing<\/span> <span class="quiet small">MQE\d+</,
    );
    const { text: csv } = await clerk.get('/app/reporters/lab?format=csv');
    expect(csv).toMatch(/R3,2026-.*,AE,.*MQE\d+/);
  });

  it('open a message with what was answered, and only among those of its reporter', async () => {
    const { text } = await clerk.get('/app/reporters/lab');
    const [, id] = /messages\/(v2-[0-9a-f]+)">R3</.exec(text) ?? [];
    const page = await clerk.get(`/app/reporters/lab/messages/${id}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('MSA|AE|R3');
    expect(page.text).toContain('PID|1||4713');
    expect((await clerk.get(`/app/reporters/hub/messages/${id}`)).status).toBe(404);
    expect((await clerk.get('/app/reporters/lab/messages/never')).status).toBe(404);
  });

  it('save the report as the command line prints it', async () => {
    const { headers, text } = await clerk.get('/app/reporters/lab/report?days=28');
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(text).toMatch(/^lab, from 2026-05-05\n\nmessages +4: 2 accepted, 1 with errors, 1 refused/);
  });

  it('are for who works for the registry, and speak Spanish', async () => {
    const nurse = await signedInBrowser(server, 'nurse');
    for (const path of ['', '/lab', '/lab/report', '/lab/messages/x'])
      expect((await nurse.get(`/app/reporters${path}`)).status).toBe(403);
    expect((await clerk.get('/app/reporters/nobody')).status).toBe(404);
    const { text } = await clerk.get('/app/reporters/lab?lang=es');
    expect(text).toContain('Mensajes aceptados');
    expect(text).toContain('Apellido de soltera de la madre');
  });
});
