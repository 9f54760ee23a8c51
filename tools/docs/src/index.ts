export { collectErrorTables, type ErrorSource } from './collect-error-tables';
export { ERROR_ADVICE } from './error-advice';
export { codesOnPage, errorsPage, repeatedCodes } from './errors-page';
