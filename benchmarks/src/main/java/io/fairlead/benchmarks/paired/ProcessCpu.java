// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.paired;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Processor time of all threads of this process: a pool's or the collector's share is part of what a client costs. From the
 * kernel's nanoseconds for each thread where there are any, because the process's own clock ticks only every 10 ms.
 */
final class ProcessCpu {
    private static final Path TASKS = Path.of("/proc/self/task");

    /** Ended threads keep their last value. */
    private final Map<Path, Long> threads = new HashMap<>();

    long nanos() {
        if (!Files.isDirectory(TASKS)) {
            return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getProcessCpuTime();
        }
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                read(task);
            }
        } catch (IOException e) {
            throw new IllegalStateException(TASKS.toString(), e);
        }
        return threads.values().stream().mapToLong(Long::longValue).sum();
    }

    private void read(Path task) {
        try {
            String text = Files.readString(task.resolve("schedstat"));
            threads.merge(task, Long.parseLong(text.substring(0, text.indexOf(' '))), Math::max);
        } catch (IOException ended) {
            // between its name and its figures
        }
    }
}
