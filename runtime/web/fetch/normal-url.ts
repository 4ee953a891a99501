// Is the URL of a request in its normal form already? Nearly all are, and parsing one costs a fresh context more than
// the rest of a short request.
import { RegExpPrototypeExec } from '../primordials.ts';

/** True only when parsing would change nothing: lower case in the host, which is no number, no default port, no segment
 * that begins with a dot or an escape, no character that would be encoded. */
export function isNormalUrl(url: string): boolean {
  // A literal in here: one made before the snapshot is compiled anew in every context.
  const normal =
    /^https?:\/\/[a-z][a-z0-9.-]*(?::(?:[1-9]\d{3}|[1-5]\d{4}))?\/(?!(?:[^?]*\/)?[.%])[\w~!$&()*+,;=:@%/.-]*(?:\?[\w~!$&()*+,;=:@%/?.-]*)?$/;
  return RegExpPrototypeExec(normal, url) !== null;
}
