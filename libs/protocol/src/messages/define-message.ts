import type * as z from 'zod';

/** A message kind: its name on the wire and the validator from which its type is made. */
export interface MessageDefinition<Kind extends string, Body extends z.ZodType> {
  readonly kind: Kind;
  readonly body: Body;
}

export function defineMessage<const Kind extends string, Body extends z.ZodType>(
  kind: Kind,
  body: Body,
): MessageDefinition<Kind, Body> {
  return { kind, body };
}
