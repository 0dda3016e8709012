import { readFileSync } from 'node:fs';
import { renderToString } from 'preact-render-to-string';
import { describe, expect, it } from 'vitest';
import { shippedSchedules } from '../../../src/shipped/knowledge-bases.ts';
import { utc } from '../../../src/values/time-zone.ts';
import { FindingWords } from '../../../src/web/titles/finding-words.tsx';
import findings from '../../../src/web/titles/findings.es.json' with { type: 'json' };
import observations from '../../../src/web/titles/observations.es.json' with { type: 'json' };
import {
  observationWords,
  productWords,
  vaccineLang,
  vaccineWords,
} from '../../../src/web/titles/titles.tsx';
import vaccines from '../../../src/web/titles/vaccines.es.json' with { type: 'json' };
import { translator } from '../../../src/web/translate.ts';

const [es, en] = [translator('es', utc), translator('en', utc)];
const { data } = shippedSchedules()[0];

describe('names of vaccines and titles of conditions', () => {
  it.each([
    ['HPV9', 'VPH 9'],
    ['HPV9 (Gardasil 9)', 'VPH 9 (Gardasil 9)'],
    ['Td (adult)', 'Td, adultos'],
    ['Hep B, adult', 'Hepatitis B, adultos'],
  ])('%s is %s in Spanish, and stays in English', (name, words) => {
    expect(vaccineWords(es, name)).toBe(words);
    expect(vaccineLang(es, name)).toEqual({});
    expect(vaccineWords(en, name)).toBe(name);
    expect(vaccineLang(en, name)).toEqual({});
  });

  it('marks as English what has no Spanish words', () => {
    expect(vaccineWords(es, 'Wonder vaccine')).toBe('Wonder vaccine');
    expect(vaccineLang(es, 'Wonder vaccine')).toEqual({ lang: 'en' });
    expect(vaccineLang(en, 'Wonder vaccine')).toEqual({});
  });

  it('tells products apart first', () => {
    expect(productWords(es, { cvx: '216', name: 'Pneumococcal conjugate PCV 20' })).toBe(
      'PCV20 (Neumococo, conjugada PCV 20)',
    );
  });

  it('has conditions by their code', () => {
    const pregnant = { code: '007', title: 'Pregnant' };
    expect([observationWords(es, pregnant), observationWords(en, pregnant)]).toEqual([
      'Embarazo',
      'Pregnant',
    ]);
    expect(observationWords(es, { code: '999', title: 'New risk' })).toBe('New risk');
  });

  it('are those of the schedule, letter by letter', () => {
    const names = new Set(data.vaccines.map(({ shortDescription }) => shortDescription));
    expect(Object.keys(vaccines).filter((name) => !names.has(name))).toEqual([]);
    const codes = new Set(data.observations.map(({ code }) => code));
    expect(Object.keys(observations).filter((code) => !codes.has(code))).toEqual([]);
    for (const words of [...Object.values(vaccines), ...Object.values(observations)])
      expect(words).toMatch(/\S/);
  });
});

it('has words for whatever may be found in a message, and for nothing else', () => {
  const rows = JSON.parse(readFileSync('hl7v2/detections.json', 'utf8')) as readonly {
    readonly of: string;
    readonly is: string;
  }[];
  expect(Object.keys(findings.of).sort()).toEqual([...new Set(rows.map(({ of }) => of))].sort());
  expect(Object.keys(findings.is).sort()).toEqual([...new Set(rows.map(({ is }) => is))].sort());
  const shown = rows.map(({ of, is }) => renderToString(FindingWords({ text: `${of} is ${is}`, t: es })));
  expect(shown.filter((html) => html.includes('lang="en"'))).toEqual([]);
  expect(shown).toContain('<span>número de lote de la vacunación: falta</span>');
  const [{ of, is }] = [rows[0] ?? { of: '', is: '' }];
  expect(renderToString(FindingWords({ text: `${of} is ${is}`, t: en }))).toContain(`${of} is ${is}`);
});
