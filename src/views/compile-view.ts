import { type CompileLibraryPath, openLibrary } from './library-path.ts';
import { compilePlainPath } from './plain-path.ts';
import {
  columnsOf,
  type Each,
  type ViewColumn,
  type ViewDefinition,
  ViewError,
  type ViewSelect,
} from './view-definition.ts';
import type { Draw, Standing } from './view-path.ts';

export type Row = readonly unknown[];

export type CompiledView = {
  readonly columns: readonly ViewColumn[];
  /** The rows of a resource; none of one of another type. Throws a ViewError where they cannot be told. */
  readonly rowsOf: (resource: object) => readonly Row[];
  /** Whether expressions look at how decimals were written, which plain numbers do not keep. */
  readonly needsDigits: boolean;
};

type Rows = (focus: unknown, standing: Standing) => readonly Row[];

/** Throws a ViewError of a path that is no FHIRPath. */
export async function compileView(view: ViewDefinition, baseUrl: string): Promise<CompiledView> {
  const paths = pathsOf(view);
  const isPlain = (path: string) => compilePlainPath(path, baseUrl) !== undefined;
  const library = paths.every(isPlain) ? undefined : await openLibrary(baseUrl);
  const compiler: Compiler = { baseUrl, library, isPlain };
  const rows = product(view.select.map((select) => compileSelect(select, compiler)));
  const conditions = view.where.map((path) => ({ path, draw: compilePath(path, compiler) }));
  return {
    columns: columnsOf(view.select),
    needsDigits: paths.some((path) => /Boundary|precision/.test(path)),
    rowsOf: (resource) => {
      if ((resource as { readonly resourceType?: unknown }).resourceType !== view.resource) return [];
      const standing = { rowIndex: 0, resource };
      const isShown = conditions.every((condition) => holds(condition, standing));
      return isShown ? rows(resource, standing) : [];
    },
  };
}

function pathsOf(view: ViewDefinition): readonly string[] {
  return [...view.where, ...view.select.flatMap(pathsIn)];
}

function pathsIn({ columns, select, unionAll, each }: ViewSelect): readonly string[] {
  const own = [...pathsOfEach(each), ...columns.map(({ path }) => path)];
  return [...own, ...[...select, ...unionAll].flatMap(pathsIn)];
}

function pathsOfEach(each: Each | undefined): readonly string[] {
  if (!each) return [];
  return each.kind === 'repeat' ? each.paths : [each.path];
}

type Compiler = {
  readonly baseUrl: string;
  /** Absent where all is plain. */
  readonly library: CompileLibraryPath | undefined;
  readonly isPlain: (path: string) => boolean;
};

function compilePath(path: string, { baseUrl, library }: Compiler): Draw {
  const draw = compilePlainPath(path, baseUrl) ?? library?.(path);
  if (draw) return draw;
  throw new Error(`nothing compiles ${path}`);
}

/** What the library found knows its type, which an expression of the library below it may ask for. */
function compileFocus(path: string, select: ViewSelect, compiler: Compiler): Draw {
  const { library } = compiler;
  const below = [...select.columns.map((column) => column.path), ...pathsBelow(select)];
  return library && !below.every(compiler.isPlain) ? library(path) : compilePath(path, compiler);
}

function pathsBelow({ select, unionAll, each }: ViewSelect): readonly string[] {
  const again = each?.kind === 'repeat' ? each.paths : [];
  return [...again, ...[...select, ...unionAll].flatMap(pathsIn)];
}

function holds({ path, draw }: { readonly path: string; readonly draw: Draw }, standing: Standing): boolean {
  const [first, ...others] = draw(standing.resource, standing);
  if (first === undefined) return false;
  if (typeof first === 'boolean' && others.length === 0) return first;
  throw new ViewError(`where "${path.slice(0, 100)}" must be true or false`);
}

function compileSelect(select: ViewSelect, compiler: Compiler): Rows {
  const own = select.columns.map((column) => compileColumn(column, compiler));
  const parts: Rows[] = [];
  if (own.length > 0) parts.push((focus, standing) => [own.map((cell) => cell(focus, standing))]);
  for (const inner of select.select) parts.push(compileSelect(inner, compiler));
  const union = select.unionAll.map((branch) => compileSelect(branch, compiler));
  if (union.length > 0) {
    parts.push((focus, standing) => union.flatMap((branch) => branch(focus, standing)));
  }
  const rows = product(parts);
  const foci = compileEach(select, compiler);
  if (!foci) return rows;
  return (focus, standing) => {
    const { resource } = standing;
    return foci(focus, standing).flatMap((one, rowIndex) => rows(one, { rowIndex, resource }));
  };
}

/** Every row of one with every row of the others, the first changing last. */
function product(parts: readonly Rows[]): Rows {
  const [only, ...others] = parts;
  if (!only) return () => [[]];
  if (others.length === 0) return only;
  return (focus, standing) => {
    let rows = only(focus, standing);
    for (const part of others) {
      if (rows.length === 0) return rows;
      const more = part(focus, standing);
      rows = rows.flatMap((row) => more.map((rest) => [...row, ...rest]));
      requireRoom(rows.length);
    }
    return rows;
  };
}

/** Of one resource; more would be a product of lists that nobody meant. */
const mostRows = 100_000;

function requireRoom(rows: number): void {
  if (rows > mostRows) throw new ViewError(`one resource has more than ${mostRows} rows`);
}

/** Undefined where the select is of its parent's focus. */
function compileEach(select: ViewSelect, compiler: Compiler): Draw | undefined {
  const { each } = select;
  if (!each) return undefined;
  switch (each.kind) {
    case 'forEach':
      return compileFocus(each.path, select, compiler);
    case 'forEachOrNull': {
      const draw = compileFocus(each.path, select, compiler);
      return (focus, standing) => {
        const found = draw(focus, standing);
        return found.length === 0 ? [undefined] : found;
      };
    }
    case 'repeat':
      return repeat(each.paths.map((path) => compileFocus(path, select, compiler)));
  }
}

/** Each element that a path leads to, and behind it what the paths lead to from there. */
function repeat(draws: readonly Draw[]): Draw {
  return (focus, standing) => {
    const found: unknown[] = [];
    const descend = (from: unknown): void => {
      for (const draw of draws) {
        for (const child of draw(from, standing)) {
          requireRoom(found.push(child));
          if (typeof child === 'object') descend(child);
        }
      }
    };
    descend(focus);
    return found;
  };
}

function compileColumn(column: ViewColumn, compiler: Compiler) {
  const draw = compilePath(column.path, compiler);
  const { name, isCollection } = column;
  return (focus: unknown, standing: Standing): unknown => {
    const values = draw(focus, standing);
    if (isCollection) return values;
    if (values.length > 1) {
      throw new ViewError(
        `the column ${name} has several values: collection must be true, or first() be said`,
      );
    }
    return values[0] ?? null;
  };
}
