import { recorded } from '../../sim/story.ts';

recorded('userpass/userpass', { calm: 'failed logins' });
