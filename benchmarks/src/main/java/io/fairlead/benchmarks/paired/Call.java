// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.paired;

/** One call, to its last byte. */
public interface Call {
    /** Makes it; the result only keeps the compiler from leaving it out. */
    long run() throws Exception;
}
