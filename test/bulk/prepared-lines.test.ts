import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SourceLine } from '../../src/bulk/import-source.ts';
import { type PreparedLine, prepareLines } from '../../src/bulk/prepared-lines.ts';
import { openContext } from '../../src/interaction/context.ts';
import { parseLater, parseResourceBody } from '../../src/interaction/parse-body.ts';
import { type Ahead, prepareAhead } from '../../src/interaction/prepare-ahead.ts';
import { prepareChange } from '../../src/interaction/prepare-change.ts';
import { updateAhead, updateResource } from '../../src/interaction/update-resource.ts';
import type { WriteUnit } from '../../src/store/contract/store.ts';
import type { EpochMs } from '../../src/values/instant.ts';
import type { ResourceId } from '../../src/values/resource-id.ts';
import { openTestServer, type TestServer } from '../http/open-test-server.ts';

const line = (number: number, text = `${number}`): SourceLine => ({
  number,
  text,
  bytesRead: number,
  isUtf8: true,
});

async function* linesOf(lines: readonly SourceLine[], failure?: Error) {
  for (const each of lines) yield each;
  if (failure) throw failure;
}

const named = (text: string) => ({ id: text }) as unknown as Ahead;
const placeOf = ({ number }: SourceLine) => `place ${number}`;

async function gather(prepared: AsyncIterable<PreparedLine>) {
  const found: PreparedLine[] = [];
  let failure: unknown;
  try {
    for await (const each of prepared) found.push(each);
  } catch (thrown) {
    failure = thrown;
  }
  return { found, failure };
}

describe('lines that are prepared elsewhere', () => {
  it('come in their order, each with what was made of it, before the failure that ends the file', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3000), { maxLength: 700 }), fc.boolean(), async (lengths, breaks) => {
        const lines = lengths.map((length, n) => line(n + 1, `${n}${'x'.repeat(length * 40)}`));
        const failure = breaks ? new Error('broken off') : undefined;
        const prepare = async (texts: readonly string[]) => texts.map(named);
        const got = await gather(prepareLines(linesOf(lines, failure), placeOf, prepare));
        expect(got.failure).toBe(failure);
        expect(got.found.map((each) => each.line)).toEqual(lines);
        for (const { line: one, ahead } of got.found) expect(ahead?.id).toBe(one.text);
      }),
      { numRuns: 30 },
    );
  });

  it('are sent with their places, but not those that are long or no UTF-8', async () => {
    const asked: (readonly [readonly string[], readonly string[]])[] = [];
    const lines = [line(1), { ...line(2), isUtf8: false }, line(3, 'y'.repeat(128 * 1024 + 1)), line(4)];
    const prepare = async (texts: readonly string[], places: readonly string[]) => {
      asked.push([texts, places]);
      return texts.map(() => undefined);
    };
    const { found } = await gather(prepareLines(linesOf(lines), placeOf, prepare));
    expect(asked).toEqual([
      [
        ['1', '', '', '4'],
        ['place 1', 'place 2', 'place 3', 'place 4'],
      ],
    ]);
    expect(found).toHaveLength(4);
  });

  it('are read no further than a few messages ahead of what is taken', async () => {
    let read = 0;
    async function* many() {
      for (let n = 1; ; n++) {
        read++;
        yield line(n);
      }
    }
    const prepare = async () => [];
    for await (const { line: first } of prepareLines(many(), placeOf, prepare)) {
      expect(first.number).toBe(1);
      break;
    }
    expect(read).toBe(4 * 64);
  });

  it('end what asks for them when they cannot be prepared', async () => {
    const prepare = async () => {
      throw new Error('the thread is gone');
    };
    const got = await gather(prepareLines(linesOf([line(1)]), placeOf, prepare));
    expect(got).toMatchObject({ found: [], failure: { message: 'the thread is gone' } });
  });
});

describe('what is prepared ahead', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await openTestServer();
  });
  afterEach(() => server.close());

  const place = 'place-id' as ResourceId;
  const ahead = (text: string) => prepareAhead(server.ctx, text, () => place);
  const patient = { resourceType: 'Patient', id: 'p1', birthDate: '2020-01-01' };
  const text = JSON.stringify(patient);

  it.each([
    ['no JSON', '{"resourceType":"Patient",'],
    ['nothing', ''],
    ['a type that is not kept', '{"resourceType":"Claim","id":"c"}'],
    ['an id that is none', '{"resourceType":"Patient","id":"a_b"}'],
    ['what breaks a rule', '{"resourceType":"Patient","id":"p","gender":"x"}'],
    [
      'a reference that must be looked up',
      '{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"Organization?identifier=x"}}',
    ],
    [
      'a large resource',
      JSON.stringify({ ...patient, name: Array.from({ length: 3000 }, () => ({ text: 'a' })) }),
    ],
  ])('leaves %s to the usual way', (_what, sent) => {
    expect(ahead(sent)).toBeUndefined();
  });

  it('is what the usual way makes of it where nothing is there', () => {
    const sent =
      '{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}';
    const found = ahead(sent);
    const key = { type: 'Observation', id: place } as const;
    const usual = prepareChange(server.ctx, parseResourceBody(sent), {
      ...key,
      method: 'PUT',
      current: undefined,
    });
    const { lastUpdated, text: written } = found?.change ?? expect.fail('it was not prepared');
    expect(written).toContain('1.00');
    const at = (time: string | undefined) => time?.replace(/"lastUpdated":"[^"]*"/, '');
    expect({ ...found, change: { ...found?.change, text: at(written) } }).toEqual({
      ...key,
      change: { ...usual, lastUpdated, text: at(usual.text) },
    });
  });

  it('is written where nothing is there, and looked at again where something is', async () => {
    let writes = 0;
    const { store } = server;
    const counted: typeof store = {
      ...store,
      write: (unit) => {
        writes++;
        return store.write(unit);
      },
    };
    const ctx = openContext(server.context, counted, { kind: 'open' });
    const bring = (sent: string) =>
      updateAhead(ctx, ahead(sent) ?? expect.fail('it was not prepared'), parseLater(sent));
    expect((await bring(text)).kind).toBe('created');
    expect((await bring(text)).kind).toBe('unchanged');
    const updated = await bring(JSON.stringify({ ...patient, birthDate: '2020-01-02' }));
    expect([updated.kind, updated.version.versionId]).toEqual(['updated', 2]);
    expect(writes).toBe(2);
  });

  it('is made anew, and stamped anew, where the store did not take it', async () => {
    const nameless = JSON.stringify({ ...patient, id: undefined });
    const made = ahead(nameless) ?? expect.fail('it was not prepared');
    const units: WriteUnit[] = [];
    const { store } = server;
    const late: typeof store = {
      ...store,
      write: async (unit) => {
        units.push(unit);
        const moment = (made.change.lastUpdated + 50) as EpochMs;
        return units.length === 1 ? { kind: 'late', moment } : store.write(unit);
      },
    };
    const ctx = openContext(server.context, late, { kind: 'open' });
    const result = await updateAhead(ctx, made, parseLater(nameless));
    const times = units.map(({ changes }) => changes[0]?.lastUpdated ?? 0);
    expect(times[0]).toBe(made.change.lastUpdated);
    expect(times[1]).toBeGreaterThan(made.change.lastUpdated + 50);
    expect([result.kind, result.version.id]).toEqual(['created', place]);
  });

  it('loses to nobody who writes the same at once', async () => {
    const bodies = Array.from({ length: 6 }, (_, n) => JSON.stringify({ ...patient, language: `v${n}` }));
    const results = await Promise.all(
      bodies.map((body, n) => {
        const made = ahead(body) ?? expect.fail('it was not prepared');
        return n % 2 === 0
          ? updateAhead(server.ctx, made, parseLater(body))
          : updateResource(server.ctx, made, parseResourceBody(body));
      }),
    );
    const versions = results.map(({ version }) => version.versionId).sort();
    expect(versions).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
