import { TargetError } from './targets/target.ts';

/** A program that this machine has not; the message says in one line what to install. */
export class Missing extends TargetError {}
