'use strict';

// `node child.cjs FILE args`: runs a file of this workspace from source, as if it had been given to Node itself.
const path = require('node:path');

require('./source.cjs');

// Its own children are started in the same way, as they are where Node itself was given a loader.
process.execArgv.push(__filename);
process.argv.splice(1, 2, path.resolve(process.argv[2]));
require(process.argv[1]);
