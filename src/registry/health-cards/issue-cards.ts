import type { Bundle, Immunization, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import { isLoopback } from '../../values/is-loopback.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type CvxByOtherCodes, toCardDose, toCardPatient } from './card-content.ts';
import { type CardKeys, revocationId } from './card-keys.ts';
import { type Cut, cutCards } from './cut-cards.ts';
import { signCard, toCredential } from './health-card.ts';
import type { Revocations } from './revocations.ts';

export type CardIssuer = {
  /** What cards say of who issued them: the keys lie at `…/.well-known/jwks.json` below it. */
  readonly iss: string;
  readonly keys: CardKeys;
  readonly revocations: Revocations;
  readonly cvxByOtherCodes: CvxByOtherCodes;
  /** A person and each dose once, as the caller may see them. */
  readonly readRecord: (ctx: InteractionContext, id: ResourceId) => Promise<Bundle>;
};

/** A dose as the card tells it, and as it is kept. */
export type Dose = { readonly shown: Immunization; readonly kept: Immunization };

/** What a client asks a card to have. */
export type Wish = {
  readonly isWanted: (dose: Dose) => boolean;
  /** Which elements of the Patient it may tell; all that cards tell when absent. */
  readonly claims?: ReadonlySet<string> | undefined;
};

export type Issued = { readonly patient: Patient; readonly cards: readonly Cut<Dose>[] };

/** The doses of a person as cards; none where there is no dose that a card can tell. */
export async function issueCards(
  ctx: InteractionContext,
  issuer: CardIssuer,
  id: ResourceId,
  { isWanted, claims }: Wish,
): Promise<Issued> {
  const { patient, doses } = readDoses(await issuer.readRecord(ctx, id), issuer.cvxByOtherCodes);
  const wanted = doses.filter(isWanted);
  if (wanted.length === 0) return { patient, cards: [] };
  const shown = named(patient, claims);
  await ctx.pace();
  const { iss, keys, revocations } = issuer;
  const key = await keys.signer();
  const rid = revocationId(key, patient.id ?? '');
  // What was revoked a moment ago must not take along what is issued after it; some verifiers ask for a later second.
  const nbf = Math.max(Math.floor(ctx.clock.now() / 1000), (await revocations.before(key.kid, rid)) + 1);
  const toCard = (items: readonly Dose[]) =>
    signCard(toCredential({ iss, nbf, rid }, { patient: shown, doses: items.map((one) => one.shown) }), key);
  return { patient, cards: cutCards(wanted, toCard) };
}

/** A verifier refuses an issuer that it does not reach by https; on this machine alone cards may be tried without. */
export function requireHttps({ iss }: CardIssuer): void {
  const { protocol, hostname } = new URL(iss);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new Problem(
    'business-rule',
    `A health card of ${iss} would be refused everywhere: the server must be known by https (JENNER_PUBLIC_URL)`,
    { reason: 'no-https' },
  );
}

function readDoses({ entry = [] }: Bundle, cvxByOtherCodes: CvxByOtherCodes) {
  const resources = entry.map(({ resource }) => resource);
  const patient = resources.find((one) => one?.resourceType === 'Patient') as Patient | undefined;
  if (!patient) throw new Error('the record of a person has no Patient');
  const doses = resources
    .filter((one): one is Immunization => one?.resourceType === 'Immunization')
    .flatMap((kept): Dose | readonly [] => {
      const shown = toCardDose(kept, cvxByOtherCodes);
      return shown ? { shown, kept } : [];
    });
  return { patient, doses: doses.toSorted((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1)) };
}

function dayOf({ shown }: Dose): string {
  return shown.occurrenceDateTime ?? '';
}

function named(patient: Patient, claims: ReadonlySet<string> | undefined): Patient {
  const shown = toCardPatient(patient);
  if (!shown) {
    throw new Problem(
      'business-rule',
      `Patient/${patient.id} has no name, and a health card must tell whose it is`,
    );
  }
  if (!claims) return shown;
  const { name, birthDate } = shown;
  return {
    resourceType: 'Patient',
    ...(name && claims.has('Patient.name') && { name }),
    ...(birthDate !== undefined && claims.has('Patient.birthDate') && { birthDate }),
  };
}
