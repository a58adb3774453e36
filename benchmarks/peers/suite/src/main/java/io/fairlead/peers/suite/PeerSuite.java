// SPDX-License-Identifier: Apache-2.0
package io.fairlead.peers.suite;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Measures the peers and ours in turns: each round gives every benchmark of every module a fork of its own, so that a slow
 * minute of the machine falls on all of them alike. The file is written anew after each round. Arguments: the folder of
 * the modules, the file to write, rounds, iterations, milliseconds of an iteration, regular expression of the parts wanted.
 */
public final class PeerSuite {
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
        if (args.length != 6) {
            throw new IllegalArgumentException(
                    "expected: <folder> <file to write> <rounds> <iterations> <milliseconds> <regular expression>");
        }
        Settings settings =
                new Settings(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]), args[5]);
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
        results.put("machine", Machine.describe(settings));
        if (wanted("bytes")) {
            say("bytes");
            results.put("bytesPerBreaker", forks.main("breakers", "io.fairlead.peers.breakers.BytesPerBreaker"));
        }
        for (int round = 1; round <= settings.rounds(); round++) {
            List<Part> parts =
                    Part.all().stream().filter(part -> wanted(part.toString())).toList();
            for (Part part : parts) {
                say("round " + round + " of " + settings.rounds() + ": " + part);
                results.add(part, forks.run(part));
            }
            results.write(file);
        }
    }

    private boolean wanted(String name) {
        return name.matches(settings.wanted());
    }

    private void say(String text) {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - started);
        System.out.printf("%3d:%02d %s%n", elapsed.toMinutes(), elapsed.toSecondsPart(), text);
    }
}
