import table from './nicknames.json' with { type: 'json' };

/** Each name with those that it is a short form of, or that are one of it; a short form may have several. */
const meant = new Map<string, Set<string>>();

for (const [name, shorts] of Object.entries(table)) {
  add(name, name);
  for (const short of shorts) add(short, name);
}

function add(name: string, full: string): void {
  const known = meant.get(name);
  if (known) known.add(full);
  else meant.set(name, new Set([full]));
}

/** Whether both may be forms of one name: Bill and William, Bill and Billy. */
export function mayBeNicknames(a: string, b: string): boolean {
  const ofA = meant.get(a);
  const ofB = meant.get(b);
  if (!ofA || !ofB) return false;
  for (const name of ofA) if (ofB.has(name)) return true;
  return false;
}

/** The name, what it may be short for, and the short forms of that: Bill, William, Will, Billy. */
export function formsOf(name: string): readonly string[] {
  const forms = new Set([name]);
  for (const full of meant.get(name) ?? []) {
    forms.add(full);
    for (const short of shortForms(full)) forms.add(short);
  }
  return [...forms];
}

function shortForms(full: string): readonly string[] {
  const forms: Readonly<Record<string, readonly string[]>> = table;
  return Object.hasOwn(forms, full) ? (forms[full] ?? []) : [];
}
