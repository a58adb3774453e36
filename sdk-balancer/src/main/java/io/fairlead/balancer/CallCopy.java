// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.route.Mirror;

/**
 * A copy of a call, which a rule's mirror wants another instance to get. It is no attempt: its instance, the call and whoever
 * listens learn nothing of it. Safe for any thread. {@link Fairlead} makes them; whoever implements it for a test of a
 * transport should expect it to get more methods.
 */
public interface CallCopy {
    /** Where it goes. */
    ServiceInstance instance();

    /** The rule that wants it, for {@link CallSpec#MIRROR_HEADER}. */
    String rule();

    /** What it may be, and for how long it may take. */
    Mirror mirror();

    /**
     * It is over. Until then it counts among {@link Mirror#inFlight}, so whoever sends it must end it, at the latest after {@link
     * Mirror#timeout}. Idempotent.
     *
     * @param isAnswered whether an answer came, whatever it says
     */
    void end(boolean isAnswered);

    /** What became of a call that was to be copied. */
    enum Fate {
        /** The copy is on its way. */
        SENT,
        /** As many copies as the mirror allows are under way. */
        FULL,
        /** The body can not be sent twice, or is too large, or nobody knows how large. */
        BODY,
        /** No instance of the mirror's subset is usable. */
        NO_INSTANCE,
        /** The client can not send copies, or not of this call, or had no thread for it. */
        UNABLE
    }
}
