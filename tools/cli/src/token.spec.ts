import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOKEN_VARIABLE, tokenFrom } from './token';

describe('token', () => {
  let folder: string;
  const before = process.env[TOKEN_VARIABLE];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'espalier-token-'));
    delete process.env[TOKEN_VARIABLE];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    if (before === undefined) delete process.env[TOKEN_VARIABLE];
    else process.env[TOKEN_VARIABLE] = before;
  });

  it('is made for its owner alone, and read again afterwards', () => {
    const file = join(folder, 'deep/token');
    const token = tokenFrom(file, { create: true });
    expect(token).toMatch(/^[\w-]{40,}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect([tokenFrom(file, { create: true }), tokenFrom(file)]).toEqual([token, token]);
  });

  it('comes from the environment when no file is named', () => {
    process.env[TOKEN_VARIABLE] = 'a-token-of-20-letter';
    expect(tokenFrom(undefined)).toBe('a-token-of-20-letter');
  });

  it('is asked for when there is none, and refused when it is none', () => {
    expect(() => tokenFrom(undefined)).toThrow(/CLI_TOKEN.*--token-file/);
    expect(() => tokenFrom(join(folder, 'missing'))).toThrow(/CLI_TOKEN/);
    const file = join(folder, 'short');
    for (const text of ['', 'short', 'with a space in the midst']) {
      writeFileSync(file, text);
      expect(() => tokenFrom(file)).toThrow(/16 to 512 printable/);
    }
  });
});
