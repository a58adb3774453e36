// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

/**
 * No instance of a service can take a call now. Thrown on the hot path, so it carries no stack trace; the message says
 * how many instances were known and why none could be used.
 */
public final class NoInstanceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why there is none. */
    public enum Reason {
        /** The registry knows no such service. */
        UNKNOWN_SERVICE,
        /** The service exists but has no instance. */
        EMPTY,
        /** Rules sent the call to a subset that has no instance, and nobody else may answer. */
        SUBSET_EMPTY,
        /** Every instance is guarded, excluded or draining. */
        ALL_GUARDED,
        /** The registry has not answered yet and there is no earlier list. */
        NOT_READY
    }

    private final String service;
    private final Reason reason;

    /** For {@code service}, with the whole message. */
    public NoInstanceException(String service, Reason reason, String message) {
        super(message, null, false, false);
        this.service = service;
        this.reason = reason;
    }

    /** The service asked for. */
    public String service() {
        return service;
    }

    /** Why there is no instance. */
    public Reason reason() {
        return reason;
    }
}
