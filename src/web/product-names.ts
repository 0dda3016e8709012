import { tableOf } from '../values/table-of.ts';

/**
 * How those who give vaccines tell products apart, as CDC's schedules abbreviate them; by CVX code. The schedule's own names
 * begin alike, so that a list that is cut to its width does not tell PCV15 from PCV20.
 */
const shortNames: Readonly<Record<string, string>> = tableOf({
  '33': 'PPSV23',
  '111': 'LAIV3, nasal',
  '116': 'RV5',
  '119': 'RV1',
  '133': 'PCV13',
  '135': 'HD-IIV3',
  '136': 'MenACWY-CRM',
  '140': 'IIV3, PF',
  '141': 'IIV3, multi-dose',
  '153': 'ccIIV3, PF',
  '155': 'RIV3',
  '162': 'MenB-FHbp',
  '163': 'MenB-4C',
  '168': 'aIIV3',
  '189': 'HepB-CpG, adult',
  '203': 'MenACWY-TT',
  '215': 'PCV15',
  '216': 'PCV20',
  '220': 'HepB, 3-antigen',
  '303': 'RSVPreF3',
  '305': 'RSVpreF',
  '306': '50 mg nirsevimab',
  '307': '100 mg nirsevimab',
  '308': '3 mcg mRNA, Pfizer',
  '309': '30 mcg mRNA, Pfizer',
  '310': '10 mcg mRNA, Pfizer',
  '311': '25 mcg mRNA, Moderna',
  '312': '50 mcg mRNA, Moderna',
  '313': '5 mcg protein, Novavax',
  '316': 'MenABCWY-TT/FHbp',
  '320': 'ccIIV3, multi-dose',
  '326': 'mRNA RSV',
  '327': 'PCV21',
  '328': 'MenABCWY-CRM/4C',
  '332': 'Clesrovimab',
  '333': 'LAIV3, nasal, at home',
  '334': '10 mcg mRNA, Moderna',
});

/** Undefined where the schedule's own name tells it apart. */
export function shortNameOf(cvx: string): string | undefined {
  return shortNames[cvx];
}

/** What tells the product apart comes first, then the name that the schedule has for it. */
export function productName(cvx: string, name: string): string {
  const short = shortNames[cvx];
  if (short === undefined || short.toLowerCase() === name.toLowerCase()) return name;
  return `${short} (${name})`;
}
