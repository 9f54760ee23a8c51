#!/usr/bin/env node
'use strict';

require('./source.cjs');

void require('../src/main').main(process.argv.slice(2));
