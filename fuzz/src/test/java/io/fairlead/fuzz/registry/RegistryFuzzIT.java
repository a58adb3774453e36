// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz.registry;

import io.fairlead.testkit.LeakCheck;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registries as foreign tools fill them, all three at once, for {@code fairlead.fuzz.seconds}, 60 by default, from seed
 * {@code fairlead.fuzz.from} on; {@code fairlead.fuzz.seed} repeats one, {@code fairlead.fuzz.registry} tries one kind.
 */
class RegistryFuzzIT {
    private static final long DEFAULT_SECONDS = 60;

    @RegisterExtension
    final LeakCheck leaks = new LeakCheck()
            .ignoringThreads("HttpClient-\\d+-.*|fairlead-.*|sdk-.*|grpc-.*|vert\\.x-.*|etcd-.*|Failsafe.*");

    @TempDir
    private Path folder;

    @Test
    void noWatchEndsAndNobodyIsLostWhateverIsWritten() throws Exception {
        String from = System.getProperty("fairlead.fuzz.from", "1");
        long first = from.equals("now") ? System.currentTimeMillis() * 1_000 : Long.parseLong(from);
        long seed = Long.getLong("fairlead.fuzz.seed", first);
        boolean onlyOne = System.getProperty("fairlead.fuzz.seed") != null;
        Duration duration = Duration.ofSeconds(Long.getLong("fairlead.fuzz.seconds", DEFAULT_SECONDS));
        String kind = System.getProperty("fairlead.fuzz.registry", "consul,etcd,file");
        List<Callable<String>> all = new ArrayList<>();
        if (kind.contains("consul")) {
            all.add(() -> new ConsulWatchFuzz().run(seed, onlyOne, duration));
        }
        if (kind.contains("etcd")) {
            all.add(() -> new EtcdWatchFuzz().run(seed, onlyOne, duration));
        }
        if (kind.contains("file")) {
            all.add(() -> new FileWatchFuzz(folder).run(seed, onlyOne, duration));
        }
        AssertionError failure = null;
        ExecutorService threads = Executors.newFixedThreadPool(all.size());
        try {
            for (Future<String> one : threads.invokeAll(all)) {
                try {
                    System.out.println(one.get());
                } catch (ExecutionException failed) {
                    AssertionError told = new AssertionError(failed.getCause().getMessage(), failed.getCause());
                    if (failure == null) {
                        failure = told;
                    } else {
                        failure.addSuppressed(told);
                    }
                }
            }
        } finally {
            threads.shutdown();
        }
        if (failure != null) {
            throw failure;
        }
    }
}
