/** Milliseconds of work in one turn of the event loop, after which others come first. */
const turnMs = 15;

const waiting: (() => void)[] = [];
let began: number | undefined;

/**
 * To be awaited between two steps of long work. Undefined as long as the turn of the event loop is short; then a
 * promise that resolves in a later turn, when what arrived meanwhile has been looked at. Those who wait go on one a turn,
 * in the order they came, so that many of them hold nobody up longer than one.
 */
export function nextTurn(): Promise<void> | undefined {
  return isTurnOver() ? new Promise((resolve) => waiting.push(resolve)) : undefined;
}

/**
 * Resolves when what arrived meanwhile has been looked at, however short this turn was: to be awaited after long work of
 * which nobody told. The next immediates may come before that, those after them do not.
 */
export function laterTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(() => {
      if (began === undefined) begin(performance.now());
      waiting.push(resolve);
    });
  });
}

/** Notes when the turn began, where nobody has yet. */
function isTurnOver(): boolean {
  const now = performance.now();
  if (began === undefined) begin(now);
  else if (now - began > turnMs) return true;
  return false;
}

function begin(now: number): void {
  began = now;
  // Between two rounds of immediates the event loop looks at what has arrived.
  setImmediate(endTurn);
}

function endTurn(): void {
  began = undefined;
  const next = waiting.shift();
  if (!next) return;
  begin(performance.now());
  next();
}

/** Who asked has gone; nobody needs what was under way. */
export class AbandonedError extends Error {
  override readonly name = 'AbandonedError';
}

/** The turns of one piece of work: to be awaited between its steps. Throws AbandonedError when nobody waits for it. */
export type Pace = () => Promise<void> | undefined;

/** The pace of work for somebody who may leave. */
export function paceFor(hasGone: () => boolean): Pace {
  const check = () => {
    if (hasGone()) throw new AbandonedError('Who asked has gone.');
  };
  return () => {
    check();
    return nextTurn()?.then(check);
  };
}
