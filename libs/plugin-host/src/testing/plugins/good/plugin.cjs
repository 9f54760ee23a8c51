'use strict';

const { definePlugin, Mask } = require('@espalier/plugin-api');

/** One of each kind, well behaved. */
module.exports = definePlugin({
  name: 'good',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: {
    power: {
      needs: ['weights'],
      options: {
        power: { type: 'number', description: 'Exponent of the magnitude.', default: 1, exclusiveMinimum: 0 },
      },
      score: ({ weights, options }) => weights.map((weight) => Math.abs(weight) ** options.power),
    },
    chance: {
      needs: ['weights', 'previousMask'],
      score: ({ weights, previousMask, random }) =>
        weights.map((_, i) => (previousMask?.get(i) === false ? 0 : random.uniform())),
    },
    normed: {
      needs: ['weights', 'inputNorms'],
      score: ({ weights, shape, inputNorms }) =>
        weights.map((weight, i) => Math.abs(weight) * inputNorms[Math.floor(i / shape[shape.length - 1])]),
    },
    throws: {
      needs: ['weights'],
      // The canary's layer it scores.
      score: ({ name, weights }) => {
        if (name === 'canary') return weights.slice();
        throw new Error(`not the layer ${name}`);
      },
    },
  },
  granularities: {
    pairs: {
      groupCount: (shape) => Math.ceil(sizeOf(shape) / 2),
      groupsOf: (shape) => Uint32Array.from({ length: sizeOf(shape) }, (_, i) => i >> 1),
      pattern: (shape) => ({
        setOf: Uint32Array.from({ length: Math.ceil(sizeOf(shape) / 2) }, (_, i) => i >> 1),
        keep: 1,
      }),
    },
  },
  schedules: { square: { completion: (progress) => progress ** 2 } },
  codecs: {
    raw: {
      encode: ({ values }) => new Uint8Array(values.slice().buffer),
      decode: ({ bytes }) => new Float32Array(bytes.slice().buffer),
    },
  },
  quantizers: {
    sign: {
      quantize: ({ values }) => ({
        kind: 'codebook',
        codes: Uint16Array.from(values, (value) => (value === 0 ? 0 : value < 0 ? 1 : 2)),
        codebook: Float32Array.of(-1, 1),
      }),
    },
    mirror: {
      quantize: ({ values, shape }) => ({
        kind: 'codebook',
        codes: Uint16Array.from(values, (value) => (value === 0 ? 0 : 1)),
        codebook: Float32Array.of(1),
        signs: Mask.fromFlags(
          shape,
          Uint8Array.from(values, (value) => Number(value < 0)),
        ),
      }),
    },
  },
  regrowths: {
    all: {
      needs: ['weights'],
      regrow: ({ previousMask }) => previousMask,
    },
  },
  observers: {
    count: {
      events: ['stage.done'],
      observe: (events$) =>
        new (require('rxjs').Observable)((subscriber) => {
          let count = 0;
          events$.subscribe({
            next: () => subscriber.next({ kind: 'point', series: 'count', x: ++count, y: count }),
            complete: () => subscriber.complete(),
          });
        }),
    },
  },
});

function sizeOf(shape) {
  return shape.reduce((size, axis) => size * axis, 1);
}
