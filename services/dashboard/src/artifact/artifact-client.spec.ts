import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtifactClient, type Thread } from './artifact-client';
import { openArtifact } from './open-artifact';

const GOLDEN = join(__dirname, '../../../../test/golden/artifact-v2.espalier');
const golden = (): Uint8Array => new Uint8Array(readFileSync(GOLDEN));

/** A worker that answers in this thread, after its callers have gone on. */
function thread(): Thread & { ended: boolean } {
  const made: Thread & { ended: boolean } = {
    ended: false,
    onmessage: null,
    onerror: null,
    postMessage(bytes) {
      void openArtifact(bytes).then((data) => made.ended || made.onmessage?.({ data }));
    },
    terminate() {
      made.ended = true;
    },
  };
  return made;
}

describe('a file that is opened', () => {
  it('tells its tensors, masks and codebooks', async () => {
    const { file } = await new ArtifactClient(thread).open(golden());
    expect(file.bytes).toBe(golden().length);
    expect(file.tensors.reduce((sum, { bytes }) => sum + bytes, file.headerBytes)).toBe(golden().length);
    for (const { name, mask, kept, values, codebook } of file.tensors) {
      if (mask) expect([name, mask.kept, mask.shares.length]).toEqual([name, kept, values]);
      if (codebook) expect(codebook.counts.reduce((sum, count) => sum + count, 0)).toBe(kept);
    }
    expect(file.tensors.some(({ codebook }) => codebook)).toBe(true);
  });

  it.each([
    ['is cut off', golden().subarray(0, 300), 'ARTIFACT_CHECKSUM'],
    ['has a changed byte', golden().map((byte, i) => (i === 200 ? byte ^ 1 : byte)), 'ARTIFACT_CHECKSUM'],
    ['is something else', new TextEncoder().encode('<!doctype html><p>404'), 'ARTIFACT_MAGIC'],
    ['is empty', new Uint8Array(0), 'ARTIFACT_TRUNCATED'],
  ])('and %s gives one error, with its code', async (_, bytes, code) => {
    await expect(new ArtifactClient(thread).open(bytes)).rejects.toMatchObject({
      name: 'ArtifactProblem',
      code,
      message: expect.stringMatching(/\w{8}/) as string,
    });
  });

  it('ends the one that was still being decoded', async () => {
    const threads: ReturnType<typeof thread>[] = [];
    const client = new ArtifactClient(() => {
      threads.push(thread());
      return threads[threads.length - 1];
    });
    const first = client.open(golden());
    const second = client.open(golden());
    await expect(first).rejects.toThrow('another file was opened');
    expect((await second).file.bytes).toBe(golden().length);
    expect(threads.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it('fails where the thread cannot be started', async () => {
    const made = thread();
    made.postMessage = () => made.onerror?.({});
    await expect(new ArtifactClient(() => made).open(golden())).rejects.toThrow('could not be started');
  });
});
