// Made-up households for bench/matching.mjs: names as frequent as in a census, twins, juniors, hyphens; and what a second
// reporter sends of some of them: movers, typos, nicknames, newborns without a name.
const v2 = 'http://terminology.hl7.org/CodeSystem/v2-0203';

/** Shares of the most frequent family names of the 2010 census in percent; the others follow Zipf's law. */
const families = (
  'Smith .83 Johnson .66 Williams .55 Brown .49 Jones .48 Garcia .4 Miller .39 Davis .38 Rodriguez .37 Martinez .36 ' +
  'Hernandez .35 Lopez .3 Gonzalez .29 Wilson .27 Anderson .27 Thomas .26 Taylor .25 Moore .25 Jackson .24 Martin .24'
).split(' ');
const givens = (
  'Olivia Noah Liam Emma Michael Sophia James William Elizabeth Robert John David Mary Jennifer Joseph Thomas Daniel ' +
  'Sarah Matthew Anthony Jessica Christopher Ashley Andrew Joshua Emily Samantha Alexander Isabella Jacob Ethan Mia'
).split(' ');
const nicknames = {
  Elizabeth: 'Liz',
  William: 'Bill',
  Robert: 'Bob',
  Michael: 'Mike',
  James: 'Jim',
  Jennifer: 'Jen',
  Joseph: 'Joe',
  Thomas: 'Tom',
  Samantha: 'Sam',
  Alexander: 'Alex',
};
const syllables = (
  'ba be bor da del den el fa fer gar gen ha hol in ka kel la len lin ma man mor na nel no or pa per qui ra ren ri ro sa ' +
  'sel sha son ta tan ter ti tor va vel ver wa wen yo za zel'
).split(' ');

/** Numbers from 0 to 1 by a seed (mulberry32). */
export function openRandom(seed) {
  let state = seed;
  const unit = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (count) => Math.floor(unit() * count);
  return { unit, below, chance: (odds) => unit() < odds, pick: (list) => list[below(list.length)] };
}

function madeUp(rank) {
  let text = '';
  for (let left = rank + 50; left > 0; left = Math.floor(left / syllables.length)) {
    text += syllables[left % syllables.length];
  }
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Zipf's law over `count` ranks: rank r is as likely as 1 / (r + 10). */
const zipf = ({ unit }, count) => Math.floor(10 * ((count / 10 + 1) ** unit() - 1));

function familyName(random) {
  let at = random.unit() * 100;
  for (let i = 0; i < families.length; i += 2) {
    at -= Number(families[i + 1]);
    if (at < 0) return families[i];
  }
  return madeUp(zipf(random, 60_000));
}

function givenName(random) {
  const rank = zipf(random, 3000);
  return givens[rank] ?? madeUp(100_000 + rank);
}

const dayText = (year, random) =>
  `${year}-${String(1 + random.below(12)).padStart(2, '0')}-${String(1 + random.below(28)).padStart(2, '0')}`;
const digits = (random, count) => Array.from({ length: count }, () => 2 + random.below(8)).join('');

/** Homes in towns of very different sizes; some are large houses. */
function home(random) {
  const town = zipf(random, 500);
  const street = `${madeUp(3000 + ((town * 37 + random.below(60)) % 3000))} ${random.pick(['St', 'Ave', 'Rd', 'Ln'])}`;
  const line = [`${1 + random.below(400)} ${street}`];
  if (random.chance(0.2)) line.push(`Apt ${1 + random.below(40)}`);
  return { line, city: madeUp(9000 + town), state: 'MA', postalCode: `0${1000 + town * 3}` };
}

/** People, one after the other; `doubles` of the second kind come with the people they are of. */
export function* generatePeople(people, seed) {
  const random = openRandom(seed);
  for (let made = 0; made < people; ) {
    for (const person of household(random)) {
      if (made++ >= people) return;
      yield person;
    }
  }
}

function* household(random) {
  const family = familyName(random);
  const shared = { family, address: home(random), phone: `${200 + random.below(700)}${digits(random, 7)}` };
  const maiden = familyName(random);
  const born = 1940 + random.below(62);
  const father = givenName(random);
  if (random.chance(0.7)) yield toPatient(random, { ...shared, given: father, sex: 'male', year: born });
  const mother = { given: givenName(random), family: random.chance(0.1) ? `${maiden}-${family}` : family };
  if (random.chance(0.8))
    yield toPatient(random, { ...shared, ...mother, sex: 'female', year: born + random.below(4) });
  const kin = { mother, maiden };
  for (let child = random.below(4); child > 0; child--) {
    const year = Math.min(2025, born + 20 + random.below(18));
    const isJunior = random.chance(0.03);
    const first = toPatient(random, {
      ...shared,
      ...kin,
      given: isJunior ? father : givenName(random),
      year,
    });
    yield first;
    if (!random.chance(0.03)) continue;
    const { birthDate } = first;
    // Nobody calls both by one name.
    const [{ given }] = first.name;
    let other = givenName(random);
    while (other === given[0]) other = givenName(random);
    yield toPatient(random, { ...shared, ...kin, given: other, year, birthDate });
  }
}

function toPatient(random, { family, given, sex, year, birthDate, address, phone, mother, maiden }) {
  const identifier = [
    {
      system: `urn:clinic:${random.below(200)}`,
      type: { coding: [{ system: v2, code: 'MR' }] },
      value: digits(random, 7),
    },
  ];
  if (random.chance(0.3))
    identifier.push({ system: 'http://hl7.org/fhir/sid/us-ssn', value: `4${digits(random, 8)}` });
  return {
    resourceType: 'Patient',
    identifier,
    name: [{ family, given: random.chance(0.6) ? [given, givenName(random)] : [given] }],
    gender: sex ?? random.pick(['male', 'female']),
    birthDate: birthDate ?? dayText(year, random),
    ...(random.chance(0.8) && { telecom: [{ system: 'phone', value: phone }] }),
    address: [address],
    ...(mother && { contact: [{ name: { family: mother.family, given: [mother.given] } }] }),
    ...(maiden && random.chance(0.5) && { extension: [maidenOf(maiden)] }),
  };
}

const maidenOf = (valueString) => ({
  url: 'http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName',
  valueString,
});

/** What another reporter sends of the person: its own number, and one thing otherwise. */
export const changes = {
  same: (_random, person) => person,
  moved: (random, person) => ({ ...person, address: [home(random)], telecom: undefined }),
  typo: (random, person) =>
    renamed(person, ({ given: [first, ...rest], ...name }) => ({
      ...name,
      given: [slip(random, first), ...rest],
    })),
  familyTypo: (random, person) => renamed(person, (name) => ({ ...name, family: slip(random, name.family) })),
  nickname: (_random, person) =>
    renamed(person, ({ given: [first, ...rest], ...name }) => ({
      ...name,
      given: [nicknames[first] ?? first, ...rest],
    })),
  hyphen: (random, person) =>
    renamed(person, (name) => ({ ...name, family: `${name.family}-${familyName(random)}` })),
  swapped: (_random, person) =>
    renamed(person, ({ given: [first, ...rest], family }) => ({ family: first, given: [family, ...rest] })),
  birthDate: (random, person) => ({
    ...person,
    birthDate: dayText(Number(person.birthDate.slice(0, 4)), random),
  }),
  newborn: (_random, person) => renamed(person, (name) => ({ ...name, given: ['Baby Boy'] })),
  bare: (_random, { name, birthDate, gender }) => ({ resourceType: 'Patient', name, birthDate, gender }),
};

export function asAnotherReports(random, person, change) {
  const own = { system: `urn:clinic:${300 + random.below(200)}`, value: digits(random, 7) };
  const ssn = person.identifier.filter(({ system }) => system.endsWith('us-ssn'));
  const { identifier = [own, ...ssn], ...sent } = changes[change](random, {
    ...person,
    identifier: [own, ...ssn],
  });
  return JSON.parse(JSON.stringify({ ...sent, identifier }));
}

function renamed(person, rename) {
  return { ...person, name: person.name.map(rename) };
}

function slip(random, text) {
  const at = 1 + random.below(Math.max(1, text.length - 2));
  return text.slice(0, at) + random.pick(['', 'a', 'e', 'n', 'r']) + text.slice(at + 1);
}
