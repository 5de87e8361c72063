import type { Side, StageCommand, Task } from '@switchyard/storage-rollout/machine';
import { DELETES, LIBRARY, type Machine, type Process, type World } from './world.js';

/** A small world to explore: few processes, few writes, few failures, in every order. */
export interface Scope {
  readonly name: string;
  start(machine: Machine): World;
}

type Write = readonly [action: 'replace' | 'delete', page: string];

const replace = (page: string): Write => ['replace', page];
const remove = (page: string): Write => ['delete', page];

interface Settings {
  readonly pages?: readonly string[];
  readonly processes: readonly Process[];
  readonly crashes?: number;
  readonly cuts?: number;
  /** Stage and completeness to begin with. */
  readonly stage?: 'dualwrite' | 'shadow' | 'live';
  readonly isFilled?: boolean;
}

function worldOf(machine: Machine, settings: Settings): World {
  const pages = Object.fromEntries((settings.pages ?? ['a']).map((page, index) => [page, index + 1]));
  const { stage = 'live', isFilled = true, crashes = 0, cuts = 0, processes } = settings;
  const stores = machine.sides.map((side) => {
    const enrolled = machine.enrolledStore(side, { [LIBRARY]: pages });
    const original = machine.enrolledStore('old', { [LIBRARY]: pages }).libraries[LIBRARY];
    const filled = isFilled && side === 'new' ? { pages: original?.pages ?? {}, filled: 1 } : {};
    const records = {
      ...machine.withLibrary(enrolled, LIBRARY, filled),
      control: { revision: 1, stage, latched: false },
    };
    return [side, { records, boot: 0, undurable: [] }];
  });
  const ids = Object.fromEntries(Object.entries(pages).map(([page, id]) => [id, page]));
  return {
    stores: Object.fromEntries(stores),
    processes,
    crashes,
    cuts,
    ghost: { order: {}, required: {}, ids, known: knownPages(Object.keys(pages), isFilled) },
  };
}

function knownPages(pages: readonly string[], isFilled: boolean): World['ghost']['known'] {
  const sides: readonly Side[] = isFilled ? ['old', 'new'] : ['old'];
  return Object.fromEntries(sides.flatMap((side) => pages.map((page) => [`${side} ${page}`, true] as const)));
}

/** A client that makes its writes one after the other; the operations are named after it. */
function writer(name: string, writes: readonly Write[], { isAware = true } = {}): Process {
  const tasks = writes.map(([action, page], index): Task => {
    const operation = `${name}${index + 1}${action === 'delete' ? DELETES : ''}`;
    const write = { kind: 'write', library: LIBRARY, page, action, operation } as const;
    return { kind: 'write', write, isAware, state: { at: 'write', side: 'old', epoch: 1 } };
  });
  const [task, ...pending] = tasks as [Task, ...Task[]];
  // Who knows nothing of the rollout does not repeat an operation by its id.
  return {
    name: `${isAware ? 'client' : 'application'} ${name}`,
    task,
    pending,
    retries: 0,
    crashable: isAware,
  };
}

const process = (name: string, task: Task, ...pending: Task[]): Process => {
  return { name, task, pending, retries: 1, crashable: true };
};
const drain = (from: Side): Process =>
  process(`drain of ${from}`, { kind: 'drain', library: LIBRARY, from, state: { at: 'idle' } });
const move = (to: Side): Process =>
  process(`switch to ${to}`, { kind: 'switch', library: LIBRARY, to, state: { at: 'readLoser' } });
const backfill = (pages: readonly string[]): Process =>
  process('backfill', { kind: 'backfill', library: LIBRARY, from: 'old', pages, state: { at: 'position' } });
const stageTask = (command: StageCommand): Task => ({ kind: 'stage', command, state: { at: 'readOld' } });
const command = (...[first, ...others]: [StageCommand, ...StageCommand[]]): Process =>
  process(first.kind, stageTask(first), ...others.map(stageTask));
const compare = (): Process =>
  process('comparison', {
    kind: 'compare',
    library: LIBRARY,
    authority: 'old',
    state: { at: 'before', positions: [] },
  });

const repair = (pages: readonly string[]): Process =>
  process('repair', { kind: 'repair', library: LIBRARY, from: 'old', pages, state: { at: 'authority' } });

const located = (name: string, [action, page]: Write): Task => {
  const operation = `${name}${action === 'delete' ? DELETES : ''}`;
  const write = { kind: 'write', library: LIBRARY, page, action, operation } as const;
  return { kind: 'write', write, isAware: true, state: { at: 'locate' } };
};

/** Writes, a forced switch on the word that nobody writes to the old side any more, writes, and its return. */
const forcing = (before: readonly Write[], after: readonly Write[]): Process => {
  const tasks: Task[] = [
    ...before.map((write, index) => located(`A${index + 1}`, write)),
    { kind: 'force', library: LIBRARY, to: 'new', state: { at: 'read' } },
    ...after.map((write, index) => located(`B${index + 1}`, write)),
    { kind: 'rejoin', library: LIBRARY, to: 'new', state: { at: 'read' } },
  ];
  return process('operator', ...(tasks as [Task, ...Task[]]));
};

/** Scopes explored to their end in every run of the tests. */
export const scopes: readonly Scope[] = [
  {
    name: 'writes: two clients and two drains, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a'), remove('a')]),
          writer('B', [replace('a')]),
          drain('old'),
          drain('old'),
        ],
        crashes: 1,
      }),
  },
  {
    name: 'switch: up while two clients write, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [replace('b'), replace('c')]), writer('B', [remove('a')]), move('new')],
        crashes: 1,
      }),
  },
  {
    name: 'switch: up and down at once while a client writes, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [replace('a'), remove('a')]), move('new'), move('old')],
        crashes: 1,
      }),
  },
  {
    name: 'switch: twice up and once down at once',
    start: (machine) => worldOf(machine, { processes: [move('new'), move('new'), move('old')] }),
  },
  {
    name: 'switch: up while an application that knows nothing of the rollout writes',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a'), remove('a')], { isAware: false }),
          writer('B', [replace('b')]),
          drain('old'),
          move('new'),
        ],
      }),
  },
  {
    name: 'backfill: while a client writes and an application deletes, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        pages: ['a', 'b'],
        processes: [
          writer('A', [replace('a'), replace('a')]),
          writer('B', [remove('b')], { isAware: false }),
          drain('old'),
          backfill(['a', 'b']),
        ],
        crashes: 1,
        stage: 'dualwrite',
        isFilled: false,
      }),
  },
  {
    name: 'power cut: of either side while two clients write',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [remove('a'), replace('b')]), writer('B', [replace('c')]), drain('old')],
        cuts: 1,
      }),
  },
  {
    name: 'repair: of two pages while a client writes, one power cut of either side',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [replace('a')]), drain('old'), repair(['a', 'b'])],
        cuts: 1,
      }),
  },
  {
    name: 'repair: of a page during a switch, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [remove('a'), replace('a')]), move('new'), repair(['a'])],
        crashes: 1,
      }),
  },
  {
    name: 'forced switch: while a drain works, and the return of the other side, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          forcing([replace('a'), remove('b'), replace('a')], [replace('a'), replace('c')]),
          drain('old'),
          drain('new'),
        ],
        pages: ['a', 'b'],
        crashes: 1,
      }),
  },
  {
    name: 'forced switch: of a page that both sides have written',
    start: (machine) =>
      worldOf(machine, {
        processes: [forcing([replace('a')], [remove('a')]), drain('old'), drain('new')],
      }),
  },
  {
    name: 'forced switch: from a side that was rebooted since, with nothing lost',
    start: (machine) => {
      const world = worldOf(machine, {
        processes: [forcing([replace('a')], []), drain('old'), drain('new')],
      });
      const { old } = world.stores;
      return { ...world, stores: { ...world.stores, old: { ...old, boot: 1 } } };
    },
  },
  {
    name: 'power cut: of either side while two drains work',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [replace('a'), replace('a')]), drain('old'), drain('old')],
        cuts: 1,
      }),
  },
  {
    name: 'power cut: of either side during a switch',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [replace('a'), replace('a')]), drain('old'), move('new'), drain('new')],
        cuts: 1,
      }),
  },
  {
    name: 'power cut: of either side during a backfill and a switch',
    start: (machine) =>
      worldOf(machine, {
        processes: [writer('A', [replace('a')]), drain('old'), backfill(['a']), move('new')],
        cuts: 1,
        isFilled: false,
      }),
  },
  {
    name: 'stage: promoted, demoted to off and lowered by a gate while a client writes',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a')]),
          backfill(['a']),
          command({ kind: 'promote' }),
          command({ kind: 'demote', to: 'off' }),
          command({ kind: 'latch', to: 'dualwrite' }),
        ],
        stage: 'dualwrite',
        isFilled: false,
      }),
  },
  {
    name: 'stage: demoted to off and promoted again while a client writes',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a')]),
          drain('old'),
          command({ kind: 'demote', to: 'off' }),
          command({ kind: 'promote' }, { kind: 'promote' }),
        ],
        stage: 'dualwrite',
      }),
  },
  {
    name: 'stage: raised over both sides and lowered by two commands at once, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          command({ kind: 'promote' }, { kind: 'promote' }),
          command({ kind: 'demote', to: 'shadow' }),
          command({ kind: 'latch', to: 'dualwrite' }),
        ],
        stage: 'shadow',
        crashes: 1,
      }),
  },
  {
    name: 'comparison: while two clients write',
    start: (machine) =>
      worldOf(machine, {
        stage: 'shadow',
        processes: [
          writer('A', [replace('a'), replace('b')]),
          writer('B', [remove('a')]),
          drain('old'),
          compare(),
        ],
      }),
  },
];

/** Scopes that are explored up to a bound, each for minutes. */
export const largeScopes: readonly Scope[] = [
  {
    name: 'large: up, down and up again while a client writes thrice, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a'), remove('a'), replace('a')]),
          move('new'),
          move('old'),
          move('new'),
        ],
        crashes: 1,
      }),
  },
  {
    name: 'large: two clients, drains of both sides, switches up and down, a crash at every step',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a'), remove('a')]),
          writer('B', [replace('a')]),
          drain('old'),
          drain('new'),
          move('new'),
          move('old'),
        ],
        crashes: 1,
      }),
  },
  {
    name: 'large: two power cuts while two clients write and a switch is made',
    start: (machine) =>
      worldOf(machine, {
        processes: [
          writer('A', [replace('a'), replace('b')]),
          writer('B', [remove('a')]),
          drain('old'),
          move('new'),
          drain('new'),
        ],
        cuts: 2,
      }),
  },
  {
    name: 'large: backfill of three pages while two clients write and two drains work, two crashes',
    start: (machine) =>
      worldOf(machine, {
        pages: ['a', 'b'],
        processes: [
          writer('A', [replace('a'), replace('b')]),
          writer('B', [remove('b'), replace('c')], { isAware: false }),
          drain('old'),
          drain('old'),
          backfill(['a', 'b', 'c']),
        ],
        crashes: 2,
        stage: 'dualwrite',
        isFilled: false,
      }),
  },
];

/** Worlds far too large to explore, for random ways through them. */
export const walkScopes: readonly Scope[] = [
  {
    name: 'crashes: four clients, drains, backfills, three switches up and two down',
    start: (machine) => worldOf(machine, { pages: ['a', 'b'], processes: everybody(), crashes: 8 }),
  },
  {
    name: 'power cuts: four clients, drains, backfills, three switches up and two down',
    start: (machine) => worldOf(machine, { pages: ['a', 'b'], processes: everybody(), cuts: 3 }),
  },
  {
    name: 'power cuts: an empty new side, four clients, drains, backfills, switches',
    start: (machine) =>
      worldOf(machine, { pages: ['a', 'b'], processes: everybody(), cuts: 2, isFilled: false }),
  },
];

function everybody(): Process[] {
  const { task } = backfill(['a', 'b', 'c', 'd']);
  const processes = [
    ...busyClients(),
    drain('old'),
    drain('old'),
    drain('new'),
    process('backfills', task, task, task),
    process('switches', ...moves('new', 'old', 'new')),
    process('other switches', ...moves('old', 'new')),
  ];
  return processes.map((one) => ({ ...one, retries: 12 }));
}

function busyClients(): Process[] {
  return [
    writer('A', [replace('a'), remove('a'), replace('a'), replace('b'), remove('b')]),
    writer('B', [replace('c'), replace('a'), remove('c'), replace('c')]),
    writer('C', [remove('b'), replace('d'), remove('a'), replace('b')]),
    writer('D', [replace('b'), replace('b'), replace('a')]),
  ];
}

function moves(...targets: [Side, ...Side[]]): [Task, ...Task[]] {
  const [first, ...others] = targets.map(
    (to): Task => ({ kind: 'switch', library: LIBRARY, to, state: { at: 'readLoser' } }),
  );
  return [first as Task, ...others];
}
