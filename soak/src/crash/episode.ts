import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createRandom, type Random } from '../harness/random.js';
import type { TaskProcess } from '../harness/task-process.js';
import { candidates, type Ledger } from './ledger.js';
import { createPlace, type Mode, type Place } from './modes.js';
import { descendantsOf, freeze, freezeTree, gone, isDriverChild, signal, thaw } from './processes.js';
import type { VerifyTask } from './verifier.js';
import type { Verdict } from './verify.js';
import { type WriterCounts, WriterProcess } from './writer-process.js';

/** Kind of crash of a store that is being written. */
export type CrashKind = 'kill-writer' | 'kill-child' | 'kill-server' | 'image';

/** Result of one store, from its creation through many crashes. */
export interface EpisodeResult extends WriterCounts {
  readonly id: string;
  readonly mode: Mode;
  readonly crashes: Readonly<Record<string, number>>;
  /** Number of in-flight operations that a crash left applied, and of those it left absent. */
  readonly inFlightApplied: number;
  readonly inFlightAbsent: number;
  readonly compared: number;
  readonly faults: readonly string[];
}

/** Kinds of crashes for each mode, weighted by how often they are listed. */
const KINDS: Readonly<Record<Mode, readonly CrashKind[]>> = {
  file: ['kill-writer', 'image', 'image', 'image'],
  legacy: ['kill-writer', 'image', 'image', 'image'], // @legacy
  isolated: ['kill-child', 'kill-child', 'kill-writer', 'image', 'image', 'image'],
  readers: ['kill-child', 'kill-child', 'kill-writer', 'image', 'image', 'image'],
  sqld: ['kill-server', 'kill-server', 'kill-child', 'image', 'image'],
  'sqld-jwt': ['kill-server', 'kill-server', 'kill-child', 'image', 'image'],
  replica: ['kill-server', 'kill-child', 'kill-writer', 'image', 'image'],
};
const DIMENSIONS = [8, 48, 768];
/**
 * Probability that another process opens the store before a crash while the writer has it open. Not counted as a crash.
 */
const VISIT = 0.15;
/** Requests of a killed process may still be on their way to a server. */
const SETTLE_MS = 250;

/** Runs one episode. */
export class Episode {
  readonly #id: string;
  readonly #random: Random;
  readonly #folder: string;
  readonly #verifier: TaskProcess;
  readonly #dimension: number;
  readonly #counts: WriterCounts = { acknowledged: 0, refused: 0, resolvedApplied: 0, resolvedAbsent: 0 };
  readonly #crashes: Record<string, number> = {};
  readonly #faults: string[] = [];
  #writer: WriterProcess;
  #spare: WriterProcess;
  #place!: Place;
  #lives = 0;
  #images = 0;
  #inFlightApplied = 0;
  #inFlightAbsent = 0;
  #compared = 0;
  #verifying: Promise<void> = Promise.resolve();

  constructor(id: string, folder: string, verifier: TaskProcess) {
    this.#id = id;
    this.#random = createRandom('episode', id);
    this.#folder = folder;
    this.#verifier = verifier;
    this.#dimension = this.#random.pick(DIMENSIONS);
    this.#writer = new WriterProcess(this.#counts);
    this.#spare = new WriterProcess(this.#counts);
  }

  async run(mode: Mode, crashes: number): Promise<EpisodeResult> {
    mkdirSync(this.#folder, { recursive: true });
    this.#place = await createPlace(mode, this.#folder);
    try {
      this.#begin({});
      for (let i = 0; i < crashes && this.#faults.length === 0; i++) {
        await this.#moment();
        if (this.#random.chance(VISIT)) await this.#visit();
        const kind = this.#random.pick(KINDS[mode]);
        await this.#crash(kind);
        this.#crashes[kind] = (this.#crashes[kind] ?? 0) + 1;
        this.#faults.push(...this.#writer.faults.splice(0));
      }
      await this.#verifying;
    } finally {
      await Promise.all([this.#writer.kill(), this.#spare.kill()]);
      await this.#place.server?.stop();
    }
    return {
      id: this.#id,
      mode,
      crashes: this.#crashes,
      ...this.#counts,
      inFlightApplied: this.#inFlightApplied,
      inFlightAbsent: this.#inFlightAbsent,
      compared: this.#compared,
      faults: this.#faults,
    };
  }

  #begin(ledger: Ledger): void {
    const { connection, token } = this.#place;
    const seed = `${this.#id}.${this.#lives++}`;
    this.#writer.write({ connection, token, dimension: this.#dimension, seed, ledger });
  }

  /** Waits for the moment of the next crash: usually during a write, sometimes while the store opens. */
  async #moment(): Promise<void> {
    if (this.#random.chance(0.06)) await pause(this.#random.below(250));
    else {
      await this.#writer.acknowledged(1 + this.#random.below(16));
      if (this.#random.chance(0.7)) await pause(this.#random.float() * 6);
    }
  }

  /** Lets another process open the store, read everything and close it; then the writer continues. */
  async #visit(): Promise<void> {
    if (this.#place.server !== null) return;
    await this.#verifying;
    await this.#writer.pause();
    const states = candidates(this.#writer.ledger, this.#writer.pending);
    await this.#verify(this.#place.verification, states, 'seen by another process');
    this.#writer.resume();
    await this.#writer.acknowledged(1 + this.#random.below(8));
  }

  async #crash(kind: CrashKind): Promise<void> {
    if (kind === 'image') await this.#image();
    else if (kind === 'kill-writer') await this.#killWriter();
    else await this.#killBehind(kind);
  }

  /** Takes the image of a process kill: the files at one moment, without shared memory. */
  async #image(): Promise<void> {
    await this.#verifying;
    const { server, mode } = this.#place;
    const ofServer = server !== null && mode !== 'replica';
    const all = await freezeTree(this.#writer.pid);
    if (ofServer && server.pid !== null) {
      const { pid } = server;
      // Freezes the writer too, so that nothing is acknowledged that the image cannot contain.
      await freeze([pid]);
      all.push(pid);
    }
    await this.#writer.drain();
    if (mode === 'replica') await pause(SETTLE_MS);
    const states = candidates(this.#writer.ledger, this.#writer.pending);
    const image = this.#copyFiles();
    const verify = this.#verify(this.#place.image(image), states, 'image').then(() => this.#forget(image));
    // A replica is compared with its server, which must not change during the comparison.
    if (mode === 'replica') await verify;
    thaw(all);
    this.#verifying = verify;
  }

  #copyFiles(): string {
    const image = join(this.#folder, `image-${this.#images++}`);
    mkdirSync(image);
    const target = join(image, 'store.db');
    for (const suffix of this.#place.suffixes) {
      if (existsSync(this.#place.file + suffix)) copyFileSync(this.#place.file + suffix, target + suffix);
    }
    return target;
  }

  #forget(image: string): void {
    if (this.#faults.length === 0) rmSync(join(image, '..'), { recursive: true, force: true });
  }

  async #killWriter(): Promise<void> {
    await this.#verifying;
    const below = (await descendantsOf(this.#writer.pid)).map(({ pid }) => pid);
    await this.#writer.kill();
    await gone(below);
    if (this.#place.server !== null) await pause(SETTLE_MS);
    const { ledger, pending, faults } = this.#writer;
    this.#faults.push(...faults);
    const states = candidates(ledger, pending);
    const state = await this.#verify(this.#place.verification, states, 'after the kill');
    this.#writer = this.#spare;
    this.#spare = new WriterProcess(this.#counts);
    if (state !== null) this.#begin(states[state] as Ledger);
  }

  /**
   * Kills the process that answers the writer: a driver's child or the server. The writer continues and determines each
   * outcome.
   */
  async #killBehind(kind: 'kill-child' | 'kill-server'): Promise<void> {
    await this.#verifying;
    const { server, verification } = this.#place;
    if (kind === 'kill-server') {
      await server?.kill();
      await server?.restart();
    } else {
      const children = (await descendantsOf(this.#writer.pid)).filter(isDriverChild);
      if (children.length > 0) signal(this.#random.pick(children).pid, 'SIGKILL');
    }
    await this.#writer.pause();
    const states = candidates(this.#writer.ledger, this.#writer.pending);
    if (this.#place.mode === 'replica') {
      await this.#verify(`${server?.url}?isolation=inline`, states, `server after ${kind}`);
      const image = this.#copyFiles();
      await this.#verify(this.#place.image(image), states, `replica after ${kind}`);
      this.#forget(image);
    } else {
      await this.#verify(verification, states, `after ${kind}`);
    }
    this.#writer.resume();
  }

  /** @returns Index of the state that the store is in. */
  async #verify(connection: string, states: readonly Ledger[], what: string): Promise<number | null> {
    const { token } = this.#place;
    const seed = `${this.#id}.${this.#images}.${this.#lives}`;
    const task: VerifyTask = { connection, token, states, dimension: this.#dimension, seed };
    let verdict: Verdict | null = null;
    const end = await this.#verifier.run(task, {
      onResult: (_name, value) => {
        verdict = value as Verdict;
      },
    });
    const found = verdict as Verdict | null;
    if (found === null) {
      this.#faults.push(`${what}: the verifier ${end.kind}: ${JSON.stringify(end)}`);
      return null;
    }
    this.#faults.push(...found.faults.map((fault) => `${what}: ${fault}`));
    this.#compared += found.compared;
    if (states.length > 1 && found.state !== null) {
      if (found.state > 0) this.#inFlightApplied += 1;
      else this.#inFlightAbsent += 1;
    }
    return found.state;
  }
}
