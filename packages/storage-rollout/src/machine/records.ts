import { type LogAuthority, OLD_SIDE_IDS } from '@switchyard/storage-core/backend';
import type { ControlRow } from './control.js';
import type { Position } from './position.js';
import { ORIGIN } from './position.js';
import type { Side } from './sides.js';

/**
 * Records that a rollout keeps in each store, beside the content. A page's content is represented by the operation that
 * wrote it: two pages with the same operation are equal, byte for byte and id for id.
 */
export interface StoreRecords {
  /** Side of the store. */
  readonly side: Side;
  /** Boot of the machine under which the store was last connected to; a new one means that a tail may be lost. */
  readonly boot: Boot;
  /** Number of the last change that was logged. */
  readonly sequence: number;
  /** Id of the next page that this side names. */
  readonly nextId: number;
  /** Stage and latch. The row of the side that holds it counts. */
  readonly control: ControlRow;
  /** States of the other side that a forced switch left behind; absent before the first. */
  readonly conflicts?: readonly Conflict[];
  /** Records by name of library. They outlive their library. */
  readonly libraries: Readonly<Record<string, LibraryRecords>>;
}

/** Identity of a boot of a machine. */
export type Boot = number | string;

/** Records of one library in one store. */
export interface LibraryRecords {
  /** Who may write. A store takes writes only while its own row names it. */
  readonly authority: AuthorityRow;
  /** Terms whose end was lost in a power cut and has not been looked for on the other side yet. */
  readonly gaps: readonly Gap[];
  /** Position of the last change: an own one, or one that was put here. */
  readonly last: Position;
  /** Epoch up to which this side is known to hold everything but what the other one logs as dirty; null when unfilled. */
  readonly filled: number | null;
  /** Entries of the change log by page: one a page, deleted ones included. */
  readonly pages: Readonly<Record<string, PageEntry>>;
  /** Position that each operation got, so that a repeated one is answered and not applied. */
  readonly operations: readonly Operation[];
}

/** Authority over a library: side that may write, once its own row says so too. The epoch increases with every change. */
export type AuthorityRow = LogAuthority;

/** End of a term that a power cut shortened: later positions of that epoch are lost on the authority. */
export type Gap = Position;

/** State of a page. */
export type PageContent =
  | { readonly kind: 'present'; readonly write: string; readonly id: number }
  | { readonly kind: 'deleted'; readonly write: string };

/** Entry of a page in the change log of a store. */
export interface PageEntry {
  /** State of the page. */
  readonly content: PageContent;
  /** Position that the state belongs to. */
  readonly position: Position;
  /** True until the other side holds this state durably. */
  readonly dirty: boolean;
}

/** State that an authority had when a forced switch took its library away, and that was not delivered. */
export interface Conflict {
  readonly library: string;
  readonly page: string;
  readonly content: PageContent;
  readonly position: Position;
}

/** Result of an operation, kept with the write. */
export interface Operation {
  /** Id that the caller gave the operation. */
  readonly operation: string;
  /** Page it wrote. */
  readonly page: string;
  /** Position it was given; null when it had nothing to change. */
  readonly position: Position | null;
}

/** Returns the records of a store at enrolment, with the ids of the pages that it holds. */
export function enrolledStore(
  side: Side,
  pages: Readonly<Record<string, Readonly<Record<string, number>>>>,
): StoreRecords {
  const ids = Object.values(pages).flatMap((library) => Object.values(library));
  const libraries = Object.entries(pages).map(([name, library]) => [
    name,
    {
      authority: { epoch: 1, holder: 'old' },
      gaps: [],
      last: ORIGIN,
      filled: null,
      pages:
        side === 'new'
          ? {}
          : Object.fromEntries(
              Object.entries(library).map(([page, id]) => [
                page,
                { content: { kind: 'present', write: 'enrolled', id }, position: ORIGIN, dirty: false },
              ]),
            ),
      operations: [],
    },
  ]);
  return {
    side,
    boot: 0,
    sequence: 0,
    nextId: side === 'old' ? OLD_SIDE_IDS : Math.max(0, ...ids) + 1,
    control: { revision: 1, stage: 'dualwrite', latched: false },
    libraries: Object.fromEntries(libraries),
  };
}

/** Returns true while changes are logged: the triggers of the old side are gone in `off`. */
export function isLogging({ side, control }: StoreRecords): boolean {
  return side === 'new' || control.stage !== 'off';
}

/** Returns the records of a library, which enrolment or its first write created. */
export function libraryOf(records: StoreRecords, name: string): LibraryRecords {
  const library = records.libraries[name];
  if (library === undefined) throw new TypeError(`No library '${name}' is enrolled.`);
  return library;
}

/** Returns the records with some columns of a library replaced. */
export function withLibrary(
  records: StoreRecords,
  name: string,
  change: Partial<LibraryRecords>,
): StoreRecords {
  const library = { ...libraryOf(records, name), ...change };
  return { ...records, libraries: { ...records.libraries, [name]: library } };
}

/** Returns the dirty entries of a library, oldest change first. */
export function dirtyPages(library: LibraryRecords): readonly (readonly [string, PageEntry])[] {
  return Object.entries(library.pages)
    .filter(([, { dirty }]) => dirty)
    .sort(([, a], [, b]) => a.position.epoch - b.position.epoch || a.position.sequence - b.position.sequence);
}

/** Returns true when the other side holds all that this one logged, as far as this side's log says. */
export function isClean(library: LibraryRecords): boolean {
  return library.gaps.length === 0 && dirtyPages(library).length === 0;
}
