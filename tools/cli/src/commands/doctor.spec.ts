import { pluginsText } from './doctor';

describe('what doctor says of plugins', () => {
  it('is what holds them, and nothing more where all is held', () => {
    const held = ['files by bubblewrap', 'network by bubblewrap'];
    expect(pluginsText({ by: 'bubblewrap', held, unlimited: [] })).toBe(
      'files by bubblewrap, network by bubblewrap',
    );
  });

  it('names what is open, and what to do', () => {
    const text = pluginsText({ by: 'unshare', held: ['network by unshare'], unlimited: ['files'] });
    expect(text).toMatch(/^network by unshare; not held: files; install bubblewrap/);
    expect(pluginsText({ by: 'none', held: [], unlimited: ['files', 'network'] })).toMatch(
      /^not held: files, network; /,
    );
  });
});
