/**
 * What others published for the two LeNets on MNIST, as far as size and error of one network are known together. Errors
 * are shares of the 10,000 test images.
 */
export interface PublishedPoint {
  readonly method: string;
  readonly source: string;
  /** Of file sizes: 4 bytes a parameter of the dense network / bytes. Of weights: dense / kept. */
  readonly what: 'bytes' | 'weights';
  readonly ratio: number;
  /** Missing where it is not said which error goes with the ratio. */
  readonly error?: number;
}

const HAN15 = 'Han, Pool, Tran, Dally 2015, arXiv 1506.02626, table 1';
const DC16 = 'Han, Mao, Dally 2016, arXiv 1510.00149, table 1';
const EPR = 'Oktay, Ballé, Singh, Shrivastava 2020, arXiv 1906.06624';
const MIRACLE = 'Havasi, Peharz, Hernández-Lobato 2019, arXiv 1810.00440';
const SPARSE_VD = 'Molchanov, Ashukha, Vetrov 2017, arXiv 1701.05369';
const GSM = 'Ding et al. 2019, arXiv 1909.12778';
const AUTO_PRUNE = 'Xiao, Wang, Rajasekaran 2019, NeurIPS 32';

export const PUBLISHED_POINTS: Readonly<Record<string, readonly PublishedPoint[]>> = {
  'lenet-300-100': [
    { method: 'Deep Compression', source: DC16, what: 'bytes', ratio: 40, error: 0.0158 },
    { method: 'EPR', source: EPR, what: 'bytes', ratio: 124, error: 0.019 },
    { method: 'HAN15', source: HAN15, what: 'weights', ratio: 12, error: 0.0159 },
    { method: 'GSM', source: GSM, what: 'weights', ratio: 60, error: 0.0182 },
    {
      method: 'SparseVD',
      source: `${SPARSE_VD}; run again in 2019`,
      what: 'weights',
      ratio: 67,
      error: 0.016,
    },
  ],
  'lenet-5': [
    { method: 'Deep Compression', source: DC16, what: 'bytes', ratio: 39, error: 0.0074 },
    { method: 'MIRACLE', source: MIRACLE, what: 'bytes', ratio: 555, error: 0.0069 },
    { method: 'EPR', source: EPR, what: 'bytes', ratio: 606, error: 0.01 },
    { method: 'MIRACLE', source: MIRACLE, what: 'bytes', ratio: 1110, error: 0.0096 },
    { method: 'HAN15', source: HAN15, what: 'weights', ratio: 12, error: 0.0077 },
    { method: 'SparseVD', source: SPARSE_VD, what: 'weights', ratio: 280, error: 0.0075 },
    { method: 'AutoPrune', source: AUTO_PRUNE, what: 'weights', ratio: 310 },
  ],
};
