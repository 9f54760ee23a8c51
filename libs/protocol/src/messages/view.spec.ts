import { errorCode } from '@espalier/base';
import { encodeMessage, message } from '../envelope';
import { PROTOCOL_LIMITS } from '../limits';
import { VIEW_LIMITS, topicKey, type LayerView, type PointsBody, type Topic } from './view';

const KEY = 'ab'.repeat(32);
const options = { from: 'trainer-1', run: 'r1' };

const problemOf = (action: () => unknown): string => {
  try {
    action();
    return 'none';
  } catch (error) {
    return `${errorCode(error)}: ${(error as Error).message}`;
  }
};

const sendPoints = (series: PointsBody['series']): Uint8Array =>
  encodeMessage(message('points', { key: KEY, seq: 0, series }, options));

describe('points', () => {
  it('of as many series and values as are allowed fit a control message, at their longest', () => {
    const series = Array.from({ length: VIEW_LIMITS.maxSeries }, (_, i) => ({
      name: `kept/block${String(i).padStart(4, '0')}`,
      x: [4_000_000_000 + i],
      y: [0.1 + i],
    }));
    expect(sendPoints(series).byteLength).toBeLessThan(PROTOCOL_LIMITS.maxControlBytes);
  });

  it('are refused with more values than that, however they are spread', () => {
    const half = Array.from({ length: VIEW_LIMITS.maxPoints / 2 + 1 }, (_, i) => i);
    const series = ['a', 'b'].map((name) => ({ name, x: half, y: half }));
    expect(problemOf(() => sendPoints(series))).toContain('must have at most 1000 values');
  });

  it.each([
    ['without a y for each x', { name: 'loss', x: [1, 2], y: [1] }, 'as many y as x'],
    ['whose steps stand still', { name: 'loss', x: [1, 1], y: [1, 2] }, 'ever greater'],
    ['of half a step', { name: 'loss', x: [1.5], y: [1] }, 'PROTOCOL_BODY'],
    ['that are not finite', { name: 'loss', x: [1], y: [NaN] }, 'not a finite number'],
    ['of a series with a star in its name', { name: 'kept/*', x: [1], y: [1] }, 'without "*"'],
  ])('are refused %s', (_, series, problem) => {
    expect(problemOf(() => sendPoints([series]))).toContain(problem);
  });
});

describe('a layer.view', () => {
  const layer: LayerView = {
    name: 'fc1',
    kind: 'dense',
    shape: [512, 512],
    weights: 262_144,
    kept: 131_072,
    // A mask of 32 KiB that does not shrink: stored blocks, in base64.
    picture: { form: 'bits', rows: 512, cols: 512, data: 'A'.repeat(43_720) },
    histogram: {
      from: -1,
      to: 1,
      counts: Array.from({ length: VIEW_LIMITS.maxBars }, () => 262_144),
      thresholds: [0.1],
    },
    codebook: {
      centroids: Array.from({ length: VIEW_LIMITS.maxBars }, (_, i) => i / 7),
      counts: Array.from({ length: VIEW_LIMITS.maxBars }, () => 1_024),
    },
  };

  it('with the largest picture, histogram and codebook fits a control message', () => {
    const bytes = encodeMessage(message('layer.view', { key: KEY, layer }, options));
    expect(bytes.byteLength).toBeLessThan(PROTOCOL_LIMITS.maxControlBytes);
  });

  it('is refused with a codebook that lacks a count', () => {
    const broken = { ...layer, codebook: { centroids: [1, 2], counts: [1] } };
    const send = (): unknown => encodeMessage(message('layer.view', { key: KEY, layer: broken }, options));
    expect(problemOf(send)).toContain('needs a count for each centroid');
  });
});

describe('a view.watch', () => {
  const series: Topic = { kind: 'series', run: 'r1', names: ['*'], buckets: 512 };
  const watch = (topic: Topic): unknown =>
    encodeMessage(message('view.watch', { topics: [topic] }, { from: 'page' }));

  it('names each topic by its kind and run', () => {
    const topics: Topic[] = [{ kind: 'runs' }, { kind: 'services' }, { kind: 'run', run: 'r1' }, series];
    expect(topics.map(topicKey)).toEqual(['runs', 'services', 'run:r1', 'series:r1']);
  });

  it.each([
    ['a star in the middle of a name', { ...series, names: ['kept/*/fc1'] }],
    ['more buckets than there can be', { ...series, buckets: 16_385 }],
    ['an unknown kind of topic', { kind: 'weather' } as unknown as Topic],
    ['a run that is a path', { kind: 'run', run: '../x' } as Topic],
  ])('is refused with %s', (_, topic) => {
    expect(problemOf(() => watch(topic))).toContain('PROTOCOL_BODY');
  });
});
