import type { LibraryRecords, PageEntry, Side } from '@switchyard/storage-rollout/machine';
import type { Event, World } from './world.js';
import { heldIndex, LIBRARY } from './world.js';

/** A broken invariant. */
export interface Violation {
  readonly invariant: string;
  readonly detail: string;
}

const SIDES: readonly Side[] = ['old', 'new'];

const across = (side: Side): Side => (side === 'old' ? 'new' : 'old');

function libraryAt(world: World, side: Side): LibraryRecords {
  return world.stores[side].records.libraries[LIBRARY] as LibraryRecords;
}

/** The sides that would take a write now, that of the latest epoch first. */
function holders(world: World): Side[] {
  const authority = (side: Side) => libraryAt(world, side).authority;
  return SIDES.filter((side) => authority(side).holder === side).sort(
    (a, b) => authority(b).epoch - authority(a).epoch,
  );
}

/** False after a reboot until somebody connects: what was lost is not known until then. */
function isConnected(world: World, side: Side): boolean {
  return world.stores[side].records.boot === world.stores[side].boot;
}

function pagesOf(world: World): string[] {
  return [...new Set(SIDES.flatMap((side) => Object.keys(libraryAt(world, side).pages)))];
}

type Check = (before: World, event: Event, after: World) => string | null;

/** I1: an acknowledged write is in the authority of its epoch and in every later one. */
const acknowledgedIsKept: Check = (_before, _event, after) => {
  for (const page of pagesOf(after)) {
    const required = after.ghost.required[page] ?? 0;
    const [holder] = holders(after);
    const isWhole =
      holder !== undefined && isConnected(after, holder) && libraryAt(after, holder).gaps.length === 0;
    const looked = isWhole ? [holder] : SIDES;
    const held = Math.max(...looked.map((side) => heldIndex(after, side, page)));
    if (held < required && required > 0) {
      const write = after.ghost.order[page]?.[required - 1];
      return `${write} of page ${page} was acknowledged and is missing on ${looked.join(' and ')}`;
    }
  }
  return null;
};

/** I1 after a forced switch: what it left behind is listed once the other side has returned. */
const leftBehindIsListed: Check = (_before, event, after) => {
  const task = event.kind === 'call' ? after.processes[event.process]?.task : undefined;
  if (task?.kind !== 'rejoin' || task.state.at !== 'rejoined') return null;
  const conflicts = after.stores[task.to].records.conflicts ?? [];
  for (const [page, { required, held }] of Object.entries(after.ghost.forced ?? {})) {
    const order = after.ghost.order[page] ?? [];
    const listed = conflicts
      .filter((conflict) => conflict.page === page)
      .map(({ content }) => 1 + order.indexOf(content.write));
    if (Math.max(held, ...listed) < required)
      return `${order[required - 1]} of page ${page} was left behind and is not listed`;
  }
  return null;
};

/** The pages of which a step put an earlier state over a later one. */
function* setBack(before: World, event: Event, after: World) {
  if (event.kind === 'cut') return;
  for (const side of SIDES) {
    if (before.stores[side] === after.stores[side]) continue;
    for (const page of pagesOf(before)) {
      const [from, to] = [heldIndex(before, side, page), heldIndex(after, side, page)];
      if (to < from) yield { side, page, from, to, entry: libraryAt(before, side).pages[page] };
    }
  }
}

const isPresent = (entry: PageEntry | undefined) => entry?.content.kind === 'present';

const isBackfill = (event: Event) =>
  event.kind === 'call' && event.call.kind === 'put' && event.call.source === 'backfill';

/** I2: a secondary page always equals a state that the authority had, in order of (epoch, sequence). */
const inOrder: Check = (before, event, after) => {
  for (const { side, page, entry } of setBack(before, event, after)) {
    if (isPresent(entry) && !isBackfill(event)) return `page ${page} went back on ${side}`;
  }
  for (const page of pagesOf(after)) {
    const [old, now] = SIDES.map((side) => libraryAt(after, side).pages[page]);
    if (old === undefined || now === undefined) continue;
    const { epoch, sequence } = old.position;
    if (epoch !== now.position.epoch || sequence !== now.position.sequence) continue;
    if (old.content.write !== now.content.write) {
      return `page ${page} is ${old.content.write} and ${now.content.write} at (${epoch}, ${sequence})`;
    }
  }
  return null;
};

/** I3: no older write undoes a delete. */
const deletesStay: Check = (before, event, after) => {
  for (const { side, page, entry } of setBack(before, event, after)) {
    if (!isPresent(entry) && !isBackfill(event)) {
      return `an older write brought page ${page} back on ${side}`;
    }
  }
  return null;
};

/** I4: backfill never replaces a newer page. */
const backfillYields: Check = (before, event, after) => {
  if (!isBackfill(event)) return null;
  for (const { side, page } of setBack(before, event, after))
    return `backfill replaced page ${page} on ${side}`;
  return null;
};

/** I5: same natural key, same id, and no id names two keys. */
const idsAgree: Check = (_before, _event, after) => {
  const ids = new Map<string, number>();
  for (const side of SIDES) {
    for (const [page, { content }] of Object.entries(libraryAt(after, side).pages)) {
      if (content.kind !== 'present') continue;
      const owner = after.ghost.ids[content.id];
      if (owner !== page) return `id ${content.id} names page ${owner} and page ${page}`;
      const id = ids.get(`${page} ${content.write}`) ?? content.id;
      if (id !== content.id) return `page ${page} has the ids ${id} and ${content.id}`;
      ids.set(`${page} ${content.write}`, content.id);
    }
  }
  return null;
};

/** I6: at most one authority per library, older epochs refused in the transaction. */
const oneAuthority: Check = (before, event, after) => {
  // After a forced switch, the other side cannot know before it returns.
  if (holders(after).length > 1 && after.ghost.forced === undefined) return 'both sides hold the library';
  for (const side of SIDES) {
    const [from, to] = [libraryAt(before, side).authority.epoch, libraryAt(after, side).authority.epoch];
    if (to < from) return `the epoch of ${side} went back from ${from} to ${to}`;
  }
  if (event.kind !== 'call' || event.answer.kind !== 'written') return null;
  const { holder } = libraryAt(before, event.side).authority;
  if (holder !== event.side) return `${event.side} took a write that ${holder} is to take`;
  const epoch = 'epoch' in event.call ? event.call.epoch : null;
  const known = libraryAt(before, event.side).authority.epoch;
  if (epoch !== null && epoch < known)
    return `${event.side} took a write of epoch ${epoch} in epoch ${known}`;
  return null;
};

/** I7: of contradicting records the higher epoch counts: nobody writes where a lower one is. */
const higherEpochCounts: Check = (before, event) => {
  if (event.kind !== 'call' || event.answer.kind !== 'written') return null;
  const [own, other] = [libraryAt(before, event.side), libraryAt(before, across(event.side))];
  return own.authority.epoch < other.authority.epoch
    ? `${event.side} took a write in epoch ${own.authority.epoch} while the other side is in ${other.authority.epoch}`
    : null;
};

/** I8: "complete" only from the durable marker, and then every difference is logged as dirty. */
const completeIsMarked: Check = (before, event, after) => {
  for (const holder of holders(after).slice(0, 1)) {
    const [authority, secondary] = [libraryAt(after, holder), libraryAt(after, across(holder))];
    if (secondary.filled !== authority.authority.epoch) continue;
    if (authority.gaps.length > 0 || !isConnected(after, holder)) continue;
    for (const page of pagesOf(after)) {
      const differs = heldIndex(after, holder, page) !== heldIndex(after, across(holder), page);
      if (differs && authority.pages[page]?.dirty !== true) {
        return `${across(holder)} counts as complete, page ${page} differs and is not dirty`;
      }
    }
  }
  if (event.kind !== 'call' || event.answer.kind !== 'done') return null;
  const moves = event.call.kind === 'fence' && libraryAt(before, event.side).authority.holder === event.side;
  const { stage } = before.stores[event.side].records.control;
  const promotes =
    event.call.kind === 'changeStage' && event.call.command.kind === 'promote' && stage !== 'off';
  if (!moves && !promotes) return null;
  const own = libraryAt(before, event.side);
  if (own.authority.holder !== event.side) return null;
  if (libraryAt(before, across(event.side)).filled !== own.authority.epoch) {
    return `${event.call.kind} went on without a marker of epoch ${own.authority.epoch}`;
  }
  const isDirty = Object.values(own.pages).some(({ dirty }) => dirty) || own.gaps.length > 0;
  return promotes && isDirty ? 'the stage was raised while a page was dirty' : null;
};

/** I9: an agreement or a mismatch counts only at equal sequences. */
const countsAtEqual: Check = (_before, event, after) => {
  if (event.kind !== 'call') return null;
  const task = after.processes[event.process]?.task;
  if (task?.kind !== 'compare' || task.state.at !== 'counted') return null;
  return task.state.equal ? null : 'a mismatch was counted that is only a write on its way';
};

/** S1: a command changes the stage it was given for, and raises it by one. */
const stageIsRead: Check = (before, event) => {
  if (event.kind !== 'call' || event.call.kind !== 'changeStage' || event.answer.kind !== 'done') return null;
  const { revision, stage, latched } = before.stores[event.side].records.control;
  const state = `${stage}${latched ? ', latched' : ''}`;
  return event.call.expected === revision
    ? null
    : `${event.call.command.kind} was meant for revision ${event.call.expected} and changed ${revision} (${state})`;
};

/** S2: no two rows of the stage with one revision differ, and no side goes back to an earlier one. */
const oneStage: Check = (before, _event, after) => {
  const [old, other] = SIDES.map((side) => after.stores[side].records.control);
  if (old?.revision === other?.revision && JSON.stringify(old) !== JSON.stringify(other)) {
    return `revision ${old?.revision} is ${old?.stage} on old and ${other?.stage} on new`;
  }
  for (const side of SIDES) {
    const [from, to] = [before, after].map((world) => world.stores[side].records.control.revision);
    if (from !== undefined && to !== undefined && to < from) {
      return `the stage of ${side} went back from revision ${from} to ${to}`;
    }
  }
  return null;
};

/** Invariants of a rollout by name, each checked after every step. */
export const invariants: Readonly<Record<string, Check>> = {
  I1: (...step) => acknowledgedIsKept(...step) ?? leftBehindIsListed(...step),
  I2: inOrder,
  I3: deletesStay,
  I4: backfillYields,
  I5: idsAgree,
  I6: oneAuthority,
  I7: higherEpochCounts,
  I8: completeIsMarked,
  I9: countsAtEqual,
  S1: stageIsRead,
  S2: oneStage,
};

/** Returns the first invariant that a step broke; null when all hold. */
export function brokenBy(before: World, event: Event, after: World): Violation | null {
  for (const [invariant, check] of Object.entries(invariants)) {
    const detail = check(before, event, after);
    if (detail !== null) return { invariant, detail };
  }
  return null;
}
