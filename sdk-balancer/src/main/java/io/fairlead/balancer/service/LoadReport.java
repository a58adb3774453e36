// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/**
 * What an instance says of its own load in a response: the text form of ORCA, the open format that Envoy and gRPC read, as
 * in {@code endpoint-load-metrics: TEXT application_utilization=0.4,named_metrics.rif=3}. Read are {@code
 * named_metrics.rif}, the requests it is working on, and {@code application_utilization}, or without it {@code
 * cpu_utilization}. One word: requests in the high half, utilization in thousandths in the low half, each −1 when not said.
 * Whatever can not be read, is negative or out of bounds counts as not said. Allocates nothing.
 */
final class LoadReport {
    /** Nothing was said. */
    static final long NOTHING = -1L;

    private static final String FORM = "TEXT";
    private static final String IN_FLIGHT = "named_metrics.rif";
    private static final String APPLICATION = "application_utilization";
    private static final String CPU = "cpu_utilization";
    private static final int MAX_LENGTH = 2_048;
    private static final int MAX_IN_FLIGHT = 1_000_000;
    private static final int MAX_THOUSANDTHS = 1_000_000;
    private static final long UNREADABLE = -1;
    private static final int MAX_DIGITS = 18;

    private LoadReport() {}

    /** What one instance said last, for a second. Any thread writes and reads. */
    static final class Latest {
        private static final long LASTS_NANOS = 1_000_000_000;

        private volatile long word = NOTHING;
        private volatile long saidNanos;
        private volatile int inFlightThen;

        void set(long report, int inFlight, long nowNanos) {
            word = report;
            inFlightThen = inFlight;
            saidNanos = nowNanos;
        }

        /** What it is working on: what it said, and what this process has sent since; −1 when nobody knows. */
        int inFlight(int inFlightNow, long nowNanos) {
            int said = LoadReport.inFlight(word);
            return said < 0 || isOld(nowNanos) ? -1 : Math.max(0, said + inFlightNow - inFlightThen);
        }

        double utilization(long nowNanos) {
            return isOld(nowNanos) ? -1 : LoadReport.utilization(word);
        }

        private boolean isOld(long nowNanos) {
            return nowNanos - saidNanos > LASTS_NANOS;
        }
    }

    static int inFlight(long word) {
        return (int) (word >> 32);
    }

    /** 1.0 is all of its capacity; below 0 when not said. */
    static double utilization(long word) {
        return (int) word < 0 ? -1 : (int) word / 1_000.0;
    }

    static long parse(String text) {
        if (text.length() > MAX_LENGTH || !text.regionMatches(true, 0, FORM, 0, FORM.length())) {
            return NOTHING;
        }
        long inFlight = UNREADABLE;
        long application = UNREADABLE;
        long cpu = UNREADABLE;
        int start = FORM.length();
        while (start < text.length()) {
            int comma = text.indexOf(',', start);
            int end = comma < 0 ? text.length() : comma;
            int equals = text.indexOf('=', start);
            if (equals > 0 && equals < end) {
                int name = skipSpace(text, start, equals);
                if (isName(text, name, equals, IN_FLIGHT)) {
                    inFlight = Math.floorDiv(thousandths(text, equals + 1, end), 1_000L);
                } else if (isName(text, name, equals, APPLICATION)) {
                    application = thousandths(text, equals + 1, end);
                } else if (isName(text, name, equals, CPU)) {
                    cpu = thousandths(text, equals + 1, end);
                }
            }
            start = end + 1;
        }
        long utilization = application >= 0 ? application : cpu;
        return bounded(inFlight, MAX_IN_FLIGHT) << 32 | bounded(utilization, MAX_THOUSANDTHS) & 0xffff_ffffL;
    }

    private static long bounded(long value, long max) {
        return value < 0 || value > max ? UNREADABLE : value;
    }

    private static boolean isName(String text, int start, int end, String name) {
        return end - start == name.length() && text.startsWith(name, start);
    }

    private static int skipSpace(String text, int start, int end) {
        int at = start;
        while (at < end && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    /** A plain decimal number times a thousand, or below 0 when it is none. */
    private static long thousandths(String text, int start, int end) {
        int at = skipSpace(text, start, end);
        long value = 0;
        int fraction = -1;
        int digits = 0;
        for (; at < end; at++) {
            char c = text.charAt(at);
            if (c == '.' && fraction < 0) {
                fraction = 0;
            } else if (c >= '0' && c <= '9') {
                digits++;
                if (fraction < 3) {
                    value = value * 10 + (c - '0');
                    fraction += fraction < 0 ? 0 : 1;
                }
                if (digits > MAX_DIGITS || value > 1_000_000_000_000L) {
                    return UNREADABLE;
                }
            } else {
                return UNREADABLE;
            }
        }
        for (int places = Math.max(0, fraction); places < 3; places++) {
            value *= 10;
        }
        return digits == 0 ? UNREADABLE : value;
    }
}
