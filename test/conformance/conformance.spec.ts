/** Every built-in criterion, granularity, schedule and coding keeps what its contract says. */
import { CODINGS } from '@espalier/encoding';
import { CRITERIA, GRANULARITIES, SCHEDULES } from '@espalier/pruning';
import { describeCoding } from './coding-suite';
import { describeCriterion } from './criterion-suite';
import { describeGranularity } from './granularity-suite';
import { describeSchedule } from './schedule-suite';

for (const criterion of Object.values(CRITERIA)) describeCriterion(criterion);
for (const [name, granularity] of Object.entries(GRANULARITIES)) describeGranularity(name, granularity);
for (const schedule of Object.values(SCHEDULES)) describeSchedule(schedule);
for (const coding of CODINGS) describeCoding(coding);
