import type { Bindable, Database, Statement } from './driver.ts';

export type Row = Readonly<Record<string, Bindable>>;
export type Tuple = readonly Bindable[];

/** A database with its prepared statements. */
export type Connection = {
  readonly all: (sql: string, args: readonly Bindable[]) => readonly Row[];
  /** As `all`, each row the list of its columns: for many rows, whose names cost as much as their values. */
  readonly tuples: (sql: string, args: readonly Bindable[]) => readonly Tuple[];
  readonly get: (sql: string, args: readonly Bindable[]) => Row | undefined;
  /** As `get`, the row the list of its columns: to ask for one row costs less than for all of one. */
  readonly tuple: (sql: string, args: readonly Bindable[]) => Tuple | undefined;
  readonly run: (sql: string, args: readonly Bindable[]) => void;
  readonly exec: (sql: string) => void;
  /** A function that statements may call; what it throws ends the statement. */
  readonly define: (name: string, call: () => number) => void;
  readonly close: () => void;
};

const statementsKept = 400;
/** A longer text is somebody's long list, not one of the usual searches. */
const longestKept = 10_000;

export function connect(db: Database): Connection {
  const rows = keepStatements((sql) => db.prepare(sql));
  const tuples = keepStatements((sql) => {
    const statement = db.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  });
  const { prepare } = rows;
  return {
    all: (sql, args) => prepare(sql).all(...args) as Row[],
    tuples: (sql, args) => tuples.prepare(sql).all(...args) as unknown as Tuple[],
    get: (sql, args) => prepare(sql).get(...args) as Row | undefined,
    tuple: (sql, args) => tuples.prepare(sql).get(...args) as unknown as Tuple | undefined,
    run: (sql, args) => {
      prepare(sql).run(...args);
    },
    exec: (sql) => db.exec(sql),
    define: (name, call) => db.function(name, call),
    close: () => {
      rows.forget();
      tuples.forget();
      db.close();
    },
  };
}

/** The texts come from fixed pieces, so few are used; the least recently prepared goes first. */
function keepStatements(make: (sql: string) => Statement) {
  const statements = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known) return known;
    const statement = make(sql);
    if (sql.length > longestKept) return statement;
    if (statements.size >= statementsKept) {
      for (const oldest of statements.keys()) {
        statements.delete(oldest);
        break;
      }
    }
    statements.set(sql, statement);
    return statement;
  };
  return { prepare, forget: () => statements.clear() };
}

export function textOf(row: Row, column: string): string {
  return String(row[column]);
}

export function numberOf(row: Row, column: string): number {
  return Number(row[column]);
}
