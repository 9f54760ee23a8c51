import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, type JsonValue } from '@espalier/base';
import { SETTINGS_VARIABLE, superviseChild, type ChildSpec } from './supervise-child';

const QUICK = { firstDelayMs: 1, maxDelayMs: 2, stopMs: 2_000, maxDeaths: 3 } as const;

/** Says that it is ready with its settings, then lives until its parent is gone. */
const GOOD = `
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => process.exit(0));
  process.send({ ready: JSON.parse(process.env.${SETTINGS_VARIABLE}) });
`;

describe('a supervised child', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-supervise-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function child(script: string, more: Partial<ChildSpec> = {}): ChildSpec {
    const entry = join(folder, `${Math.random()}.cjs`);
    writeFileSync(entry, script);
    const settings = (): JsonValue => ({ port: 0 });
    return { name: 'trainer', entry, execArgv: [], settings, logger: silentLogger, limits: QUICK, ...more };
  }

  it('gets its settings by its environment and says that it is ready', async () => {
    await using running = superviseChild(child(GOOD, { settings: () => ({ token: 'secret' }) }));
    expect(await running.ready).toEqual({ token: 'secret' });
  });

  it('is started again after a kill -9, with settings that know what it said before', async () => {
    const readies: JsonValue[] = [];
    let second: () => void = () => undefined;
    const again = new Promise<void>((resolve) => (second = resolve));
    const settings = (last: JsonValue | undefined): JsonValue => ({ last: last ?? 'none' });
    const onReady = (ready: JsonValue, restarts: number): void => {
      readies.push(ready);
      if (restarts === 1) second();
    };
    await using running = superviseChild(child(GOOD, { settings, onReady }));
    await running.ready;
    process.kill(running.pid() as number, 'SIGKILL');
    await again;
    expect(readies).toEqual([{ last: 'none' }, { last: { last: 'none' } }]);
    expect(running.restarts()).toBe(1);
  });

  it('is given up with its last words after several deaths in a row', async () => {
    const running = superviseChild(child(`console.error('no engine here'); process.exit(3);`));
    await expect(running.ready).rejects.toMatchObject({ code: 'SERVICE_CRASHED' });
    await expect(running.ended).rejects.toThrow(/3 times.*code 3.*no engine here/);
  });

  it('is killed when it does not leave by itself', async () => {
    const deaf = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send({ ready: 1 });`;
    const running = superviseChild(child(deaf, { limits: { ...QUICK, stopMs: 20 } }));
    await running.ready;
    const pid = running.pid() as number;
    await running.stop();
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('may be stopped twice, and while it waits to be started again', async () => {
    let died: () => void = () => undefined;
    const death = new Promise<void>((resolve) => (died = resolve));
    const limits = { ...QUICK, firstDelayMs: 60_000, maxDelayMs: 60_000 };
    const running = superviseChild(child('process.exit(1)', { limits, onDeath: () => died() }));
    await death;
    await running.stop();
    await running.stop();
    expect(running.pid()).toBeUndefined();
  });
});
