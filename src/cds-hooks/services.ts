/** CDS Hooks 2.0, Discovery: what an EHR may call, and what it should send along. */
export type CdsService = {
  readonly id: string;
  readonly hook: 'patient-view' | 'order-select';
  readonly title: string;
  readonly description: string;
  readonly usageRequirements: string;
  readonly prefetch: Readonly<Record<PrefetchKey, string>>;
};

/** What a forecast rests on, by the names that the templates have. */
export const prefetchKeys = [
  'patient',
  'immunizations',
  'conditions',
  'observations',
  'allergies',
  'procedures',
] as const;
export type PrefetchKey = (typeof prefetchKeys)[number];

const ofPatient = 'patient={{context.patientId}}';

const prefetch: CdsService['prefetch'] = {
  patient: 'Patient/{{context.patientId}}',
  immunizations: `Immunization?${ofPatient}`,
  conditions: `Condition?${ofPatient}`,
  observations: `Observation?${ofPatient}&category=laboratory`,
  allergies: `AllergyIntolerance?${ofPatient}`,
  procedures: `Procedure?${ofPatient}`,
};

const usageRequirements =
  'Patient and immunizations are needed, by prefetch or by a token for the FHIR server; the rest makes the answer better.';

export const services: readonly CdsService[] = [
  {
    id: 'immunizations-due',
    hook: 'patient-view',
    title: 'Immunizations due',
    description:
      'Tells which vaccines are overdue and due, by the schedule and by what the registry knows of the person.',
    usageRequirements,
    prefetch,
  },
  {
    id: 'immunization-order',
    hook: 'order-select',
    title: 'Immunization order',
    description:
      'Tells of a vaccine that is selected whether it is due and would count, and what else is due.',
    usageRequirements,
    prefetch,
  },
];

export function serviceOf(id: string): CdsService | undefined {
  return services.find((one) => one.id === id);
}
