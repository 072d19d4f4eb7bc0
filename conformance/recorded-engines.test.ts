import { holdToRecordings } from './recorded.fixture.ts';

holdToRecordings((name) => !/^(sys|identity|http)\//.test(name));
