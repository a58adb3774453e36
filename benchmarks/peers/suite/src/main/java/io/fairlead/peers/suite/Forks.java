// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Starts one JMH process for a part, with one fork for each of its benchmarks, on the class path of its module. */
final class Forks {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path peers;
    private final Settings settings;

    Forks(Path peers, Settings settings) {
        this.peers = peers;
        this.settings = settings;
    }

    JsonNode run(Part part) throws IOException, InterruptedException {
        Path result = Files.createTempFile("peers", ".json");
        List<String> command = new ArrayList<>(List.of(
                "org.openjdk.jmh.Main",
                part.include(),
                "-f",
                "1",
                "-wi",
                Integer.toString(settings.warmups()),
                "-w",
                settings.warmup(),
                "-i",
                Integer.toString(settings.iterations()),
                "-r",
                settings.millis() + "ms",
                "-t",
                Integer.toString(part.threads()),
                "-bm",
                "avgt",
                "-tu",
                "ns",
                "-prof",
                "gc",
                "-foe",
                "true",
                "-v",
                "SILENT",
                "-jvmArgs",
                settings.jvm() + " " + sentinelLog(part.module()),
                "-rf",
                "json",
                "-rff",
                result.toString()));
        if (!part.sizes().isEmpty()) {
            command.addAll(List.of("-p", "size=" + String.join(",", part.sizes())));
        }
        if (!part.policies().isEmpty()) {
            command.addAll(List.of("-p", part.parameter() + "=" + String.join(",", part.policies())));
        }
        java(part.module(), command);
        JsonNode results = JSON.readTree(result.toFile());
        Files.delete(result);
        return results;
    }

    /** Runs a main class that writes JSON to the file named by its last argument. */
    JsonNode main(String module, String main, String... arguments) throws IOException, InterruptedException {
        Path result = Files.createTempFile("peers", ".json");
        List<String> command = new ArrayList<>(List.of(main));
        command.addAll(List.of(arguments));
        command.add(result.toString());
        java(module, command);
        JsonNode results = JSON.readTree(result.toFile());
        Files.delete(result);
        return results;
    }

    private String sentinelLog(String module) {
        return "-Dcsp.sentinel.log.dir=" + peers.resolve(module).resolve("target/sentinel");
    }

    private void java(String module, List<String> command) throws IOException, InterruptedException {
        Path folder = peers.resolve(module).resolve("target");
        List<String> whole = new ArrayList<>(List.of(JAVA));
        // for JOL, and so that Sentinel writes no log into the user's home
        whole.addAll(List.of("-Djdk.attach.allowAttachSelf=true", "-Djol.magicFieldOffset=true"));
        // another JMH beside it spoils figures: allowed only by who says so
        whole.add("-Djmh.ignoreLock=" + Boolean.getBoolean("jmh.ignoreLock"));
        whole.add("-Dsun.net.httpserver.nodelay=true");
        whole.add(sentinelLog(module));
        whole.addAll(List.of("-cp", folder.resolve("classes") + ":" + Files.readString(folder.resolve("class-path"))));
        whole.addAll(command);
        int code = new ProcessBuilder(whole).inheritIO().start().waitFor();
        if (code != 0) {
            throw new IOException(module + ": " + command + " ended with " + code);
        }
    }
}
