import type { RelatedPerson } from 'fhir/r4.js';
import { concept } from './coding.ts';
import { indexOfNotable, makeDemoPerson } from './demo-person.ts';
import { createRegistryContext, personId, personNumber, type RegistryOptions } from './registry-context.ts';

const mother = concept('http://terminology.hl7.org/CodeSystem/v3-RoleCode', 'MTH', 'mother');
/** Who answers for whom: the mother of the twins, and of a child who is late and one whose dose does not count. */
const families = {
  twins: ['first-twin', 'second-twin'],
  late: ['toddler-behind', 'mmr-too-early'],
} as const;

export type DemoFamily = keyof typeof families;

/** A mother, once for each child: who answers for several people has several RelatedPersons. */
export function demoFamily(
  options: RegistryOptions & { readonly people: number },
  family: DemoFamily = 'twins',
): readonly RelatedPerson[] {
  const context = createRegistryContext(options);
  const there = families[family].map(indexOfNotable).filter((index) => index < options.people);
  return there.map((index) => {
    const { person } = makeDemoPerson(context, index);
    return {
      resourceType: 'RelatedPerson',
      id: `demo-r-${personNumber(index)}`,
      active: true,
      patient: { reference: `Patient/${personId('demo', index)}` },
      relationship: [mother],
      name: [{ use: 'official', family: person.family, given: [person.mothersGivenName] }],
    };
  });
}
