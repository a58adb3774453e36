// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

/**
 * What the responses and failures of one client mean. The methods have answers that fit any client whose failures are
 * {@link java.io.IOException}s and whose responses are complete and good when they come.
 *
 * @param <R> the client's response
 */
public interface Judge<R> {
    /** What a response means; every one is a success unless the client knows better. */
    default Verdict judge(R response) {
        return Verdict.SUCCESS;
    }

    /** The HTTP status of a response, for events only; 0, which is the default, when the client does not say. */
    default int status(R response) {
        return 0;
    }

    /** What a failure means; by its type unless the client knows better. */
    default Verdict judge(Exception failure) {
        return Verdict.ofFailure(failure);
    }

    /** Closes a response that will not be used; {@link AutoCloseable}s are closed unless the client knows better. */
    default void discard(R response) {
        if (response instanceof AutoCloseable open) {
            try {
                open.close();
            } catch (Exception unwanted) {
                // Nobody waits for it.
            }
        }
    }

    /**
     * Whether this response is still being read when it is returned. Then the client must see that {@link Attempt#close}
     * is called at the end of the body; else the attempt ends with the return. False by default.
     */
    default boolean isStreaming(R response) {
        return false;
    }

    /**
     * Sends a copy of the call for a rule's mirror, beside the call: waits for nothing, follows no redirect, sends nothing twice,
     * reads the answer within bounds and closes it, and then ends the copy. Asked at most once a call, before its first attempt
     * is sent, on the thread that sends it. By default there are no copies.
     *
     * @return {@link CallCopy.Fate#SENT}, or why there is none; then the copy need not be ended
     */
    default CallCopy.Fate copy(CallCopy copy) {
        return CallCopy.Fate.UNABLE;
    }

    /**
     * Whether an attempt that is cut by a timeout was waiting for this side, as for the next part of a request's body: then
     * it says nothing about its instance. False by default. Any thread may ask; must not block.
     */
    default boolean isWaitingForUs(Attempt attempt) {
        return false;
    }
}
