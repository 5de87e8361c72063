import type { Answer, Call, PageContent, Position } from '@switchyard/storage-rollout/machine';
import type { Counterexample } from './explore.js';
import type { Event, World } from './world.js';

/** A counterexample as text, a line a step. */
export function describeCounterexample(start: World, { invariant, detail, path }: Counterexample): string {
  const names = distinct(start.processes.map(({ name }) => name));
  const lines = path.map((event, index) => `  ${index + 1}. ${describeEvent(event, names)}`);
  return [...lines, `  ${invariant} is broken: ${detail}`].join('\n');
}

/** Numbers the names that several processes have. */
function distinct(names: readonly string[]): string[] {
  return names.map((name, index) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    return `${name} #${names.slice(0, index).filter((other) => other === name).length + 1}`;
  });
}

function describeEvent(event: Event, names: readonly string[]): string {
  if (event.kind === 'cut') return `power cut of ${event.side}: ${event.lost} commits lost`;
  if (event.kind === 'crash') return `${names[event.process]} crashes`;
  const heard = event.isUnheard ? '; it crashes before it hears' : '';
  return `${names[event.process]}: ${describeCall(event.call)} on ${event.side}${describeAnswer(event.answer)}${heard}`;
}

const at = ({ epoch, sequence }: Position) => `(${epoch}, ${sequence})`;
const state = (page: string, { kind, write }: PageContent) =>
  `${page} ${kind === 'deleted' ? 'deleted by' : 'of'} ${write.replace(' (delete)', '')}`;

function describeCall(call: Call): string {
  switch (call.kind) {
    case 'write':
      return `${call.operation.replace(' (delete)', '')} ${call.action}s ${call.page}, epoch ${call.epoch}`;
    case 'put':
      return `put ${state(call.page, call.content)} at ${at(call.position)}`;
    case 'clear':
      return `clear ${call.page} at ${at(call.position)}`;
    case 'carryBack':
      return `carry back ${state(call.page, call.content)}`;
    case 'relog':
      return `log ${call.page} again, epoch ${call.epoch}`;
    case 'keepConflict':
      return `keep ${state(call.page, call.content)} as a conflict`;
    case 'fence':
      return `fence for ${call.authority.holder}, epoch ${call.expected} to ${call.authority.epoch}`;
    case 'admit':
      return `admit, epoch ${call.epoch}`;
    case 'announce':
      return `announce epoch ${call.authority.epoch}`;
    case 'readPage':
      return `read ${call.page}`;
    case 'changeStage':
      return `${call.command.kind}, revision ${call.expected}`;
    default:
      return call.kind;
  }
}

function describeAnswer(answer: Answer): string {
  switch (answer.kind) {
    case 'refused':
      return `: refused, ${answer.reason}`;
    case 'written':
      return answer.position === null ? '' : `: ${at(answer.position)}`;
    case 'change':
      return `: ${state(answer.change.page, answer.change.content)}`;
    case 'authority':
      return `: ${answer.row.holder}, epoch ${answer.row.epoch}`;
    case 'position':
      return `: ${at(answer.position)}`;
    case 'last':
      return `: ${answer.position === null ? 'none' : at(answer.position)}`;
    case 'found':
      return `: ${answer.writes.join(', ')}`;
    case 'put':
      return answer.applied ? '' : ': ignored';
    case 'clean':
    case 'gap':
      return `: ${answer.kind}`;
    default:
      return '';
  }
}
