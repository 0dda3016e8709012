import { tableOf } from '../../values/table-of.ts';
import type { Segment } from '../er7/message.ts';
import { rawField, textAt, withField } from '../er7/piece.ts';
import type { ErrorLocation, Finding } from '../finding.ts';
import { quote } from './finding-text.ts';
import type { Profile } from './profile.ts';

/** What RXA-5 says was given: the first of its two codes that names a vaccine. */
export type VaccineCode = { readonly system: 'CVX' | 'NDC' | 'CPT'; readonly code: string };

/** How senders name the code systems of vaccines (table 0396, and 0292 of earlier guides). */
const systems: Readonly<Record<string, VaccineCode['system']>> = tableOf({
  CVX: 'CVX',
  HL70292: 'CVX',
  '292': 'CVX',
  NDC: 'NDC',
  CPT: 'CPT',
  C4: 'CPT',
  CPTM: 'CPT',
});

type Triplet = {
  /** Its first component. */
  readonly place: 1 | 4;
  readonly code: string;
  readonly system: VaccineCode['system'] | undefined;
  readonly isKnown: boolean;
};

/** The two codes of RXA-5. */
function tripletsIn(profile: Profile, rxa: Segment): readonly Triplet[] {
  return ([1, 4] as const).flatMap((place) => {
    const code = textAt(rxa, { field: 5, component: place });
    if (code === undefined) return [];
    const system = systemOf(code, textAt(rxa, { field: 5, component: place + 2 }));
    return [{ place, code, system, isKnown: system !== undefined && isVaccine(profile, system, code) }];
  });
}

/** The vaccine of RXA-5 by either of its triplets; undefined where neither names one that is known. */
export function vaccineCodeOf(profile: Profile, rxa: Segment): VaccineCode | undefined {
  const known = tripletsIn(profile, rxa).find(({ isKnown }) => isKnown);
  return known?.system && { system: known.system, code: known.code };
}

/** RXA-5 without a CVX that is no vaccine, where the other code is one: who looks for the CVX of the dose must find none. */
export function knownVaccine(profile: Profile, rxa: Segment): Segment {
  const triplets = tripletsIn(profile, rxa);
  const unknown = triplets.find(({ system, isKnown }) => system === 'CVX' && !isKnown);
  if (!unknown || !triplets.some(({ isKnown }) => isKnown)) return rxa;
  const mark = rxa.delimiters.component;
  const parts = rawField(rxa, 5).split(mark);
  return withField(rxa, 5, (unknown.place === 1 ? parts.slice(3) : parts.slice(0, 3)).join(mark));
}

/** What is told of an RXA-5 whose two codes are not of one vaccine, or that names one by CPT alone. */
export function vaccineNotes(
  profile: Profile,
  rxa: Segment,
  cvxOfNdc: (ndc: string) => string | undefined,
): readonly Finding[] {
  const location = { segment: 'RXA', occurrence: rxa.occurrence, field: 5, repetition: 1 };
  const triplets = tripletsIn(profile, rxa);
  const known = triplets.filter(({ isKnown }) => isKnown);
  const cvx = known.find(({ system }) => system === 'CVX')?.code;
  const ndc = known.find(({ system }) => system === 'NDC')?.code;
  const ofProduct = ndc === undefined ? undefined : cvxOfNdc(ndc);
  if (cvx !== undefined && ofProduct !== undefined && cvx !== ofProduct) {
    const text = `RXA-5 names two vaccines: CVX ${quote(cvx)}, and by its NDC CVX ${quote(ofProduct)}. The first was taken; send the code of what was given.`;
    return [{ severity: 'W', code: '102', application: '3', location, text }];
  }
  if (known.length > 0 && known.every(({ system }) => system === 'CPT')) {
    const text =
      'RXA-5 names the vaccine by CPT alone: the dose is kept, and counts for no forecast; send CVX or NDC.';
    return [{ severity: 'W', code: '103', application: '5', location, text }];
  }
  if (known.length === 0) return [];
  // A code of a sender's own may stand beside.
  return triplets.flatMap(({ place, code, system, isKnown }) => {
    if (isKnown || system === undefined) return [];
    const text = `RXA-5.${place} ${quote(code)} of ${system} is no vaccine that is known: the dose was kept by the other code.`;
    const at = { ...location, component: place };
    return [{ severity: 'W', code: '103', application: '5', location: at, text } as const];
  });
}

/** The system that is named, else the one whose form the code has. */
function systemOf(code: string, named: string | undefined): VaccineCode['system'] | undefined {
  if (named !== undefined) return systems[named.toUpperCase()];
  if (/^\d{2,3}$/.test(code)) return 'CVX';
  if (/^\d{4,5}-\d{3,4}-\d{1,2}$/.test(code)) return 'NDC';
  return undefined;
}

function isVaccine({ tables }: Profile, system: VaccineCode['system'], code: string): boolean {
  switch (system) {
    case 'CVX':
      return tables.get('CVX')?.systemsOf(code).includes('CVX') === true;
    case 'NDC':
      return ['NDC_Use', 'NDC_Sale'].some((id) => tables.get(id)?.systemsOf(code).includes('NDC') === true);
    case 'CPT':
      return isVaccineOfCpt(code);
  }
}

/** CPT's ranges of immune globulins, vaccines, and vaccines against COVID-19 and RSV; their codes are AMA's, and not listed. */
function isVaccineOfCpt(code: string): boolean {
  if (!/^\d{5}$/.test(code)) return false;
  const number = Number(code);
  return (
    (number >= 90281 && number <= 90399) ||
    (number >= 90470 && number <= 90759) ||
    (number >= 91300 && number <= 91323)
  );
}

/** What is told of an RXA-5 that names no vaccine. */
export function vaccineFinding(rxa: Segment): Finding & { readonly location: ErrorLocation } {
  const code = textAt(rxa, { field: 5 }) ?? textAt(rxa, { field: 5, component: 4 });
  const system = textAt(rxa, { field: 5, component: 3 }) ?? 'no code system';
  const named = textAt(rxa, { field: 5, component: 2 });
  const said =
    code === undefined
      ? `names no code${named === undefined ? '' : `, only the text ${quote(named)}`}`
      : `${quote(code)} of ${system} is no vaccine that is known`;
  const location = { segment: 'RXA', occurrence: rxa.occurrence, field: 5, repetition: 1, component: 1 };
  const text = `RXA-5 (Administered Code) ${said}; send a code of CVX or NDC. This dose was not kept.`;
  return { severity: 'E', code: '103', application: '5', location, text, detection: 'MQE0247' };
}
