import { Random } from '@espalier/base';
import { paperCoding } from './paper-coding';
import { shareWeights } from './share-weights';

describe('paperCoding', () => {
  it('gives DC16 figures: 2 to 3 % of the dense bytes for a layer like ip1 of LeNet-300-100', () => {
    const random = new Random(1);
    const weights = Float32Array.from({ length: 784 * 300 }, () => {
      const value = random.normal();
      return Math.abs(value) < 1.75 ? 0 : value;
    });
    const paper = paperCoding(shareWeights(weights, { levels: 64 }), 5);
    expect(paper.keptShare).toBeCloseTo(0.08, 2);
    expect(paper.weightBits).toBe(6);
    expect(paper.indexBits).toBe(5);
    expect(paper.weightBitsHuffman).toBeLessThan(6);
    expect(paper.indexBitsHuffman).toBeLessThan(5);
    expect(paper.share).toBeGreaterThan(0.02);
    expect(paper.share).toBeLessThan(0.032);
    expect(paper.bytesHuffman).toBeLessThan(paper.bytes);
  });

  it('counts nothing for a tensor without survivors', () => {
    const paper = paperCoding({ codes: new Uint16Array(100), codebook: new Float32Array(0) }, 5);
    expect(paper).toMatchObject({ kept: 0, entries: 0, bytes: 0, bytesHuffman: 0, share: 0 });
  });
});
