/** The service's answer to the hub's question before a swap: would you let this criterion in? */
import { errorCode, errorMessage, type EspalierError, type Logger } from '@espalier/base';
import { message, type CriterionAdmitBody, type Message } from '@espalier/protocol';
import type { Bus } from '@espalier/transport';
import { serviceError } from './errors';

/** Loads the criterion's plugin, tries it, and keeps it ready; or rejects with why not. */
export type Admit = (criterion: CriterionAdmitBody) => Promise<{ readonly needs: readonly string[] }>;

export interface AnswerAdmissionOptions {
  readonly bus: Pick<Bus, 'send'>;
  readonly serviceId: string;
  readonly admit?: Admit;
  readonly logger: Logger;
}

/** As much of an error's message as travels. */
const MAX_MESSAGE_LETTERS = 4000;

/** Never rejects: when the hub is gone, nobody waits for the answer. */
export async function answerAdmission(
  { id: re, run, body }: Message<'criterion.admit'>,
  { bus, serviceId, admit, logger }: AnswerAdmissionOptions,
): Promise<void> {
  const options = { from: serviceId, ...(run === undefined ? {} : { run }) };
  const tried = async (): Promise<Message> => {
    try {
      if (!admit) throw serviceError('SERVICE_ADMITS_NONE', { service: serviceId, criterion: body.name });
      const { needs } = await admit(body);
      return message('criterion.admitted', { re, needs: [...needs] }, options);
    } catch (error) {
      const problem = errorMessage(error);
      logger.warn('a criterion is not let in', { criterion: body.name, plugin: body.plugin.name, problem });
      const known =
        errorCode(error) === undefined
          ? serviceError('SERVICE_ADMISSION', { criterion: body.name, problem })
          : (error as EspalierError);
      const { code, message: text, retryable } = known;
      const said = { code, message: text.slice(0, MAX_MESSAGE_LETTERS), retryable: retryable === true };
      return message('refuse', { re, ...said }, options);
    }
  };
  try {
    bus.send(await tried());
  } catch (error) {
    logger.warn('an answer to the hub was dropped', { problem: errorMessage(error) });
  }
}
