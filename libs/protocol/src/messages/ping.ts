/** Is the other end's event loop alive? (The socket's own pings tell only that its process is.) */
import * as z from 'zod';
import { id } from '../fields';
import { defineMessage } from './define-message';

export const ping = defineMessage('ping', z.object({}));
export type PingBody = z.infer<typeof ping.body>;

export const pong = defineMessage('pong', z.object({ re: id }));
export type PongBody = z.infer<typeof pong.body>;
