import type { Call } from './calls.js';
import type { StoreRecords } from './records.js';
import { libraryOf } from './records.js';
import type { Outcome } from './transactions/outcome.js';
import { answered } from './transactions/outcome.js';
import { markFilled, put, readPage, sync, takePosition } from './transactions/puts.js';
import { readLast, search } from './transactions/reads.js';
import { carryStage, changeStage, readControl } from './transactions/stage.js';
import { admit, announce, connect, fence, raise } from './transactions/terms.js';
import {
  carryBack,
  clear,
  closeGaps,
  keepConflict,
  relog,
  takeChange,
  write,
} from './transactions/writes.js';

/**
 * Executes one call as one transaction on the records of a store. This is the specification that the SQL of each backend
 * has to meet.
 */
export function transact(records: StoreRecords, call: Call): Outcome {
  switch (call.kind) {
    case 'connect':
      return connect(records, call);
    case 'readAuthority': {
      const { authority, filled } = libraryOf(records, call.library);
      return answered(records, { kind: 'authority', row: authority, filled });
    }
    case 'write':
      return write(records, call);
    case 'takeChange':
      return takeChange(records, call);
    case 'put':
      return put(records, call);
    case 'sync':
      return sync(records, call);
    case 'clear':
      return clear(records, call);
    case 'announce':
      return announce(records, call);
    case 'carryBack':
      return carryBack(records, call);
    case 'relog':
      return relog(records, call);
    case 'closeGaps':
      return closeGaps(records, call);
    case 'fence':
      return fence(records, call);
    case 'admit':
      return admit(records, call);
    case 'takePosition':
      return takePosition(records, call);
    case 'readPage':
      return readPage(records, call);
    case 'markFilled':
      return markFilled(records, call);
    case 'readControl':
      return readControl(records);
    case 'changeStage':
      return changeStage(records, call);
    case 'carryStage':
      return carryStage(records, call);
    case 'readLast':
      return readLast(records, call);
    case 'search':
      return search(records, call);
    case 'raise':
      return raise(records, call);
    case 'keepConflict':
      return keepConflict(records, call);
  }
}
