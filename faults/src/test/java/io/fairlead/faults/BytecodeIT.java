// SPDX-License-Identifier: Apache-2.0
package io.fairlead.faults;

import static io.fairlead.faults.FaultLog.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Registry;
import io.fairlead.balancer.Fairlead;
import io.fairlead.circuitbreaker.CircuitBreaker;
import io.fairlead.consul.ConsulRegistry;
import io.fairlead.etcd.EtcdRegistry;
import io.fairlead.memory.MemoryRegistry;
import io.fairlead.okhttp.DiscoveryInterceptor;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What our classes never mention: reading Java objects from bytes, types named by JSON, the wall clock. */
class BytecodeIT {
    private static final List<Class<?>> MODULES = List.of(
            Registry.class,
            Fairlead.class,
            CircuitBreaker.class,
            ConsulRegistry.class,
            EtcdRegistry.class,
            MemoryRegistry.class,
            DiscoveryInterceptor.class);

    @Test
    void nothingIsDeserializedByType() throws Exception {
        scan(
                "S16",
                "Java deserialization and polymorphic JSON in our classes",
                List.of(
                        "java/io/ObjectInputStream",
                        "java/beans/XMLDecoder",
                        "enableDefaultTyping",
                        "activateDefaultTyping",
                        "JsonTypeInfo"));
    }

    @Test
    void nothingReadsTheWallClock() throws Exception {
        scan(
                "F46",
                "the wall clock jumps: reads of it in our classes",
                List.of(
                        "currentTimeMillis",
                        "()Ljava/time/Instant;",
                        "java/time/Clock",
                        "java/util/Date",
                        "java/time/LocalDate"));
    }

    private static void scan(String number, String fault, List<String> words) throws Exception {
        int classes = 0;
        List<String> found = new ArrayList<>();
        for (Class<?> module : MODULES) {
            Path place = Path.of(
                    module.getProtectionDomain().getCodeSource().getLocation().toURI());
            if (Files.isDirectory(place)) {
                classes += scan(place, words, found);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(place)) {
                    classes += scan(jar.getPath("/"), words, found);
                }
            }
        }
        record(
                number,
                fault,
                "0 uses",
                found.size() + " uses in " + classes + " classes" + (found.isEmpty() ? "" : ": " + found),
                found.isEmpty());
        assertThat(classes).isGreaterThan(100);
        assertThat(found).isEmpty();
    }

    private static int scan(Path root, List<String> words, List<String> found) throws Exception {
        try (Stream<Path> tree = Files.walk(root)) {
            List<Path> classes =
                    tree.filter(path -> path.toString().endsWith(".class")).toList();
            for (Path each : classes) {
                String constants = Files.readString(each, StandardCharsets.ISO_8859_1);
                words.stream().filter(constants::contains).forEach(word -> found.add(each.getFileName() + " " + word));
            }
            return classes.size();
        }
    }
}
