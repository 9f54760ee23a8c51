import { silentLogger } from '@espalier/base';
import type { PluginPin } from '@espalier/plugin-api';
import type { LoadedPlugin } from './loaded-plugin';
import { PluginShelf } from './plugin-shelf';

const pin = (name: string): PluginPin => ({ name, version: '1.0.0', digest: name });
const [A, B, C] = [pin('a'), pin('b'), pin('c')];

function shelfOf(broken: readonly string[] = []) {
  const removed: string[] = [];
  const begun: string[] = [];
  const shelf = new PluginShelf({
    load: async (ref) => {
      begun.push(ref.name);
      if (broken.includes(ref.name)) throw new Error(`${ref.name} is broken`);
      const drain = async () => {
        removed.push(ref.name);
        return { answered: 0, unanswered: 0 };
      };
      return { ref, drain } as unknown as LoadedPlugin;
    },
    logger: silentLogger,
  });
  const work = async (...pins: readonly PluginPin[]): Promise<void> => {
    const { find, end } = shelf.begin();
    for (const each of pins) await find(each);
    end(true);
    await turn();
  };
  const here = (): string[] => shelf.loaded().map(({ ref }) => ref.name);
  return { shelf, work, removed, begun, here };
}

/** What was begun without being waited for has ended: nothing here waits for more than promises. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const fine = async (): Promise<string> => 'fine';

describe('a plugin on the shelf', () => {
  it('is loaded once for all works that ask for it, and rests between them', async () => {
    const { work, begun, removed, here } = shelfOf();
    await work(A, A);
    expect(here()).toEqual(['a']);
    await work(A);
    expect([begun, removed]).toEqual([['a'], []]);
  });

  it.each([
    ['a plugin of another name', [B]],
    ['one of ours', []],
  ])('is removed at the end of the first work that asks for %s in its place', async (_, next) => {
    const { work, removed, here } = shelfOf();
    await work(A);
    await work(...next);
    expect([removed, here()]).toEqual([['a'], next.map(({ name }) => name)]);
  });

  it('stays while a work that asked for it goes on, and does not rest when that was cut', async () => {
    const { shelf, work, removed } = shelfOf();
    const cut = shelf.begin();
    await cut.find(A);
    await work(B);
    expect(removed).toEqual([]);
    cut.end(false);
    await turn();
    expect(removed.toSorted()).toEqual(['a', 'b']);
  });

  it('is loaded again after it could not be', async () => {
    const { shelf, begun } = shelfOf(['a']);
    const { find } = shelf.begin();
    await expect(find(A)).rejects.toThrow('a is broken');
    await expect(find(A)).rejects.toThrow('a is broken');
    expect(begun).toEqual(['a', 'a']);
  });
});

describe('a plugin that is let in for a swap', () => {
  it('is ready beside the old one until the work that it is for, after which the old goes', async () => {
    const { shelf, work, begun, removed, here } = shelfOf();
    await work(A);
    const underWay = shelf.begin();
    await underWay.find(A);
    expect(await shelf.letIn(B, fine)).toBe('fine');
    underWay.end(true);
    await turn();
    expect(here()).toEqual(['a', 'b']);
    await work(B);
    expect([begun, removed]).toEqual([['a', 'b'], ['a']]);
  });

  it('goes when the next work does not ask for it, or another is let in', async () => {
    const { shelf, work, removed } = shelfOf();
    await shelf.letIn(B, fine);
    await shelf.letIn(C, fine);
    await turn();
    expect(removed).toEqual(['b']);
    await work(A);
    expect(removed).toEqual(['b', 'c']);
  });

  it('goes at once when it does not pass, and the old one stays', async () => {
    const { shelf, work, removed, here } = shelfOf(['c']);
    await work(A);
    const refuse = (): Promise<never> => Promise.reject(new Error('no'));
    await expect(shelf.letIn(B, refuse)).rejects.toThrow('no');
    await expect(shelf.letIn(A, refuse)).rejects.toThrow('no');
    await expect(shelf.letIn(C, fine)).rejects.toThrow('c is broken');
    await turn();
    expect([removed, here()]).toEqual([['b'], ['a']]);
  });
});
