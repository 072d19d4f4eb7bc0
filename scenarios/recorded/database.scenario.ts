import { recorded } from '../../sim/story.ts';

recorded('database/config', { apart: [/connection refused|cannot parse connection|lookup a\.\.b/] });
recorded('database/empty-values');
recorded('database/influxdb');
recorded('database/roles', { apart: [/connection refused/] });
recorded('database/templates');
