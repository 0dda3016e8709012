import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../../../src/fhir/resource.ts';
import {
  isSameMessage,
  type MessageFacts,
  type Outcome,
  readKept,
  textsIn,
  toDocument,
  toOutcome,
  toTextRecord,
} from '../../../../src/hl7v2/kept/kept-message.ts';
import { openAccount } from '../../../../src/hl7v2/open-account.ts';
import { loadServerContext } from '../../../../src/shipped/server-context.ts';
import type { EpochMs } from '../../../../src/values/instant.ts';
import type { ResourceId } from '../../../../src/values/resource-id.ts';

const context = await loadServerContext({
  baseUrl: 'http://jenner.test/fhir',
  profiles: [],
  declaredProfiles: 'error',
});

const id = 'v2-0123456789abcdef0123456789abcdef01234567' as ResourceId;
const facts: MessageFacts = {
  account: openAccount,
  organization: 'elm',
  application: 'EHR',
  facility: 'ELM',
  controlId: 'M1',
  structure: 'VXU_V04',
  text: 'MSH|^~\\&|\r',
  receivedAt: Date.UTC(2026, 0, 1) as EpochMs,
};

/** What the validator has against what is kept; it goes by JSON, as it is stored. */
function faultsOf(some: Partial<MessageFacts>, more: Partial<Outcome> = {}): readonly string[] {
  const outcome = {
    ...toOutcome({ code: 'AA', answer: 'MSH|\r', findings: [], stands: true }),
    ...more,
  };
  const text = JSON.stringify(toDocument(id, { ...facts, ...some }, outcome));
  const resource = JSON.parse(text) as Resource;
  return context.validation.validator
    .validate(resource)
    .filter(({ severity }) => severity === 'error' || severity === 'fatal')
    .map(({ text: told }) => told);
}

describe('what is kept of a message is valid by itself, since nothing judges it when it is written', () => {
  it.each([
    ['as it usually is', {}],
    ['without a control id', { controlId: '' }],
    ['with control characters and blanks in the control id', { controlId: '\u0007 \u000b\u0001' }],
    ['with line ends in the control id', { controlId: ' A\rB\n' }],
    ['with a type of blanks', { structure: ' \u0002 ' }],
    ['with a type of several words', { structure: 'VXU  V04\tX' }],
    ['without an organization', { organization: undefined }],
    ['of no text', { text: '' }],
  ])('%s', (_, some) => {
    expect(faultsOf(some)).toEqual([]);
  });

  it('has a control id as FHIR can hold it, and none where nothing is left', () => {
    const identifierOf = (controlId: string) =>
      toDocument(
        id,
        { ...facts, controlId },
        toOutcome({ code: 'AA', answer: '', findings: [], stands: true }),
      )['identifier'];
    expect(identifierOf('\u0007A\u0001B')).toMatchObject([{ value: 'A B' }]);
    expect(identifierOf('\u0007 \u0001')).toBeUndefined();
  });

  it('whatever was sent and found', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (controlId, structure) => {
        expect(faultsOf({ controlId, structure, text: controlId })).toEqual([]);
      }),
      { numRuns: 200 },
    );
    const more = {
      detections: ['MQE0001', 'HL70357-207'],
      withoutPlace: ['PID[1]-26', 'ZPV[1]'],
      grade: '{}',
    };
    expect(faultsOf({}, more)).toEqual([]);
  });
});

describe('the texts of a message', () => {
  it('come back as they were, of this release and of those before', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (message, answer) => {
        const change = toTextRecord(id, { message, answer }, undefined);
        if (change.kind !== 'put') throw new Error('no record');
        expect(textsIn(change.record)).toEqual({ message, answer });
      }),
    );
    const before = { collection: 'hl7v2-message', key: id, value: '{"message":"8wUA","answer":"c3QCAA=="}' };
    expect(textsIn(before as Parameters<typeof textsIn>[0])).toEqual({ message: 'M', answer: 'AB' });
  });
});

describe('a message that comes again', () => {
  const sent = (time: string, name = 'A') => ({
    ...facts,
    text: `MSH|^~\\&|E|F|G|H|${time}||VXU\rPID|${name}\r`,
  });
  const outcome = toOutcome({ code: 'AA', answer: '', findings: [], stands: true });
  const kept = toDocument(id, sent('20260101'), outcome);

  it('is the same, whenever it was sent', () => {
    expect(isSameMessage(readKept(kept), sent('20260101'))).toBe(true);
    expect(isSameMessage(readKept(kept), sent('20260102'))).toBe(true);
    expect(isSameMessage(readKept(kept), sent('20260101', 'B'))).toBe(false);
  });

  it.each([
    ['LF', (text: string) => text.replaceAll('\r', '\n')],
    ['CR and LF', (text: string) => text.replaceAll('\r', '\r\n')],
    ['no end of its last segment', (text: string) => text.trimEnd()],
    ['an empty line at its end', (text: string) => `${text}\r`],
  ])('is the same with %s, as another door or engine writes it', (_, ended) => {
    const { text, ...others } = sent('20260101');
    expect(isSameMessage(readKept(kept), { ...others, text: ended(text) })).toBe(true);
    expect(
      isSameMessage(readKept(toDocument(id, { ...others, text: ended(text) }, outcome)), { ...others, text }),
    ).toBe(true);
  });

  it('is the same by all of its text, where an earlier release kept it', () => {
    const { extension: _, ...earlier } = kept;
    expect(isSameMessage(readKept(earlier as Resource), sent('20260101'))).toBe(true);
    expect(isSameMessage(readKept(earlier as Resource), sent('20260102'))).toBe(false);
  });
});
