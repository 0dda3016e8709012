import type { Connection } from './connection.ts';

/** Nothing is lost when it fails: it only read. */
function endRead(db: Connection): void {
  for (const statement of ['COMMIT', 'ROLLBACK']) {
    try {
      db.run(statement, []);
      return;
    } catch {
      // What broke the connection is told to whoever reads next.
    }
  }
}

/** A connection whose reads share transactions; `renew` lets the next read see what was committed since. */
export type SharedSnapshot = Connection & { readonly renew: () => void };

/**
 * The reads of one turn of the event loop share one read transaction: by itself each statement takes and drops a
 * lock of the file, which is two system calls. What another process has committed
 * before a request arrived is seen, since the transaction begins after the request was read.
 */
export function shareSnapshot(db: Connection): SharedSnapshot {
  let isOpen = false;
  const renew = () => {
    if (!isOpen) return;
    isOpen = false;
    endRead(db);
  };
  const begin = () => {
    if (isOpen) return;
    db.run('BEGIN', []);
    isOpen = true;
    setImmediate(renew);
  };
  return {
    ...db,
    all: (sql, args) => {
      begin();
      return db.all(sql, args);
    },
    tuples: (sql, args) => {
      begin();
      return db.tuples(sql, args);
    },
    get: (sql, args) => {
      begin();
      return db.get(sql, args);
    },
    tuple: (sql, args) => {
      begin();
      return db.tuple(sql, args);
    },
    renew,
    close: () => {
      renew();
      db.close();
    },
  };
}
