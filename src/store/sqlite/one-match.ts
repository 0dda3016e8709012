import type { ResourceType } from '../../fhir/resource-type.ts';
import type { Filter } from '../../search/filter.ts';
import type { SearchQuery, StoredResource } from '../contract/store.ts';
import { type Compiler, compileTest, resourceRow } from './compile-filter.ts';
import { conjunctsOf } from './conjuncts.ts';
import { compilerOf, type Reader } from './reader.ts';
import { glue, type Sql, sql } from './sql.ts';

/**
 * The one resource of an id, when it passes: what a read is for who may not see everything. The filter of a caller is the
 * same object in all of them, so what was made of it is kept with it. Undefined where the search asks otherwise.
 */
export function oneMatch(
  reader: Reader,
  { filter, after }: SearchQuery,
  type: ResourceType,
): readonly StoredResource[] | undefined {
  const [named, only, ...others] = filter.kind === 'and' ? filter.of : [];
  if (named?.kind !== 'id' || named.anyOf.length !== 1 || !only || others.length > 0) return undefined;
  const typeId = reader.names.typeId(type);
  if (after !== undefined || typeId === undefined) return undefined;
  const [id = ''] = named.anyOf;
  const query = glue(sql(readRow, typeId, id), testOf(reader, only, type));
  return reader.db
    .tuples(query.text, query.args)
    .map(
      ([versionId, lastUpdated, method, text]) =>
        ({ type, id, versionId, lastUpdated, method, text }) as StoredResource,
    );
}

const readRow =
  'SELECT v.version, v.last_updated, v.method, v.text FROM resource r CROSS JOIN version v ON v.seq = r.seq WHERE r.type = ? AND r.id = ? AND r.live = 1 AND ';

function testOf(reader: Reader, only: Filter, type: ResourceType): Sql {
  const byType = reader.tests.get(only) ?? new Map<string, Sql>();
  const known = byType.get(type);
  if (known) return known;
  const { compiler, isForGood } = noting(compilerOf(reader, 1));
  const filter: Filter = { kind: 'and', of: conjunctsOf(only, type) };
  const test = compileTest(filter, resourceRow(type), compiler);
  if (isForGood()) reader.tests.set(only, byType.set(type, test));
  return test;
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
        markId: note(names.markId),
        isSingle: passing(names.isSingle),
      },
    },
    isForGood: () => forGood,
  };
}
