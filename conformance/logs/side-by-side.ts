/** A session, played to the real server and to ours. */
import type { Kind } from '../configurations/beside.ts';
import { Meeting } from './meeting.ts';
import { Session, type Step } from './session.ts';

export type Play = (session: Session) => Promise<void>;

/** The steps of the real server and of ours, as many and of the same names. */
export async function sideBySide(play: Play): Promise<[real: readonly Step[], ours: readonly Step[]]> {
  const meeting = new Meeting();
  const side = async (kind: Kind): Promise<readonly Step[]> => {
    const session = new Session(kind, meeting);
    try {
      await play(session);
      return session.steps;
    } catch (error) {
      meeting.abandon(error);
      throw error;
    } finally {
      await session.end();
    }
  };
  const sides = await Promise.allSettled([side('real'), side('ours')]);
  for (const one of sides) if (one.status === 'rejected') throw one.reason;
  return sides.map((one) => (one as PromiseFulfilledResult<readonly Step[]>).value) as [
    readonly Step[],
    readonly Step[],
  ];
}
