// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/** What one attempt says about the instance it went to. */
public enum Outcome {
    /** It did its work; a 4xx counts too, for it says nothing about the instance. */
    SUCCESS,
    /** It failed after the connection stood: reset, timeout, 500, 502, 503, 504. */
    FAILURE,
    /** No connection could be made, so nothing was sent. A failure that is never the caller's or the request's fault. */
    UNREACHABLE,
    /** Don't learn from this: cancelled by the caller, overload (429), refused stream, local rejection. */
    IGNORED;

    /** True for {@link #FAILURE} and {@link #UNREACHABLE}. */
    public boolean isFailure() {
        return this == FAILURE || this == UNREACHABLE;
    }
}
