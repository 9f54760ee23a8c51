import { ARTIFACT_VERSION, CODINGS } from '@espalier/encoding';
import { listPlugins } from './plugins-list';

describe('plugins', () => {
  it('lists every coding, in the version of the format that fixes it', () => {
    const codecs = listPlugins().filter(({ kind }) => kind === 'codec');
    expect(codecs.map(({ name, version }) => [name, version])).toEqual(
      CODINGS.map((name) => [name, String(ARTIFACT_VERSION)]),
    );
  });
});
