import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFhirJson } from '../../src/fhir/fhir-json.ts';
import { prettyJson, prettyJsonWithPauses } from '../../src/fhir/pretty-json.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { toXml, toXmlWithPauses } from '../../src/fhir/to-xml.ts';
import { writeJson, writeJsonWithPauses } from '../../src/fhir/write-json.ts';
import type { InteractionContext } from '../../src/interaction/context.ts';
import { createResource } from '../../src/interaction/create-resource.ts';
import { isLarge } from '../../src/interaction/resource-bounds.ts';
import { subsetStored } from '../../src/interaction/subset-stored.ts';
import { updateResource } from '../../src/interaction/update-resource.ts';
import { loadValidator } from '../../src/shipped/validator.ts';
import type { StoredResource } from '../../src/store/contract/store.ts';
import { wholeText } from '../../src/values/long-text.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ fullText: true });
});
afterAll(() => server.close());

const many = <Item>(count: number, make: (n: number) => Item) =>
  Array.from({ length: count }, (_, n) => make(n));

/** One long list, a long list within a list, and many lists that are short. */
const large: Readonly<Record<string, Resource>> = {
  'a roster': {
    resourceType: 'Group',
    type: 'person',
    actual: true,
    member: many(2500, (n) => ({ entity: { reference: `Patient/p${n}` } })),
  },
  'a value set': {
    resourceType: 'ValueSet',
    url: 'http://a.example/set',
    status: 'active',
    compose: {
      include: [{ system: 'urn:a', concept: many(2500, (n) => ({ code: `c${n}`, display: 'C' })) }],
    },
  },
  'nested codes': {
    resourceType: 'CodeSystem',
    url: 'http://a.example/codes',
    status: 'active',
    content: 'complete',
    concept: many(12, (a) => ({
      code: `${a}`,
      concept: many(12, (b) => ({
        code: `${a}.${b}`,
        concept: many(12, (c) => ({ code: `${a}.${b}.${c}`, display: 'Leaf' })),
      })),
    })),
  },
  components: {
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'Many' },
    component: many(900, (n) => ({ code: { coding: [{ code: `c${n}` }] }, valueQuantity: { value: n } })),
  },
  'a patient': {
    resourceType: 'Patient',
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${'word '.repeat(900)}</div>`,
    },
    contained: [{ resourceType: 'Organization', id: 'o', name: 'O', alias: many(700, (n) => `Alias ${n}`) }],
    managingOrganization: { reference: '#o' },
    name: many(1500, (n) => ({ family: `Family${n}`, given: ['A'] })),
  },
};

function counted() {
  let pauses = 0;
  const pause = () => {
    pauses++;
    return undefined;
  };
  return { pause, pauses: () => pauses };
}

describe.each(Object.entries(large))('%s', (_, resource) => {
  it('is large', () => {
    expect(isLarge(resource)).toBe(true);
  });

  it('is indexed in steps as at a stretch', async () => {
    const { indexResource } = server.context;
    const { pause, pauses } = counted();
    expect(await indexResource.withPauses(resource, pause)).toEqual(indexResource(resource));
    expect(pauses()).toBeGreaterThan(20);
  });

  it.each([true, false])('is written in steps as at a stretch (exact numbers: %s)', async (exact) => {
    const text = writeJson(resource, false).replaceAll('"value":1}', '"value":1.00}');
    const parsed = parseFhirJson(text);
    if (!parsed.ok) throw new Error(parsed.message);
    const { pause, pauses } = counted();
    expect(await writeJsonWithPauses(parsed.value, exact, pause)).toBe(writeJson(parsed.value, exact));
    expect(pauses()).toBeGreaterThan(2);
  });

  it.each([true, false])('is written as XML in steps as at a stretch (pretty: %s)', async (pretty) => {
    const { definitions } = server.context;
    const { pause, pauses } = counted();
    const written = await toXmlWithPauses(resource, definitions, { pretty, pause });
    expect(written).toBe(toXml(resource, definitions, { pretty }));
    expect(pauses()).toBeGreaterThan(10);
  });

  it('is indented in steps as at a stretch', async () => {
    const text = JSON.stringify(resource);
    const { pause, pauses } = counted();
    const pretty = await prettyJsonWithPauses(text, pause);
    expect(wholeText(pretty)).toBe(prettyJson(text));
    expect(JSON.parse(wholeText(pretty))).toEqual(resource);
    expect(pauses()).toBeGreaterThan(2);
  });

  it('is kept, found unchanged and answered in part, with pauses', async () => {
    const { ctx, judged, pauses } = elsewhere();
    const { version } = await createResource(ctx, { resource, exactNumbers: false });
    expect(JSON.parse(version.text)).toEqual({ ...resource, id: version.id, meta: expect.anything() });
    expect(judged()).toBe(1);
    const before = pauses();
    const sent = { resource: { ...resource, id: version.id }, exactNumbers: false };
    const again = await updateResource(ctx, { type: version.type, id: version.id }, sent);
    expect([again.kind, judged()]).toEqual(['unchanged', 1]);
    expect(pauses()).toBeGreaterThan(before + 2);
    const subset = { kind: 'elements', elements: ['status', 'type'] } as const;
    const part = subsetStored(
      ctx,
      { ...version, text: version.text.padEnd(70_000) } as StoredResource,
      subset,
    );
    expect(part).toBeInstanceOf(Promise);
    expect((await part).text).toContain('SUBSETTED');
  });
});

it('leaves what is small to be dealt with at a stretch', async () => {
  const { ctx, judged } = elsewhere();
  const resource = { resourceType: 'Patient', name: many(100, (n) => ({ family: `F${n}` })) };
  await createResource(ctx, { resource, exactNumbers: false });
  expect([isLarge(resource), judged()]).toEqual([false, 0]);
  const narrative = { status: 'generated', div: 'x'.repeat(140_000) };
  expect(isLarge({ resourceType: 'Patient', text: narrative })).toBe(true);
});

const names = many(1500, (n) => ({ family: `F${n}`, given: ['A'] }));
const core = 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient';

describe.each(['large', 'small'])('what is wrong with a %s resource', (size) => {
  const name = size === 'large' ? names : names.slice(0, 1);
  it.each([
    ['a rule of R4', { gender: 'none' }, 400],
    ['a profile', { meta: { profile: [core] } }, 422],
  ])('breaks %s', async (_, wrong, status) => {
    const patient = { resourceType: 'Patient', name, ...wrong };
    const answer = await server.send('POST', '/fhir/Patient', patient);
    expect(answer.status).toBe(status);
  });

  it('breaks a rule by a patch', async () => {
    const { body } = await server.send('POST', '/fhir/Patient', { resourceType: 'Patient', name });
    const patch = JSON.stringify([{ op: 'add', path: '/gender', value: 'none' }]);
    const type = { 'content-type': 'application/json-patch+json' };
    expect((await server.send('PATCH', `/fhir/Patient/${body.id}`, patch, type)).status).toBe(422);
  });

  it('is told by $validate, and at its entry of a transaction', async () => {
    const resource = { resourceType: 'Patient', name, gender: 'none' };
    const { body } = await server.send('POST', '/fhir/Patient/$validate', resource);
    expect(body.issue[0].expression).toEqual(['Patient.gender']);
    const entry = [{ resource, request: { method: 'POST', url: 'Patient' } }];
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry };
    const refused = await server.send('POST', '/fhir', bundle);
    expect(refused.status).toBe(400);
    expect(refused.body.issue[0].expression).toEqual(['Bundle.entry[0].resource.gender']);
  });
});

/** A server whose large resources are judged by somebody else. */
function elsewhere() {
  let judged = 0;
  const { pause, pauses } = counted();
  const judgeElsewhere: InteractionContext['validation']['judgeElsewhere'] = async (text, options) => {
    judged++;
    return loadValidator().validate(JSON.parse(text), options);
  };
  const validation = { ...server.ctx.validation, judgeElsewhere };
  return { ctx: { ...server.ctx, validation, pace: pause }, judged: () => judged, pauses };
}
