/**
 * A page's policy forbids code from strings. zod tries once whether it may make some, which the browser reports as an offence even
 * though it is caught; so it is told before the first schema is made. Imported first.
 */
import { config } from 'zod';

config({ jitless: true });
