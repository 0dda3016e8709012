import type { Filter } from '../../search/filter.ts';
import type { Compiler } from './compile-filter.ts';
import { compilerOf, type KeptSql, type Reader } from './reader.ts';
import type { Sql } from './sql.ts';

/** A caller asks in few forms; who asks in ever new ones has them made anew. */
const formsKept = 100;

/**
 * What a caller may see is the same object in all that the caller asks, so what was made of it is kept with it, under a key
 * for each thing that is made. To make it anew costs as much as to look for what was asked.
 */
export function keepSql(reader: Reader, only: Filter, key: string, make: (compiler: Compiler) => Sql): Sql {
  const byKey = reader.kept.get(only) ?? new Map<string, KeptSql>();
  const known = byKey.get(key);
  if (known && (known.commits === 'any' || known.commits === reader.commits?.())) return known.sql;
  const { compiler, isForGood } = noting(compilerOf(reader, 1));
  const sql = make(compiler);
  const commits = isForGood() ? 'any' : reader.commits?.();
  if (byKey.size >= formsKept) byKey.clear();
  if (commits !== undefined) reader.kept.set(only, byKey.set(key, { sql, commits }));
  return sql;
}

/**
 * A compiler that notes whether what it made stays right: it does not where a name was not there yet, or where it was
 * decided by how much there is.
 */
function noting(compiler: Compiler): { readonly compiler: Compiler; readonly isForGood: () => boolean } {
  let forGood = true;
  const note =
    <Args extends readonly unknown[], Found>(look: (...args: Args) => Found) =>
    (...args: Args): Found => {
      const found = look(...args);
      if (found === undefined) forGood = false;
      return found;
    };
  const passing =
    <Args extends readonly unknown[], Found>(look: (...args: Args) => Found) =>
    (...args: Args): Found => {
      forGood = false;
      return look(...args);
    };
  const { names } = compiler;
  return {
    compiler: {
      ...compiler,
      isWithin: passing(compiler.isWithin),
      smallWhole: passing(compiler.smallWhole),
      names: {
        typeId: note(names.typeId),
        paramId: note(names.paramId),
        systemId: note(names.systemId),
        // A mark that is not there yet is looked up when the statement is run (patient-sql.ts).
        markId: names.markId,
        newestMark: names.newestMark,
        isSingle: passing(names.isSingle),
      },
    },
    isForGood: () => forGood,
  };
}
