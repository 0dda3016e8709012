import type { EpochDay } from '../../values/epoch-day.ts';
import type { CheckedVxu, Observation, OrderGroup } from '../checked-message.ts';
import { type Message, type Segment, segmentsOf } from '../er7/message.ts';
import { rawField, textAt } from '../er7/piece.ts';
import type { Finding } from '../finding.ts';
import { detect } from '../quality/detections.ts';
import { isTold, withDetections } from '../quality/with-detections.ts';
import { type Cascade, fitSegment, isLost, keyOf, lose, runCascade, whatIsLeft } from './cascade.ts';
import {
  birthDateFault,
  birthDayOf,
  type DateFault,
  doseDateFault,
  lastDayOf,
  longBeforeBirth,
} from './check-dates.ts';
import { checkHeader } from './check-header.ts';
import { byPlace } from './finding-order.ts';
import type { Guide } from './guide.ts';
import { type GroupMatch, type Match, segmentsIn } from './match-structure.ts';
import { observedCodeNotes } from './observed-codes.ts';
import { oneForEachLoss, withoutFollowing } from './one-cause.ts';
import { patientFacts } from './patient-facts.ts';
import { precautionEndFaults } from './precaution-days.ts';
import type { Profile } from './profile.ts';
import { knownVaccine, vaccineCodeOf, vaccineFinding, vaccineNotes } from './vaccine-code.ts';
import type { Violation } from './violation.ts';
import { withVisitEligibility } from './visit-eligibility.ts';
import { walkProfile } from './walk-profile.ts';

/**
 * Goes over a VXU as the guide's table 3-1 says: what is unfit is read as empty, what cannot do without it goes with it, and
 * all of it is told. `asOf` is the day after which no date may lie.
 */
export function checkVxu(guide: Guide, message: Message, { asOf }: { readonly asOf: EpochDay }): CheckedVxu {
  const header = checkHeader(message);
  const profile = guide.profiles.get('Z22');
  if (header.kind === 'unsupported' || !profile) return { kind: 'refused', findings: header.findings };
  const { structure, violations } = walkProfile(profile, message);
  const isMeant = (one: Violation) => isOwnMatter(one) && !isOfNoStatus(message, one);
  const cascade = runCascade(guide, profile, withoutFollowing(violations).filter(isMeant));
  cascade.findings.push(...header.findings);
  const lastDay = lastDayOf(message, asOf);
  const sentPid = segmentNamed(structure.matches, 'PID');
  if (sentPid) refuseSecondPatient(cascade, message, sentPid);
  if (sentPid) note(cascade, birthDateFault(sentPid, lastDay), 'segment');
  const orders = ordersIn(structure.matches);
  const { cvxOfNdc } = guide.detections.vaccines;
  const born = sentPid && birthDayOf(sentPid, lastDay);
  for (const order of orders) checkDose({ profile, cascade, lastDay, born, cvxOfNdc }, order);
  const pid = sentPid && patientLeft(profile, cascade, sentPid);
  const detected = detect(guide.detections, profile, structure.matches, asOf);
  const told = detected.hits.filter(({ row }) => isTold(row));
  const findings = byPlace(message, oneForEachLoss(withDetections(guide.detections, cascade.findings, told)));
  if (!pid || cascade.isRefused || isLost(cascade, header.msh)) {
    return { kind: 'refused', findings: findings.map(asRefused), detected };
  }
  const { matches } = structure;
  const pd1 = fitSegment(cascade, segmentNamed(matches, 'PD1'));
  const pv1 = fitSegment(cascade, segmentNamed(matches, 'PV1'));
  return {
    kind: 'accepted',
    message,
    msh: whatIsLeft(cascade, header.msh),
    pid,
    ...(pd1 && { pd1 }),
    nk1s: allNamed(matches, 'NK1').flatMap((nk1) => fitSegment(cascade, nk1) ?? []),
    ...(pv1 && { pv1 }),
    orders: [
      ...patientFacts(structure, header.msh),
      ...orders
        .flatMap((order) => orderLeft(profile, cascade, order) ?? [])
        .map((order) => withVisitEligibility({ pv1, msh: header.msh }, order)),
    ],
    findings,
    detected,
    withoutPlace: withoutPlace(profile, message),
  };
}

/** A second PID of another number: its doses would be taken for those of somebody else. */
function refuseSecondPatient(cascade: Cascade, message: Message, first: Segment): void {
  const other = segmentsOf(message, 'PID').find((one) => rawField(one, 3) !== rawField(first, 3));
  if (!other) return;
  const { occurrence } = other;
  const isOfIt = ({ location }: Finding) => location?.segment === 'PID' && location.occurrence === occurrence;
  const text =
    'There is a second patient in this message, and nobody knows whose its doses are: send a message for each.';
  const finding: Finding = { severity: 'E', code: '100', location: { segment: 'PID', occurrence }, text };
  const others = cascade.findings.filter((one) => !isOfIt(one));
  cascade.findings.splice(0, cascade.findings.length, ...others, finding);
  cascade.isRefused = true;
}

const notKept = 'The message was not kept.';

/** What a clinic must know first of what is wrong with the patient, or the header: nothing of the message was kept. */
function asRefused(finding: Finding): Finding {
  const { severity, location, text } = finding;
  const isOfAll = location?.segment === 'PID' || location?.segment === 'MSH';
  if (severity !== 'E' || !isOfAll || text.includes(notKept)) return finding;
  return { ...finding, text: `${text.replace(/ This \w+ was not (?:kept|read)\.$/, '')} ${notKept}` };
}

/** RXA-5 is judged by both of its codes together, not by the first alone. */
const isOwnMatter = ({ location, fault }: Violation): boolean =>
  !(
    location.segment === 'RXA' &&
    location.field === 5 &&
    (fault.kind === 'code' || fault.kind === 'code-system')
  );

/** IZ-47 asks that RXA-9 be empty where RXA-20 is not CP or PA; an empty one is read as CP. */
const isOfNoStatus = ({ segments }: Message, { location, fault }: Violation): boolean =>
  fault.kind === 'statement' &&
  fault.id === 'IZ-47' &&
  segments.some(
    (one) =>
      one.name === 'RXA' &&
      one.occurrence === location.occurrence &&
      textAt(one, { field: 20 }) === undefined,
  );

type DoseCheck = {
  readonly profile: Profile;
  readonly cascade: Cascade;
  readonly lastDay: EpochDay;
  /** The day of birth; absent where it is none that can be. */
  readonly born: EpochDay | undefined;
  readonly cvxOfNdc: (ndc: string) => string | undefined;
};

function checkDose({ profile, cascade, lastDay, born, cvxOfNdc }: DoseCheck, { group, rxa }: Order): void {
  for (const segment of segmentsIn(group)) {
    if (segment.name === 'OBX') cascade.findings.push(...observedCodeNotes(profile, segment));
  }
  for (const fault of precautionEndFaults(segmentsIn(group).filter(({ name }) => name === 'OBX'))) {
    note(cascade, fault, 'segment');
  }
  if (!rxa) return;
  note(cascade, doseDateFault(rxa, lastDay) ?? longBeforeBirth(rxa, born), 'group');
  if (rawField(rxa, 5) !== '' && !vaccineCodeOf(profile, rxa)) note(cascade, vaccineFinding(rxa), 'group');
  cascade.findings.push(...vaccineNotes(profile, rxa, cvxOfNdc));
}

/** Tells of a fault and of what goes with it, once for each place. */
function note(cascade: Cascade, fault: DateFault | undefined, loss: 'segment' | 'group'): void {
  if (!fault) return;
  const isSamePlace = ({ severity, location }: Finding) =>
    severity === 'E' &&
    location?.segment === fault.location.segment &&
    location.occurrence === fault.location.occurrence &&
    location.field === fault.location.field;
  lose(cascade, fault, loss);
  const said = cascade.findings.findIndex(isSamePlace);
  if (said < 0) cascade.findings.push(fault);
  else cascade.findings[said] = fault;
}

/** PID with what is fit in it; none where PID-3, PID-5, PID-7 or PID-8 is left empty (guide table 3-1). */
function patientLeft(profile: Profile, cascade: Cascade, pid: Segment): Segment | undefined {
  const left = fitSegment(cascade, pid);
  const fields = profile.segments.get('PID')?.fields ?? [];
  const lacks =
    left && fields.some(({ usage }, at) => at > 0 && usage === 'R' && rawField(left, at + 1) === '');
  return lacks ? undefined : left;
}

const segmentNamed = (matches: readonly Match[], name: string): Segment | undefined =>
  allNamed(matches, name)[0];

/** Those of a name outside of orders. */
function allNamed(matches: readonly Match[], name: string): readonly Segment[] {
  return matches.flatMap((match) => {
    if (match.kind === 'segment') return match.segment.name === name ? [match.segment] : [];
    return match.element.name === 'PATIENT' ? allNamed(match.matches, name) : [];
  });
}

type Order = { readonly number: number; readonly group: GroupMatch; readonly rxa: Segment | undefined };

function ordersIn(matches: readonly Match[]): readonly Order[] {
  const groups = matches.filter(
    (match): match is GroupMatch => match.kind === 'group' && match.element.name === 'ORDER',
  );
  return groups.map((group, at) => ({
    number: at + 1,
    group,
    rxa: segmentsIn(group).find(({ name }) => name === 'RXA'),
  }));
}

/** An order with what is fit in it; none where its RXA, or anything that takes the group with it, is not. */
function orderLeft(
  profile: Profile,
  cascade: Cascade,
  { number, group, rxa }: Order,
): OrderGroup | undefined {
  const isGroupLost = segmentsIn(group).some(({ name, occurrence }) =>
    cascade.groupsLost.has(keyOf({ segment: name, occurrence })),
  );
  const left = fitSegment(cascade, rxa);
  if (isGroupLost || !left) return undefined;
  const own = (name: string) =>
    group.matches.find((match) => match.kind === 'segment' && match.segment.name === name);
  const [orc, rxr] = ['ORC', 'RXR'].map((name) => {
    const match = own(name);
    return match?.kind === 'segment' ? fitSegment(cascade, match.segment) : undefined;
  });
  return {
    number,
    ...(orc && { orc }),
    rxa: knownVaccine(profile, left),
    ...(rxr && { rxr }),
    obxs: observationsLeft(cascade, group),
  };
}

function observationsLeft(cascade: Cascade, group: GroupMatch): readonly Observation[] {
  return group.matches.flatMap((match) => {
    if (match.kind !== 'group' || match.element.name !== 'OBSERVATION') return [];
    const [obx, ...notes] = segmentsIn(match);
    const left = fitSegment(cascade, obx);
    return left ? [{ obx: left, notes }] : [];
  });
}

const mapped: ReadonlySet<string> = new Set([
  'MSH',
  'PID',
  'PD1',
  'NK1',
  'PV1',
  'ORC',
  'RXA',
  'RXR',
  'OBX',
  'NTE',
]);

/** Segments that no resource is made of, and fields after the last that the guide knows. */
function withoutPlace(profile: Profile, { segments }: Message): readonly string[] {
  return segments.flatMap((segment) => {
    const { name, occurrence } = segment;
    if (name === '') return [];
    if (!mapped.has(name)) return [`${name}[${occurrence}]`];
    const known = profile.segments.get(name)?.fields.length ?? 0;
    rawField(segment, 1);
    const extra = (segment.fields ?? []).slice(known + 1).findIndex((text) => text !== '');
    return extra < 0 ? [] : [`${name}[${occurrence}]-${known + 1 + extra}`];
  });
}
