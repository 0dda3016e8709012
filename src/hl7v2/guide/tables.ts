import type { TableDocument, TablesDocument } from './guide-document.ts';
import type { KnownCode } from './known-code.ts';

/** What a table says of a code: the code systems that hold it, or that it says nothing. */
export type Table = {
  /** Whether any code will do. */
  readonly takesAll: boolean;
  readonly systemsOf: (code: string) => readonly string[];
};

/** A table by its id; of several, parted by colons, what any of them holds. */
export type Tables = { readonly get: (id: string) => Table | undefined };

/** Code systems that grow with every release: what our own terminology knows beside the guide's year is taken too. */
const growing: Readonly<Record<string, Parameters<KnownCode>[0]>> = {
  CVX: 'CVX',
  MVX: 'MVX',
  NDC_Sale: 'NDC',
  NDC_Use: 'NDC',
  PHVS_VISBarcodes_IIS: 'cdcgs1vis',
};

export function compileTables(document: TablesDocument, known: KnownCode): Tables {
  const tables = new Map(Object.entries(document).map(([id, table]) => [id, compileTable(id, table, known)]));
  return {
    get: (id) => {
      const known = tables.get(id);
      if (known || !id.includes(':')) return known;
      const union = unionOf(id.split(':').map((one) => tables.get(one)));
      tables.set(id, union);
      return union;
    },
  };
}

function unionOf(parts: readonly (Table | undefined)[]): Table {
  const tables = parts.filter((table) => table !== undefined);
  return {
    takesAll: tables.some(({ takesAll }) => takesAll),
    systemsOf: (code) => tables.flatMap((table) => table.systemsOf(code)),
  };
}

function compileTable(id: string, document: TableDocument, known: KnownCode): Table {
  const systems = new Map<string, string[]>();
  for (const [system, codes] of Object.entries(document.codes)) {
    for (const code of codes) systems.set(code, [...(systems.get(code) ?? []), system]);
  }
  const grows = growing[id];
  const none: readonly string[] = [];
  return {
    takesAll: document.unchecked === true || document.open === true || systems.size === 0,
    systemsOf: (code) => {
      const listed = systems.get(code);
      if (listed) return listed;
      if (systems.has(localCodes) && localForm.test(code)) return systems.get(localCodes) ?? none;
      const isKnown = (grows && known(grows, code)) || (id.startsWith('HL70396') && isTableName(code));
      return isKnown ? [grows ?? 'HL70396'] : none;
    },
  };
}

/** How the guide says that a state may have codes of its own, and the form that it gives them (eligibility: MAA01). */
const localCodes = '***';
const localForm = /^[A-Z]{3}\d{2}$/;

/** Table 0396 names code systems: beside those that it lists any table of HL7's, and any local one (99zzz). */
const isTableName = (code: string): boolean => /^(?:HL7\d{4}|99[A-Za-z\d]{3})$/.test(code);
