import { rawField, textAt } from '../er7/piece.ts';
import { isChild, isGuardian } from './patient-rules.ts';
import type { Rule } from './quality-context.ts';
import type { Subject } from './subject.ts';

const nk1 = ({ segments }: Subject, field: number, component = 1): string | undefined => {
  const segment = segments.get('NK1');
  return segment && textAt(segment, { field, component });
};

export const contactRules: Readonly<Record<string, Rule>> = {
  'no name of a contact': (contact) => nk1(contact, 2) === undefined && nk1(contact, 2, 2) === undefined,
  'guardian without a name': (contact) =>
    isGuardian(contact) && nk1(contact, 2) === undefined && nk1(contact, 2, 2) === undefined,
  'guardian without a given name': (contact) => isGuardian(contact) && nk1(contact, 2, 2) === undefined,
  'guardian without a family name': (contact) => isGuardian(contact) && nk1(contact, 2) === undefined,
  'not responsible': (contact) => nk1(contact, 3) !== undefined && !isGuardian(contact),
  'child of a child': (contact, context) => /^(?:CHD|SPO)$/.test(nk1(contact, 3) ?? '') && isChild(context),
  'other address': ({ segments }, { patient }) => {
    const [own, theirs] = [segments.get('NK1'), patient.segments.get('PID')];
    const [address, home] = [own && rawField(own, 4), theirs && rawField(theirs, 11)];
    return Boolean(address) && Boolean(home) && address !== home;
  },
};
