// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.simulation.scenario;

import io.fairlead.benchmarks.simulation.world.Decimal;
import io.fairlead.benchmarks.simulation.world.Millis;
import io.fairlead.benchmarks.simulation.world.SplitMix;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls from a file: a line each, the second it comes and its client, {@code 0.125 3}; empty lines and those that begin with
 * {@code #} say nothing. An immutable value.
 *
 * @param calls in the order in which they come
 */
public record Trace(List<Entry> calls) implements Arrivals {
    private static final String EXPECTED =
            " (expected: the second, not before the line above, and the client, from 0, such as 0.125 3)";

    /** One call. */
    public record Entry(long nanos, int client) {}

    public Trace {
        calls = List.copyOf(calls);
    }

    /** A trace beside this class. */
    public static Trace resource(String name) {
        try (InputStream stream = Trace.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalArgumentException("trace: " + name + " (expected: a resource beside Trace)");
            }
            return parse(name, new String(stream.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    public static Trace parse(String name, String text) {
        List<Entry> calls = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            String content = line.strip();
            if (!content.isEmpty() && !content.startsWith("#")) {
                long earliest =
                        calls.isEmpty() ? 0 : calls.get(calls.size() - 1).nanos();
                calls.add(entry(name + ":" + number, content, earliest));
            }
        }
        return new Trace(calls);
    }

    private static Entry entry(String place, String line, long earliest) {
        String[] words = line.split("\\s+");
        try {
            if (words.length == 2) {
                double seconds = Double.parseDouble(words[0]);
                int client = Integer.parseInt(words[1]);
                boolean isFinite = seconds >= 0 && seconds <= 1e6;
                if (isFinite && client >= 0 && Millis.secondsToNanos(seconds) >= earliest) {
                    return new Entry(Millis.secondsToNanos(seconds), client);
                }
            }
        } catch (NumberFormatException notNumbers) {
            throw new IllegalArgumentException(place + ": '" + line + "'" + EXPECTED, notNumbers);
        }
        throw new IllegalArgumentException(place + ": '" + line + "'" + EXPECTED);
    }

    /**
     * Bursts of random length between calm stretches of random length (a Markov-modulated Poisson process), as the text of a
     * trace: 120 calls a second for a second on average, then 520 for a third of one, in twelve seconds, from four clients.
     */
    public static String bursty(long seed) {
        SplitMix random = SplitMix.stream(seed, SplitMix.Purpose.ARRIVALS, 1);
        StringBuilder text = new StringBuilder("# second client; written by Trace.bursty(" + seed + ")\n");
        boolean isBusy = false;
        double change = exponential(random, 1);
        double now = 0;
        while (true) {
            double next = now + exponential(random, 1 / (isBusy ? 520.0 : 120.0));
            if (next >= change) {
                now = change;
                isBusy = !isBusy;
                change = now + exponential(random, isBusy ? 1 / 3.0 : 1);
            } else if (next < 12) {
                now = next;
                int client = (int) ((random.nextLong() >>> 33) % 4);
                text.append(Decimal.text(now, 4)).append(' ').append(client).append('\n');
            } else {
                return text.toString();
            }
        }
    }

    private static double exponential(SplitMix random, double mean) {
        return -StrictMath.log(random.nextUnit()) * mean;
    }

    @Override
    public double perSecond() {
        return calls.isEmpty()
                ? 0
                : calls.size() * 1e9 / Math.max(1, calls.get(calls.size() - 1).nanos());
    }
}
