// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.registries;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import io.fairlead.api.EventListener;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.balancer.Fairlead;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * One instance of a list of 10,000 changes: time and allocation from the write until the balancer's new picker, and the
 * same when the whole list is read again instead.
 */
final class LongList {
    private static final int INSTANCES = 10_000;
    private static final int CHANGES = 20;
    private static final String SERVICE = "orders";
    /** Sorts first, so that its version can be read without a search. */
    private static final String CHANGING = "a-changing";

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final double[] millis = new double[CHANGES];
    private final double[] mebibytes = new double[CHANGES];

    /** Fills the registry at {@code uri} and measures both ways. */
    static void measure(String uri, RegistryCosts.Writer writer, ObjectNode result) {
        for (int i = 1; i < INSTANCES; i++) {
            writer.write(SERVICE, "i-" + i, 0);
        }
        writer.write(SERVICE, CHANGING, 0);
        AtomicInteger adopted = new AtomicInteger(-1);
        EventListener listener = new EventListener() {
            @Override
            public void onSnapshot(ServiceSnapshot snapshot) {
                adopted.set(version(snapshot));
            }
        };
        try (Registry registry = Registry.connect(uri)) {
            LongList followed = new LongList();
            try (Fairlead fairlead =
                    Fairlead.builder(registry).listener(listener).build()) {
                fairlead.awaitReady(Duration.ofSeconds(30), SERVICE);
                followed.changes(1, number -> {
                    writer.write(SERVICE, CHANGING, number);
                    RegistryCosts.await(() -> adopted.get() == number);
                });
            }
            followed.put(result, "fairlead");
            LongList read = new LongList();
            read.changes(1 + CHANGES, number -> {
                writer.write(SERVICE, CHANGING, number);
                if (version(registry.list(SERVICE)) != number) {
                    throw new IllegalStateException("read something older than version " + number);
                }
            });
            read.put(result, "readAgain");
        }
    }

    private interface Change {
        void apply(int number);
    }

    private void changes(int first, Change change) {
        for (int i = 0; i < CHANGES; i++) {
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            long before = allocated();
            long atNanos = System.nanoTime();
            change.apply(first + i);
            millis[i] = (System.nanoTime() - atNanos) / 1e6;
            mebibytes[i] = (allocated() - before) / (double) (1 << 20);
        }
    }

    /** By every thread alive, those of the registry's client among them. */
    private long allocated() {
        return Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
    }

    private void put(ObjectNode result, String who) {
        Arrays.sort(millis);
        Arrays.sort(mebibytes);
        result.put(who + "P50Millis", rounded(millis[CHANGES / 2]));
        result.put(who + "SlowestMillis", rounded(millis[CHANGES - 1]));
        result.put(who + "P50MiB", rounded(mebibytes[CHANGES / 2]));
    }

    private static double rounded(double value) {
        return Math.round(100 * value) / 100.0;
    }

    private static int version(ServiceSnapshot snapshot) {
        if (snapshot.instances().size() != INSTANCES) {
            return -1;
        }
        ServiceInstance first = snapshot.instances().get(0);
        return Integer.parseInt(first.metadata().getOrDefault("v", "-1"));
    }
}
