import { openTeam, type StartThread, type Team, type TeamSpec } from '@espalier/threads';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { threadError } from '../errors';
import { Locals, doWhile, i32, sequence, type Code } from '../wasm/code';
import { ModuleBuilder } from '../wasm/module-builder';
import { importing, webAssembly } from '../wasm/platform';

/** Of words that parts write, and look at. */
const [SEEN, COUNTS] = [64, 128];
const UNREACHABLE: Code = [0x00];
const word = (at: number): Code => i32.load(i32.const(0), at);
const add = (at: number): Code => i32.store(i32.const(0), i32.add(word(at), i32.const(1)), at);

const FUNCTIONS: Readonly<Record<string, Code>> = {
  one: add(COUNTS),
  two: add(COUNTS + 4),
  three: add(COUNTS + 8),
  /** Goes on when another thread has begun with `fails` or `answers`. */
  waits: sequence(
    i32.store(i32.const(0), i32.const(0), SEEN + 4),
    doWhile([], i32.lessThan(word(SEEN), i32.const(1))),
  ),
  answers: i32.store(i32.const(0), i32.const(1), SEEN),
  fails: sequence(i32.store(i32.const(0), i32.const(1), SEEN), UNREACHABLE),
};
const JOBS = [['one', 'two', 'three'], ['waits', 'answers'], ['waits', 'fails'], ['one']];
const SPEC: Pick<TeamSpec, 'name' | 'jobs' | 'failed'> = {
  name: 'test',
  jobs: JOBS.map((names) => names.map((name) => [name] as const)),
  failed: (reason) => threadError('INFERENCE_THREAD', { network: 'net', reason }),
};

describe('a team', () => {
  const members: Worker[] = [];
  const start: StartThread = (source, options) => {
    const member = new Worker(source, options);
    members.push(member);
    return member;
  };
  let team: Team;
  let words: Int32Array;

  async function open(threads: number): Promise<void> {
    const builder = new ModuleBuilder();
    for (const [name, code] of Object.entries(FUNCTIONS)) builder.add(name, new Locals(), code);
    const wasm = webAssembly();
    const memory = new wasm.Memory({ initial: 1, maximum: 1, shared: true });
    const module = await wasm.compile(builder.bytes(1, true));
    const { exports } = await wasm.instantiate(module, importing(memory));
    words = new Int32Array(memory.buffer);
    team = openTeam({ ...SPEC, threads, module, imports: importing(memory), exports, start });
    await team.ready;
  }

  beforeEach(() => void members.splice(0));
  afterEach(() => team.close());

  const counts = (): readonly number[] => [...words.subarray(COUNTS / 4, COUNTS / 4 + 3)];

  it.each([1, 2, 3, 4])('of %d does each part of each job once', async (threads) => {
    await open(threads);
    for (let i = 0; i < 2000; i++) {
      team.run(0, { threads });
      if (i % 3 === 0) team.run(3, { threads });
      if (i % 500 === 0) await new Promise(setImmediate);
    }
    expect(counts()).toEqual([2667, 2000, 2000]);
  });

  it('does its parts at the same time', async () => {
    await open(2);
    // The first part ends only when another thread has done the second.
    team.run(1, { threads: 2 });
    expect(words[SEEN / 4]).toBe(1);
  });

  it('says so when a part fails in another thread, and from then on', async () => {
    await open(2);
    expect(() => team.run(2, { threads: 2 })).toThrow(/INFERENCE_THREAD: .*"net".*unreachable/);
    expect(() => team.run(0, { threads: 2 })).toThrow('INFERENCE_THREAD');
  });

  it('says so when a thread has ended', async () => {
    await open(3);
    await members[1].terminate();
    expect(() => team.run(0, { threads: 3 })).toThrow(/INFERENCE_THREAD: .*ended/);
  });

  it('does what was begun at the latest when it is asked to finish, and says there that a thread has ended', async () => {
    await open(2);
    team.begin(0, { threads: 2 });
    team.finish();
    expect(counts()).toEqual([1, 1, 1]);
    await members[0].terminate();
    expect(() => team.finish()).toThrow(/INFERENCE_THREAD: .*ended/);
    expect(() => team.begin(0, { threads: 2 })).toThrow('INFERENCE_THREAD');
  });

  it('ends its threads when it is closed, asleep or not', async () => {
    await open(3);
    team.run(0, { threads: 2 });
    team.close();
    await Promise.all(members.map((member) => (member.threadId === -1 ? undefined : once(member, 'exit'))));
    expect(members.map(({ threadId }) => threadId)).toEqual([-1, -1]);
  });

  it('does not begin without its threads', async () => {
    const broken: StartThread = (_, options) => start('throw new Error("no room")', options);
    const wasm = webAssembly();
    const memory = new wasm.Memory({ initial: 1, maximum: 1, shared: true });
    const module = await wasm.compile(new ModuleBuilder().bytes(1, true));
    const opened = openTeam({
      ...{ ...SPEC, threads: 2, module, imports: importing(memory), exports: {}, jobs: [] },
      start: broken,
    });
    await expect(opened.ready).rejects.toThrow(/INFERENCE_THREAD: .*no room/);
  });
});
