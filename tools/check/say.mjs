// What suites print. Of those that run side by side each is printed whole, one after the other.

import { AsyncLocalStorage } from 'node:async_hooks';

const collecting = new AsyncLocalStorage();

/** @param text of the suite that is running: printed now, or with all that it says */
export function say(text) {
  const collected = collecting.getStore();
  if (collected) collected.push(text);
  else process.stdout.write(text);
}

/** Runs `work`; @returns {result, said}: all that it said, which is not printed yet */
export async function collect(work) {
  const collected = [];
  const result = await collecting.run(collected, work);
  return { result, said: Buffer.concat(collected.map((text) => Buffer.from(text))).toString() };
}
