import type { CallOptions } from '@switchyard/storage-core';
import type { ChangeLog, LogDone, LogNote, LogRefused } from '@switchyard/storage-core/backend';
import type { Answer, Call } from '../machine/calls.js';
import { conflictNote } from './conflict-note.js';
import { keyOfText, sourceOf, toChange } from './contents.js';

/** Calls of the machine that the port of a change log answers. The others are a write and a search of the traffic. */
export type LogCall = Exclude<Call, { readonly kind: 'write' } | { readonly kind: 'search' }>;

/**
 * Executes a call of the machine on a store.
 *
 * @param note Note that is kept with a change of the stage.
 * @throws StorageError if the store cannot be reached, or cannot do it.
 */
export async function executeCall(
  log: ChangeLog,
  call: LogCall,
  options?: CallOptions,
  note?: LogNote,
): Promise<Answer> {
  switch (call.kind) {
    case 'connect':
      return toAnswer(await log.connect(String(call.boot), options));
    case 'readAuthority': {
      const { authority, filled } = await log.readAuthority(call.library, options);
      return { kind: 'authority', row: authority, filled };
    }
    case 'takeChange': {
      const taken = await log.takeChange(call.library, call.seen, options);
      if ('change' in taken) return { kind: 'change', epoch: taken.epoch, change: toChange(taken.change) };
      if ('clean' in taken) return { kind: 'clean', authority: taken.clean };
      if ('behind' in taken) return { kind: 'behind', epoch: taken.behind };
      return { kind: 'gap', authority: taken.authority, gaps: taken.gaps };
    }
    case 'put': {
      const { library, epoch, source, content, position } = call;
      const change = { ...sourceOf(content), position };
      const answer = await log.putIfNewer({ library, change, epoch, source }, options);
      if ('refused' in answer) return toRefusal(answer);
      const { applied, differs, seen, boot } = answer;
      return { kind: 'put', applied, differs, seen, boot };
    }
    case 'sync':
      return toAnswer(await log.sync(String(call.boot), options));
    case 'clear': {
      const { library, page, position } = call;
      return toAnswer(await log.clear(library, { key: keyOfText(page), position }, options));
    }
    case 'announce': {
      const answer = await log.announce(call.library, call.authority, call.gaps, options);
      if ('refused' in answer) return toRefusal(answer);
      return { kind: 'orphans', orphans: answer.orphans.map(toChange) };
    }
    case 'carryBack': {
      const change = { ...sourceOf(call.content), position: call.from };
      return toAnswer(await log.carryBack(call.library, change, call.epoch, options));
    }
    case 'relog':
      return toAnswer(await log.relog(call.library, keyOfText(call.page), call.epoch, options));
    case 'closeGaps':
      return toAnswer(await log.closeGaps(call.library, call.epoch, options));
    case 'fence': {
      const { library, expected, authority, filled } = call;
      return toAnswer(await log.fence(library, expected, authority, filled, options));
    }
    case 'admit':
      return toAnswer(await log.admit(call.library, call.epoch, options));
    case 'takePosition': {
      const answer = await log.takePosition(call.library, options);
      return 'refused' in answer ? toRefusal(answer) : { kind: 'position', position: answer.position };
    }
    case 'readPage': {
      const answer = await log.readPage(call.library, keyOfText(call.page), call.since, options);
      if ('refused' in answer) return toRefusal(answer);
      if ('changed' in answer) return { kind: 'changed' };
      const { content, operations } = toChange(answer.change);
      return { kind: 'page', content, operations };
    }
    case 'markFilled': {
      const { library, epoch, boot } = call;
      return toAnswer(await log.markFilled(library, epoch, boot === null ? null : String(boot), options));
    }
    case 'readControl': {
      return { kind: 'control', ...(await log.readControl(options)) };
    }
    case 'changeStage': {
      const { expected, command, filled } = call;
      return toAnswer(await log.changeStage({ expected, command, filled, note }, options));
    }
    case 'carryStage':
      return toAnswer(await log.carryStage(call.row, options));
    case 'readLast':
      return { kind: 'last', position: await log.readLast(call.library, options) };
    case 'keepConflict':
      return toAnswer(await log.putNote(conflictNote(call), options));
    case 'raise':
      return toAnswer(await log.raise(call.library, call.expected, call.seen, options));
  }
}

function toAnswer(answer: LogDone): Answer {
  return 'refused' in answer ? toRefusal(answer) : { kind: 'done' };
}

function toRefusal({ refused }: LogRefused): Answer {
  return { kind: 'refused', reason: refused };
}
