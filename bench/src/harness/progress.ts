/** Reports progress on standard error, so that results can be piped. */
export interface Progress {
  /** Reports the start of a task. */
  say(text: string): void;
  /** Reports the progress of a task; shown at most a few times per second. */
  step(done: number, total: number, what: string): void;
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let last = 0;
  let open = false;
  const clear = () => {
    if (open) stream.write('\r\x1b[K');
    open = false;
  };
  return {
    say(text) {
      clear();
      stream.write(`${text}\n`);
    },
    step(done, total, what) {
      const now = Date.now();
      if (done < total && now - last < 250) return;
      last = now;
      if (!stream.isTTY) {
        if (done >= total) stream.write(`  ${what}: ${total.toLocaleString('en')}\n`);
        return;
      }
      clear();
      const share = Math.floor((100 * done) / total);
      stream.write(`  ${what}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} (${share} %)`);
      open = true;
      if (done >= total) {
        stream.write('\n');
        open = false;
      }
    },
  };
}
