export { launchChromium } from './browser/chromium';
export { POLICIES, servePage, type PageServer } from './browser/page-server';
export { ServedDashboard, type ServedProcess, type ServedRun } from './dashboard/served';
export { PAGE_FOLDER, serveStaticPage, type StaticPage } from './dashboard/static-page';
export { circumstancesOf } from './circumstances';
export { RESULTS_FOLDER } from './places';
export { RESULTS_VERSION, shown, writeResults } from './results-file';
export type { KillResults, KilledRun, NamespacesResults } from './same-artifact';
export { FILES_WITH_TABLES, filesWithTables, type FileWithTables } from './write-tables';
