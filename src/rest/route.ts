import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { InteractionContext, ServerContext } from '../interaction/context.ts';
import type { Operation } from '../operation/operation.ts';
import type { RequestName, TargetOf } from '../request/request-target.ts';
import type { AnswerFormat } from './answer-format.ts';

export type RestOptions = {
  readonly context: ServerContext;
  /** What a caller works with. */
  readonly contextFor: (caller: Caller) => InteractionContext;
  readonly operations: readonly Operation[];
  /** The code systems that ship, for TerminologyCapabilities. */
  readonly codeSystems: () => readonly { readonly url: string; readonly version?: string }[];
  /** Who sends the request. */
  readonly callerOf: (request: FastifyRequest) => Caller | Promise<Caller>;
  /**
   * Whether pages of another origin may read the answer to a caller; absent: no page of another site may. Asked of the
   * `anonymous` caller it is of a page that may yet bring a token.
   */
  readonly crossOrigin?: ((origin: string, caller: Caller) => boolean | Promise<boolean>) | undefined;
  /** Told, before it is answered, of a request that is refused since nobody known has sent it. */
  readonly onRefused?: ((request: FastifyRequest) => Promise<void>) | undefined;
  /** How many seconds an app or an account must wait, which asks too often; 0: it may, and is counted. */
  readonly callerLimiter?: ((caller: Caller) => number) | undefined;
  /** Whether an authorization server gives out the tokens. */
  readonly isSmart: boolean;
  /** Routes of another entrance below the same base, which know their callers, and refuse and fail, as these do. */
  readonly within?: RoutesWithin | undefined;
  readonly software: { readonly name: string; readonly version: string; readonly released: string };
};

export type RoutesWithin = (
  app: FastifyInstance,
  contextOf: (request: FastifyRequest) => InteractionContext,
) => void;

/** What a route works with: the server, who asks, and how the answer is written. */
export type RestContext = InteractionContext & { readonly format: AnswerFormat };

/** Answers one kind of request. */
export type Handler<Name extends RequestName> = (
  ctx: RestContext,
  target: TargetOf<Name>,
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | Promise<FastifyReply>;

export type Handlers = { readonly [Name in RequestName]: Handler<Name> };
