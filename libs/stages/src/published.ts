/**
 * The published figures that a report is put beside. HAN15: Han, Pool, Tran, Dally, arXiv 1506.02626, tables 1 to 5.
 * DC16: Han, Mao, Dally, arXiv 1510.00149, tables 1 to 5. Errors are shares from 0 to 1; kept shares are of weights.
 */
export interface PublishedResult {
  readonly han15: {
    readonly denseError: number;
    readonly error: number;
    readonly ratio: number;
    /** Share of weights kept, by layer. */
    readonly keptShare: Readonly<Record<string, number>>;
    readonly totalKeptShare: number;
  };
  readonly dc16: { readonly error: number; readonly bytes: number; readonly ratio: number };
}

export const PUBLISHED: Readonly<Record<string, PublishedResult>> = {
  'lenet-300-100': {
    han15: {
      denseError: 0.0164,
      error: 0.0159,
      ratio: 12,
      keptShare: { fc1: 0.08, fc2: 0.09, fc3: 0.26 },
      totalKeptShare: 0.08,
    },
    dc16: { error: 0.0158, bytes: 27_000, ratio: 40 },
  },
  'lenet-5': {
    han15: {
      denseError: 0.008,
      error: 0.0077,
      ratio: 12,
      keptShare: { conv1: 0.66, conv2: 0.12, fc1: 0.08, fc2: 0.19 },
      totalKeptShare: 0.08,
    },
    dc16: { error: 0.0074, bytes: 44_000, ratio: 39 },
  },
  alexnet: {
    han15: {
      denseError: 0.4278,
      error: 0.4277,
      ratio: 9,
      keptShare: {
        conv1: 0.84,
        conv2: 0.38,
        conv3: 0.35,
        conv4: 0.37,
        conv5: 0.37,
        fc1: 0.09,
        fc2: 0.09,
        fc3: 0.25,
      },
      totalKeptShare: 0.11,
    },
    dc16: { error: 0.4278, bytes: 6_900_000, ratio: 35 },
  },
  'vgg-16': {
    han15: {
      denseError: 0.315,
      error: 0.3134,
      ratio: 13,
      keptShare: {
        conv1_1: 0.58,
        conv1_2: 0.22,
        conv2_1: 0.34,
        conv2_2: 0.36,
        conv3_1: 0.53,
        conv3_2: 0.24,
        conv3_3: 0.42,
        conv4_1: 0.32,
        conv4_2: 0.27,
        conv4_3: 0.34,
        conv5_1: 0.35,
        conv5_2: 0.29,
        conv5_3: 0.36,
        fc6: 0.04,
        fc7: 0.04,
        fc8: 0.23,
      },
      totalKeptShare: 0.075,
    },
    dc16: { error: 0.3117, bytes: 11_300_000, ratio: 49 },
  },
};
