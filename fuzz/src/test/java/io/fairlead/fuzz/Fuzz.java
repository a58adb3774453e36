// SPDX-License-Identifier: Apache-2.0
package io.fairlead.fuzz;

import io.fairlead.testkit.LeakCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Runs histories until its time is over, or one by its seed; a history that fails is made shorter and told. */
final class Fuzz {
    private static final int TRIES_TO_SHORTEN = 30;
    private static final long DEFAULT_SECONDS = 60;

    private final boolean isOkHttp;
    private final Set<Feature> on;
    private int runs;
    private int calls;
    private int failedAt;

    Fuzz(boolean isOkHttp) {
        this.isOkHttp = isOkHttp;
        this.on = Feature.on(isOkHttp);
    }

    /** Idle workers of the JDK's client stay for a while, as do those of the environment that all histories share. */
    static LeakCheck leakCheck() {
        // A selector of the JDK's client ends when the client is collected, which nobody can hasten.
        return new LeakCheck().ignoringThreads("HttpClient-\\d+-.*|fairlead-.*|sdk-.*");
    }

    /** Fails with the first history of which something is wrong. */
    void run() throws Exception {
        String seed = System.getProperty("fairlead.fuzz.seed", "");
        String from = System.getProperty("fairlead.fuzz.from", "1");
        long first = from.equals("now") ? System.currentTimeMillis() * 1_000 : Long.parseLong(from);
        // Half of the time for each adapter.
        long nanos = Duration.ofSeconds(Long.getLong("fairlead.fuzz.seconds", DEFAULT_SECONDS))
                        .toNanos()
                / 2;
        long start = System.nanoTime();
        try (Rig rig = new Rig()) {
            if (!seed.isEmpty()) {
                String numbers = System.getProperty("fairlead.fuzz.calls", "");
                check(rig, history(Long.parseLong(seed)).only(numbers));
                return;
            }
            for (long next = first; System.nanoTime() - start < nanos; next++) {
                check(rig, history(next));
            }
        } finally {
            System.out.println(
                    (isOkHttp ? "OkHttp: " : "JDK: ") + runs + " histories, " + calls + " calls, features " + on);
        }
    }

    private History history(long seed) {
        return new Generator(seed, on, isOkHttp).history();
    }

    private void check(Rig rig, History history) throws Exception {
        List<String> wrong = wrong(rig, history);
        if (wrong.isEmpty()) {
            return;
        }
        History shortest = history.upTo(failedAt);
        List<String> last = wrong;
        int tries = 0;
        for (Plan plan : shortest.plans()) {
            if (shortest.plans().size() > 1 && tries++ < TRIES_TO_SHORTEN) {
                History shorter = shortest.without(plan);
                List<String> still = wrong(rig, shorter);
                if (!still.isEmpty()) {
                    shortest = shorter;
                    last = still;
                }
            }
        }
        List<String> lines = new ArrayList<>(last);
        lines.add(0, "wrong with " + (isOkHttp ? "OkHttp" : "the JDK's client") + ":");
        lines.add(shortest.toString());
        lines.add("again: mvn -pl fuzz -am verify -Dtest=None -Dit.test="
                + (isOkHttp ? "OkHttpFuzzIT" : "JdkFuzzIT")
                + " -Dfairlead.fuzz.seed=" + history.seed() + " -Dfairlead.fuzz.calls=" + shortest.numbers()
                + on());
        throw new AssertionError(String.join("\n", lines));
    }

    private static String on() {
        String wanted = System.getProperty("fairlead.fuzz.on", "");
        return wanted.isEmpty() ? "" : " -Dfairlead.fuzz.on=" + wanted;
    }

    private List<String> wrong(Rig rig, History history) throws Exception {
        runs++;
        calls += history.plans().size();
        try (Run run = new Run(rig, history, isOkHttp, "history-" + runs)) {
            List<String> wrong = run.go();
            failedAt = run.failedAt;
            return wrong;
        }
    }
}
