import type * as machineModule from '@switchyard/storage-rollout/machine';
import type { Answer, Call, Side, StoreRecords, Task } from '@switchyard/storage-rollout/machine';

/** The code under test: the machine as it is, or a mutant of it. */
export type Machine = typeof machineModule;

/** A store with what a power cut could leave of it. */
export interface StoreState {
  readonly records: StoreRecords;
  /** Boot of its machine. */
  readonly boot: number;
  /** Earlier records that are not superseded durably: a power cut may return to any of them. */
  readonly undurable: readonly StoreRecords[];
}

/** A process: the task it is at, and those that follow. */
export interface Process {
  /** Name of the process in counterexamples. */
  readonly name: string;
  readonly task: Task;
  readonly pending: readonly Task[];
  /** Number of times that a refused task begins again. */
  readonly retries: number;
  /** True when the explorer may crash it. */
  readonly crashable: boolean;
}

/** What an observer outside of all stores knows. */
export interface Ghost {
  /** Operations that wrote a page, in the order of their commits. */
  readonly order: Readonly<Record<string, readonly string[]>>;
  /** Index of the last write that was acknowledged and that no power cut has excused. */
  readonly required: Readonly<Record<string, number>>;
  /** Page of each id that was ever seen. */
  readonly ids: Readonly<Record<string, string>>;
  /** By page, what was required and what was there when a forced switch took the library; absent without one. */
  readonly forced?: Readonly<Record<string, { readonly required: number; readonly held: number }>>;
  /** Sides that ever knew a page, as `side page`. */
  readonly known: Readonly<Record<string, true>>;
}

/** State of everything. */
export interface World {
  readonly stores: Readonly<Record<Side, StoreState>>;
  readonly processes: readonly Process[];
  readonly crashes: number;
  readonly cuts: number;
  readonly ghost: Ghost;
}

/** One step of the world. */
export type Event =
  | {
      readonly kind: 'call';
      readonly process: number;
      readonly side: Side;
      readonly call: Call;
      readonly answer: Answer;
      /** True when the process crashed before it had the answer. */
      readonly isUnheard: boolean;
    }
  | { readonly kind: 'crash'; readonly process: number; readonly task: string }
  | { readonly kind: 'cut'; readonly side: Side; readonly lost: number };

/** A step and the world after it. */
export interface Transition {
  readonly event: Event;
  readonly world: World;
}

/** Returns every step that can be taken. */
export function transitions(machine: Machine, world: World): Transition[] {
  const found: Transition[] = [];
  for (const [index, process] of world.processes.entries()) {
    const step = stepOf(machine, world, index);
    if (step === null) continue;
    found.push(step);
    if (world.crashes > 0 && process.crashable) found.push(...crashesOf(process, index, world, step));
  }
  if (world.cuts > 0) for (const side of machine.sides) found.push(...cuts(machine, world, side));
  return found;
}

/** A crash before the next call, and one between the call and its answer. */
function crashesOf(
  process: Process,
  index: number,
  world: World,
  { event, world: after }: Transition,
): Transition[] {
  const restart = { ...process, task: restarted(process.task) };
  const crashes = world.crashes - 1;
  const found: Transition[] = [];
  if (restart.task.state.at !== process.task.state.at) {
    const crash: Event = { kind: 'crash', process: index, task: process.task.kind };
    found.push({ event: crash, world: withProcess({ ...world, crashes }, index, restart) });
  }
  if (event.kind === 'call' && after.stores !== world.stores) {
    const unheard: Event = { ...event, isUnheard: true };
    found.push({ event: unheard, world: withProcess({ ...after, crashes }, index, restart) });
  }
  return found;
}

/** The next call of a process, preceded by a connection where its store has rebooted. */
export function stepOf(machine: Machine, world: World, index: number): Transition | null {
  const process = world.processes[index] as Process;
  const step = machine.nextStep(process.task);
  if (step === null) return null;
  const { side } = step;
  const store = world.stores[side];
  const isUnaware = process.task.kind === 'write' && !process.task.isAware;
  const mustConnect = store.records.boot !== store.boot && !isUnaware;
  const call: Call = mustConnect ? { kind: 'connect', boot: store.boot } : step.call;
  const { records, answer } = machine.transact(store.records, call);
  const isKept = machine.isDurable(call);
  const mayBeLost = world.cuts > 0 && records !== store.records && !isKept;
  const undurable = isKept ? [] : mayBeLost ? [...store.undurable, store.records] : store.undurable;
  const isSame = records === store.records && undurable.length === store.undurable.length;
  const stores = isSame ? world.stores : { ...world.stores, [side]: { ...store, records, undurable } };
  const after = mustConnect ? process : advance(machine, process, machine.afterAnswer(process.task, answer));
  const event: Event = { kind: 'call', process: index, side, call, answer, isUnheard: false };
  return { event, world: withProcess({ ...world, stores }, index, after) };
}

/** The process with its task as it is after an answer, or with the next one. */
function advance(machine: Machine, process: Process, task: Task): Process {
  if (machine.nextStep(task) !== null) return { ...process, task };
  if (task.state.at === 'refused' && process.retries > 0) {
    return { ...process, task: restarted(task), retries: process.retries - 1 };
  }
  const [next, ...pending] = process.pending;
  return next === undefined ? { ...process, task } : { ...process, task: next, pending };
}

/** The task as a new process begins it: a caller repeats its operation, everything else looks where things stand. */
function restarted(task: Task): Task {
  switch (task.kind) {
    case 'write':
      return { ...task, state: { at: 'locate' } };
    case 'drain':
      return { ...task, state: { at: 'idle' } };
    case 'switch':
      return { ...task, state: { at: 'readLoser' } };
    case 'backfill':
      return { ...task, state: { at: 'position' } };
    case 'stage':
      return { ...task, state: { at: 'readOld' } };
    case 'compare':
      return { ...task, state: { at: 'before', positions: [] } };
    case 'force':
    case 'rejoin':
      return { ...task, state: { at: 'read' } };
    case 'repair':
      return { ...task, state: { at: 'authority' } };
  }
}

function withProcess(world: World, index: number, process: Process): World {
  return { ...world, processes: world.processes.map((other, at) => (at === index ? process : other)) };
}

/** Power cuts of one store: everything that is not durable may be gone from some commit on. */
function cuts(machine: Machine, world: World, side: Side): Transition[] {
  const store = world.stores[side];
  const left = [...store.undurable, store.records];
  return left.map((records, index) => {
    const cut = { records, boot: store.boot + 1, undurable: [] };
    const stores = { ...world.stores, [side]: cut };
    const after = { ...world, cuts: world.cuts - 1, stores };
    return {
      event: { kind: 'cut', side, lost: left.length - 1 - index },
      world: excuse(machine, forget(side, after)),
    };
  });
}

/** A side no longer knows the pages that a power cut took from it. */
function forget(side: Side, world: World): World {
  const pages = world.stores[side].records.libraries[LIBRARY]?.pages ?? {};
  const kept = Object.entries(world.ghost.known).filter(
    ([key]) => !key.startsWith(`${side} `) || pages[key.slice(side.length + 1)] !== undefined,
  );
  return { ...world, ghost: { ...world.ghost, known: Object.fromEntries(kept) } };
}

/**
 * Lowers what is required to what either store still holds: with `synchronous=NORMAL`, a write is durable only with the
 * next checkpoint or on the other side.
 */
function excuse(machine: Machine, world: World): World {
  const required = Object.entries(world.ghost.required).map(([page, index]) => {
    const held = machine.sides.map((side) => heldIndex(world, side, page));
    return [page, Math.min(index, Math.max(...held))];
  });
  return { ...world, ghost: { ...world.ghost, required: Object.fromEntries(required) } };
}

/** The library of all scopes. */
export const LIBRARY = 'lib';

/** End of the names of operations that delete. */
export const DELETES = ' (delete)';

/**
 * Index of the write whose state a side holds of a page: 0 for the page as it was at enrolment. A page that is gone is as
 * after its last deletion; −1 for one that the side never knew or that was never deleted.
 */
export function heldIndex(world: World, side: Side, page: string): number {
  const write = world.stores[side].records.libraries[LIBRARY]?.pages[page]?.content.write;
  const order = world.ghost.order[page] ?? [];
  if (write === 'enrolled') return 0;
  if (write === 'absent') return -1;
  if (write !== undefined) return 1 + order.indexOf(write);
  if (world.ghost.known[`${side} ${page}`] !== true) return -1;
  const deletion = order.findLastIndex((operation) => operation.endsWith(DELETES));
  return deletion === -1 ? -1 : 1 + deletion;
}
