import { recorded } from '../../sim/story.ts';

recorded('rabbitmq/rabbitmq');
