import { startThread } from '../../thread/start-thread.ts';
import type { PackedOp, ToWriter } from './writer.ts';
import type { FromHub, ToHub, WriterEnd } from './writer-end.ts';

/** One end of a line to a process that writes by the hub. */
export type HubMember = {
  readonly hear: (message: ToHub) => void;
  /** The process is no more. What it had asked for is written; nobody is answered. */
  readonly leave: () => void;
};

export type WriterHub = {
  readonly join: (send: (message: FromHub) => void) => HubMember;
  /** Resolves when all that was asked is on disk. */
  readonly close: () => Promise<void>;
};

type Member = {
  readonly send: (message: FromHub) => void;
  isOpen: boolean;
  isClosing: boolean;
  /** Batches that are not answered yet. */
  underWay: number;
  /** The numbers that portions go under in the thread, by those that the process gave them. */
  readonly portions: Map<number, number>;
};

type State = {
  readonly start: () => WriterEnd;
  thread: WriterEnd | undefined;
  isReady: boolean;
  readonly members: Set<Member>;
  /** Whose the batches are that the thread has; it answers them in their order. */
  readonly sent: Member[];
  portioned: number;
};

const entry = new URL('./writer-thread.js', import.meta.url);

/**
 * The one writer of a file that several processes share: what they ask at once is one commit, and none waits for a lock of
 * another. A thread that ended is started again for whoever asks next. `cache`: MiB of the file that it keeps at most.
 */
export function openWriterHub(
  path: string,
  cache?: number,
  start: () => WriterEnd = () => startThread(entry, { path, cache }),
): WriterHub {
  const state: State = {
    start,
    thread: undefined,
    isReady: false,
    members: new Set(),
    sent: [],
    portioned: 0,
  };
  return {
    join: (send) => {
      const member = { send, isOpen: false, isClosing: false, underWay: 0, portions: new Map() };
      state.members.add(member);
      return { hear: (message) => hear(state, member, message), leave: () => leave(state, member) };
    },
    close: () => close(state),
  };
}

function hear(state: State, member: Member, message: ToHub): void {
  const { thread } = state;
  if (message.kind === 'open') open(state, member);
  else if (!thread || !member.isOpen) {
    // It has been told that the thread ended, or will be.
  } else if (message.kind === 'close') {
    member.isClosing = true;
    endWhenDone(member);
  } else {
    if (message.kind === 'batch') {
      member.underWay++;
      state.sent.push(member);
    }
    thread.postMessage(renumber(state, member, message));
  }
}

function open(state: State, member: Member): void {
  member.isOpen = true;
  if (state.isReady) member.send({ kind: 'ready' });
  else if (!state.thread) startWriter(state);
}

function startWriter(state: State): void {
  const thread = state.start();
  state.thread = thread;
  thread.on('message', (message: FromHub) => {
    if (message.kind === 'batch') return answer(state.sent.shift(), message);
    if (message.kind === 'ready') state.isReady = true;
    if (message.kind !== 'closed') tellOpen(state, message);
  });
  // An exit follows.
  thread.on('error', () => undefined);
  thread.once('exit', () => end(state));
}

function answer(member: Member | undefined, message: FromHub): void {
  if (!member) return;
  member.underWay--;
  member.send(message);
  endWhenDone(member);
}

/** In the thread numbers of portions are of all processes. */
function renumber(state: State, member: Member, message: ToWriter): ToWriter {
  if (message.kind === 'batch') return { ...message, ops: message.ops.map((op) => takePortions(member, op)) };
  if (message.kind === 'close') return message;
  const id = member.portions.get(message.id) ?? ++state.portioned;
  member.portions.set(message.id, id);
  if (message.kind === 'forget') member.portions.delete(message.id);
  return { ...message, id };
}

function takePortions({ portions }: Member, op: PackedOp): PackedOp {
  if (op.kind !== 'packed' || op.portions === undefined) return op;
  const id = portions.get(op.portions);
  portions.delete(op.portions);
  return id === undefined ? op : { ...op, portions: id };
}

function endWhenDone(member: Member): void {
  if (!member.isClosing || member.underWay > 0) return;
  member.isOpen = false;
  member.send({ kind: 'closed' });
  member.send({ kind: 'ended' });
}

function leave(state: State, member: Member): void {
  state.members.delete(member);
  for (const id of member.portions.values()) state.thread?.postMessage({ kind: 'forget', id });
}

function end(state: State): void {
  state.thread = undefined;
  state.isReady = false;
  state.sent.length = 0;
  for (const member of state.members) {
    member.underWay = 0;
    member.portions.clear();
  }
  tellOpen(state, { kind: 'ended' });
}

function tellOpen({ members }: State, message: FromHub): void {
  for (const member of members) {
    if (!member.isOpen) continue;
    if (message.kind === 'ended') member.isOpen = false;
    member.send(message);
  }
}

async function close({ thread }: State): Promise<void> {
  if (!thread) return;
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
  thread.postMessage({ kind: 'close' });
  await ended;
}
