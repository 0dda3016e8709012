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
    if (!origin) continue;
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
  return { ...dose, ...filled, extension: [...(dose.extension ?? []), ...origins] } as Immunization;
}
