/** How far a reporter is trusted in what it says of people, from 0 to 9; more by a greater number. */
export const mostTrust = 9;

/** Of who was not given any. */
export const usualTrust = 5;

/** The system of the tag by which a Patient tells it of its last report: the server sets it, whatever a client sends. */
export const trustSystem = 'https://jenner-iis.org/fhir/CodeSystem/trust';

/** One digit; undefined of anything else. */
export function parseTrust(text: string): number | undefined {
  return /^[0-9]$/.test(text) ? Number(text) : undefined;
}
