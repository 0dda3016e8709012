import { describe, expect, it } from 'vitest';
import { Problem } from '../../../src/fhir/problem.ts';
import type { Resource } from '../../../src/fhir/resource.ts';
import { input, type OperationParameter, unsupported } from '../../../src/operation/operation-parameter.ts';
import { readInputs, type SentInputs } from '../../../src/operation/read-inputs.ts';

const parameters: readonly OperationParameter[] = [
  input('text', 'uri', ''),
  input('texts', 'code', '', { max: '*', accepts: ['Coding', 'CodeableConcept'] }),
  input('flag', 'boolean', ''),
  input('count', 'integer', ''),
  input('day', 'date', ''),
  input('coding', 'Coding', ''),
  input('concept', 'CodeableConcept', '', { accepts: ['string'] }),
  input('set', 'ValueSet', ''),
  input('pair', [input('left', 'string', '', { min: 1 }), input('right', 'integer', '')], '', { max: '*' }),
  unsupported('context', 'uri'),
];

const read = (sent: Partial<SentInputs>, rows = parameters) =>
  readInputs({ parameters: rows }, 'type', { query: [], ...sent });
const body = (...parameter: unknown[]) => ({ resourceType: 'Parameters', parameter }) as unknown as Resource;

function refusal(work: () => unknown): readonly unknown[] {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown;
    const [issue] = thrown.issues;
    return [thrown.status, issue?.code, issue?.expression];
  }
  throw new Error('nothing was refused');
}

describe('what is read', () => {
  it('is alike in a query and in Parameters', () => {
    const inQuery = read({
      query: [
        ['text', 'urn:x'],
        ['flag', 'true'],
        ['count', '7'],
        ['day', '2026-01'],
      ],
    });
    const inBody = read({
      body: body(
        { name: 'text', valueString: 'urn:x' },
        { name: 'flag', valueBoolean: true },
        { name: 'count', valuePositiveInt: 7 },
        { name: 'day', valueDateTime: '2026-01' },
      ),
    });
    for (const inputs of [inQuery, inBody]) {
      expect([inputs.text('text'), inputs.flag('flag'), inputs.count('count'), inputs.text('day')]).toEqual([
        'urn:x',
        true,
        7,
        '2026-01',
      ]);
      expect(inputs.list).toEqual([
        ['text', 'urn:x'],
        ['flag', 'true'],
        ['count', '7'],
        ['day', '2026-01'],
      ]);
    }
  });

  it('takes a code from codings where the row accepts them', () => {
    const inputs = read({
      query: [['texts', 'a']],
      body: body(
        { name: 'texts', valueCoding: { code: 'b' } },
        { name: 'texts', valueCodeableConcept: { coding: [{ code: 'c' }] } },
        { name: 'concept', valueUri: 'd' },
      ),
    });
    expect([inputs.codes('texts'), inputs.code('concept')]).toEqual([['a', 'b', 'c'], 'd']);
    expect(refusal(() => read({ body: body({ name: 'concept', valueCoding: {} }) }).code('concept'))[0]).toBe(
      400,
    );
  });

  it('holds resources, bare or as a parameter, and where they stand', () => {
    const resource = { resourceType: 'ValueSet', id: 'v' } as unknown as Resource;
    expect(read({ body: resource }).resources('set')).toEqual([{ resource, place: 'ValueSet' }]);
    expect(read({ body: body({ name: 'set', resource }) }).resources('set')).toEqual([
      { resource, place: "Parameters.parameter.where(name='set').resource" },
    ]);
  });

  it('holds parts', () => {
    const part = [
      { name: 'left', valueString: 'x' },
      { name: 'right', valueInteger: 2 },
    ];
    const pairs = read({ body: body({ name: 'pair', part }, { name: 'pair', part }) }).parts('pair');
    expect(pairs.map((pair) => [pair.text('left'), pair.count('right')])).toEqual([
      ['x', 2],
      ['x', 2],
    ]);
  });

  it('leaves out how the answer is written', () => {
    const query = [
      ['_format', 'xml'],
      ['_pretty', 'true'],
      ['_summary', 'true'],
      ['_elements', 'id'],
    ] as const;
    const inputs = read({ query });
    expect([inputs.has('_format'), inputs.unknown, inputs.list]).toEqual([false, [], query]);
  });

  it('is as much as a body may have items, and no more', () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({ name: `n${n}`, valueString: 'x' }));
    const repeated = many.map(() => ({ name: 'texts', valueCode: 'x' }));
    const inputs = read({ body: { ...body(), parameter: [...many, ...repeated] }, handling: 'lenient' });
    expect([inputs.unknown.length, inputs.texts('texts').length]).toEqual([5000, 5000]);
    const more = { ...body(), parameter: [...many, ...repeated, ...repeated.slice(0, 1)] };
    expect(() => read({ body: more, handling: 'lenient' })).toThrow('may have 10000 items');
  });
});

const at = (name: string) => `Parameters.parameter.where(name='${name}')`;

describe('what is refused', () => {
  it.each`
    what                               | sent                                                                           | code               | expression
    ${'an unknown name in a query'}    | ${{ query: [['x', '1']] }}                                                     | ${'not-supported'} | ${'http.x'}
    ${'an unknown parameter'}          | ${{ body: body({ name: 'x', valueString: '1' }) }}                             | ${'not-supported'} | ${at('x')}
    ${'what is not acted on'}          | ${{ query: [['context', 'x']] }}                                               | ${'not-supported'} | ${'http.context'}
    ${'one given twice in a query'} | ${{ query: [['text', 'a'], ['text', 'b']] }} | ${'invalid'} | ${'http.text'}
    ${'one in the query and the body'} | ${{ query: [['text', 'a']], body: body({ name: 'text', valueUri: 'a' }) }}     | ${'invalid'}       | ${at('text')}
    ${'an empty text'}                 | ${{ query: [['text', '']] }}                                                   | ${'value'}         | ${'http.text'}
    ${'no boolean'}                    | ${{ query: [['flag', 'yes']] }}                                                | ${'value'}         | ${'http.flag'}
    ${'no boolean in the body'}        | ${{ body: body({ name: 'flag', valueBoolean: 'yes' }) }}                       | ${'value'}         | ${at('flag')}
    ${'no number'}                     | ${{ query: [['count', '1.5']] }}                                               | ${'value'}         | ${'http.count'}
    ${'no date'}                       | ${{ query: [['day', '2026-02-30']] }}                                          | ${'value'}         | ${'http.day'}
    ${'a Coding as text'}              | ${{ query: [['coding', 'x']] }}                                                | ${'value'}         | ${'http.coding'}
    ${'a code that is none'}           | ${{ body: body({ name: 'coding', valueCoding: { code: 3 } }) }}                | ${'value'}         | ${at('coding')}
    ${'another value[x]'}              | ${{ body: body({ name: 'day', valueString: '2026-01-01' }) }}                  | ${'invalid'}       | ${at('day')}
    ${'the third of several'}          | ${{ query: [['texts', 'a']], body: body({ name: 'texts', valueInteger: 1 }) }} | ${'value'}         | ${`${at('texts')}[1]`}
    ${'two values'}                    | ${{ body: body({ name: 'text', valueUri: 'a', valueString: 'b' }) }}           | ${'invalid'}       | ${at('text')}
    ${'no value'}                      | ${{ body: body({ name: 'text' }) }}                                            | ${'invalid'}       | ${at('text')}
    ${'a text for a resource'}         | ${{ body: body({ name: 'set', valueString: 'x' }) }}                           | ${'invalid'}       | ${`${at('set')}.resource`}
    ${'another resource'}              | ${{ body: body({ name: 'set', resource: { resourceType: 'Patient' } }) }}      | ${'invalid'}       | ${`${at('set')}.resource`}
    ${'a resource in a query'}         | ${{ query: [['set', 'x']] }}                                                   | ${'invalid'}       | ${'http.set'}
    ${'another body'}                  | ${{ body: { resourceType: 'Patient' } }}                                       | ${'invalid'}       | ${'resourceType'}
    ${'a value for parts'}             | ${{ body: body({ name: 'pair', valueString: 'x' }) }}                          | ${'invalid'}       | ${at('pair')}
    ${'a missing part'}                | ${{ body: body({ name: 'pair', part: [] }) }}                                  | ${'required'}      | ${at('pair')}
    ${'an unknown part'}               | ${{ body: body({ name: 'pair', part: [{ name: 'up', valueString: 'x' }] }) }}  | ${'not-supported'} | ${`${at('pair')}.part.where(name='up')`}
    ${'a parameter without a name'}    | ${{ body: body({ valueString: 'x' }) }}                                        | ${'invalid'}       | ${'Parameters.parameter[0]'}
    ${'no list of parameters'}         | ${{ body: { resourceType: 'Parameters', parameter: {} } }}                     | ${'invalid'}       | ${'Parameters.parameter'}
  `('$what with 400', ({ sent, code, expression }) => {
    expect(refusal(() => read(sent))).toEqual([400, code, expression]);
  });

  it('a missing one, on the level where it is needed', () => {
    const rows = [
      input('always', 'string', '', { min: 1 }),
      input('onType', 'string', '', { neededOn: 'type' }),
    ];
    const missing = (level: 'type' | 'instance', query: SentInputs['query']) =>
      readInputs({ parameters: rows }, level, { query });
    expect(refusal(() => missing('instance', []))).toEqual([400, 'required', at('always')]);
    expect(refusal(() => missing('type', [['always', 'x']]))).toEqual([400, 'required', at('onType')]);
    expect(missing('instance', [['always', 'x']]).text('always')).toBe('x');
  });

  it('nothing that is unknown when handling is lenient, but tells it once', () => {
    const query = [
      ['x', '1'],
      ['x', '2'],
      ['context', 'c'],
      ['text', 'a'],
    ] as const;
    const inputs = read({ query, handling: 'lenient' });
    expect(inputs.unknown).toEqual([
      { name: 'x', place: 'http.x' },
      { name: 'context', place: 'http.context' },
    ]);
    expect(inputs.list).toEqual([['text', 'a']]);
    expect(
      refusal(() =>
        readInputs({ parameters, handling: 'lenient' }, 'type', { query, handling: 'strict' }),
      )[0],
    ).toBe(400);
  });

  it('a bare resource where several parameters are resources', () => {
    const rows = [...parameters, input('other', 'ValueSet', '')];
    const bare = { resourceType: 'ValueSet' } as unknown as Resource;
    expect(refusal(() => read({ body: bare }, rows))).toEqual([400, 'invalid', 'resourceType']);
  });
});
