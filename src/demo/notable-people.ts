import type { FindingName } from './finding.ts';
import {
  atAge,
  enteredInError,
  flawed,
  given,
  givenDaysAgo,
  type HistoryEdit,
  onlyFirst,
  refused,
  rememberedUntil,
  reportedTwice,
  soonAfterPrevious,
  without,
} from './history-edit.ts';
import type { Person, Sex } from './person.ts';
import { type Habits, habits } from './visit-plan.ts';

type ShownStatus = 'due' | 'overdue' | 'complete' | 'immune' | 'contraindicated' | 'aged out';

type OwnIdentity = Partial<
  Pick<
    Person,
    | 'family'
    | 'given'
    | 'suffix'
    | 'nickname'
    | 'mothersMaidenName'
    | 'race'
    | 'hispanic'
    | 'language'
    | 'birthOrder'
    | 'clinic'
  >
>;

/** Someone in the demo who is there to be looked at. */
export type NotablePerson = {
  readonly slug: string;
  readonly title: string;
  readonly look: string;
  /** What some vaccine group of the forecast says of this person on 1 March 2026. */
  readonly shows: readonly ShownStatus[];
  /** Age on the day the registry is looked at. */
  readonly age: { readonly years?: number; readonly months?: number; readonly days?: number };
  readonly sex?: Sex;
  /** Shares name, home and birthday with this person, except for what `identity` says. */
  readonly sameAs?: string;
  /** Lives with this person, and has the same mother. */
  readonly siblingOf?: string;
  /** The record was merged into that person's and is kept as a pointer. */
  readonly mergedInto?: string;
  readonly identity?: OwnIdentity;
  readonly movedDaysAgo?: number;
  readonly diedDaysAgo?: number;
  readonly habits: Habits;
  readonly findings?: readonly FindingName[];
  readonly edits?: readonly HistoryEdit[];
};

const { onTime, late, spotty, never } = habits;

/** In the order of their ids: the first is demo-p-000001. */
export const notablePeople: readonly NotablePerson[] = [
  {
    slug: 'newborn',
    title: 'Newborn, three days old',
    look: 'Hepatitis B on the day of birth; every other first dose lies ahead (RSV antibody due in season)',
    shows: [],
    age: { days: 3 },
    habits: onTime,
  },
  {
    slug: 'two-month-visit',
    title: 'Infant at the two-month visit',
    look: 'Six vaccine groups due today',
    shows: ['due'],
    age: { months: 2, days: 1 },
    habits: { ...onTime, untilMonth: 2 },
  },
  {
    slug: 'infant-on-time',
    title: 'Infant on time with Vaxelis',
    look: 'One combination vaccine counts for six diseases',
    shows: ['due', 'complete'],
    age: { months: 7 },
    habits: { ...onTime, plan: 'vaxelis' },
  },
  {
    slug: 'toddler-on-time',
    title: 'Toddler on time with Pediarix',
    look: 'Nothing overdue; hepatitis A, hepatitis B and Hib series complete',
    shows: ['complete'],
    age: { months: 21 },
    habits: onTime,
  },
  {
    slug: 'toddler-behind',
    title: 'Toddler lost after the four-month visit',
    look: 'Catch-up: almost everything overdue (Pentacel at first)',
    shows: ['overdue', 'aged out'],
    age: { months: 26 },
    habits: { ...late, plan: 'pentacel', untilMonth: 5, flu: 0, covid: 0 },
  },
  {
    slug: 'no-rotavirus',
    title: 'Infant who never had rotavirus vaccine',
    look: 'Rotavirus aged out, the rest on time',
    shows: ['aged out'],
    age: { months: 11 },
    habits: onTime,
    edits: [without('rota-two-dose')],
  },
  {
    slug: 'mmr-too-early',
    title: 'First MMR a month before the first birthday',
    look: 'Dose not valid (too young); the kindergarten dose counts as the first',
    shows: ['due'],
    age: { years: 5, months: 3 },
    sex: 'male',
    siblingOf: 'toddler-behind',
    identity: { given: ['Henry'] },
    habits: onTime,
    edits: [atAge('mmr', 1, 335)],
  },
  {
    slug: 'doses-too-close',
    title: 'Second DTaP two weeks after the first',
    look: 'Dose not valid (too soon)',
    shows: ['overdue'],
    age: { years: 2, months: 2 },
    habits: { ...onTime, plan: 'separate', untilMonth: 20 },
    edits: [soonAfterPrevious('dtap', 2, 14)],
  },
  {
    slug: 'live-vaccines-too-close',
    title: 'Varicella two weeks after MMR',
    look: 'Second live vaccine not valid (vaccine conflict)',
    shows: ['overdue'],
    age: { months: 20 },
    habits: onTime,
    edits: [atAge('mmr', 1, 367), atAge('varicella', 1, 381)],
  },
  {
    slug: 'reported-twice',
    title: 'Doses reported by two clinics',
    look: 'ProQuad and MMR stand twice, a day or two apart, once as history (primarySource false)',
    shows: ['complete'],
    age: { years: 5, months: 8 },
    habits: { ...onTime, plan: 'pentacel' },
    edits: [reportedTwice('mmrv', 1, 2), reportedTwice('mmr', 1, 1), reportedTwice('hepb-child', 1, 1)],
  },
  {
    slug: 'refuses',
    title: 'Family that refuses vaccines',
    look: 'Only not-done records, with religious and parental objection',
    shows: ['overdue'],
    age: { years: 7 },
    habits: never,
    edits: [
      refused('mmr', 12, 'religion'),
      refused('dtap', 15, 'parent-objects'),
      refused('flu', 62, 'parent-objects'),
    ],
  },
  {
    slug: 'first-twin',
    title: 'Mia, the first of twins',
    look: 'Same birthday, home and mother as the next record: must not be merged',
    shows: ['complete'],
    age: { years: 3 },
    sex: 'female',
    identity: { given: ['Mia', 'Rose'], birthOrder: 1 },
    habits: onTime,
  },
  {
    slug: 'second-twin',
    title: 'Mya, the second of twins',
    look: 'One letter apart from her sister; she missed a visit',
    shows: ['overdue'],
    age: { years: 3 },
    sex: 'female',
    sameAs: 'first-twin',
    identity: { given: ['Mya', 'Rose'], birthOrder: 2 },
    habits: onTime,
    edits: [without('hepa-child'), refused('hepa-child', 12, 'out-of-stock')],
  },
  {
    slug: 'eleven',
    title: 'Eleventh birthday this week',
    look: 'Tdap, HPV and meningococcal ACWY become due together',
    shows: ['due', 'complete'],
    age: { years: 11, days: 4 },
    habits: { ...onTime, untilMonth: 131 },
  },
  {
    slug: 'adolescent-complete',
    title: 'Adolescent with everything',
    look: 'HPV in two doses, both meningococcal vaccines complete',
    shows: ['complete'],
    age: { years: 17, months: 6 },
    habits: onTime,
  },
  {
    slug: 'late-hpv',
    title: 'HPV begun after the fifteenth birthday',
    look: 'Three doses are needed, not two',
    shows: ['due', 'overdue'],
    age: { years: 16 },
    habits: onTime,
    edits: [without('hpv'), given('hpv', 183)],
  },
  {
    slug: 'past-chickenpox',
    title: 'Had chickenpox at four',
    look: 'Immune to varicella without a dose, by a resolved Condition',
    shows: ['immune'],
    age: { years: 13 },
    habits: onTime,
    findings: ['past-chickenpox'],
    edits: [without('varicella', 'mmrv'), refused('varicella', 61, 'immune')],
  },
  {
    slug: 'asplenia',
    title: 'Child without a working spleen',
    look: 'Risk series: meningococcal ACWY and B before the usual age, more pneumococcal doses',
    shows: ['due', 'overdue'],
    age: { years: 9 },
    habits: onTime,
    findings: ['asplenia'],
    edits: [given('menacwy', 40)],
  },
  {
    slug: 'pregnant',
    title: 'Pregnant, seven months',
    look: 'MMR, varicella and HPV contraindicated; RSV recommended in autumn, else later',
    shows: ['contraindicated'],
    age: { years: 31 },
    sex: 'female',
    habits: { ...spotty, plan: 'separate' },
    findings: ['pregnant'],
    edits: [without('tdap', 'td', 'mmr', 'varicella'), given('tdap', 290)],
  },
  {
    slug: 'hiv',
    title: 'Adult with HIV infection',
    look: 'Risk series for hepatitis A and B, meningococcal and pneumococcal vaccines',
    shows: ['due', 'overdue'],
    age: { years: 42 },
    habits: { ...onTime, plan: 'separate', adult: 0.6 },
    findings: ['hiv'],
    edits: [without('hepb-adult'), given('hepb-adult', 490), given('hepb-adult', 491)],
  },
  {
    slug: 'egg-allergy',
    title: 'Child allergic to eggs',
    look: 'AllergyIntolerance that CDSi knows; influenza vaccine is given all the same',
    shows: ['complete'],
    age: { years: 8 },
    habits: onTime,
    findings: ['egg-allergy'],
  },
  {
    slug: 'latex-allergy',
    title: 'Infant allergic to latex',
    look: 'One rotavirus product is ruled out, the other is not',
    shows: ['due'],
    age: { months: 3 },
    habits: { ...onTime, untilMonth: 2 },
    findings: ['latex-allergy'],
  },
  {
    slug: 'pertussis-reaction',
    title: 'Severe reaction to a pertussis vaccine',
    look: 'DTaP contraindicated after the second dose',
    shows: ['contraindicated'],
    age: { months: 9 },
    habits: { ...onTime, plan: 'separate', untilMonth: 5 },
    findings: ['pertussis-reaction'],
  },
  {
    slug: 'yeast-allergy',
    title: 'Adolescent allergic to yeast',
    look: 'HPV and hepatitis B contraindicated',
    shows: ['contraindicated'],
    age: { years: 12 },
    habits: { ...onTime, untilMonth: 132 },
    findings: ['yeast-allergy', 'asthma'],
  },
  {
    slug: 'traveller',
    title: 'Traveller with Twinrix',
    look: 'Hepatitis A and B complete with three doses of one combination vaccine',
    shows: ['complete'],
    age: { years: 29 },
    habits: { ...spotty, plan: 'separate' },
    findings: ['hepatitis-a-travel'],
    edits: [
      without('hepb-child', 'hepb-adult', 'hepa-child'),
      given('twinrix', 324),
      given('twinrix', 325),
      given('twinrix', 331),
    ],
  },
  {
    slug: 'zoster-half-done',
    title: 'One of two zoster doses',
    look: 'Second recombinant zoster dose overdue',
    shows: ['overdue'],
    age: { years: 57 },
    habits: { ...onTime, covid: 0.2 },
    edits: [onlyFirst('zoster', 1)],
  },
  {
    slug: 'senior-complete',
    title: 'Senior with every vaccine',
    look: 'Zoster, pneumococcal and RSV complete; high-dose influenza every autumn',
    shows: ['complete'],
    age: { years: 78 },
    habits: { ...onTime, covid: 1 },
  },
  {
    slug: 'live-zoster-first',
    title: 'Live zoster vaccine years ago',
    look: 'The live dose does not complete the series: recombinant doses are still needed',
    shows: ['due'],
    age: { years: 72 },
    habits: { ...onTime, adult: 0.8 },
    edits: [without('zoster', 'zoster-live'), given('zoster-live', 744)],
  },
  {
    slug: 'eldest',
    title: 'Ninety-five years old',
    look: 'Immune to measles, mumps, rubella by year of birth',
    shows: ['immune'],
    age: { years: 95 },
    habits: { ...onTime, adult: 0.7 },
  },
  {
    slug: 'deceased',
    title: 'Died four months ago',
    look: 'deceasedDateTime set; nothing recorded after it, nothing to recall',
    shows: [],
    age: { years: 84 },
    diedDaysAgo: 120,
    habits: onTime,
  },
  {
    slug: 'moved',
    title: 'Moved and changed clinic',
    look: 'Two addresses with periods; doses from both clinics',
    shows: ['complete'],
    age: { years: 6 },
    movedDaysAgo: 500,
    habits: onTime,
  },
  {
    slug: 'long-name',
    title: 'María José Zoë Rodríguez-O’Shaughnessy de la Vega',
    look: 'Accents, hyphen, apostrophe, spaces and a nickname in one name',
    shows: ['complete'],
    age: { years: 4, months: 6 },
    sex: 'female',
    identity: {
      family: 'Rodríguez-O’Shaughnessy de la Vega',
      given: ['María José', 'Zoë'],
      nickname: 'Majo',
      mothersMaidenName: 'Núñez y Ortega',
      hispanic: true,
      language: 'es',
    },
    habits: onTime,
  },
  {
    slug: 'from-abroad',
    title: 'Came from abroad at eight',
    look: 'Dates known to the month, and one vaccine nobody can name (CVX 999)',
    shows: ['overdue'],
    age: { years: 10 },
    identity: { language: 'pt', family: 'dos Santos', given: ['João', 'Pedro'] },
    habits: { ...spotty, plan: 'separate', missed: 0.2 },
    edits: [
      rememberedUntil(96, 'parent-recall', 'month'),
      given('unknown', 20, 'parent-recall'),
      rememberedUntil(3, 'parent-recall', 'year'),
      given('mmr', 98),
    ],
  },
  {
    slug: 'entered-in-error',
    title: 'MMR entered for the wrong child',
    look: 'Status entered-in-error: the dose does not count',
    shows: ['overdue'],
    age: { years: 2, months: 6 },
    habits: onTime,
    edits: [enteredInError('mmr', 1)],
  },
  {
    slug: 'flawed-doses',
    title: 'An expired lot and half a dose',
    look: 'Second MMR from a lot past its date; second hepatitis A dose marked subpotent',
    shows: ['overdue'],
    age: { years: 4, months: 9 },
    habits: onTime,
    edits: [flawed('mmr', 2, 'lot-expired'), flawed('hepa-child', 2, 'half-dose')],
  },
  {
    slug: 'duplicate-first',
    title: 'Catherine, likely one person with two records',
    look: 'Same birthday, phone and home as the next record, other spelling: candidate for a merge',
    shows: ['overdue'],
    age: { years: 45 },
    sex: 'female',
    identity: { given: ['Catherine', 'Anne'] },
    habits: { ...onTime, plan: 'separate', adult: 0.6 },
  },
  {
    slug: 'duplicate-second',
    title: 'Katherine, her second record',
    look: 'Reported by the other clinic; holds the doses that the first record lacks',
    shows: ['overdue'],
    age: { years: 45 },
    sex: 'female',
    sameAs: 'duplicate-first',
    identity: { given: ['Katherine'], nickname: 'Kate', clinic: 1 },
    habits: { ...spotty, plan: 'separate' },
    edits: [given('tdap', 500)],
  },
  {
    slug: 'merge-survivor',
    title: 'Record that survived a merge',
    look: 'Holds all doses of both records',
    shows: ['overdue'],
    age: { years: 38 },
    sex: 'female',
    habits: { ...onTime, plan: 'separate', adult: 0.5 },
  },
  {
    slug: 'merged-away',
    title: 'Record that was merged away',
    look: 'Inactive, link replaced-by points to the record before it; maiden name',
    shows: [],
    age: { years: 38 },
    sex: 'female',
    sameAs: 'merge-survivor',
    mergedInto: 'merge-survivor',
    identity: { family: 'Winterbourne' },
    habits: never,
  },
  {
    slug: 'health-worker',
    title: 'Health worker with proven hepatitis B immunity',
    look: 'Immune by laboratory evidence; other vaccines recommended for the job',
    shows: ['immune', 'due'],
    age: { years: 36 },
    habits: { ...onTime, plan: 'separate' },
    findings: ['health-worker', 'hepatitis-b-immune'],
    edits: [without('hepb-child', 'hepb-adult')],
  },
  {
    slug: 'diabetes',
    title: 'Adult with diabetes and kidney disease',
    look: 'Pneumococcal and hepatitis B earlier than for others of that age',
    shows: ['due', 'overdue'],
    age: { years: 47 },
    habits: { ...onTime, plan: 'separate', adult: 0.3 },
    findings: ['diabetes', 'kidney-disease'],
    edits: [without('hepb-adult')],
  },
  {
    slug: 'nothing-on-file',
    title: 'Adult with nothing on file',
    look: 'No Immunization at all; HPV aged out, the rest due or overdue',
    shows: ['overdue', 'aged out'],
    age: { years: 52 },
    habits: never,
  },
  {
    slug: 'rsv-antibody',
    title: 'Infant with RSV antibody',
    look: 'Nirsevimab a week after birth: RSV complete for the season',
    shows: ['complete'],
    age: { months: 3, days: 5 },
    habits: onTime,
    edits: [givenDaysAgo('rsv-infant', 85)],
  },
  {
    slug: 'out-of-season',
    title: 'Infant without RSV antibody',
    look: 'RSV due in season, after it in the next',
    shows: ['due'],
    age: { months: 5 },
    habits: onTime,
  },
];
