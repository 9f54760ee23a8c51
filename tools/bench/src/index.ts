export { FILES_WITH_TABLES, filesWithTables, type FileWithTables } from './write-tables';
