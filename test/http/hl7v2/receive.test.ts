import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestServer, type TestServer } from '../open-test-server.ts';
import { openSmartServer, type SmartServer } from '../smart/smart-server.ts';
import { mmr, oldVaricella, sampleVxu, toldIn } from './sample-vxu.ts';

/** So many doses of one person, each of another day. */
const manyOrders = (count: number) =>
  Array.from({ length: count }, (_, at) => {
    const day = `${2000 + Math.floor(at / 336)}${String(1 + (Math.floor(at / 28) % 12)).padStart(2, '0')}`;
    return `RXA|0|1|${day}${String(1 + (at % 28)).padStart(2, '0')}||03^MMR^CVX|999|||01^Old^NIP001|||||||||||CP|A`;
  });

const er7 = { 'content-type': 'application/hl7-v2' };

describe('a VXU on an open server', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await openTestServer({ matching: 'automatic' });
  });
  afterAll(() => server.close());

  const send = async (message: string) => (await server.send('POST', '/hl7v2', message, er7)).text;
  const totals = async () => {
    const types = ['Patient', 'Immunization', 'RelatedPerson', 'Provenance'];
    const counts = await Promise.all(
      types.map((type) => server.get(`/fhir/${type}?_summary=count&_tag:not=x|y`)),
    );
    return counts.map(({ body }) => body.total);
  };
  const documents = async (query: string) => {
    const { body } = await server.get(`/fhir/DocumentReference?${query}`);
    return (body.entry ?? []).map(
      // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
      ({ resource }: any) => `${resource.category[0].coding[0].code} ${resource.docStatus}`,
    );
  };

  it('is acknowledged, and shows in the record and the forecast', async () => {
    const answer = await send(sampleVxu());
    expect(toldIn(answer)).toEqual(['AA']);
    expect(answer).toMatch(
      /^MSH\|\^~\\&\|IIS\|MA\|EHR\|CLINIC\|\d{14}\.\d{3}\+0000\|\|ACK\^V04\^ACK\|.*\rMSA\|AA\|M1\r/,
    );
    const patient = (await server.get('/fhir/Patient?family=Rivera')).body.entry[0].resource;
    expect(patient).toMatchObject({ birthDate: '2024-01-01', gender: 'female' });
    const doses = await server.get(`/fhir/Immunization?patient=${patient.id}&_sort=date`);
    expect(
      doses.body.entry.map(
        ({ resource }: { resource: { occurrenceDateTime: string } }) => resource.occurrenceDateTime,
      ),
    ).toEqual(['2025-01-09', '2025-01-10']);
    const forecast = await server.get(
      `/fhir/Patient/${patient.id}/$immds-forecast?assessmentDate=2025-02-01`,
    );
    const evaluation = forecast.body.parameter.find(({ name }: { name: string }) => name === 'evaluation');
    expect(evaluation).toBeDefined();
  });

  it('that comes again is answered as before, byte for byte, and changes nothing', async () => {
    const first = await send(sampleVxu({ controlId: 'M2', mrn: 'twice', family: 'Twice' }));
    const before = await totals();
    expect(await send(sampleVxu({ controlId: 'M2', mrn: 'twice', family: 'Twice' }))).toBe(first);
    expect(await totals()).toEqual(before);
  });

  it('that comes again under another control id changes nothing either, and is kept by its own', async () => {
    await send(sampleVxu({ controlId: 'M3', mrn: 'again', family: 'Again' }));
    const before = await totals();
    expect(toldIn(await send(sampleVxu({ controlId: 'M4', mrn: 'again', family: 'Again' })))).toEqual(['AA']);
    expect(await totals()).toEqual(before);
    expect(await documents('identifier=M4')).toEqual(['AA final']);
    // By now the id has brought something, though there was nothing to write.
    expect(toldIn(await send(sampleVxu({ controlId: 'M4', mrn: 'other', family: 'Other' })))).toEqual([
      'AE',
      'E 205 MSH^1^10',
    ]);
  });

  it('with the control id of another is an error, and the other stays as it was', async () => {
    await send(sampleVxu({ controlId: 'M5', mrn: 'five', family: 'Five' }));
    expect(toldIn(await send(sampleVxu({ controlId: 'M5', mrn: 'six', family: 'Six' })))).toEqual([
      'AE',
      'E 205 MSH^1^10',
    ]);
    expect((await server.get('/fhir/Patient?family=Six&_total=accurate')).body.total).toBe(0);
    expect(await documents('identifier=M5&_sort=_lastUpdated')).toEqual(['AA final', 'AE preliminary']);
    const other = sampleVxu({ controlId: 'M5', mrn: 'six', family: 'Six', facility: 'ELSEWHERE' });
    expect(toldIn(await send(other))).toEqual(['AA']);
  });

  it('that was refused may be sent again, mended, under its control id', async () => {
    expect(toldIn(await send(sampleVxu({ controlId: 'M6', mrn: 'mended', family: '' })))[0]).toBe('AE');
    expect(await documents('identifier=M6')).toEqual(['AE preliminary']);
    expect(toldIn(await send(sampleVxu({ controlId: 'M6', mrn: 'mended', family: 'Mended' })))).toEqual([
      'AA',
    ]);
    expect(await documents('identifier=M6')).toEqual(['AA final']);
  });

  it('loses no dose to another that cannot be read', async () => {
    const bad = oldVaricella.map((segment) => segment.replace('20250109', 'yesterday'));
    const answer = await send(
      sampleVxu({ controlId: 'M7', mrn: 'half', family: 'Half', orders: [...bad, ...mmr] }),
    );
    expect(toldIn(answer)[0]).toBe('AE');
    expect(toldIn(answer)[1]).toMatch(/^E 102 RXA\^1\^3/);
    const { body } = await server.get('/fhir/Immunization?patient.family=Half&_total=accurate');
    expect(body.total).toBe(1);
    expect(await documents('identifier=M7')).toEqual(['AE final']);
  });

  it('sent twice at the same moment is one message', async () => {
    const message = sampleVxu({ controlId: 'M8', mrn: 'race', family: 'Race' });
    const answers = await Promise.all(Array.from({ length: 6 }, () => send(message)));
    expect(new Set(answers).size).toBe(1);
    expect(toldIn(answers[0] ?? '')).toEqual(['AA']);
    expect((await server.get('/fhir/Immunization?patient.family=Race&_total=accurate')).body.total).toBe(2);
    expect(await documents('identifier=M8')).toEqual(['AA final']);
  });

  it('is kept with its answer, found by control id, outcome and sender, and read again', async () => {
    const message = sampleVxu({ controlId: 'M9', mrn: 'kept', family: 'Kept' });
    const answer = await send(message);
    const found = await server.get(
      '/fhir/DocumentReference?identifier=M9&category=AA&author:identifier=open&date=ge2026-01-01&_total=accurate',
    );
    expect(found.body.total).toBe(1);
    const { resource } = found.body.entry[0];
    const read = async (url: string) => (await server.get(`/fhir/${url}`)).body;
    const [sent, answered] = await Promise.all(
      resource.content.map(({ attachment }: { attachment: { url: string } }) => read(attachment.url)),
    );
    expect(sent).toMatchObject({ resourceType: 'Binary', contentType: 'application/hl7-v2; charset=utf-8' });
    expect(Buffer.from(sent.data, 'base64').toString()).toBe(message);
    expect(Buffer.from(answered.data, 'base64').toString()).toBe(answer);
    // A person reads the text itself.
    const path = `/fhir/DocumentReference/${resource.id}/$message`;
    const as = async (accept: string, part = 'message') => {
      const { status, headers, text } = await server.get(`${path}?part=${part}`, { accept });
      return [status, headers['content-type'], text];
    };
    for (const type of ['text/plain', 'x-application/hl7-v2+er7', 'application/hl7-v2']) {
      expect(await as(type)).toEqual([200, `${type}; charset=utf-8`, message]);
    }
    expect(await as('text/*', 'answer')).toEqual([200, 'text/plain; charset=utf-8', answer]);
    expect((await as('text/html, text/plain;q=0.8, */*;q=0.1'))[2]).toBe(message);
    expect((await as('application/fhir+json, text/plain'))[2]).toBe(message);
    expect((await as('text/plain;q=0.5, application/fhir+json'))[1]).toMatch(/^application\/fhir\+json/);
    expect((await as('application/fhir+xml'))[1]).toMatch(/^application\/fhir\+xml/);
    expect((await as('*/*'))[1]).toMatch(/^application\/fhir\+json/);
    expect((await as('image/png'))[0]).toBe(406);
    const other = await server.get(`/fhir/DocumentReference/${resource.id}/$message?part=all`);
    expect([other.status, other.body.issue[0].expression]).toEqual([400, ['http.part']]);
    const none = await server.get('/fhir/DocumentReference/none/$message');
    expect(none.status).toBe(404);
  });

  it('can be had back as a VXU of the whole record, which changes nothing where it came from', async () => {
    await send(sampleVxu({ controlId: 'M11', mrn: 'm11', family: 'Back' }));
    const patient = (await server.get('/fhir/Patient?family=Back')).body.entry[0].resource;
    const answer = await server.get(
      `/fhir/Patient/${patient.id}/$vxu?receivingApplication=EHR&receivingFacility=CLINIC`,
    );
    expect(answer.body).toMatchObject({
      resourceType: 'Binary',
      contentType: 'application/hl7-v2; charset=utf-8',
    });
    const asText = await server.get(`/fhir/Patient/${patient.id}/$vxu`, { accept: 'text/plain' });
    expect([asText.headers['content-type'], asText.text.slice(0, 9)]).toEqual([
      'text/plain; charset=utf-8',
      'MSH|^~\\&|',
    ]);
    const message = Buffer.from(answer.body.data, 'base64').toString();
    expect(message).toMatch(/^MSH\|\^~\\&\|JENNER\|\|EHR\|CLINIC\|\d{14}\S*\|\|VXU\^V04\^VXU_V04\|/);
    expect(message.match(/\rRXA\|/g)).toHaveLength(2);
    const before = await totals();
    expect(toldIn(await send(message.replace('MSH|^~\\&|JENNER||', 'MSH|^~\\&|EHR|CLINIC|')))[0]).toBe('AA');
    expect(await totals()).toEqual(before);
    expect((await server.get('/fhir/Patient/none/$vxu')).status).toBe(404);
  });

  it('is kept with what has no place in FHIR, which is counted', async () => {
    const message = sampleVxu({ controlId: 'M10', mrn: 'm10', family: 'Placeless' });
    expect(toldIn(await send(`${message}ZPV|local|values\rZPW|more\r`))).toEqual(['AA']);
    const { body } = await server.get('/fhir/DocumentReference?identifier=M10');
    expect(body.entry[0].resource.extension).toContainEqual({
      url: 'https://jenner-iis.org/fhir/StructureDefinition/message-without-place',
      extension: [
        { url: 'count', valueInteger: 2 },
        { url: 'places', valueString: 'ZPV[1] ZPW[1]' },
      ],
    });
  });

  it.each([
    ['nothing', '', 'AR', 'E 100 MSH^1'],
    ['what is no message', 'hello', 'AR', 'E 100 MSH^1'],
    ['two messages', `${sampleVxu({ controlId: 'A' })}${sampleVxu({ controlId: 'B' })}`, 'AE', 'E 100 MSH^2'],
    [
      'an acknowledgement',
      'MSH|^~\\&|||||20260101||ACK^V04^ACK|X1|P|2.5.1\rMSA|AA|1\r',
      'AR',
      'E 200 MSH^1^9^1^1',
    ],
    ['another version', sampleVxu({ controlId: 'V' }).replace('|2.5.1|', '|2.8|'), 'AR', 'E 203 MSH^1^12^1'],
    ['1,001 orders', sampleVxu({ controlId: 'O', orders: manyOrders(1001) }), 'AE', 'E 207 '],
    ['10,000 orders', sampleVxu({ controlId: 'P', orders: manyOrders(10_000) }), 'AE', 'E 207 '],
    ['10,001 segments', sampleVxu({ controlId: 'Q', orders: Array(9997).fill('ZZZ|1') }), 'AE', 'E 207 '],
  ])('has an answer for %s', async (_, message, code, told) => {
    const before = await totals();
    expect(toldIn(await send(message)).slice(0, 2)).toEqual([code, told]);
    expect(await totals()).toEqual(before);
  });

  it('is refused from a page of another site', async () => {
    const { status } = await server.send('POST', '/hl7v2', sampleVxu(), {
      ...er7,
      origin: 'https://evil.example',
    });
    expect(status).toBe(403);
  });

  it('of 1,000 orders is taken whole', async () => {
    const orders = manyOrders(1000);
    const message = sampleVxu({
      controlId: 'M1000',
      mrn: 'm1000',
      family: 'Manyfold',
      birth: '19991231',
      orders,
    });
    expect(toldIn(await send(message))[0]).toBe('AA');
    const { body } = await server.get('/fhir/Immunization?patient.family=Manyfold&_summary=count');
    expect(body.total).toBe(1000);
  });

  it('breaks nothing', () => {
    expect(server.failures).toEqual([]);
  });
});

describe('a VXU of an interface account', () => {
  let server: SmartServer;
  beforeAll(async () => {
    server = await openSmartServer({ messages: true, audit: true });
    await server.addUser('hub', { role: 'interface', organization: ['a'] });
    await server.addUser('ada', { role: 'administrator' });
  });
  afterAll(() => server.close());

  const basic = { ...er7, authorization: `Basic ${Buffer.from('hub:password of hub').toString('base64')}` };
  const send = async (message: string) =>
    (await server.inject({ method: 'POST', url: '/hl7v2', headers: basic, payload: message })).text;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into what is stored
  const stored = async (type: any, family: string): Promise<any[]> => {
    const page = await server.store.scan({ type, count: 1000 });
    return page.matches
      .map(({ text }) => JSON.parse(text))
      .filter((one) => JSON.stringify(one).includes(family));
  };
  const ownerOf = (resource: { meta: { tag?: { system: string; code: string }[] } }) =>
    resource.meta.tag?.map(({ code }) => code);

  it('of no organization is told that, and of no token that it never had', async () => {
    await server.addUser('alone', { role: 'interface' });
    const authorization = `Basic ${Buffer.from('alone:password of alone').toString('base64')}`;
    const payload = sampleVxu({ controlId: 'F0', mrn: 'f0', family: 'Alone' });
    const headers = { ...er7, authorization };
    const { text } = await server.inject({ method: 'POST', url: '/hl7v2', headers, payload });
    expect(text).toContain('MSA|AE|F0');
    expect(text).toContain('|E|');
    expect(text).toContain(
      'This account may not write this resource: it belongs to no organization, which the registry can give it (jenner user change LOGIN --organization ID). The message was not kept.',
    );
    expect(text).not.toContain('token');
    expect(await stored('Patient', 'Alone')).toEqual([]);
  });

  it('belongs to the facility of MSH-4, where the account has it', async () => {
    expect(
      toldIn(await send(sampleVxu({ controlId: 'F1', facility: 'b', mrn: 'f1', family: 'Ofb' }))),
    ).toEqual(['AA']);
    const [patient] = await stored('Patient', 'Ofb');
    expect(ownerOf(patient)).toEqual(['Organization/b']);
    expect(
      toldIn(await send(sampleVxu({ controlId: 'F2', facility: 'school', mrn: 'f2', family: 'Ofa' }))),
    ).toEqual(['AA', 'W 204 MSH^1^4']);
    const [other] = await stored('Patient', 'Ofa');
    expect(ownerOf(other)).toEqual(['Organization/a']);
  });

  it('that is none is told that alone', async () => {
    expect(toldIn(await send('hello'))).toEqual(['AR', 'E 100 MSH^1']);
  });

  it('is kept where staff finds it, and no account sees it', async () => {
    await send(sampleVxu({ controlId: 'K1', mrn: 'k1', family: 'Keeps' }));
    const [document] = (await stored('DocumentReference', '"K1"')) as { id: string; author: object[] }[];
    expect(document?.author).toEqual([
      { reference: 'Organization/a' },
      { identifier: { system: 'https://jenner-iis.org/fhir/NamingSystem/interface-account', value: 'hub' } },
    ]);
    const client = await server.addClient();
    const { launch } = await import('../smart/smart-server.ts');
    const scope = 'user/DocumentReference.rs';
    const [hub, ada] = await Promise.all(
      ['hub', 'ada'].map(async (login) => (await launch(server, { client, login, scope })).access_token),
    );
    const url = `/fhir/DocumentReference/${document?.id}`;
    expect((await server.ask(hub, url)).status).toBe(404);
    expect((await server.ask(hub, `${url}/$message`)).status).toBe(404);
    expect((await server.ask(ada, url)).status).toBe(200);
    expect((await server.ask(ada, `${url}/$message`)).body.resourceType).toBe('Binary');
  });

  it('is told to nobody by a DocumentReference that somebody has written in its place', async () => {
    await send(sampleVxu({ controlId: 'K2', mrn: 'k2', family: 'Replaced' }));
    const [{ id }] = (await stored('DocumentReference', '"K2"')) as [{ id: string }];
    await server.addUser('dan', { role: 'clinician', organization: ['a'], practitioner: 'doc' });
    const { launch } = await import('../smart/smart-server.ts');
    const client = await server.addClient();
    const scope = 'user/DocumentReference.cruds';
    const [ada, dan] = await Promise.all(
      ['ada', 'dan'].map(async (login) => (await launch(server, { client, login, scope })).access_token),
    );
    const url = `/fhir/DocumentReference/${id}`;
    const made = await server.inject({
      method: 'PUT',
      url,
      headers: { authorization: `Bearer ${ada}`, 'content-type': 'application/fhir+json' },
      payload: JSON.stringify({
        resourceType: 'DocumentReference',
        id,
        status: 'current',
        subject: { reference: 'Patient/p' },
        content: [{ attachment: { title: 'message', url: 'https://elsewhere.example' } }],
      }),
    });
    expect(made.status).toBe(200);
    expect((await server.ask(dan, url)).status).toBe(200);
    for (const part of ['message', 'answer']) {
      expect((await server.ask(dan, `${url}/$message?part=${part}`)).status).toBe(410);
    }
  });

  it('is told in the audit, with who sent it and by which control id', async () => {
    await send(sampleVxu({ controlId: 'T1', mrn: 't1', family: 'Told' }));
    const [patient] = await stored('Patient', 'Told');
    const rows = await server.auditRows();
    const row = rows.find(({ query }) => query === 'MSH-10 T1');
    expect(row).toMatchObject({ action: 'C', agent: { user: 'hub', organization: 'a' }, from: '127.0.0.1' });
    expect(row?.patients).toEqual([patient.id]);
  });

  it('is told in the audit as refused where it was, by its control id', async () => {
    await server.addUser('nowhere', { role: 'interface' });
    const nowhere = `Basic ${Buffer.from('nowhere:password of nowhere').toString('base64')}`;
    const sent = [
      [basic, sampleVxu({ controlId: 'T2', mrn: 't2', family: '' })],
      [{ ...basic, authorization: nowhere }, sampleVxu({ controlId: 'T3', mrn: 't3' })],
      [basic, sampleVxu({ controlId: 'T4', mrn: 't4' }).replace('VXU^V04', 'ADT^A01')],
    ] as const;
    for (const [headers, payload] of sent) {
      const { text } = await server.inject({ method: 'POST', url: '/hl7v2', headers, payload });
      expect(toldIn(text)[0]).toMatch(/AE|AR/);
    }
    const rows = await server.auditRows();
    const told = ['T2', 'T3', 'T4'].map((id) => rows.filter(({ query }) => query === `MSH-10 ${id}`));
    expect(told.map((of) => of.map(({ outcome, agent }) => `${outcome} ${agent.user}`))).toEqual([
      ['4 hub'],
      ['4 nowhere'],
      ['4 hub'],
    ]);
  });

  it('that stands is answered as before though it would be refused by now', async () => {
    const message = sampleVxu({ controlId: 'S1', mrn: 's1', family: 'Stands', birth: '20250105' });
    const first = await send(message);
    expect(toldIn(first)[0]).toBe('AA');
    const { now } = server.at;
    server.at.now = Date.UTC(2025, 0, 1);
    expect(await send(message)).toBe(first);
    server.at.now = now;
    expect(await stored('DocumentReference', '"S1"')).toMatchObject([{ docStatus: 'final' }]);
  });
});
