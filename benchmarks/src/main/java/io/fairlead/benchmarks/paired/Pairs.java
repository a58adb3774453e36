// SPDX-License-Identifier: Apache-2.0
package io.fairlead.benchmarks.paired;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs the variants in turns, in blocks of 250 calls whose order rotates, and compares the blocks of one round with each
 * other. Three repetitions; a figure is the median of theirs.
 */
public final class Pairs {
    private static final int CALLS = 250;
    private static final int REPETITIONS = 3;

    private final int rounds;
    private final Map<String, Call> calls = new LinkedHashMap<>();
    private final List<String[]> pairs = new ArrayList<>();

    /** With so many rounds a repetition. */
    public Pairs(int rounds) {
        this.rounds = rounds;
    }

    /** Adds a variant. */
    public Pairs variant(String name, Call call) {
        calls.put(name, call);
        return this;
    }

    /** Compares two of them. */
    public Pairs compare(String of, String against) {
        pairs.add(new String[] {of, against});
        return this;
    }

    /** Runs everything; the result is a JSON object. */
    public String run() throws Exception {
        List<List<Variant>> repetitions = new ArrayList<>();
        for (int repetition = 1; repetition <= REPETITIONS; repetition++) {
            System.out.println("pairs: repetition " + repetition + " of " + REPETITIONS);
            repetitions.add(repetition());
        }
        List<String> callRows = new ArrayList<>();
        for (String name : calls.keySet()) {
            callRows.add(String.format(
                    Locale.ROOT,
                    "{\"of\":\"%s\",\"micros\":%.1f,\"cpuMicros\":%.1f,\"bytes\":%.0f}",
                    name,
                    middle(repetitions, name, Variant::wallMicros),
                    middle(repetitions, name, Variant::cpuMicros),
                    middle(repetitions, name, Variant::bytes)));
        }
        List<String> pairRows = new ArrayList<>();
        for (String[] pair : pairs) {
            pairRows.add(pairRow(repetitions, pair[0], pair[1]));
        }
        return String.format(
                Locale.ROOT,
                "{\"block\":%d,\"rounds\":%d,\"repetitions\":%d,%n\"calls\":[%n%s],%n\"pairs\":[%n%s]}%n",
                CALLS,
                rounds,
                REPETITIONS,
                String.join(",\n", callRows),
                String.join(",\n", pairRows));
    }

    private List<Variant> repetition() throws Exception {
        List<Variant> variants = new ArrayList<>();
        for (Map.Entry<String, Call> each : calls.entrySet()) {
            variants.add(new Variant(each.getKey(), each.getValue(), rounds));
        }
        for (Variant variant : variants) {
            variant.warm(20 * CALLS);
        }
        ProcessCpu cpu = new ProcessCpu();
        List<Variant> order = new ArrayList<>(variants);
        for (int round = 0; round < rounds; round++) {
            for (Variant variant : order) {
                variant.block(CALLS, cpu);
            }
            Collections.rotate(order, 1);
        }
        return variants;
    }

    private static String pairRow(List<List<Variant>> repetitions, String of, String against) {
        List<Ratio> ratios = new ArrayList<>();
        List<Double> cpu = new ArrayList<>();
        for (List<Variant> repetition : repetitions) {
            Variant one = named(repetition, of);
            Variant other = named(repetition, against);
            ratios.add(Ratio.of(one.wallNanos(), other.wallNanos()));
            cpu.add(one.cpuMicros() - other.cpuMicros());
        }
        List<String> rows = ratios.stream()
                .map(each -> String.format(Locale.ROOT, "[%.3f,%.3f,%.3f]", each.median(), each.low(), each.high()))
                .toList();
        List<Double> medians = ratios.stream().map(Ratio::median).sorted().toList();
        cpu.sort(null);
        return String.format(
                Locale.ROOT,
                "{\"of\":\"%s\",\"against\":\"%s\",\"ratio\":%.3f,\"medianLowHigh\":[%s],\"cpuMicrosMore\":%.1f,\"bytesMore\":%.0f}",
                of,
                against,
                Ratio.median(medians),
                String.join(",", rows),
                Ratio.median(cpu),
                middle(repetitions, of, Variant::bytes) - middle(repetitions, against, Variant::bytes));
    }

    private static double middle(
            List<List<Variant>> repetitions, String name, java.util.function.ToDoubleFunction<Variant> figure) {
        return Ratio.median(repetitions.stream()
                .map(repetition -> figure.applyAsDouble(named(repetition, name)))
                .sorted()
                .toList());
    }

    private static Variant named(List<Variant> variants, String name) {
        return variants.stream()
                .filter(each -> each.name.equals(name))
                .findFirst()
                .orElseThrow();
    }
}
