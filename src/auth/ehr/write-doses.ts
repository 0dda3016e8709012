import type { Immunization } from 'fhir/r4.js';
import type { Resource } from '../../fhir/resource.ts';
import { writeJson } from '../../fhir/write-json.ts';
import type { Store } from '../../store/contract/store.ts';
import type { Clock } from '../../values/clock.ts';
import type { EpochMs } from '../../values/instant.ts';
import { FetchError } from '../clients/fetch-json.ts';
import { openRecords } from '../records/open-records.ts';
import { hashSecret } from '../secrets/random-secret.ts';
import { carryOver } from './carry-over.ts';
import type { EhrVisit, LaunchPort } from './ehr-launch.ts';
import type { MergedRecord } from './merged-record.ts';

/** What became of a dose that was to be written into the EHR. */
export type Outcome =
  | { readonly kind: 'written' }
  /** The EHR has answered that it takes it not. */
  | { readonly kind: 'refused'; readonly status: number }
  /** Nobody knows: the EHR has not answered, or not clearly. */
  | { readonly kind: 'unclear' }
  /** It was sent a moment ago. */
  | { readonly kind: 'before' };

export type Written = { readonly dose: Immunization; readonly outcome: Outcome };

export type WritePort = {
  readonly store: Store;
  readonly clock: Clock;
  readonly fetch: LaunchPort['fetch'];
  /** The FHIR base of the registry. */
  readonly base: string;
};

type Sent = { readonly until: EpochMs };

/** EHRs may take their time until a search finds what they were told. */
const sentMs = 60 * 60_000;
/** Who waits for an answer waits for them all. */
const mostAtOnce = 50;

export function mayBeWritten({ in: where, dose }: MergedRecord['rows'][number]): boolean {
  return where === 'registry' && dose.status === 'completed' && dose.id !== undefined;
}

/** Writes chosen doses that the EHR lacks into it, as FHIR creates, one after the other. */
export async function writeDoses(
  port: WritePort,
  visit: EhrVisit,
  { record, chosen }: { readonly record: MergedRecord; readonly chosen: ReadonlySet<string> },
): Promise<readonly Written[]> {
  const { store, clock } = port;
  const sent = openRecords<Sent>({ store, collection: 'ehr-sent', expiresOf: ({ until }) => until });
  const doses = record.rows.filter((row) => mayBeWritten(row) && chosen.has(row.dose.id ?? ''));
  const written: Written[] = [];
  for (const { dose } of doses.slice(0, mostAtOnce)) {
    const key = hashSecret(`${visit.ehr.iss} ${visit.patient} ${dose.id}`);
    const until = (clock.now() + sentMs) as EpochMs;
    if (!(await claim(sent, key, { until, now: clock.now() }))) {
      written.push({ dose, outcome: { kind: 'before' } });
      continue;
    }
    const outcome = await send(port, visit, dose);
    if (outcome.kind === 'refused') await sent.remove(key);
    written.push({ dose, outcome });
  }
  return written;
}

/** Of two who press at once one writes. */
async function claim(
  sent: ReturnType<typeof openRecords<Sent>>,
  key: string,
  { until, now }: { readonly until: EpochMs; readonly now: EpochMs },
): Promise<boolean> {
  if (await sent.add(key, { until })) return true;
  const changed = await sent.change(key, (before) => (before.until <= now ? { until } : undefined));
  return changed !== undefined;
}

async function send({ fetch, base }: WritePort, visit: EhrVisit, dose: Immunization): Promise<Outcome> {
  const identifier = { system: `${base}/Immunization`, value: dose.id ?? '' };
  const body = writeJson(toEhrDose(dose, { base, patient: visit.patient, identifier }), true);
  const headers = {
    'content-type': 'application/fhir+json',
    accept: 'application/fhir+json',
    authorization: `Bearer ${visit.accessToken}`,
    prefer: 'return=minimal',
    // R4 http.html#ccreate; who does not know it writes all the same.
    'if-none-exist': `identifier=${encodeURIComponent(`${identifier.system}|${identifier.value}`)}`,
  };
  try {
    await fetch(`${visit.ehr.iss}/Immunization`, { method: 'POST', headers, body, isWrite: true });
    return { kind: 'written' };
  } catch (thrown) {
    if (!(thrown instanceof FetchError)) throw thrown;
    const { status } = thrown;
    return status !== undefined && status >= 400 && status < 500
      ? { kind: 'refused', status }
      : { kind: 'unclear' };
  }
}

const told = new Set([
  'resourceType',
  'status',
  'vaccineCode',
  'occurrenceDateTime',
  '_occurrenceDateTime',
  'occurrenceString',
  'lotNumber',
  'expirationDate',
  'manufacturer',
  'site',
  'route',
  'doseQuantity',
  'performer',
  'location',
  'isSubpotent',
  'subpotentReason',
  'note',
]);

/** For the EHR it is history: it was given elsewhere, and told by a registry. */
function toEhrDose(
  dose: Immunization,
  of: { readonly base: string; readonly patient: string; readonly identifier: object },
): object {
  const { base, patient, identifier } = of;
  const carried = carryOver(dose as unknown as Resource, { base, names: new Map() });
  return {
    ...Object.fromEntries(Object.entries(carried).filter(([name]) => told.has(name))),
    identifier: [identifier],
    patient: { reference: `Patient/${patient}` },
    primarySource: false,
    reportOrigin: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/immunization-origin', code: 'record' }],
      text: 'Immunization registry',
    },
  };
}
