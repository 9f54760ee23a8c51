/** What the bench asks of a process that trains, and what it answers: a line of JSON each. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Trains for so long, or so many steps. */
export type Question = { readonly seconds: number } | { readonly steps: number };

export interface Answer {
  readonly steps: number;
  /** Of all these steps. */
  readonly ms: number;
  /** Of the first of these steps. */
  readonly firstLoss: number;
  readonly version: string;
  /** Resident memory, now and at most, MiB. */
  readonly residentMiB: number;
  readonly peakMiB: number;
}

/** Says that it is ready, answers each question, ends with its input. `step` trains one step and gives its loss. */
export async function answerQuestions(version: string, step: () => Promise<number>): Promise<void> {
  process.stdout.write('ready\n');
  for await (const line of createInterface(process.stdin)) {
    const question = JSON.parse(line) as Question;
    const started = performance.now();
    let steps = 0;
    let firstLoss = NaN;
    do {
      const loss = await step();
      if (steps++ === 0) firstLoss = loss;
    } while (goesOn(question, steps, performance.now() - started));
    const ms = performance.now() - started;
    const answer: Answer = { steps, ms, firstLoss, version, ...memory() };
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit();
}

function goesOn(question: Question, steps: number, ms: number): boolean {
  return 'steps' in question ? steps < question.steps : ms < question.seconds * 1000;
}

function memory(): Pick<Answer, 'residentMiB' | 'peakMiB'> {
  const status = readFileSync('/proc/self/status', 'utf8');
  const mebibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? NaN) / 1024;
  return { residentMiB: mebibytes('VmRSS'), peakMiB: mebibytes('VmHWM') };
}
