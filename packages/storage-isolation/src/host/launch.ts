import type { Connection, CreateOptions } from '@switchyard/storage-core';
import type { LauncherShare } from '../launcher/shared-launcher.js';
import type { Spawned } from '../launcher/spawn.js';
import { redactor, sendConnection } from '../protocol/connection.js';
import type { OpenMessage, SentReference } from '../protocol/messages.js';
import type { Settings } from './options.js';

/** All a child needs to be started, and started again. */
export interface Launch {
  readonly backend: string;
  readonly settings: Settings;
  readonly redact: (text: string) => string;
  /** Names the processes that can stand in for each other; null when none is kept. */
  readonly keptAs: string | null;
  /** Starts a process. */
  spawn(onStderr: (text: string) => void): Spawned;
  /** The first message. @param again Whether the store has been open before. */
  openMessage(deadline: number, again: boolean): OpenMessage;
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
  const isFile = connection.location.type === 'file';
  return {
    backend,
    settings,
    redact: redactor(connection),
    keptAs: settings.keepChild ? JSON.stringify([reference, settings.execArgv]) : null,
    spawn: (onStderr) => launcher.spawn(settings.execArgv, onStderr),
    openMessage: (deadline, again) => ({
      type: 'open',
      reference,
      connection: sendConnection(connection),
      // A store that was there and has been deleted meanwhile is not silently begun anew.
      createOptions: again && isFile ? { ...createOptions, mustExist: true } : createOptions,
      deadline,
    }),
  };
}
