import { describePlugin, type PlanOptions } from '@espalier/plugin-api/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import plugin from './index';

const packageFile = join(__dirname, '../package.json');
const packageJson = JSON.parse(readFileSync(packageFile, 'utf8')) as PlanOptions['packageJson'];

describePlugin(plugin, { describe, it }, { packageJson });
