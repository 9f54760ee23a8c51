import { denseSnapshot, prunedSnapshot, withOtherBiases } from './wire-snapshots';

describe('the snapshots of bench wire', () => {
  const dense = denseSnapshot();
  const pruned = prunedSnapshot(dense, 0.05);

  it('have exactly the share of each kernel', async () => {
    const kept = ((await pruned).tensors.get('fc1/kernel')?.data as Float32Array).filter(
      (value) => value !== 0,
    );
    expect(kept).toHaveLength(0.05 * 784 * 300);
  });

  it('differ in their biases alone', async () => {
    const { tensors } = await pruned;
    const other = withOtherBiases(await pruned);
    const changed = [...tensors.keys()].filter((name) => other.tensors.get(name) !== tensors.get(name));
    expect(changed).toEqual(['fc1/bias', 'fc2/bias', 'fc3/bias']);
  });
});
