import type { Connection, CreateOptions } from '@switchyard/storage-core';
import { TokenSource } from '@switchyard/storage-core/backend';
import { childEnvironment } from '../launcher/environment.js';
import type { LauncherShare } from '../launcher/shared-launcher.js';
import type { Spawned } from '../launcher/spawn.js';
import { redactor, sendConnection } from '../protocol/connection.js';
import { sendError } from '../protocol/errors.js';
import type { OpenMessage, SentReference, TokenMessage } from '../protocol/messages.js';
import type { Settings } from './options.js';

/** All a child needs to be started, and started again. */
export interface Launch {
  readonly backend: string;
  readonly settings: Settings;
  readonly redact: (text: string) => string;
  /** Names the processes that can stand in for each other; null when none is kept. */
  readonly reuseKey: string | null;
  /** Starts a process. */
  spawn(onStderr: (text: string) => void): Spawned;
  /** The answer to a child that wants a token. Never rejects. */
  token(): Promise<TokenMessage>;
  /** Whether any process has found a store in the file, or written one. */
  readonly known: { holdsStore: boolean };
  /** The first message. */
  openMessage(deadline: number): OpenMessage;
}

/** See {@link Launch}. */
export function prepareLaunch(
  backend: string,
  reference: SentReference,
  connection: Connection,
  createOptions: CreateOptions,
  settings: Settings,
  launcher: LauncherShare,
): Launch {
  // A function cannot cross: the child asks for what it returns.
  const { authToken, ...sentOptions } = createOptions;
  const tokens = new TokenSource(authToken);
  const given = authToken === undefined ? connection : { ...connection, authToken: tokens.current };
  const redactGiven = redactor(given);
  const isFile = connection.location.type === 'file';
  const known = { holdsStore: false };
  return {
    known,
    backend,
    settings,
    redact: (text) => tokens.redact(redactGiven(text)),
    reuseKey: settings.keepChild ? JSON.stringify([reference, settings.execArgv, settings.env]) : null,
    spawn: (onStderr) =>
      launcher.spawn({ execArgv: settings.execArgv, env: childEnvironment(settings.env) }, onStderr),
    token: async () => {
      try {
        await tokens.load();
        return { type: 'token', token: tokens.current?.reveal() ?? '' };
      } catch (error) {
        return { type: 'token', error: sendError(error) };
      }
    },
    openMessage: (deadline) => ({
      type: 'open',
      reference,
      connection: sendConnection(given),
      asksForToken: tokens.isRenewable,
      // A store that was there and has been deleted meanwhile is not silently begun anew.
      createOptions: known.holdsStore && isFile ? { ...sentOptions, mustExist: true } : sentOptions,
      deadline,
    }),
  };
}
