/** Child of bench `decode-identity`, run by each version of Node: `decode-in-node.ts FILE...` writes what it decodes as JSON. */
import { readFileSync } from 'node:fs';
import { tensorDigests } from './tensor-digests';
import type { DecodedBy } from './results';

const decoded: DecodedBy = {
  program: `Node ${process.versions.node}`,
  engine: `V8 ${process.versions.v8}`,
  files: process.argv.slice(2).map((file) => tensorDigests(readFileSync(file))),
};
process.stdout.write(JSON.stringify(decoded));
