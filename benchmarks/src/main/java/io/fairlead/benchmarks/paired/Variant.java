// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.paired;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** One way of making the call, and what each of its blocks cost. */
final class Variant {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    final String name;
    private final Call call;
    private final double[] wallNanos;
    private double cpuNanos;
    private double bytes;
    private int blocks;

    Variant(String name, Call call, int rounds) {
        this.name = name;
        this.call = call;
        this.wallNanos = new double[rounds];
    }

    void warm(int calls) throws Exception {
        for (int i = 0; i < calls; i++) {
            call.run();
        }
    }

    void block(int calls, ProcessCpu cpu) throws Exception {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long cpuStart = cpu.nanos();
        long allocatedBySelf = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        long start = System.nanoTime();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        wallNanos[blocks++] = (System.nanoTime() - start) / (double) calls;
        bytes += (THREADS.getCurrentThreadAllocatedBytes() - allocated - allocatedBySelf) / (double) calls;
        cpuNanos += (cpu.nanos() - cpuStart) / (double) calls;
    }

    double[] wallNanos() {
        return wallNanos;
    }

    double wallMicros() {
        return Ratio.median(Arrays.stream(wallNanos).sorted().boxed().toList()) / 1_000;
    }

    double cpuMicros() {
        return cpuNanos / blocks / 1_000;
    }

    /** Allocated by the caller's thread for a call. */
    double bytes() {
        return bytes / blocks;
    }
}
