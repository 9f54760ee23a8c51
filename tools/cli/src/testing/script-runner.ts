/** For `run-script.spec.ts`: what `espalier bench NAME` does with the bench's script. */
import { runScript } from '../run-script';

void runScript(process.argv[2], process.argv.slice(3)).then((code) => process.exit(code));
