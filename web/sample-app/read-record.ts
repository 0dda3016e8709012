import type { Access } from './smart.ts';

type Coded = {
  readonly text?: string;
  readonly coding?: readonly { readonly code?: string; readonly display?: string }[];
};

type Patient = {
  readonly birthDate?: string;
  readonly name?: readonly {
    readonly text?: string;
    readonly given?: readonly string[];
    readonly family?: string;
  }[];
};

type Immunization = {
  readonly status: string;
  readonly vaccineCode: Coded;
  readonly occurrenceDateTime?: string;
  readonly occurrenceString?: string;
};

type Recommendation = {
  readonly vaccineCode?: readonly Coded[];
  readonly forecastStatus: Coded;
  readonly dateCriterion?: readonly { readonly code: Coded; readonly value: string }[];
};

type Bundle<Resource> = {
  readonly entry?: readonly { readonly resource: Resource }[];
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
};

export type Dose = { readonly vaccine: string; readonly date: string };

/** Where a vaccine stands on a day, told by dates: the code `due` may lie years ahead. */
export type Standing = 'overdue' | 'due' | 'can' | 'later' | 'complete' | 'none';

export type Advice = {
  readonly vaccine: string;
  readonly standing: Standing;
  readonly date?: string | undefined;
};

export type PersonRead = { readonly name: string; readonly birthDate: string };

export async function readPerson(access: Access): Promise<PersonRead> {
  const { name: [name] = [], birthDate = '' } = await read<Patient>(access, `Patient/${access.patient}`);
  const parts = [...(name?.given ?? []), name?.family ?? ''].join(' ').trim();
  return { name: name?.text ?? parts, birthDate };
}

/** Those that were given, the newest first. */
export async function readDoses(access: Access): Promise<readonly Dose[]> {
  const doses: Dose[] = [];
  let next: string | undefined = `Immunization?patient=${access.patient}&_sort=-date&_count=100`;
  while (next !== undefined) {
    const page: Bundle<Immunization> = await read(access, next);
    for (const { resource } of page.entry ?? []) {
      const { status, vaccineCode, occurrenceDateTime, occurrenceString = '' } = resource;
      if (status === 'completed')
        doses.push({ vaccine: nameOf(vaccineCode), date: occurrenceDateTime ?? occurrenceString });
    }
    next = page.link?.find(({ relation }) => relation === 'next')?.url;
  }
  return doses;
}

/** One a vaccine group, the most pressing first. */
export async function readAdvice(access: Access, today: string): Promise<readonly Advice[]> {
  type Answer = { readonly parameter: readonly { readonly name: string; readonly resource?: unknown }[] };
  const answer = await read<Answer>(access, `Patient/${access.patient}/$immds-forecast`);
  const found = answer.parameter.find(({ name }) => name === 'recommendation')?.resource as
    | { readonly recommendation?: readonly Recommendation[] }
    | undefined;
  const first = new Map<string, Recommendation>();
  for (const one of found?.recommendation ?? []) {
    const group = nameOf(one.vaccineCode?.[0]);
    // Several series of a group: the one that was chosen stands first.
    if (!first.has(group)) first.set(group, one);
  }
  const order: readonly Standing[] = ['overdue', 'due', 'can', 'later', 'complete', 'none'];
  return [...first]
    .map(([vaccine, one]) => ({ vaccine, ...standingOf(one, today) }))
    .sort((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing));
}

function standingOf(one: Recommendation, today: string): Pick<Advice, 'standing' | 'date'> {
  const status = one.forecastStatus.coding?.[0]?.code;
  if (status === 'complete' || status === 'immune') return { standing: 'complete' };
  if (status !== 'notComplete') return { standing: 'none' };
  const [earliest, due, overdue] = ['30981-5', '30980-7', '59778-1'].map((code) => dateOf(one, code));
  if (overdue !== undefined && overdue <= today) return { standing: 'overdue', date: overdue };
  if (due !== undefined && due <= today) return { standing: 'due', date: due };
  if (earliest !== undefined && earliest <= today) return { standing: 'can', date: due };
  return { standing: 'later', date: due ?? earliest };
}

function dateOf(one: Recommendation, code: string): string | undefined {
  return one.dateCriterion?.find((criterion) => criterion.code.coding?.some((coding) => coding.code === code))
    ?.value;
}

function nameOf(coded: Coded | undefined): string {
  return coded?.text ?? coded?.coding?.find(({ display }) => display !== undefined)?.display ?? 'Vaccine';
}

async function read<Answer>({ iss, token }: Access, path: string): Promise<Answer> {
  const url = path.startsWith(`${iss}/`) ? path : `${iss}/${path}`;
  const answer = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/fhir+json' },
  });
  if (answer.status === 401) throw new Error('The server does not let this app in any longer.');
  if (answer.status === 403) throw new Error('You did not allow this app to see that.');
  if (!answer.ok) throw new Error(`The server says ${answer.status}.`);
  return (await answer.json()) as Answer;
}
