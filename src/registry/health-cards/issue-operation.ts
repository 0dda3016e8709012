import type { Immunization, Parameters, ParametersParameter } from 'fhir/r4.js';
import { Problem } from '../../fhir/problem.ts';
import { isResourceType } from '../../fhir/resource-type.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Inputs } from '../../operation/inputs.ts';
import type { Operation, OperationCall } from '../../operation/operation.ts';
import { type OperationAnswer, resourceAnswer } from '../../operation/operation-answer.ts';
import { input, output } from '../../operation/operation-parameter.ts';
import type { TokenPattern } from '../../search/filter.ts';
import { parseMsRange } from '../../values/instant.ts';
import { tableOf } from '../../values/table-of.ts';
import { type CardIssuer, type Dose, type Issued, issueCards, requireHttps } from './issue-cards.ts';

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

async function issue(
  ctx: InteractionContext,
  { id, inputs }: OperationCall,
  issuer: CardIssuer,
): Promise<OperationAnswer> {
  requireHttps(issuer);
  const isHeld = holdsTypes(inputs);
  const claims = claimsOf(inputs);
  const sets = await valueSetsOf(ctx, inputs);
  const since = parseMsRange(inputs.text('_since') ?? '')?.first ?? Number.NEGATIVE_INFINITY;
  if (!id) throw new Problem('not-found', 'There is no Patient without an id');
  const isWanted = ({ shown, kept }: Dose) =>
    isHeld && isSince(kept, since) && sets.every((patterns) => isIn(shown, patterns));
  const issued = await issueCards(ctx, issuer, id, { isWanted, claims });
  return resourceAnswer(toAnswer(ctx, issued));
}

/** The names that the types had before the guide was HL7's. */
const formerTypes: Readonly<Record<string, string>> = tableOf({
  '#immunization': 'Immunization',
  'https://smarthealth.cards#immunization': 'Immunization',
  '#laboratory': 'Observation',
  'https://smarthealth.cards#laboratory': 'Observation',
});

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

function isSince({ meta }: Immunization, since: number): boolean {
  return (parseMsRange(meta?.lastUpdated ?? '')?.first ?? since) >= since;
}

function toAnswer({ baseUrl }: InteractionContext, { patient, cards }: Issued): Parameters {
  const links = cards.flatMap(({ items }, vcIndex) =>
    [patient, ...items.map(({ kept }) => kept)].map(({ resourceType, id }, i) =>
      toLink(vcIndex, i, `${baseUrl}/${resourceType}/${id}`),
    ),
  );
  const credentials = cards.map(({ card }) => ({ name: 'verifiableCredential', valueString: card }));
  const parameter = [...credentials, ...links];
  // FHIR JSON has no empty arrays.
  return { resourceType: 'Parameters', ...(parameter.length > 0 && { parameter }) };
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
