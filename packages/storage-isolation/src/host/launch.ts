import type { Connection, CreateOptions } from '@switchyard/storage-core';
import { TokenSource } from '@switchyard/storage-core/backend';
import { childEnvironment } from '../launcher/environment.js';
import type { LauncherShare } from '../launcher/shared-launcher.js';
import type { Spawned } from '../launcher/spawn.js';
import { redactor, sendConnection } from '../protocol/connection.js';
import { sendError } from '../protocol/errors.js';
import type { OpenMessage, SentReference, TokenMessage } from '../protocol/messages.js';
import type { Settings } from './options.js';

/** Everything needed to start a child, and to restart it. */
export interface Launch {
  readonly backend: string;
  readonly settings: Settings;
  readonly redact: (text: string) => string;
  /** Key of the processes that can replace each other; null if processes are not reused. */
  readonly reuseKey: string | null;
  /** Starts a process. */
  spawn(onStderr: (text: string) => void): Spawned;
  /** Answers a child's token request. Never rejects. */
  token(): Promise<TokenMessage>;
  /** True once any process has found a store in the file or written one. */
  readonly known: { holdsStore: boolean };
  /** Builds the first message to a child. */
  openMessage(deadline: number): OpenMessage;
}

/** Builds a {@link Launch}. */
export function prepareLaunch(
  backend: string,
  reference: SentReference,
  connection: Connection,
  createOptions: CreateOptions,
  settings: Settings,
  launcher: LauncherShare,
): Launch {
  // Functions cannot be sent: the child asks for a token instead.
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
      // If the store file has been deleted since, fail instead of silently creating a new one.
      createOptions: known.holdsStore && isFile ? { ...sentOptions, mustExist: true } : sentOptions,
      deadline,
    }),
  };
}
