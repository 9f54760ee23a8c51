/** The page's policy forbids code made from strings; zod would try it, and every try is reported. Imported before all else. */
import { config } from 'zod';

config({ jitless: true });
