import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RoleName } from '../../access/role-name.ts';
import type { InteractionContext } from '../../interaction/context.ts';
import type { Frame, ProblemCode } from '../../pages/auth-pages.ts';
import type { Mutable } from '../../values/mutable.ts';

/** Who has signed in. */
export type Visitor = {
  readonly login: string;
  readonly role: RoleName;
  /** Patient/x, Practitioner/x …, where the account names one. */
  readonly fhirUser?: string;
  /** Ids of the organizations that the account works for, without those below them. */
  readonly organizations: readonly string[];
  /** Ids of the Patients who the visitor is, or answers for. */
  readonly ownPersons: readonly string[];
};

/** What a session keeps between two pages, so that no name stands in a URL: it ends with the session. */
export type SessionNotes = {
  /** Answers under which id it is kept. */
  readonly keep: (value: unknown) => Promise<string>;
  readonly read: (id: string) => Promise<unknown>;
  /** Once: a second taker gets nothing. */
  readonly take: (id: string) => Promise<unknown>;
  /** Under the id that it was taken by. */
  readonly putBack: (id: string, value: unknown) => Promise<void>;
};

/** One request of somebody who has signed in, with what they may see and do. */
export type Visit = {
  readonly ctx: Mutable<InteractionContext>;
  readonly visitor: Visitor;
  readonly frame: Frame;
  readonly params: Readonly<Record<string, string>>;
  /** The query of a GET, the fields of a POST. */
  readonly fields: URLSearchParams;
  /** What was typed into the form of this page when the session had ended; it is there once. */
  readonly typed?: URLSearchParams;
  readonly notes: SessionNotes;
  /** The address it came from. */
  readonly from: string;
};

export type Opened =
  | { readonly kind: 'visit'; readonly visit: Visit }
  /** They were asked to sign in, or refused. */
  | { readonly kind: 'answered'; readonly reply: FastifyReply };

export type PageProblem = {
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly requestId?: string;
};

/** What pages need of whoever knows the sessions: who is there, whether a form is theirs, and how a failure looks. */
export type PageDoor = {
  readonly open: (request: FastifyRequest, reply: FastifyReply) => Promise<Opened>;
  readonly fail: (
    request: FastifyRequest,
    reply: FastifyReply,
    problem: PageProblem,
  ) => Promise<FastifyReply>;
};
