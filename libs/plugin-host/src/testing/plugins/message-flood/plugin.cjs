'use strict';

const { definePlugin } = require('@espalier/plugin-api');

/** Publishes as fast as it can; an observer, since others cannot publish. */
module.exports = definePlugin({
  name: 'message-flood',
  version: '1.0.0',
  host: '^1.0.0',
  criteria: { good: { needs: ['weights'], score: ({ weights }) => weights.map(Math.abs) } },
  observers: {
    bad: {
      observe: () =>
        new (require('rxjs').Observable)((subscriber) => {
          const flood = () => {
            for (let i = 0; i < 500; i++) subscriber.next({ kind: 'point', series: 'flood', x: i, y: i });
            setImmediate(flood);
          };
          flood();
        }),
    },
  },
});
