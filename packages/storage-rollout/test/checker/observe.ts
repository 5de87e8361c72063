import type { Event, Ghost, World } from './world.js';
import { heldIndex, LIBRARY } from './world.js';

/** Returns the world with what an observer learns from a step. */
export function observe(before: World, event: Event, after: World): World {
  const ghost = withIds(after, noteForce(before, event, after, noteWrite(before, event, after.ghost)));
  return ghost === after.ghost ? after : { ...after, ghost };
}

function noteWrite({ stores }: World, event: Event, ghost: Ghost): Ghost {
  if (event.kind !== 'call' || event.call.kind !== 'write' || event.answer.kind !== 'written') return ghost;
  const { page, operation } = event.call;
  if (event.answer.position === null) return ghost;
  const known = ghost.order[page] ?? [];
  const isLost = (['old', 'new'] as const).every(
    (side) =>
      stores[side].records.libraries[LIBRARY]?.operations.every((other) => other.operation !== operation) !==
      false,
  );
  // An operation that a power cut took from everywhere happens when it is repeated.
  const others = isLost && !event.answer.repeated ? known.filter((other) => other !== operation) : known;
  const order = others.includes(operation) ? others : [...others, operation];
  const acknowledged = event.isUnheard ? 0 : 1 + order.indexOf(operation);
  const required = Math.max(ghost.required[page] ?? 0, acknowledged);
  return {
    ...ghost,
    order: { ...ghost.order, [page]: order },
    required: { ...ghost.required, [page]: required },
  };
}

/** A forced switch leaves behind what was not delivered: it is to be listed later, and is not required any more. */
function noteForce(before: World, event: Event, after: World, ghost: Ghost): Ghost {
  if (event.kind !== 'call' || event.call.kind !== 'admit' || event.answer.kind !== 'done') return ghost;
  if (before.processes[event.process]?.task.kind !== 'force') return ghost;
  const pages = Object.entries(ghost.required).map(([page, required]) => {
    return [page, { required, held: heldIndex(after, event.side, page) }] as const;
  });
  const required = pages.map(([page, one]) => [page, Math.min(one.required, Math.max(0, one.held))] as const);
  return { ...ghost, required: Object.fromEntries(required), forced: Object.fromEntries(pages) };
}

/** Adds the ids and pages that a step made known. */
function withIds(world: World, ghost: Ghost): Ghost {
  let { ids, known } = ghost;
  for (const side of ['old', 'new'] as const) {
    const pages = world.stores[side].records.libraries[LIBRARY]?.pages ?? {};
    for (const [page, { content }] of Object.entries(pages)) {
      if (content.kind === 'present' && ids[content.id] === undefined) ids = { ...ids, [content.id]: page };
      if (known[`${side} ${page}`] !== true) known = { ...known, [`${side} ${page}`]: true };
    }
  }
  return ids === ghost.ids && known === ghost.known ? ghost : { ...ghost, ids, known };
}
