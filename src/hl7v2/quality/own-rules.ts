import { toCivilDate } from '../../values/epoch-day.ts';
import { textAt } from '../er7/piece.ts';
import { dayOf } from '../guide/hl7-date.ts';
import { vaccineCodeOf } from '../guide/vaccine-code.ts';
import { contactRules } from './contact-rules.ts';
import { cvxOf, isAdministered, isGiven, rxaText } from './dose-state.ts';
import { looksGiven } from './looks-given.ts';
import { patientRules } from './patient-rules.ts';
import type { QualityContext, Rule, VaccineUse } from './quality-context.ts';
import { type Subject, segmentAt } from './subject.ts';

const doseRules: Readonly<Record<string, Rule>> = {
  'unspecified vaccine': (dose, context) =>
    isAdministered(dose) && context.vaccines.isUnspecified(cvxOf(dose, context) ?? ''),
  'no vaccine': (dose, context) => {
    const cvx = cvxOf(dose, context);
    return isGiven(dose) && cvx !== undefined && !context.vaccines.isVaccine(cvx);
  },
  'unknown vaccine': (dose, { profile }) => {
    const rxa = dose.segments.get('RXA');
    return rxa !== undefined && rxaText(dose, 5) !== undefined && vaccineCodeOf(profile, rxa) === undefined;
  },
  'code system of no vaccine': (dose) => {
    const system = rxaText(dose, 5, 3);
    return system !== undefined && !/^(?:CVX|NDC|CPT|C4|CPTM|HL70292|292)$/.test(system);
  },
  'when the vaccine was hardly in use': (dose, context) => isOutside(dose, context, 'expected'),
  'when the vaccine was not in use': (dose, context) => isOutside(dose, context, 'ever'),
  'at another age': (dose, context) => {
    const [age, use] = [monthsOld(dose, context), useOf(dose, context)];
    return age !== undefined && use !== undefined && isBeyond(age, use.youngestMonths, use.oldestMonths);
  },
  'another end': (dose) => {
    const [start, end] = [rxaText(dose, 3), rxaText(dose, 4)];
    return start !== undefined && end !== undefined && start.slice(0, 8) !== end.slice(0, 8);
  },
  'not given': (dose) => rxaText(dose, 20) === 'NA' && rxaText(dose, 5) !== '998',
  'looks historical': (dose, context) => isAdministered(dose) && !looksGiven(dose, context),
  'looks given': (dose, context) =>
    isGiven(dose) && /^0[1-8]$/.test(rxaText(dose, 9) ?? '') && looksGiven(dose, context),
  'refusal of a dose that was given': (dose) =>
    rxaText(dose, 18) !== undefined && (rxaText(dose, 20) ?? 'CP') !== 'RE',
  'funding against eligibility': (dose) => {
    const [eligibility = '', funding = ''] = [observed(dose, '64994-7'), observed(dose, '30963-3')];
    const isPrivate = funding === 'PHC70';
    const isPublic = /^VXC5[012]$/.test(funding);
    return (eligibility === 'V01' && isPublic) || (/^V0[2-5]$/.test(eligibility) && isPrivate);
  },
  'no VIS': (dose) =>
    isAdministered(dose) &&
    observed(dose, '69764-9') === undefined &&
    observed(dose, '29768-9') === undefined,
  'VIS without its day': ({ observations }) =>
    observations.some(
      (obx) => textAt(obx, { field: 3 }) === '29769-7' && dayOf(textAt(obx, { field: 5 })) === undefined,
    ),
  'VIS of another day': (dose) => differs(presented(dose), given(dose)),
  'VIS before its edition': (dose) => isBefore(presented(dose), dayOf(observed(dose, '29768-9'))),
  'VIS after the dose': (dose) => isBefore(given(dose), presented(dose)),
};

export const ownRules: Readonly<Record<string, Rule>> = { ...patientRules, ...contactRules, ...doseRules };

function observed(dose: Subject, observation: string): string | undefined {
  const obx = segmentAt(dose, { segment: 'OBX', observation });
  return obx && textAt(obx, { field: 5 });
}

const given = (dose: Subject): number | undefined => dayOf(rxaText(dose, 3));
const presented = (dose: Subject): number | undefined => dayOf(observed(dose, '29769-7'));
const differs = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;
const isBefore = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && other !== undefined && one < other;

/** What is known of the use of the vaccine that was given; of what is unspecified doses of any year are told. */
function useOf(dose: Subject, context: QualityContext): VaccineUse | undefined {
  const cvx = cvxOf(dose, context);
  if (cvx === undefined || !isGiven(dose) || context.vaccines.isUnspecified(cvx)) return undefined;
  return context.vaccines.useOf(cvx);
}

function isOutside(dose: Subject, context: QualityContext, span: 'expected' | 'ever'): boolean {
  const [day, use] = [given(dose), useOf(dose, context)];
  if (day === undefined || !use) return false;
  const { first, last, expectedFirst = first, expectedLast = last } = use;
  return span === 'ever' ? isBeyond(day, first, last) : isBeyond(day, expectedFirst, expectedLast);
}

const isBeyond = (value: number, least: number | undefined, most: number | undefined): boolean =>
  (least !== undefined && value < least) || (most !== undefined && value > most);

/** Whole months from the birth to the dose; that the dose lies before it is told itself. */
function monthsOld(dose: Subject, { patient }: QualityContext): number | undefined {
  const pid = patient.segments.get('PID');
  const [born, day] = [dayOf(pid && textAt(pid, { field: 7 })), dayOf(rxaText(dose, 3))];
  if (born === undefined || day === undefined || day < born) return undefined;
  const [from, to] = [toCivilDate(born), toCivilDate(day)];
  return (to.year - from.year) * 12 + to.month - from.month - (to.day < from.day ? 1 : 0);
}
