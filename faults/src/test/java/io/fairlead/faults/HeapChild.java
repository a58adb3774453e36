// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registry;
import io.fairlead.api.RegistryException;
import io.fairlead.api.ServiceInstance;
import io.fairlead.testkit.RecordingSnapshots;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A process that registers itself, follows {@code orders}, and has no heap left for eight seconds. Says {@code ready} and
 * {@code free}; then answers each line it is given with the ids it sees.
 */
final class HeapChild {
    private static final long EXHAUSTED_NANOS = 8 * Rig.SECOND;

    private HeapChild() {}

    public static void main(String[] args) throws IOException {
        Registry registry = Registry.connect(args[0]);
        RecordingSnapshots seen = new RecordingSnapshots();
        registry.watch("orders", seen);
        while (!registers(registry)) {
            Thread.onSpinWait();
        }
        while (!seen.ids().contains("child")) {
            Thread.onSpinWait();
        }
        byte[] line = new byte[256];
        say("ready");
        wait(line);
        exhaust();
        say("free");
        while (wait(line)) {
            say(String.join(",", seen.ids()));
        }
    }

    /** A machine that is busy may take longer than the registry is waited for. */
    private static boolean registers(Registry registry) {
        try {
            registry.register(
                    ServiceInstance.builder("orders")
                            .id("child")
                            .address("10.0.0.1", 80)
                            .build(),
                    HealthCheck.ttl().every(Duration.ofSeconds(6)));
            return true;
        } catch (RegistryException busy) {
            return false;
        }
    }

    private static boolean wait(byte[] line) throws IOException {
        return System.in.read(line) > 0;
    }

    private static void say(String line) {
        System.out.println(line);
    }

    /** Takes what there is, in ever smaller pieces, and takes again what others give back. */
    private static void exhaust() {
        Piece all = null;
        long end = System.nanoTime() + EXHAUSTED_NANOS;
        int size = 1 << 20;
        while (System.nanoTime() - end < 0) {
            try {
                all = new Piece(all, size);
            } catch (OutOfMemoryError none) {
                size = size > 64 ? size / 2 : 1 << 12;
            }
        }
        if (all == null) {
            throw new IllegalStateException("nothing was taken");
        }
    }

    @SuppressWarnings("UnusedVariable") // held, not read
    private static final class Piece {
        final @Nullable Piece next;
        final byte[] bytes;

        Piece(@Nullable Piece next, int size) {
            this.next = next;
            this.bytes = new byte[size];
        }
    }
}
