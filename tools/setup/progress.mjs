// What set-up says while it works: one line when a longer step begins, with an estimate, one when it has ended.

const ANNOUNCED_FROM_SECONDS = 2;

export function createProgress({
  write = (text) => process.stderr.write(text),
  now = () => performance.now(),
} = {}) {
  const started = now();
  let spoke = false;
  const say = (text) => {
    if (!spoke) write('set-up\n');
    spoke = true;
    write(`${text}\n`);
  };
  return {
    note: (text) => say(`  · ${text}`),
    /** Runs `action(report)`; @returns what it returns. */
    async step(title, { seconds }, action) {
      const from = now();
      if (seconds >= ANNOUNCED_FROM_SECONDS) say(`  … ${title} (about ${duration(seconds)})`);
      try {
        const value = await action((text) => say(`    ${title}: ${text}`));
        say(`  ✓ ${title} (${duration((now() - from) / 1000)})`);
        return value;
      } catch (error) {
        say(`  ✗ ${title} (${duration((now() - from) / 1000)})`);
        throw error;
      }
    },
    /** The last line; kept to itself where there was nothing to do. */
    end(text) {
      const total = (now() - started) / 1000;
      write(spoke ? `  set-up done in ${duration(total)}: ${text}\n` : `set-up in place: ${text}\n`);
    },
  };
}

/** 0.4 s, 12 s, 3 min 20 s */
export function duration(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round((seconds - minutes * 60) / 10) * 10;
  return rest === 0 ? `${minutes} min` : rest === 60 ? `${minutes + 1} min` : `${minutes} min ${rest} s`;
}
