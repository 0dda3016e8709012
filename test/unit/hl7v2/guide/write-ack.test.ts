import { describe, expect, it } from 'vitest';
import { parseMessage, segmentOf } from '../../../../src/hl7v2/er7/message.ts';
import type { Finding } from '../../../../src/hl7v2/finding.ts';
import { checkVxu } from '../../../../src/hl7v2/guide/check-vxu.ts';
import { walkProfile } from '../../../../src/hl7v2/guide/walk-profile.ts';
import { ackCodeOf, writeAck } from '../../../../src/hl7v2/guide/write-ack.ts';
import type { EpochDay } from '../../../../src/values/epoch-day.ts';
import type { EpochMs } from '../../../../src/values/instant.ts';
import { testGuide } from './open-test-guide.ts';
import { sampleMsh, sampleOrder, samplePid, sampleVxu } from './sample-messages.ts';

const asOf = 20_000 as EpochDay;
const at = 1_718_460_000_000 as EpochMs;

function ackTo(text: string) {
  const message = parseMessage(text);
  if ('kind' in message) throw new Error(message.reason);
  const { findings } = checkVxu(testGuide, message, { asOf });
  const ack = writeAck({ msh: segmentOf(message, 'MSH'), findings, controlId: 'ack-1', at });
  const parsed = parseMessage(ack);
  const profile = testGuide.profiles.get('Z23');
  if ('kind' in parsed || !profile) throw new Error('no ACK');
  return { ack, segments: ack.split('\r'), violations: walkProfile(profile, parsed).violations };
}

describe('an ACK', () => {
  it('says AA of a message without fault, to who sent it', () => {
    const { segments, violations } = ackTo(sampleVxu());
    expect(segments[0]).toBe(
      'MSH|^~\\&|JENNER|STATE|ClinicEHR|North Clinic|20240615140000.000+0000||ACK^V04^ACK|ack-1|P|2.5.1|||NE|NE|||||Z23^CDCPHINVS',
    );
    expect(segments[1]).toBe('MSA|AA|msg-1');
    expect(segments.slice(2)).toEqual(['']);
    expect(violations).toEqual([]);
  });

  it.each([
    ['a dose of no vaccine', { order: sampleOrder.map((one) => one.replace('03^MMR', 'XYZ^nothing')) }, 'AE'],
    ['a patient without a name', { pid: samplePid.replace('Larkin^Mona^Jo^^^^L', '') }, 'AE'],
    ['a field that is not used', { pid: samplePid.replace('PID|1|', 'PID|1|77') }, 'AA'],
    ['another message', { msh: sampleMsh.replace('VXU^V04^VXU_V04', 'ADT^A01^ADT_A01') }, 'AR'],
    ['another version', { msh: sampleMsh.replace('|2.5.1|', '|2.9|') }, 'AR'],
    ['a sender with an id that is no OID', { msh: sampleMsh.replace('ClinicEHR', 'Clinic^abc^DNS') }, 'AA'],
    ['a sender of delimiters only', { msh: sampleMsh.replace('ClinicEHR', '^^') }, 'AA'],
  ])('to %s keeps to Z23', (_, segments, code) => {
    const { segments: written, violations } = ackTo(sampleVxu(segments));
    expect(written[1]).toBe(`MSA|${code}|msg-1`);
    expect(violations).toEqual([]);
  });

  it('names the place, the codes, the detection and what a clinic can do', () => {
    const { segments } = ackTo(
      sampleVxu({ order: sampleOrder.map((one) => one.replace('03^MMR', 'XYZ^nothing')) }),
    );
    expect(segments[2]).toBe(
      'ERR||RXA^1^5^1^1|103^Table value not found^HL70357|E|5^Table value not found^HL70533^MQE0247^^L|||RXA-5 (Administered Code) "XYZ" of CVX is no vaccine that is known; send a code of CVX or NDC. This dose was not kept.',
    );
  });

  it('tells of a refusal for information, as of no error', () => {
    const order = sampleOrder.map((one) => one.replace('|CP|A', '|RE|A'));
    const { segments, violations } = ackTo(sampleVxu({ order }));
    expect(segments).toContain(
      'ERR||RXA^1^20^1|0^Message accepted^HL70357|I|MQE0293^^L|||RXA-20 "RE": vaccination completion status is refused.',
    );
    expect(violations).toEqual([]);
  });

  it('escapes what it quotes', () => {
    const order = sampleOrder.map((one) => one.replace('03^MMR', 'X\\F\\Y\\S\\Z^nothing'));
    expect(ackTo(sampleVxu({ order })).segments[2]).toContain('"X\\F\\Y\\S\\Z"');
  });

  it('says what it leaves out', () => {
    const finding: Finding = { severity: 'W', code: '0', text: 'one' };
    const ack = writeAck({
      msh: undefined,
      findings: Array.from({ length: 60 }, () => finding),
      controlId: 'a',
      at,
    });
    expect(ack.split('\r').filter((one) => one.startsWith('ERR'))).toHaveLength(51);
    expect(ack).toContain('10 more findings are not listed here');
    expect(ack).toContain('MSA|AA|UNKNOWN\r');
  });
});

it.each([
  ['AA', []],
  [
    'AA',
    [
      ['W', '103'],
      ['I', '0'],
    ],
  ],
  [
    'AE',
    [
      ['W', '103'],
      ['E', '205'],
    ],
  ],
  [
    'AR',
    [
      ['E', '101'],
      ['E', '207'],
    ],
  ],
  ['AR', [['E', '203']]],
  ['AA', [['W', '203']]],
] as const)('says %s of %j', (code, findings) => {
  expect(ackCodeOf(findings.map(([severity, one]) => ({ severity, code: one, text: '' })))).toBe(code);
});
