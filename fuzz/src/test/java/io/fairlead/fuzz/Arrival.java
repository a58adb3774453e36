// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

/** One request as an instance saw it. Written by the instance's thread, read by the oracle. */
final class Arrival {
    final int sequence;
    final String instance;
    final String method;
    final String path;
    final String host;
    final String pass;
    final Answer answer;

    volatile boolean isWhole;
    /** Set before the first byte of an answer leaves. */
    volatile boolean isAnswered;

    volatile byte[] body = {};

    Arrival(int sequence, String instance, RawRequest request, Answer answer) {
        this.sequence = sequence;
        this.instance = instance;
        this.method = request.method();
        this.path = request.path();
        this.host = request.header("host");
        this.pass = request.header("x-fuzz-pass");
        this.answer = answer;
    }

    /** A request that followed a redirect. */
    boolean isHop() {
        return path.startsWith("/hop/");
    }

    /** What the Host header must be. */
    String expectedHost() {
        return isHop() ? path.split("/")[2] : "orders";
    }

    @Override
    public String toString() {
        return "#" + sequence + " " + instance + " " + method + " " + path + (isWhole ? "" : " (not whole)") + " -> "
                + (isAnswered ? answer.toString() : "(" + answer + ")");
    }
}
