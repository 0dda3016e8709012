import { type Command, InvalidArgumentError, Option } from 'commander';
import { clientKinds } from '../auth/clients/client.ts';
import { type EhrInput, ehrKinds } from '../auth/ehr/ehr-records.ts';
import { matchingModes } from '../values/matching-mode.ts';
import { usualTrust } from '../values/trust.ts';
import type { ClientOptions } from './client-command.ts';
import type { UserOptions } from './user-command.ts';

/** `as`: the login that the command acts as. */
type Json = { readonly json: boolean; readonly as?: string };

export type RotateOptions = {
  /** Of health cards, and not of tokens. */
  readonly cards: boolean;
  /** Whether somebody else has an old key. */
  readonly stolen?: boolean;
};

/** What main does for the commands that say who may ask the server. */
export type AccountCommands = {
  readonly clientAdd: (options: ClientOptions & Json) => Promise<number>;
  readonly clientList: (options: Json) => Promise<number>;
  readonly clientChange: (id: string, options: ClientOptions & Json) => Promise<number>;
  readonly clientRemove: (id: string, options: Json) => Promise<number>;
  readonly userAdd: (login: string, options: UserOptions & Json) => Promise<number>;
  readonly userList: (options: Json) => Promise<number>;
  readonly userChange: (login: string, options: UserOptions & Json) => Promise<number>;
  readonly userDisable: (login: string, options: Json) => Promise<number>;
  readonly userRemove: (login: string, options: Json) => Promise<number>;
  readonly ehrAdd: (options: EhrInput & Json) => Promise<number>;
  readonly ehrList: (options: Json) => Promise<number>;
  readonly ehrRemove: (id: string, options: Json) => Promise<number>;
  readonly keysRotate: (options: RotateOptions & Json) => Promise<number>;
};

const actsAs = 'act as this account, which must be an administrator';

type Done = (code: Promise<number>) => Promise<void>;

/** `jenner client`, `jenner user`, `jenner keys`: beside a running server, on the same store. */
export function addAccountCommands(program: Command, commands: AccountCommands, done: Done): void {
  addClientCommands(program, commands, done);
  addUserCommands(program, commands, done);
  addEhrCommands(program, commands, done);
  program
    .command('keys')
    .description('the keys that the server signs with')
    .command('rotate')
    .description('sign with a new key from now on; the old ones stay published for 30 days')
    .option('--cards', 'the key of health cards instead; its old ones stay published for good', false)
    .option(
      '--stolen',
      'with --cards: publish no old key any more, and every card that is out is worth nothing',
    )
    .option('--json', 'one JSON object', false)
    .option('--as <login>', actsAs)
    .action((options) => done(commands.keysRotate(options)));
}

function addClientCommands(program: Command, commands: AccountCommands, done: Done): void {
  const client = program.command('client').description('the apps that may ask the server');
  withClientOptions(client.command('add'))
    .description('register an app; its secret is shown once')
    .action((options) => done(commands.clientAdd(options)));
  withJson(client.command('list'))
    .description('the registered apps')
    .action((options) => done(commands.clientList(options)));
  withClientOptions(client.command('change').argument('<id>'))
    .option('--new-secret', 'another secret; the old one is worth nothing from now on')
    .option('--disable', 'refuse it until it is enabled')
    .option('--enable', 'take it again')
    .description('change what is named; lists are replaced as a whole')
    .action((id: string, options: ClientOptions & Json & Toggles) =>
      done(commands.clientChange(id, withDisabled(options))),
    );
  withJson(client.command('remove').argument('<id>'))
    .description('end all that was granted to an app, and forget it')
    .action((id, options) => done(commands.clientRemove(id, options)));
}

function addEhrCommands(program: Command, commands: AccountCommands, done: Done): void {
  const ehr = program.command('ehr').description("the EHRs that open Jenner's own app");
  withJson(ehr.command('add'))
    .description('let an EHR open the app (SMART App Launch), as which it has registered Jenner')
    .requiredOption('--name <name>', 'as people are shown it')
    .requiredOption('--iss <url>', 'its FHIR base')
    .requiredOption('--client-id <id>', 'what it calls Jenner')
    .addOption(
      new Option('--kind <kind>', 'key: Jenner signs, by the keys at /app/launch/jwks')
        .choices(ehrKinds)
        .makeOptionMandatory(),
    )
    .option('--jwks-url <url>', 'with --kind key: where the EHR was told that these keys lie')
    .option('--organization <id>', 'whose EHR it is; without it the registry is not looked into')
    .option('--write', 'ask to write doses that the EHR lacks into it')
    .action((options) => done(commands.ehrAdd(options)));
  withJson(ehr.command('list'))
    .description('the EHRs')
    .action((options) => done(commands.ehrList(options)));
  withJson(ehr.command('remove').argument('<id>'))
    .description('let it open the app no more')
    .action((id, options) => done(commands.ehrRemove(id, options)));
}

function withClientOptions(command: Command): Command {
  return withJson(command)
    .option('--name <name>', 'as people are shown it')
    .addOption(
      new Option('--kind <kind>', 'public: keeps no secret; key: signs with its own').choices(clientKinds),
    )
    .option('--redirect <url...>', 'where it may have people sent back to')
    .option('--launch <url>', 'where an EHR opens it')
    .option('--scope <scopes>', 'what may be granted to it, with blanks between; nothing when absent')
    .option('--jwks-url <url>', 'where its public keys lie')
    .option('--jwks <file>', 'its public keys (RFC 7517)')
    .option('--group <id...>', 'Groups that it works with')
    .option('--organization <id>', 'the Organization that it belongs to')
    .option('--cds-issuer <url>', 'the iss of the JWTs by which it asks by CDS Hooks; --kind key')
    .option(
      '--cds-fhir-server <url>',
      'the FHIR server that its calls of CDS Hooks may name; with --cds-issuer',
    )
    .addOption(matchingOption())
    .option('--trust <0..9>', `how far it is trusted in what it says of people; ${usualTrust} when absent`);
}

function matchingOption(): Option {
  return new Option(
    '--matching <mode>',
    'Patients who may be known: off: kept as they are; review: people are asked; automatic: who is certain is joined',
  ).choices(matchingModes);
}

function addUserCommands(program: Command, commands: AccountCommands, done: Done): void {
  const user = program.command('user').description('the accounts that people sign in with');
  withUserOptions(user.command('add').requiredOption('--login <login>', 'letters, digits and . _ - + @'))
    .description('make an account; a password that is made is shown once')
    .action(({ login, ...options }) => done(commands.userAdd(login, options)));
  withJson(user.command('list'))
    .description('the accounts')
    .action((options) => done(commands.userList(options)));
  withUserOptions(user.command('change').argument('<login>'))
    .option('--reset-password', 'a new password, made and shown once')
    .option('--reset-code', 'take the second factor away')
    .option('--disable', 'let nobody sign in by it')
    .option('--enable', 'take it again')
    .description('change what is named')
    .action((login: string, options: UserOptions & Json & Toggles) =>
      done(commands.userChange(login, withDisabled(options))),
    );
  withJson(user.command('disable').argument('<login>'))
    .description('let nobody sign in by it, and end its tokens')
    .action((login, options) => done(commands.userDisable(login, options)));
  withJson(user.command('remove').argument('<login>'))
    .description('end its tokens, and forget it')
    .action((login, options) => done(commands.userRemove(login, options)));
}

function withUserOptions(command: Command): Command {
  return withJson(command)
    .option('--role <role>', 'what it may do: docs/security.md has the roles')
    .option('--patient <id>', 'the Patient that the person is')
    .option('--practitioner <id>', 'the Practitioner that the person is')
    .option('--practitioner-role <id>', 'the PractitionerRole that the person has')
    .option('--related-person <id...>', 'the RelatedPersons that the person is, one for each child')
    .option('--organization <id...>', 'the Organizations that the person works for')
    .option(
      '--certificate <fingerprint...>',
      'SHA-256 fingerprints of the certificates that its HL7 v2 connections show',
    )
    .addOption(matchingOption())
    .option('--subject <subject>', 'who it is at the provider of JENNER_OIDC_ISSUER')
    .option('--password-stdin', 'read the password from standard input');
}

function withJson(command: Command): Command {
  return command.option('--json', 'one JSON object', false).option('--as <login>', actsAs);
}

type Toggles = { readonly disable?: boolean; readonly enable?: boolean };

function withDisabled<Options extends object>({ disable, enable, ...options }: Options & Toggles) {
  if (disable && enable) throw new InvalidArgumentError('either --disable or --enable');
  return { ...options, ...((disable || enable) && { disabled: disable === true }) };
}
