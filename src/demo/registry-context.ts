import type { EpochDay } from '../values/epoch-day.ts';
import { type Town, towns } from './place.ts';
import { createRandom } from './random.ts';

export type RegistryMode = 'demo' | 'bench';

export type RegistryOptions = {
  readonly mode: RegistryMode;
  /** A whole number; the same one gives the same registry. */
  readonly seed: number;
  /** The day the registry is looked at: nobody is born and nothing happens after it. */
  readonly asOf: EpochDay;
  /** Bench only: exactly so many doses each. 7 by default. */
  readonly dosesPerPerson?: number;
  /** Bench only; the demo has two. 200 by default, the first ones the busiest. */
  readonly clinics?: number;
};

export type Clinic = {
  readonly organizationId: string;
  readonly locationId: string;
  readonly practitionerId: string;
  readonly name: string;
  readonly town: Town;
};

export type RegistryContext = {
  readonly mode: RegistryMode;
  readonly seed: number;
  readonly asOf: EpochDay;
  readonly dosesPerPerson: number;
  readonly clinics: readonly [Clinic, ...Clinic[]];
  readonly schoolId: string;
};

/** All that a person depends on besides an index; how many people there are is no part of it. */
export function createRegistryContext(options: RegistryOptions): RegistryContext {
  const { mode, seed, asOf } = options;
  const count = mode === 'demo' ? 2 : Math.max(1, options.clinics ?? 200);
  const others = Array.from({ length: count - 1 }, (_, index) => createClinic(options, index + 1));
  return {
    mode,
    seed,
    asOf,
    dosesPerPerson: options.dosesPerPerson ?? 7,
    clinics: [createClinic(options, 0), ...others],
    schoolId: `${mode}-o-school`,
  };
}

const demoClinics = ['Harborview Pediatrics', 'Old Mill Family Health Center'];
const clinicKinds = [
  'Pediatrics',
  'Family Medicine',
  'Health Center',
  'Internal Medicine',
  'Pharmacy',
] as const;

function createClinic({ mode, seed }: RegistryOptions, index: number): Clinic {
  const random = createRandom(seed, 'clinic', index);
  const number = String(index + 1).padStart(4, '0');
  const town = mode === 'demo' ? (towns[index * 2] ?? towns[0]) : random.pickCommon(towns);
  const kind = random.pick(clinicKinds);
  return {
    organizationId: `${mode}-o-${number}`,
    locationId: `${mode}-l-${number}`,
    practitionerId: `${mode}-d-${number}`,
    name: (mode === 'demo' ? demoClinics[index] : undefined) ?? `${town.name} ${kind} ${index + 1}`,
    town,
  };
}

/** The clinic with that number; people may name one that a smaller registry lacks. */
export function clinicAt(context: RegistryContext, index: number): Clinic {
  return context.clinics[index % context.clinics.length] ?? context.clinics[0];
}

/** `demo-p-000123`: the letter says the type, the number is the person's index plus one. */
export function personId(mode: RegistryMode, index: number): string {
  return `${mode}-p-${personNumber(index)}`;
}

export function personNumber(index: number): string {
  return String(index + 1).padStart(6, '0');
}
