import type { Connection } from './connection.ts';
import { numberOf } from './connection.ts';

/** Short ids of what repeats in index rows. A reader looks them up; only the writer adds. */
export type Names = {
  readonly typeId: (name: string) => number | undefined;
  readonly paramId: (type: string, code: string) => number | undefined;
  readonly systemId: (uri: string) => number | undefined;
  readonly markId: (mark: string) => number | undefined;
  /** What is looked for by name and was not there before this was asked has a greater id, if ever it comes. */
  readonly newestMark: () => number;
  /** Whether no resource has more than one value of the parameter. */
  readonly isSingle: (param: number) => boolean;
};

export type GrowingNames = {
  readonly typeId: (name: string) => number;
  readonly paramId: (type: string, code: string) => number;
  readonly systemId: (uri: string) => number;
  readonly phraseId: (folded: string) => number;
  readonly markId: (mark: string) => number;
  /** Some resource has several values of the parameter. */
  readonly noteSeveral: (param: number) => void;
  /** Forgets what it remembers, when rows that it added were rolled back. */
  readonly forget: () => void;
};

export const findType = 'SELECT id FROM type WHERE name = ?';
export const findParam = 'SELECT id FROM param WHERE type = ? AND code = ?';
export const findSystem = 'SELECT id FROM system WHERE uri = ?';
const findMark = 'SELECT id FROM mark WHERE name = ?';
const findNewestMark = 'SELECT max(id) AS id FROM mark';
const findPhrase = 'SELECT id FROM phrase WHERE folded = ?';
const addType = 'INSERT INTO type (name) VALUES (?) RETURNING id';
const addParam = 'INSERT INTO param (type, code) VALUES (?, ?) RETURNING id';
const addSystem = 'INSERT INTO system (uri) VALUES (?) RETURNING id';
const addMark = 'INSERT INTO mark (name) VALUES (?) RETURNING id';
const addPhrase = 'INSERT INTO phrase (folded) VALUES (?) RETURNING id';

const isSeveral = 'SELECT several FROM param WHERE id = ?';
const makeSeveral = 'UPDATE param SET several = 1 WHERE id = ? AND several = 0';

const remembered = 20_000;

export function readNames(db: Connection): Names {
  const find = (sql: string, args: readonly (string | number)[]) => {
    const row = db.get(sql, args);
    return row && numberOf(row, 'id');
  };
  const typeId = remember((name) => find(findType, [name]));
  const systemId = remember((uri) => find(findSystem, [uri]));
  const markId = remember((name) => find(findMark, [name]));
  const paramOf = remember((key) => {
    const [type = '', code = ''] = key.split(' ');
    const id = typeId.get(type);
    return id === undefined ? undefined : find(findParam, [id, code]);
  });
  return {
    typeId: typeId.get,
    systemId: systemId.get,
    markId: markId.get,
    newestMark: () => Number(db.get(findNewestMark, [])?.['id'] ?? 0),
    paramId: (type, code) => paramOf.get(`${type} ${code}`),
    isSingle: (param) => numberOf(db.get(isSeveral, [param]) ?? {}, 'several') === 0,
  };
}

export function growNames(db: Connection): GrowingNames {
  const findOrAdd = (find: string, add: string, args: readonly (string | number)[]) =>
    numberOf(db.get(find, args) ?? db.get(add, args) ?? {}, 'id');
  const typeId = remember((name) => findOrAdd(findType, addType, [name]));
  const systemId = remember((uri) => findOrAdd(findSystem, addSystem, [uri]));
  const phraseId = remember((folded) => findOrAdd(findPhrase, addPhrase, [folded]));
  const markId = remember((name) => findOrAdd(findMark, addMark, [name]));
  const paramOf = remember((key) => {
    const [type = '', code = ''] = key.split(' ');
    return findOrAdd(findParam, addParam, [typeId.get(type), code]);
  });
  const several = new Set<number>();
  return {
    noteSeveral: (param) => {
      if (several.has(param)) return;
      db.run(makeSeveral, [param]);
      several.add(param);
    },
    typeId: typeId.get,
    systemId: systemId.get,
    phraseId: phraseId.get,
    markId: markId.get,
    paramId: (type, code) => paramOf.get(`${type} ${code}`),
    forget: () => {
      several.clear();
      for (const memory of [typeId, systemId, phraseId, markId, paramOf]) memory.forget();
    },
  };
}

/** Remembers what was found, not what was missing: another connection may add it. */
function remember<Id extends number | undefined>(look: (key: string) => Id) {
  const known = new Map<string, Id>();
  return {
    get: (key: string): Id => {
      const id = known.get(key);
      if (id !== undefined) return id;
      const found = look(key);
      if (known.size >= remembered) known.clear();
      if (found !== undefined) known.set(key, found);
      return found;
    },
    forget: () => known.clear(),
  };
}
