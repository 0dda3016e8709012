import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { parseMessage } from '../../src/hl7v2/er7/message.ts';
import { walkProfile } from '../../src/hl7v2/guide/walk-profile.ts';
import { receiveVxu } from '../../src/hl7v2/mapping/receive-vxu.ts';
import { answerQuery } from '../../src/hl7v2/query/answer-query.ts';
import { openContext } from '../../src/interaction/context.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { callerFor } from '../unit/access/access-world.ts';
import { testGuide } from '../unit/hl7v2/guide/open-test-guide.ts';
import { mapping, tables } from '../unit/hl7v2/mapping/mapping.ts';
import { lostIn } from '../unit/hl7v2/mapping/round-trip.ts';
import { er7, toChecked } from '../unit/hl7v2/mapping/to-checked.ts';
import { as, callersByName } from './entitled.ts';
import { openTestServer, type TestServer } from './open-test-server.ts';

const given = {
  a: { role: 'interface', organizations: ['a'] },
  b: { role: 'interface', organizations: ['b'] },
  administrator: { role: 'administrator' },
  auditor: { role: 'auditor' },
} as const;
const callerOf = (who: keyof typeof given): Caller => ({ ...callerFor(given[who]), matching: 'automatic' });

let server: TestServer;
const ctxOf = (who: keyof typeof given) => openContext(server.context, server.store, callerOf(who));

const vxu =
  'MSH|^~\\&|EHR|A|JENNER|XX|20251229101500-0500||VXU^V04^VXU_V04|m-1|P|2.5.1|||ER|AL|||||Z22^CDCPHINVS';
const pid =
  'PID|1||4711^^^ELM^MR||Szymborska^Wislawa^Maria^^^^L|Rottermund^^^^^^M|20240702|F||2106-3^White^CDCREC|17 Elm Street^^Boston^MA^02118^USA^P||^PRN^PH^^^617^2530198|||||||||2186-5^Not Hispanic^CDCREC||N';
const history = [
  'PD1|||||||||||02^Reminder/recall - any method^HL70215|N|20250101|||A|20240702|20250101',
  'NK1|1|Szymborska^Anna^^^^^L|MTH^Mother^HL70063||^PRN^PH^^^617^2530198',
  'ORC|RE||d-1^ELM|||||||7^Jackson^Lily^^^^^^NPI^L||8^Thomas^Wilma^^^^^^NPI^L',
  'RXA|0|1|20250710||94^MMRV^CVX|0.50|mL^mL^UCUM||00^New^NIP001|9^Ng^Ana^^^^^^NPI^L|^^^ELM-1||||N3783EO|20270630|MSD^Merck^MVX|||CP|A',
  'RXR|C38299^Subcutaneous^NCIT|LA^Left arm^HL70163',
  'OBX|1|CE|64994-7^Eligibility^LN|1|V02^Medicaid^HL70064||||||F|||20250710|||VXC40^per immunization^CDCPHINVS',
  'OBX|2|CE|30956-7^Vaccine type^LN|2|94^MMRV^CVX||||||F|||20250710',
  'OBX|3|DT|29768-9^Published^LN|2|20210806||||||F|||20250710',
  'OBX|4|DT|29769-7^Presented^LN|2|20250710||||||F|||20250710',
  'ORC|RE||d-2^ELM',
  'RXA|0|1|20240910||20^DTaP^CVX|999|||01^Historical^NIP001|||||||||||CP|A',
  'ORC|RE||9999^ELM',
  'RXA|0|1|20251220||83^Hep A^CVX|999||||||||||||00^Parental decision^NIP002||RE|A',
  'ORC|RE||9999^ELM',
  'RXA|0|1|20251220||998^No vaccine administered^CVX|999||||||||||||||NA',
  'OBX|1|CE|59784-9^Disease^LN|1|38907003^Varicella^SCT||||||F|||20251220',
];
const qbp = (profile: 'Z34' | 'Z44', more: { readonly qpd?: string; readonly rcp?: string } = {}) => {
  const name = profile === 'Z34' ? 'Request Immunization History' : 'Request Evaluated History and Forecast';
  const who =
    more.qpd ??
    'tag-1||Szymborska^Wislawa^^^^^L|Rottermund^^^^^^M|20240702|F|17 Elm Street^^Boston^MA^02118^USA^P|^PRN^PH^^^617^2530198';
  return er7(
    `MSH|^~\\&|MYEHR|DCS|JENNER|XX|20251229101500-0500||QBP^Q11^QBP_Q11|q-1|P|2.5.1|||ER|AL|||||${profile}^CDCPHINVS|Elm|XX IIS`,
    `QPD|${profile}^${name}^CDCPHINVS|${who}`,
    `RCP|I|${more.rcp ?? '5^RD&Records&HL70126'}`,
  );
};

async function report(who: 'a' | 'b', ...segments: readonly string[]) {
  const sender = { organization: who as ResourceId };
  const received = await receiveVxu(mapping, ctxOf(who), toChecked(er7(vxu, ...segments)), { sender });
  if (received.kind === 'refused') throw new Error(JSON.stringify(received.findings));
  return received;
}

async function ask(who: keyof typeof given, text: string) {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  const { operations, readEvaluated } = server;
  const services = { guide: testGuide, tables, operations, readEvaluated };
  const asked = { sender: { authority: 'DCS' }, controlId: 'r-1' };
  const answer = await answerQuery(services, ctxOf(who), message, asked);
  const segments = answer.text.split('\r').filter((segment) => segment !== '');
  const of = (name: string) => segments.filter((segment) => segment.startsWith(`${name}|`));
  const field = (name: string, at: number) => of(name)[0]?.split('|')[at] ?? '';
  const profile = segments[0]?.split('|')[20]?.slice(0, 3);
  return {
    ...answer,
    profile,
    segments,
    of,
    field,
    names: segments.map((segment) => segment.slice(0, 3)).join(' '),
  };
}

beforeEach(async () => {
  server = await openTestServer({ auth: 'smart', callerOf: callersByName(given), audit: true });
  for (const id of ['a', 'b']) {
    const organization = { resourceType: 'Organization', id, name: id };
    await server.send('PUT', `/fhir/Organization/${id}`, organization, as('administrator'));
  }
});
afterEach(() => server.close());

describe('a query for the history (Z34)', () => {
  it.each(['a', 'b'] as const)('is answered with it to who knows the person: %s', async (who) => {
    await report('a', pid, ...history);
    const answer = await ask(who, qbp('Z34'));
    expect(answer.profile).toBe('Z32');
    expect(answer.names).toMatch(/^MSH MSA QAK QPD PID PD1 NK1 ORC RXA ORC RXA RXR OBX/);
    expect(answer.field('MSA', 1)).toBe('AA');
    expect(answer.field('MSA', 2)).toBe('q-1');
    expect(answer.field('QAK', 1)).toBe('tag-1');
    expect(answer.field('QAK', 2)).toBe('OK');
    const back = toChecked(answer.text);
    const sent = toChecked(er7(vxu, pid, ...byDay()));
    expect(lostIn(sent, back)).toEqual([]);
  });

  it('goes back with its header turned round and its QPD as it came', async () => {
    await report('a', pid, ...history);
    const text = qbp('Z34', {
      qpd: 'tag-1|4711^^^ELM^MR|Szymborska^Wislawa^\\T\\^^^^L|\\X41\\|20240702|F|||||||',
    });
    const answer = await ask('a', text);
    expect(answer.profile).toBe('Z32');
    const [msh = ''] = answer.segments;
    expect(msh).toMatch(
      /^MSH\|\^~\\&\|JENNER\|XX\|MYEHR\|DCS\|20260101\d{6}\.000\+0000\|\|RSP\^K11\^RSP_K11\|/,
    );
    expect(msh.split('|')[20]).toBe('Z32^CDCPHINVS');
    expect(msh.split('|').slice(21)).toEqual(['XX IIS', 'Elm']);
    expect(answer.of('QPD')).toEqual([text.split('\r')[1]]);
  });

  it('lists who may be meant, each as PID, where several may be', async () => {
    await report('a', pid, ...history);
    const twin = pid
      .replace('4711', '4712')
      .replace('Wislawa^Maria', 'Wislawa^Jadwiga')
      .replace('20240702', '20240703');
    await report('a', twin);
    const answer = await ask('a', qbp('Z34', { qpd: 'tag-1||Szymborska^Wislawa^^^^^L||20240702|F' }));
    expect(answer.profile).toBe('Z31');
    expect(answer.field('QAK', 2)).toBe('OK');
    const pids = answer.of('PID').map((segment) => segment.split('|').slice(1, 4));
    expect(pids.map(([number]) => number)).toEqual(pids.map((_, at) => String(at + 1)));
    expect(pids.length).toBeGreaterThan(0);
    const limited = await ask(
      'a',
      qbp('Z34', { qpd: 'tag-1||Szymborska^Wislawa^^^^^L||20240702|F', rcp: '0' }),
    );
    expect(limited.profile).toBe('Z31');
    const narrow = await ask(
      'a',
      qbp('Z34', { qpd: 'tag-1||Szymborska^Wislawa^^^^^L||20240702|F', rcp: '1^RD&Records&HL70126' }),
    );
    if (pids.length > 1) expect(narrow.field('ERR', 8)).toContain('than RCP-2 allows (1)');
    expect([narrow.profile, narrow.field('QAK', 2)]).toEqual(pids.length > 1 ? ['Z33', 'TM'] : ['Z31', 'OK']);
  });

  it('finds nobody where nobody is', async () => {
    const answer = await ask('a', qbp('Z34'));
    expect(answer.profile).toBe('Z33');
    expect(answer.names).toBe('MSH MSA QAK QPD');
    expect([answer.field('MSA', 1), answer.field('QAK', 2)]).toEqual(['AA', 'NF']);
  });

  it('finds nobody who is protected but for who set it', async () => {
    await report('a', pid, 'PD1||||||||||||Y', ...history.slice(2));
    const other = await ask('b', qbp('Z34'));
    expect([other.profile, other.field('QAK', 2), other.names]).toEqual(['Z33', 'NF', 'MSH MSA QAK QPD']);
    const byNumber = await ask('b', qbp('Z34', { qpd: 'tag-1|4711^^^ELM^MR|Szymborska^Wislawa||20240702' }));
    expect(byNumber.field('QAK', 2)).toBe('NF');
    const own = await ask('a', qbp('Z34'));
    expect(own.profile).toBe('Z32');
  });

  it('finds the own record of who asks by its number, where the person is protected by one of two clinics', async () => {
    await report('a', pid, ...history);
    const [number, name] = ['99^^^OAK^MR', 'Szymborska^Wislawa^Maria^^^^L'];
    await report(
      'b',
      pid.replace('4711^^^ELM^MR', number),
      'ORC|RE||x-1^OAK',
      'RXA|0|1|20250910||10^IPV^CVX|999|||01|||||||||||CP|A',
    );
    const vaccines = async (who: 'a' | 'b', profile: 'Z34' | 'Z44', sent: string) => {
      const answer = await ask(who, qbp(profile, { qpd: `tag-1|${sent}|${name}||20240702` }));
      const told = answer.of('RXA').map((segment) => segment.split('|')[5]?.split('^')[0]);
      return [answer.profile, answer.field('QAK', 2), ...new Set(told)].join(' ');
    };
    expect(await vaccines('a', 'Z44', '4711^^^ELM^MR')).toBe('Z42 OK 20 94 10 998');
    await report('a', pid, 'PD1||||||||||||Y');
    expect(await vaccines('a', 'Z34', '4711^^^ELM^MR')).toBe('Z32 OK 20 94 83 998');
    expect(await vaccines('a', 'Z44', '4711^^^ELM^MR')).toBe('Z42 OK 20 94 998');
    expect(await vaccines('b', 'Z34', number)).toBe('Z32 OK 10');
    expect(await vaccines('b', 'Z34', '4711^^^ELM^MR')).toBe('Z33 NF');
    await report('a', pid, 'PD1||||||||||||N');
    expect(await vaccines('b', 'Z44', number)).toBe('Z42 OK 20 94 10 998');
  });

  it.each(['Z34', 'Z44'] as const)(
    'knows whom a clinic asks for by its number, birth date and name: %s',
    async (profile) => {
      const born = (day: string, number: string) =>
        pid.replace('20240702', day).replace('4711^^^ELM', number);
      const one = await report('a', pid, ...history);
      const other = await report('b', born('20240711', '99^^^OAK'));
      const parameter = [
        { name: 'source-patient', valueReference: { reference: `Patient/${one.patientId}` } },
        { name: 'target-patient', valueReference: { reference: `Patient/${other.patientId}` } },
      ];
      const merge = { resourceType: 'Parameters', parameter };
      expect((await server.send('POST', '/fhir/Patient/$merge', merge, as('administrator'))).status).toBe(
        200,
      );
      const asked = (number: string, day: string, name = 'Szymborska^Wislawa') =>
        qbp(profile, { qpd: `tag-1|${number}^MR|${name}||${day}` });
      const whole = profile === 'Z34' ? 'Z32' : 'Z42';
      // The birth date of one of them counts for the person; each clinic knows its own.
      expect((await ask('a', asked('4711^^^ELM', '20240702'))).profile).toBe(whole);
      expect((await ask('b', asked('99^^^OAK', '20240711'))).profile).toBe(whole);
      expect((await ask('b', asked('99^^^OAK', '20240711'))).of('RXA').length).toBeGreaterThan(1);
      expect((await ask('a', asked('4711^^^ELM', '19800101', 'Vance^Peter'))).field('QAK', 2)).toBe('NF');
    },
  );

  it('tells each dose once that two clinics told', async () => {
    await report('a', pid, ...history);
    await report(
      'b',
      pid.replace('4711^^^ELM', '99^^^OAK'),
      'ORC|RE||x-1^OAK',
      'RXA|0|1|20250710||94^MMRV^CVX|999|||01|||||||||||CP|A',
    );
    const answer = await ask('b', qbp('Z34'));
    expect(answer.of('RXA').filter((segment) => segment.includes('|94^'))).toHaveLength(1);
    expect(answer.of('RXA').join()).toContain('N3783EO');
    expect(answer.field('PID', 3)).toContain('99^^^OAK^MR');
  });

  it.each(['first', 'last'])(
    'evaluates the dose that stands for both, also where it was told of %s',
    async (when) => {
      const again = [
        pid.replace('4711^^^ELM', '99^^^OAK'),
        'ORC|RE||x-1^OAK',
        'RXA|0|1|20250710||94^MMRV^CVX|999|||01|||||||||||CP|A',
      ];
      if (when === 'last') await report('b', ...again);
      await report('a', pid, ...history);
      if (when === 'first') await report('b', ...again);
      const { segments, of } = await ask('b', qbp('Z44'));
      const doses = of('RXA').filter((segment) => segment.includes('|94^'));
      expect(doses).toHaveLength(1);
      const after = segments.slice(segments.indexOf(doses[0] ?? ''));
      expect(after.find((segment) => segment.includes('|59781-5^'))?.split('|')[5]).toBe('Y');
    },
  );

  it('does not take a number for somebody of another name and birth date', async () => {
    await report('a', pid, ...history);
    const answer = await ask('a', qbp('Z34', { qpd: 'tag-1|4711^^^ELM^MR|Vance^Peter^^^^^L||19800101|M' }));
    expect(answer.field('QAK', 2)).toBe('NF');
  });

  it('lists both of two who are certain', async () => {
    for (const number of ['4711', '4712']) {
      const patient = {
        resourceType: 'Patient',
        managingOrganization: { reference: 'Organization/a' },
        identifier: [{ system: 'urn:x', value: number }],
        name: [{ family: 'Szymborska', given: ['Wislawa', 'Maria'] }],
        birthDate: '2024-07-02',
        gender: 'female',
        telecom: [{ system: 'phone', value: '617-253-0198' }],
        address: [{ line: ['17 Elm Street'], city: 'Boston', state: 'MA', postalCode: '02118' }],
      };
      expect((await server.send('POST', '/fhir/Patient', patient, as('administrator'))).status).toBe(201);
    }
    const answer = await ask('a', qbp('Z34'));
    expect([answer.profile, answer.of('PID').length]).toEqual(['Z31', 2]);
    expect((await ask('a', qbp('Z44'))).field('QAK', 2)).toBe('TM');
  });

  it('leaves out what is no part of an immunization history', async () => {
    const { patientId } = await report('a', pid, ...history);
    const subject = { reference: `Patient/${patientId}` };
    const code = { coding: [{ system: 'http://snomed.info/sct', code: '195967001', display: 'Asthma' }] };
    const clinicalStatus = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    };
    for (const resource of [
      { resourceType: 'Condition', subject, code, clinicalStatus },
      { resourceType: 'Observation', status: 'final', subject, code: { text: 'mood' }, valueString: 'good' },
    ]) {
      const { resourceType } = resource;
      expect((await server.send('POST', `/fhir/${resourceType}`, resource, as('administrator'))).status).toBe(
        201,
      );
    }
    const { text } = await ask('a', qbp('Z34'));
    expect(text).toContain('38907003');
    expect(text).not.toContain('195967001');
    expect(text).not.toContain('good');
  });

  it('leaves out what was an error', async () => {
    await report('a', pid, ...history);
    await report('a', pid, 'ORC|RE||d-2^ELM', 'RXA|0|1|20240910||20^DTaP^CVX|999|||01|||||||||||CP|D');
    expect((await ask('a', qbp('Z34'))).of('RXA').join()).not.toContain('|20^');
  });

  it('is told in the audit, with whom it showed', async () => {
    const { patientId } = await report('a', pid, ...history);
    await ask('b', qbp('Z34'));
    const rows = await server.auditRows();
    expect(JSON.stringify(rows)).toContain(patientId);
  });
});

function byDay(): readonly string[] {
  const [pd1 = '', nk1 = '', ...rest] = history;
  const second = rest.indexOf('ORC|RE||d-2^ELM');
  return [pd1, nk1, ...rest.slice(second, second + 2), ...rest.slice(0, second), ...rest.slice(second + 2)];
}

describe('a query for what is due (Z44)', () => {
  it('is answered with how doses were evaluated, and one order of what is due', async () => {
    await report('a', pid, ...history);
    const answer = await ask('a', qbp('Z44'));
    expect(answer.profile).toBe('Z42');
    expect(answer.names).toMatch(/^MSH MSA QAK QPD PID ORC RXA OBX/);
    expect(answer.names).not.toContain('NK1');
    const { orders } = toChecked(answer.text);
    const sets = orders.map(({ rxa, obxs }) => ({
      code: rxa.raw.split('|')[5],
      obxs: obxs.map(({ obx }) => {
        const fields = obx.raw.split('|');
        return `${fields[4]} ${fields[3]?.split('^')[0]} ${fields[5]}`;
      }),
    }));
    expect(sets.map(({ code }) => code)).toEqual([
      '20^DTaP^CVX',
      '94^MMRV^CVX',
      '998^No vaccine administered^CVX',
    ]);
    // A combination has one set for each vaccine group.
    expect(sets[1]?.obxs).toEqual(
      expect.arrayContaining([
        '1 30956-7 03^MMR^CVX',
        '2 30956-7 21^Varicella^CVX',
        '1 59781-5 Y',
        '1 30973-2 1',
      ]),
    );
    const due = sets[2]?.obxs ?? [];
    expect(due.filter((obx) => obx.includes(' 59779-9 VXC16^'))).toHaveLength(
      due.filter((obx) => obx.includes('30956-7')).length,
    );
    expect(due.some((obx) => / 30980-7 \d{8}$/.test(obx))).toBe(true);
    expect(due.some((obx) => obx.includes('59783-1 LA'))).toBe(true);
    const numbers = answer.of('OBX').map((segment) => Number(segment.split('|')[1]));
    expect(numbers).toEqual(numbers.map((_, at) => at + 1));
  });

  it('has no list of candidates', async () => {
    await report('a', pid, ...history);
    const answer = await ask('a', qbp('Z44', { qpd: 'tag-1||Szymborska^Wislawa^^^^^L||20240702|F' }));
    expect([answer.profile, answer.field('QAK', 2), answer.field('MSA', 1)]).toEqual(['Z33', 'TM', 'AA']);
    // The clinic learns that it is not nobody, and what to send beside.
    expect([answer.field('ERR', 4), answer.field('ERR', 8)]).toEqual([
      'I',
      "Somebody may be meant, and it is not certain who. Send more of what is known: your number (QPD-3), mother's maiden name (QPD-5), address (QPD-8), phone (QPD-9).",
    ]);
    expect(faultsOf(answer)).toEqual([]);
  });
});

/** Where a response breaks the guide's profile of it. */
function faultsOf({ text, profile = '' }: { readonly text: string; readonly profile?: string | undefined }) {
  const definition = testGuide.profiles.get(profile);
  const message = parseMessage(text);
  if (!definition || 'kind' in message) throw new Error(`no profile ${profile}`);
  return walkProfile(definition, message).violations.map(({ location, fault }) => ({
    ...location,
    ...fault,
  }));
}

describe('a response keeps the profile of the guide', () => {
  it.each([
    ['Z32', 'Z34', {}],
    ['Z42', 'Z44', {}],
    ['Z31', 'Z34', { qpd: 'tag-1||Szymborska^Wislawa^^^^^L||20240702|F' }],
    ['Z33', 'Z34', { qpd: 'tag-1||Nobody^Wislawa^^^^^L||20240702|F' }],
    ['Z33', 'Z44', { qpd: 'tag-1' }],
  ] as const)('%s', async (profile, asked, more) => {
    await report('a', pid, ...history);
    const answer = await ask('a', qbp(asked, more));
    expect(answer.profile).toBe(profile);
    expect(faultsOf(answer)).toEqual([]);
  });

  it.each([
    ['an NDC', '00006-4681-00^MMR II^NDC', '03^^CVX^00006-4681-00^MMR II^NDC', '03^MMR^CVX'],
    ['an unknown vaccine', '999^unknown^CVX', '999^unknown^CVX', '999^Unknown^CVX'],
  ])('of a dose of %s', async (_, vaccine, told, group) => {
    await report('a', pid, 'ORC|RE||d-9^ELM', `RXA|0|1|20250710||${vaccine}|999|||01|||||||||||CP|A`);
    for (const profile of ['Z34', 'Z44'] as const) {
      const answer = await ask('a', qbp(profile));
      expect(answer.of('RXA')[0]?.split('|')[5]).toBe(told);
      expect(faultsOf(answer)).toEqual([]);
      if (profile === 'Z44') expect(answer.of('OBX')[0]?.split('|')[5]).toBe(group);
    }
  });

  it('of who was written as FHIR too', async () => {
    const patient = {
      resourceType: 'Patient',
      managingOrganization: { reference: 'Organization/a' },
      name: [{ family: 'Vance', given: ['Peter', 'John'] }],
      gender: 'male',
      birthDate: '2024-03-07',
      telecom: [
        { system: 'phone', value: '(413) 229-8817' },
        { system: 'email', value: 'p@example.org' },
      ],
      address: [{ line: ['1 Main St'], city: 'Salem', state: 'MA', postalCode: '01970' }],
    };
    const { body, status } = await server.send('POST', '/fhir/Patient', patient, as('administrator'));
    expect(status).toBe(201);
    for (const members of [
      {
        occurrenceDateTime: '2024-05-10',
        primarySource: true,
        manufacturer: {
          identifier: { system: 'http://hl7.org/fhir/sid/mvx', value: 'PMC' },
          display: 'Sanofi',
        },
        lotNumber: 'A1',
        expirationDate: '2027-01-01',
        route: coded('http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'IM'),
        site: coded('http://terminology.hl7.org/CodeSystem/v3-ActSite', 'LD'),
        programEligibility: [coded('urn:oid:2.16.840.1.113883.12.64', 'V02')],
      },
      {
        occurrenceDateTime: '2024-09-10',
        primarySource: false,
        reportOrigin: coded('http://terminology.hl7.org/CodeSystem/immunization-origin', 'school'),
      },
      { occurrenceDateTime: '2024-07-10', status: 'not-done', statusReason: { text: 'declined' } },
    ]) {
      const dose = {
        resourceType: 'Immunization',
        status: 'completed',
        vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '20', display: 'DTaP' }] },
        patient: { reference: `Patient/${body.id}` },
        ...members,
      };
      expect((await server.send('POST', '/fhir/Immunization', dose, as('administrator'))).status).toBe(201);
    }
    const qpd = 'tag-1||Vance^Peter^^^^^L||20240307|M|1 Main St^^Salem^MA^01970^USA^P|^PRN^PH^^^413^2298817';
    const told = await ask('a', qbp('Z34', { qpd }));
    expect(told.profile).toBe('Z32');
    expect(faultsOf(told)).toEqual([]);
    expect(faultsOf(await ask('a', qbp('Z44', { qpd })))).toEqual([]);
    expect(told.of('RXR')).toEqual(['RXR|C28161^Intramuscular^NCIT|LD^Left deltoid^HL70163']);
    expect(told.of('RXA').map((rxa) => rxa.split('|')[9])).toContain(
      '07^Historical - from school record^NIP001',
    );
    expect(told.of('OBX').map((obx) => obx.split('|')[5])).toContain('V02^^HL70064');
  });
});

const coded = (system: string, code: string) => ({ coding: [{ system, code }] });

describe('a query that cannot be answered', () => {
  it.each([
    ['has no tag', { qpd: '|4711^^^ELM^MR|Szymborska^Wislawa||20240702' }, '101', 'QPD^1^2^1'],
    ['says too little', { qpd: 'tag-1||Szymborska^^^^^^L' }, '101', 'QPD^1^3^1'],
  ])('is told why: it %s', async (_, more, code, location) => {
    await report('a', pid);
    const answer = await ask('a', qbp('Z34', more));
    expect([answer.profile, answer.field('MSA', 1), answer.field('QAK', 2)]).toEqual(['Z33', 'AE', 'AE']);
    expect(answer.field('ERR', 2)).toBe(location);
    expect(answer.field('ERR', 3)).toMatch(new RegExp(`^${code}\\^`));
    expect(answer.field('ERR', 4)).toBe('E');
    expect(answer.names).toContain('QAK QPD');
  });

  it('is another than Z34 and Z44, or none', async () => {
    const other = await ask('a', qbp('Z34').replaceAll('Z34', 'Z99'));
    expect([other.profile, other.field('ERR', 2)]).toEqual(['Z33', 'QPD^1^1^1^1']);
    const none = await ask('a', qbp('Z34').replace(/QPD.*\r/, ''));
    expect([none.profile, none.field('ERR', 3).slice(0, 3)]).toEqual(['Z33', '100']);
  });

  it('comes from who may look at nobody', async () => {
    const answer = await ask('auditor', qbp('Z34'));
    expect(answer.profile).toBe('Z33');
    expect(answer.names).not.toContain('PID');
  });
});
