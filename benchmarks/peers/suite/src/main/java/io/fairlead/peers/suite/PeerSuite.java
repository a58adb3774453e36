// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fairlead.benchmarks.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures the peers and ours in turns: each round gives every benchmark of every module a fork of its own, so that a slow
 * minute of the machine falls on all of them alike. The file is written anew after each round. Arguments: the folder of
 * the modules, the file to write, rounds, warm-ups, iterations, milliseconds of an iteration, rounds of
 * the pairs, regular expression of the parts wanted.
 */
public final class PeerSuite {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Settings settings;
    private final Forks forks;
    private final Path file;
    private final Results results = new Results();
    private final long started = System.nanoTime();

    private PeerSuite(Path peers, Path file, Settings settings) {
        this.settings = settings;
        this.forks = new Forks(peers, settings);
        this.file = file;
    }

    /** Runs it. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 8) {
            throw new IllegalArgumentException(
                    "expected: <folder> <file to write> <rounds> <warm-ups> <iterations> <milliseconds> <pairs> <regular expression>");
        }
        Settings settings = Settings.of(Arrays.copyOfRange(args, 2, args.length));
        new PeerSuite(
                        Path.of(args[0]).toAbsolutePath().normalize(),
                        Path.of(args[1]).toAbsolutePath().normalize(),
                        settings)
                .run();
    }

    private void run() throws IOException, InterruptedException {
        if (settings.rounds() == 0) {
            return;
        }
        results.put("machine", JSON.valueToTree(Machine.describe()));
        results.put("settings", JSON.valueToTree(settings));
        if (wanted("bytes")) {
            say("bytes");
            results.put("bytesPerBreaker", forks.main("breakers", "io.fairlead.peers.breakers.BytesPerBreaker"));
        }
        if (wanted("pairs")) {
            pairs("armeria", "io.fairlead.peers.armeria.ArmeriaPairs");
            pairs("spring", "io.fairlead.peers.spring.SpringPairs");
        }
        List<String> ours = new ArrayList<>();
        forks.main("ours", "io.fairlead.benchmarks.PolicyNames").forEach(name -> ours.add(name.asText()));
        for (int round = 1; round <= settings.rounds(); round++) {
            List<Part> parts = Part.all(ours).stream()
                    .filter(part -> wanted(part.toString()))
                    .toList();
            for (Part part : parts) {
                say("round " + round + " of " + settings.rounds() + ": " + part);
                results.add(part, forks.run(part));
            }
            results.write(file);
        }
    }

    private void pairs(String module, String main) throws IOException, InterruptedException {
        say("pairs " + module);
        results.put("pairs " + module, forks.main(module, main, Integer.toString(settings.pairs())));
    }

    private boolean wanted(String name) {
        return name.matches(settings.wanted());
    }

    private void say(String text) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
        System.out.printf("%3d:%02d %s%n", elapsed.toMinutes(), elapsed.toSecondsPart(), text);
    }
}
