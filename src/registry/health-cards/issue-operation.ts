import type { Bundle, Immunization, Parameters, ParametersParameter, Patient } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { isResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Inputs } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import type { TokenPattern } from '../../search/filter.ts';
import { parseMsRange } from '../../values/instant.ts';
import { isLoopback } from '../../values/is-loopback.ts';
import type { ResourceId } from '../../values/resource-id.ts';
import { type CvxByOtherCodes, toCardDose, toCardPatient } from './card-content.ts';
import { type CardKeys, revocationId } from './card-keys.ts';
import { cutCards } from './cut-cards.ts';
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

/** A person's doses as cards that somebody else can check without asking here. */
export function issueOperation(issuer: CardIssuer): Operation {
  return {
    code: 'health-cards-issue',
    definition:
      'http://hl7.org/fhir/uv/smart-health-cards-and-links/OperationDefinition/patient-i-health-cards-issue',
    description: 'Answers the doses of a person as SMART Health Cards, each short enough for one QR code.',
    levels: ['instance'],
    types: ['Patient'],
    affectsState: false,
    parameters: [
      input('credentialType', 'uri', 'A type of resource that a card must have: Immunization', {
        min: 1,
        max: '*',
      }),
      input('credentialValueSet', 'uri', 'Only doses of a vaccine in these value sets', { max: '*' }),
      input(
        'includeIdentityClaim',
        'string',
        'What a card may say of the person: Patient.name, Patient.birthDate',
        {
          max: '*',
        },
      ),
      input('_since', 'dateTime', 'Only doses that were written or changed since'),
      output('verifiableCredential', 'string', 'A card, as a JWS', { max: '*' }),
      output(
        'resourceLink',
        [
          output('vcIndex', 'integer', 'Which card, from 0 on'),
          output('bundledResource', 'uri', 'The resource in the card', { min: 1 }),
          output('hostedResource', 'uri', 'The same on this server', { min: 1 }),
        ],
        'What a resource in a card was made of',
        { max: '*' },
      ),
    ],
    run: (ctx, call) => issue(ctx, call, issuer),
  };
}

/** A dose as the card tells it, and as it is kept. */
type Dose = { readonly shown: Immunization; readonly kept: Immunization };

async function issue(
  ctx: InteractionContext,
  { id, inputs }: OperationCall,
  issuer: CardIssuer,
): Promise<OperationAnswer> {
  requireHttps(issuer);
  const isHeld = holdsTypes(inputs);
  const isClaimed = claimsOf(inputs);
  const sets = await valueSetsOf(ctx, inputs);
  if (!id) throw new Problem('not-found', 'There is no Patient without an id');
  const { patient, doses } = readDoses(await issuer.readRecord(ctx, id), issuer, inputs);
  const wanted = doses.filter(({ shown }) => sets.every((patterns) => isIn(shown, patterns)));
  if (!isHeld || wanted.length === 0) return resourceAnswer({ resourceType: 'Parameters' });
  await ctx.pace();
  return resourceAnswer(
    await toAnswer(ctx, issuer, { kept: patient, shown: named(patient, isClaimed) }, wanted),
  );
}

/** A verifier refuses an issuer that it does not reach by https; on this machine alone cards may be tried without. */
function requireHttps({ iss }: CardIssuer): void {
  const { protocol, hostname } = new URL(iss);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new Problem(
    'business-rule',
    `A health card of ${iss} would be refused everywhere: the server must be known by https (JENNER_PUBLIC_URL)`,
  );
}

/** The names that the types had before the guide was HL7's. */
const formerTypes: Readonly<Record<string, string>> = {
  '#immunization': 'Immunization',
  'https://smarthealth.cards#immunization': 'Immunization',
  '#laboratory': 'Observation',
  'https://smarthealth.cards#laboratory': 'Observation',
};

/** Whether one card can have all that was asked for. */
function holdsTypes(inputs: Inputs): boolean {
  const types = inputs.texts('credentialType').map((text) => formerTypes[text] ?? text);
  const unknown = types.find((type) => !isResourceType(type));
  if (unknown !== undefined) {
    throw new Problem(
      'invalid-parameter',
      `The credentialType "${unknown.slice(0, 200)}" is no type of resource; Immunization was expected`,
      { expression: inputs.place('credentialType') },
    );
  }
  return types.every((type) => type === 'Immunization' || type === 'Patient');
}

/** Undefined: whatever a card says of a person. */
function claimsOf(inputs: Inputs): ReadonlySet<string> | undefined {
  if (!inputs.has('includeIdentityClaim')) return undefined;
  const claims = inputs.texts('includeIdentityClaim');
  const wrong = claims.find((claim) => !/^Patient\.[a-z][A-Za-z]*$/.test(claim));
  if (wrong === undefined) return new Set(claims);
  throw new Problem(
    'invalid-parameter',
    `The includeIdentityClaim "${wrong.slice(0, 200)}" names no element; such as Patient.name was expected`,
    { expression: inputs.place('includeIdentityClaim') },
  );
}

async function valueSetsOf(
  ctx: InteractionContext,
  inputs: Inputs,
): Promise<readonly (readonly TokenPattern[])[]> {
  const sets = inputs.texts('credentialValueSet').map(async (url) => {
    const patterns = ctx.searchTerms.expand?.(url) ?? (await ctx.storedTerms.expand(ctx, url));
    if (patterns) return patterns;
    throw new Problem(
      'not-supported',
      `The value set "${url.slice(0, 200)}" is not known here; without credentialValueSet all doses are answered`,
      { expression: inputs.place('credentialValueSet') },
    );
  });
  return Promise.all(sets);
}

function isIn({ vaccineCode }: Immunization, patterns: readonly TokenPattern[]): boolean {
  const [coding] = vaccineCode.coding ?? [];
  return patterns.some(
    ({ system, code }) =>
      (system === undefined || system === coding?.system) && (code === undefined || code === coding?.code),
  );
}

function readDoses({ entry = [] }: Bundle, { cvxByOtherCodes }: CardIssuer, inputs: Inputs) {
  const resources = entry.map(({ resource }) => resource);
  const patient = resources.find((one) => one?.resourceType === 'Patient') as Patient | undefined;
  if (!patient) throw new Error('the record of a person has no Patient');
  const since = parseMsRange(inputs.text('_since') ?? '')?.first ?? Number.NEGATIVE_INFINITY;
  const doses = resources
    .filter((one): one is Immunization => one?.resourceType === 'Immunization')
    .filter(({ meta }) => (parseMsRange(meta?.lastUpdated ?? '')?.first ?? since) >= since)
    .flatMap((kept): Dose | readonly [] => {
      const shown = toCardDose(kept, cvxByOtherCodes);
      return shown ? { shown, kept } : [];
    });
  return { patient, doses: doses.toSorted((a, b) => (dayOf(a) < dayOf(b) ? -1 : 1)) };
}

function dayOf({ shown }: Dose): string {
  return shown.occurrenceDateTime ?? '';
}

function named(patient: Patient, claimed: ReadonlySet<string> | undefined): Patient {
  const shown = toCardPatient(patient);
  if (!shown) {
    throw new Problem(
      'business-rule',
      `Patient/${patient.id} has no name, and a health card must tell whose it is`,
    );
  }
  if (!claimed) return shown;
  const { name, birthDate } = shown;
  return {
    resourceType: 'Patient',
    ...(name && claimed.has('Patient.name') && { name }),
    ...(birthDate !== undefined && claimed.has('Patient.birthDate') && { birthDate }),
  };
}

type Person = { readonly kept: Patient; readonly shown: Patient };

async function toAnswer(
  { baseUrl, clock }: InteractionContext,
  { iss, keys, revocations }: CardIssuer,
  person: Person,
  doses: readonly Dose[],
): Promise<Parameters> {
  const key = await keys.signer();
  const rid = revocationId(key, person.kept.id ?? '');
  // What was revoked a moment ago must not take along what is issued after it; some verifiers ask for a later second.
  const nbf = Math.max(Math.floor(clock.now() / 1000), (await revocations.before(key.kid, rid)) + 1);
  const toCard = (items: readonly Dose[]) =>
    signCard(
      toCredential({ iss, nbf, rid }, { patient: person.shown, doses: items.map(({ shown }) => shown) }),
      key,
    );
  const cards = cutCards(doses, toCard);
  const links = cards.flatMap(({ items }, vcIndex) =>
    [person.kept, ...items.map(({ kept }) => kept)].map(({ resourceType, id }, i) =>
      toLink(vcIndex, i, `${baseUrl}/${resourceType}/${id}`),
    ),
  );
  const credentials = cards.map(({ card }) => ({ name: 'verifiableCredential', valueString: card }));
  return { resourceType: 'Parameters', parameter: [...credentials, ...links] };
}

function toLink(vcIndex: number, place: number, hosted: string): ParametersParameter {
  return {
    name: 'resourceLink',
    part: [
      { name: 'vcIndex', valueInteger: vcIndex },
      { name: 'bundledResource', valueUri: `resource:${place}` },
      { name: 'hostedResource', valueUri: hosted },
    ],
  };
}
