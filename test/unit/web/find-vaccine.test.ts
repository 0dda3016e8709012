import { describe, expect, it } from 'vitest';
import { vaccineFactsOf } from '../../../src/registry/forecasting/vaccine-facts.ts';
import { shippedSchedules } from '../../../src/shipped/knowledge-bases.ts';
import { shippedVaccineProducts } from '../../../src/shipped/vaccine-products.ts';
import { openVaccineNames, vaccineText } from '../../../src/web/vaccine-names/find-vaccine.ts';
import { namesOfCodes, namesOfGroups } from '../../../src/web/vaccine-names/plain-names.ts';

const [knowledgeBase] = shippedSchedules();
const facts = vaccineFactsOf(knowledgeBase);
const names = openVaccineNames({
  vaccines: knowledgeBase.data.vaccines.map(({ cvx, shortDescription: name }) => ({ cvx, name })),
  products: shippedVaccineProducts(),
  groupsOf: (cvx) => facts(cvx).groups,
});

const codesOf = (text: string): readonly string[] => {
  const meaning = names.meantBy(text);
  if (meaning.kind === 'none') return [];
  return (meaning.kind === 'one' ? [meaning.vaccine] : meaning.of).map(({ cvx }) => cvx);
};

describe('a vaccine by what people call it', () => {
  it.each([
    ['03', '03'],
    ['MMR', '03'],
    ['mmr (CVX 03)', '03'],
    ['IPV', '10'],
    ['Tdap', '115'],
    ['DTaP', '20'],
    ['DPT', '01'],
    ['Gardasil 9', '165'],
    ['gardasil9', '165'],
    ['PREVNAR 20', '216'],
    ['PCV20', '216'],
    ['M-M-R II', '03'],
    ['mmr ii', '03'],
    ['Vaxelis', '146'],
    ['Bexsero', '163'],
    ['BCG', '19'],
    ['HBIG', '30'],
  ])('%s is CVX %s, and nothing else', (text, cvx) => {
    expect(names.meantBy(text)).toMatchObject({ kind: 'one', vaccine: { cvx } });
  });

  it.each([
    ['Havrix', ['52', '83']],
    ['Vaqta', ['83', '52']],
    ['Gardasil', ['165', '62']],
    ['Prevnar', ['133', '216', '100']],
    ['hpv', ['165', '137', '62', '118']],
    ['rota', ['116', '119', '122', '74']],
  ])('%s may be several, what is given today first', (text, codes) => {
    expect(names.meantBy(text).kind).toBe('several');
    expect(codesOf(text)).toEqual(codes);
  });

  it.each([
    ['polio', '10'],
    ['chickenpox', '21'],
    ['varicela', '21'],
    ['sarampion', '03'],
    ['Sarampión', '03'],
    ['measles', '03'],
    ['flu', '111'],
    ['gripe', '111'],
    ['tétanos', '09'],
    ['culebrilla', '187'],
    ['hepatitis b', '08'],
    ['VPH', '165'],
    ['covid', '210'],
  ])('of %s is asked, and CVX %s comes first', (text, first) => {
    expect(names.meantBy(text).kind).toBe('several');
    expect(codesOf(text)[0]).toBe(first);
  });

  it('says of how many it does not ask', () => {
    const meaning = names.meantBy('gripe');
    expect(meaning).toMatchObject({ kind: 'several', more: expect.any(Number) });
    expect(codesOf('gripe')).toHaveLength(16);
    // A card says "flu shot" and no more.
    expect(codesOf('gripe')).toContain('88');
  });

  it.each([
    ['hepatitus b', '08'],
    ['gardisil', '165'],
    ['flue', '111'],
    ['prevner 20', '216'],
    ['shingels', '187'],
    ['pneumococal conjugate', '133'],
    ['chiken pox', '21'],
    ['phizer', '310'],
    ['baricela', '21'],
    ['neumococco', '33'],
    ['fiebre amarila', '37'],
    ['bostrix vacine', '115'],
  ])('is asked of "%s", which nothing is called, with CVX %s first', (text, first) => {
    expect(names.meantBy(text)).toMatchObject({ kind: 'several', isMisspelled: true });
    expect(codesOf(text)[0]).toBe(first);
  });

  it.each([
    'hepatitis c',
    'prevner 31',
    'dtab',
    'MenC ACWX',
    'none',
    'malaria',
    'booster',
    'HVP',
    'x'.repeat(300),
    'rabees '.repeat(40).trim(),
  ])('takes "%s" for no misspelling: letters and numbers alone tell vaccines apart', (text) => {
    expect(names.meantBy(text)).toEqual({ kind: 'none' });
  });

  it('takes the nearest alone', () => {
    expect(codesOf('hepatitus a')).not.toContain('43');
    expect(codesOf('meningitus b').slice(0, 2)).toEqual(['162', '163']);
  });

  it.each([
    ['tetanus shot', '09'],
    ['hepatitis B vaccine', '08'],
    ['vacuna contra la gripe', '111'],
    ['refuerzo de tétanos', '09'],
  ])('passes over what is said of every vaccine: "%s"', (text, first) => {
    expect(names.meantBy(text)).not.toHaveProperty('isMisspelled');
    expect(codesOf(text)[0]).toBe(first);
  });

  it.each(['', ' ', '-', 'Wonder vaccine', '999', '(CVX 67)', '3'])('knows nothing of "%s"', (text) => {
    expect(names.meantBy(text)).toEqual({ kind: 'none' });
  });

  it('fills in the manufacturer where the name has only had one', () => {
    expect(names.meantBy('Gardasil 9')).toMatchObject({
      vaccine: { brand: 'Gardasil 9', maker: { mvx: 'MSD' } },
    });
    expect(names.meantBy('Menveo')).toMatchObject({ vaccine: { brand: 'Menveo', cvx: '136' } });
    expect(names.meantBy('Menveo')).not.toHaveProperty('vaccine.maker');
    expect(names.meantBy('HPV9')).not.toHaveProperty('vaccine.maker');
  });

  it('reads back all that it offers, each as itself', () => {
    const offered = names.offered.map(vaccineText);
    const wrong = offered.filter((text) => {
      const meaning = names.meantBy(text);
      return meaning.kind !== 'one' || vaccineText(meaning.vaccine) !== text;
    });
    expect(wrong).toEqual([]);
    expect(offered).toContain('Gardasil 9, HPV9 (CVX 165)');
    expect(offered).toContain('HPV9 (CVX 165)');
    expect(new Set(offered).size).toBe(offered.length);
    // In another language it is the same.
    expect(names.meantBy('Gardasil 9, VPH 9 (CVX 165)')).toMatchObject({ vaccine: { brand: 'Gardasil 9' } });
  });

  it('takes a trade name of another vaccine for no trade name', () => {
    expect(names.meantBy('Havrix, HPV9 (CVX 165)')).toEqual({
      kind: 'one',
      vaccine: { cvx: '165', name: 'HPV9' },
    });
  });

  it('has plain names for every group of the schedule, and for no other', () => {
    const groups = knowledgeBase.data.vaccineGroups.map(({ name }) => name);
    expect(Object.keys(namesOfGroups).sort()).toEqual([...groups].sort());
    for (const text of Object.values(namesOfGroups).flat()) expect(names.meantBy(text).kind).not.toBe('none');
    for (const cvx of Object.keys(namesOfCodes)) expect(names.meantBy(cvx).kind).toBe('one');
  });
});
