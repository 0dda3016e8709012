import type { CodeSystemIndex, Concept } from '../fhir/terminology/code-system-index.ts';
import type {
  Maker,
  TradeName,
  VaccineCode,
  VaccineProducts,
} from '../registry/forecasting/vaccine-products.ts';
import { foldText } from '../search/fold-text.ts';
import { once } from './package-files.ts';
import { shippedTerminology } from './terminology.ts';
import { propertyOf } from './v2-vaccine-facts.ts';

/** What is no vaccine and no serum: reserved, nothing given, not known which, an adjuvant. */
const none = ['99', '998', '999', '801'];
/** Statuses of CVX under which nobody has been given one by a trade name of this country. */
const elsewhere = ['never-active', 'non-us'];
/** The list ends many packages that are sold on; who ended before this year is of the past. */
const recent = '2020';
const never = '9999';

/** The names of vaccines by CVX and by NDC. */
export const shippedVaccineProducts: () => VaccineProducts = once(() => {
  const codes = concepts('cvx').filter(
    (concept) => !none.includes(concept.code) && propertyOf(concept, 'status') !== 'never-active',
  );
  return { codes: codes.map(toCode), tradeNames: tradeNames() };
});

function concepts(id: 'cvx' | 'ndc'): readonly Concept[] {
  return [...(system(id)?.concepts.values() ?? [])];
}

function system(id: string): CodeSystemIndex | undefined {
  return shippedTerminology().codeSystemById(id);
}

function toCode(concept: Concept): VaccineCode {
  return {
    cvx: concept.code,
    name: concept.display ?? concept.code,
    isInUse: isInUse(concept),
    isUnspecified: propertyOf(concept, 'type') === 'unspecified',
  };
}

/**
 * CVX still calls influenza vaccines against four strains active, and not those against three that came again in 2024; those
 * of the other half of the year are for who travels.
 */
function isInUse(concept: Concept): boolean {
  const isActive = propertyOf(concept, 'status') === 'active';
  return (
    sold().has(concept.code) || (isActive && !/quadrivalent|Southern Hemisphere/i.test(concept.display ?? ''))
  );
}

/** Vaccines of which a package has no last day. */
const sold = once(
  () =>
    new Set(
      concepts('ndc')
        .filter((concept) => propertyOf(concept, 'notAfter') === undefined)
        .flatMap((concept) => codesOf(concept)),
    ),
);

function codesOf({ properties }: Concept): readonly string[] {
  return properties.flatMap(({ code, valueCoding }) => (code === 'cvx' ? (valueCoding?.code ?? []) : []));
}

type Package = {
  readonly name: string;
  readonly cvx: string;
  readonly mvx: string;
  readonly isRecent: boolean;
};

/** One row a name and vaccine, however each package writes it. */
function tradeNames(): readonly TradeName[] {
  const rows = new Map<string, Package[]>();
  for (const one of concepts('ndc').flatMap(toPackage)) {
    const key = `${foldText(one.name)}|${one.cvx}`;
    rows.set(key, [...(rows.get(key) ?? []), one]);
  }
  return [...rows.values()].flatMap((packages) => toTradeName(packages));
}

function toPackage(concept: Concept): Package[] {
  const { display: name } = concept;
  const mvx = propertyOf(concept, 'mvx');
  if (name === undefined || mvx === undefined) return [];
  const isRecent = (propertyOf(concept, 'notAfter') ?? never) >= recent;
  return codesOf(concept)
    .filter((cvx) => isGivenHere(cvx))
    .map((cvx) => ({ name, cvx, mvx, isRecent }));
}

function isGivenHere(cvx: string): boolean {
  const code = system('cvx')?.find(cvx);
  return code !== undefined && !none.includes(cvx) && !elsewhere.includes(propertyOf(code, 'status') ?? '');
}

function toTradeName(packages: readonly Package[]): TradeName[] {
  const [first] = packages;
  if (!first) return [];
  const makers = new Set(packages.map(({ mvx }) => mvx));
  const written = packages.map(({ name }) => name);
  const name = written.find((one) => one !== one.toUpperCase()) ?? inSmallLetters(first.name);
  const maker = makers.size === 1 ? toMaker(first.mvx) : undefined;
  const isRecent = packages.some((one) => one.isRecent);
  return [{ name, cvx: first.cvx, isRecent, ...(maker && { maker }) }];
}

/** "HAVRIX" is written Havrix; "M-M-R II" and "ACAM2000" stay. */
function inSmallLetters(name: string): string {
  return name.replace(/\b[A-Z]{4,}\b/g, (word) => `${word.slice(0, 1)}${word.slice(1).toLowerCase()}`);
}

function toMaker(mvx: string): Maker | undefined {
  const name = system('mvx')?.find(mvx)?.display;
  return name === undefined ? undefined : { mvx, name };
}
