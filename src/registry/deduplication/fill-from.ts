import type { Immunization } from 'fhir/r4.js';

/** From which event an element of a survivor was filled. */
export const filledFromUrl = 'https://jenner-iis.org/fhir/StructureDefinition/filled-from';

/** What tells more of the same event, and changes nothing of what it was. */
const fillable = [
  'manufacturer',
  'lotNumber',
  'expirationDate',
  'site',
  'route',
  'doseQuantity',
  'performer',
  'location',
  'education',
  'programEligibility',
  'fundingSource',
] as const;

/** The dose with what it lacks from others of the same event, the first that has it; what it says itself stays. */
export function fillFrom(dose: Immunization, others: readonly Immunization[]): Immunization {
  const filled: Record<string, unknown> = {};
  const origins: { url: string; extension: object[] }[] = [];
  for (const name of fillable) {
    if (dose[name] !== undefined) continue;
    const origin = others.find((other) => other[name] !== undefined);
    if (!origin || refersToOwn(dose, origin[name])) continue;
    filled[name] = origin[name];
    origins.push({
      url: filledFromUrl,
      extension: [
        { url: 'element', valueString: name },
        { url: 'source', valueReference: { reference: `Immunization/${origin.id}` } },
      ],
    });
  }
  if (origins.length === 0) return dose;
  const contained = containedFor(dose, Object.values(filled), others);
  return {
    ...dose,
    ...filled,
    ...(contained && { contained }),
    extension: [...(dose.extension ?? []), ...origins],
  } as Immunization;
}

/** It would mean another by the name of one that the dose contains itself. */
function refersToOwn({ contained = [] }: Immunization, element: unknown): boolean {
  if (contained.length === 0) return false;
  const text = JSON.stringify(element);
  return contained.some(({ id }) => text.includes(`"reference":"#${id}"`));
}

/** What is contained in another event, and referred to by what was taken from it, comes along. */
function containedFor(
  dose: Immunization,
  filled: readonly unknown[],
  others: readonly Immunization[],
): Immunization['contained'] {
  const text = JSON.stringify(filled);
  const found = new Map((dose.contained ?? []).map((one) => [one.id, one]));
  for (const { contained = [] } of others) {
    for (const one of contained) {
      if (!found.has(one.id) && text.includes(`"reference":"#${one.id}"`)) found.set(one.id, one);
    }
  }
  return found.size === 0 ? undefined : [...found.values()];
}
