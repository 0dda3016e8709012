import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Message, parseMessage } from '../../../../src/hl7v2/er7/message.ts';
import type { ErrorLocation } from '../../../../src/hl7v2/finding.ts';
import { checkVxu } from '../../../../src/hl7v2/guide/check-vxu.ts';
import { matchStructure } from '../../../../src/hl7v2/guide/match-structure.ts';
import { walkProfile } from '../../../../src/hl7v2/guide/walk-profile.ts';
import { ackCodeOf } from '../../../../src/hl7v2/guide/write-ack.ts';
import { detect } from '../../../../src/hl7v2/quality/detections.ts';
import { toEpochDay } from '../../../../src/values/epoch-day.ts';
import { testGuide } from './open-test-guide.ts';

// Public messages and what others say of them, where they lie beside the project: they are not ours to carry.
const folder = new URL('../../../../../shared/data/hl7/messages/', import.meta.url);
const isThere = existsSync(folder);
const today = toEpochDay(2026, 11, 29);

type Labelled = {
  readonly id: string;
  readonly text: string;
  readonly kind?: string;
  readonly verdict?: string;
  readonly errLocation?: string;
  readonly smmSeverity?: string;
  readonly mqeSeverity?: string;
};

const textOf = (name: string): string =>
  readFileSync(new URL(name, folder), 'latin1').replace(/^\u00EF\u00BB\u00BF/, '');
// biome-ignore lint/suspicious/noExplicitAny: the files have a layout of their own
const json = (name: string): any => JSON.parse(textOf(name));

function labelled(): readonly Labelled[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const single = json('index.json').messages.filter(({ type }: any) => type === 'VXU');
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const bulk: any[] = json('bulk/index.json').messages;
  const files = new Map<string, readonly string[]>();
  for (const { file } of bulk) if (!files.has(file)) files.set(file, textOf(`bulk/${file}`).split('\n'));
  return [
    // biome-ignore lint/suspicious/noExplicitAny: as above
    ...single.map(({ file, expected }: any) => ({ id: file, text: textOf(file), ...expected })),
    ...bulk.map((one) => ({ ...one, id: `${one.file} ${one.n}`, text: files.get(one.file)?.[one.n] ?? '' })),
  ];
}

function parsed(text: string): Message | undefined {
  const message = parseMessage(text);
  return 'kind' in message ? undefined : message;
}

const check = (text: string) => {
  const message = parsed(text);
  return message && checkVxu(testGuide, message, { asOf: today });
};

/** What our rules find against the data of a message. */
function codesIn(file: string): ReadonlySet<string> {
  const message = parsed(textOf(file));
  const profile = testGuide.profiles.get('Z22');
  if (!message || !profile) return new Set();
  const { hits } = detect(testGuide.detections, profile, matchStructure(profile, message).matches, today);
  return new Set(hits.filter(({ row }) => row.weight > 0).map(({ row }) => row.code));
}

/** Whether an ERR names the place that a label names; a label of a field takes any of its components. */
function isAt({ segment, field, component }: ErrorLocation, label: string): boolean {
  return label.split(' or ').some((one) => {
    const [name, place = ''] = one.split('-');
    const [wantedField, wantedComponent] = place.split('.');
    if (segment !== name) return false;
    if (wantedField && String(field) !== wantedField) return false;
    return !wantedComponent || component === undefined || String(component) === wantedComponent;
  });
}

describe.skipIf(!isThere)('public messages', () => {
  const messages = isThere ? labelled() : [];

  it('are rejected where their label says so', () => {
    const rejected = messages.filter(({ verdict }) => verdict === 'reject');
    expect(rejected.length).toBeGreaterThan(30);
    for (const { id, text } of rejected) expect(ackCodeOf(check(text)?.findings ?? []), id).not.toBe('AA');
  });

  it('are accepted where they are only unusual', () => {
    const unusual = messages.filter(({ kind }) => kind === 'tolerance' || kind === 'vendor-example');
    expect(unusual.length).toBeGreaterThan(120);
    for (const { id, text } of unusual) expect(ackCodeOf(check(text)?.findings ?? []), id).toBe('AA');
  });

  it('are accepted where NIST has nothing against them', () => {
    const clean = Object.entries<{ errors: readonly unknown[]; profile: string; error?: string }>(
      json('nist-verdicts.json').verdicts,
    ).filter(
      ([, { errors, profile, error }]) => profile === 'VXU-Z22' && errors.length === 0 && error === undefined,
    );
    expect(clean.length).toBeGreaterThan(35);
    for (const [file] of clean) expect(ackCodeOf(check(textOf(file))?.findings ?? []), file).toBe('AA');
  });

  it('are told where they are wrong, in 95 of 100 that somebody holds against them', () => {
    const counts = (one: Labelled) =>
      one.verdict === 'reject' ||
      (/^(?:ERROR|WARNING)$/.test(one.smmSeverity ?? '') &&
        /^(?:ERROR|WARN|INFO|undefined)$/.test(String(one.mqeSeverity)));
    const wrong = messages.filter((one) => one.errLocation && counts(one));
    const missed = wrong.filter(
      ({ text, errLocation = '' }) =>
        !check(text)?.findings.some(({ location }) => location && isAt(location, errLocation)),
    );
    expect(wrong.length).toBeGreaterThan(150);
    expect(
      missed.length / wrong.length,
      missed.map(({ id, errLocation }) => `${id} ${errLocation}`).join('\n'),
    ).toBeLessThan(0.05);
  });

  it('have the verdict of NIST, but for three', () => {
    const verdicts = Object.entries<{ errors: readonly unknown[]; profile: string; error?: string }>(
      json('nist-verdicts.json').verdicts,
    ).filter(([, { error }]) => error === undefined);
    const other = verdicts.filter(([file, { errors, profile }]) => {
      const message = parsed(textOf(file));
      const known = testGuide.profiles.get(profile.slice(-3));
      const violations = message && known ? walkProfile(known, message).violations : [];
      // Codes that are newer than NIST's tables are taken.
      return violations.length > 0 !== errors.length > 0;
    });
    expect(verdicts.length).toBeGreaterThan(415);
    expect(other.map(([file]) => file.slice(0, 4))).toEqual(['0006', '0235', '0256']);
  });

  it('have the detections of AIRA’s validator, for codes that both judge alike', () => {
    const agreed = new Map<string, [both: number, either: number]>();
    for (const [file, found] of Object.entries<readonly (readonly string[])[]>(
      json('mqe-verdicts.json').verdicts,
    )) {
      const theirs = new Set(found.map(([code = '']) => code));
      const ours = codesIn(file);
      for (const code of new Set([...theirs, ...ours])) {
        const [both, either] = agreed.get(code) ?? [0, 0];
        agreed.set(code, [both + Number(theirs.has(code) && ours.has(code)), either + 1]);
      }
    }
    const whole = [...agreed.values()].filter(([both, either]) => both === either).length;
    expect(whole).toBeGreaterThan(30);
    for (const code of ['MQE0118', 'MQE0141', 'MQE0166', 'MQE0293', 'MQE0481', 'MQE0529']) {
      const [both = 0, either = 0] = agreed.get(code) ?? [];
      expect(both / either, code).toBeGreaterThan(0.75);
    }
  });
});
