import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthServer } from '../auth-server.ts';
import type { Browser } from '../session/browser.ts';

/** What the handler of a page works with. */
export type Page<Who extends Browser = Browser> = {
  readonly server: AuthServer;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly browser: Who;
  /** The query of a GET, the fields of a POST. */
  readonly fields: URLSearchParams;
};

export type PageHandler<Who extends Browser = Browser> = (page: Page<Who>) => Promise<FastifyReply>;
