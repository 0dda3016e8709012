import type { Vaccine } from './vaccine-product.ts';

/** A visit at an age in months, and what is given there. */
export type Visit = readonly [month: number, ...vaccines: Vaccine[]];

const adolescence: readonly Visit[] = [
  [132, 'tdap', 'menacwy', 'hpv'],
  [138, 'hpv'],
  [193, 'menacwy', 'menb'],
  [200, 'menb'],
];

/**
 * The US childhood schedule as clinics follow it: by which combination vaccine they buy. A vaccine that was not
 * on the market on the day is left out, so the same plans serve those born before it.
 */
export const visitPlans = {
  vaxelis: [
    [0, 'hepb-child'],
    [2, 'vaxelis', 'pcv-child', 'rota-three-dose'],
    [4, 'vaxelis', 'pcv-child', 'rota-three-dose'],
    [6, 'vaxelis', 'pcv-child', 'rota-three-dose'],
    [12, 'mmr', 'varicella', 'hepa-child'],
    [15, 'pcv-child', 'hib', 'dtap'],
    [19, 'hepa-child'],
    [49, 'dtap-ipv', 'mmrv'],
    ...adolescence,
  ],
  pediarix: [
    [0, 'hepb-child'],
    [2, 'pediarix', 'hib', 'pcv-child', 'rota-two-dose'],
    [4, 'pediarix', 'hib', 'pcv-child', 'rota-two-dose'],
    [6, 'pediarix', 'hib', 'pcv-child'],
    [12, 'mmr', 'varicella', 'hepa-child', 'pcv-child'],
    [15, 'dtap', 'hib'],
    [19, 'hepa-child'],
    [49, 'dtap-ipv', 'mmr', 'varicella'],
    ...adolescence,
  ],
  pentacel: [
    [0, 'hepb-child'],
    [1, 'hepb-child'],
    [2, 'pentacel', 'pcv-child', 'rota-three-dose'],
    [4, 'pentacel', 'pcv-child', 'rota-three-dose'],
    [6, 'pentacel', 'pcv-child', 'rota-three-dose', 'hepb-child'],
    [12, 'mmr', 'varicella', 'pcv-child', 'hepa-child'],
    [15, 'pentacel'],
    [19, 'hepa-child'],
    [49, 'dtap', 'ipv', 'mmrv'],
    ...adolescence,
  ],
  separate: [
    [0, 'hepb-child'],
    [1, 'hepb-child'],
    [2, 'dtap', 'hib', 'ipv', 'pcv-child', 'rota-three-dose'],
    [4, 'dtap', 'hib', 'ipv', 'pcv-child', 'rota-three-dose'],
    [6, 'dtap', 'hib', 'pcv-child', 'rota-three-dose', 'hepb-child'],
    [12, 'mmr', 'varicella', 'pcv-child', 'hib'],
    [15, 'dtap', 'ipv', 'hepa-child'],
    [22, 'hepa-child'],
    [49, 'dtap', 'ipv', 'mmr', 'varicella'],
    ...adolescence,
  ],
} as const satisfies Record<string, readonly Visit[]>;

export type PlanName = keyof typeof visitPlans;

/** No dose of these is given beyond this age in months: a visit that comes late leaves it out. */
export const lastMonthOf: Partial<Record<Vaccine, number>> = {
  'rota-two-dose': 7,
  'rota-three-dose': 7,
  hib: 59,
  'hib-omp': 59,
  'pcv-child': 59,
  pediarix: 83,
  pentacel: 59,
  vaxelis: 59,
  dtap: 83,
  'dtap-ipv': 83,
  mmrv: 155,
};

/** How a family keeps to the plan. */
export type Habits = {
  readonly plan: PlanName;
  /** Days by which each visit slips further. */
  readonly lateDays: readonly [least: number, most: number];
  /** Share of visits that do not take place. */
  readonly missed: number;
  /** Share of seasons with an influenza vaccine, and with a COVID-19 vaccine. */
  readonly flu: number;
  readonly covid: number;
  /** Share of what adults are due that they get. */
  readonly adult: number;
  /** Share of the doses from before clinics reported whose paper was lost. */
  readonly lostPaper: number;
  /** No visit from this age in months on: lost to follow-up. */
  readonly untilMonth?: number;
};

const onTime: Habits = {
  plan: 'pediarix',
  lateDays: [0, 1],
  missed: 0,
  flu: 1,
  covid: 0.6,
  adult: 1,
  lostPaper: 0,
};

export const habits = {
  onTime,
  late: { ...onTime, lateDays: [10, 45], flu: 0.4, covid: 0.3, adult: 0.7, lostPaper: 0.2 },
  spotty: { ...onTime, lateDays: [0, 40], missed: 0.3, flu: 0.25, covid: 0.2, adult: 0.4, lostPaper: 0.4 },
  never: { ...onTime, missed: 1, flu: 0, covid: 0, adult: 0 },
} as const satisfies Record<string, Habits>;
