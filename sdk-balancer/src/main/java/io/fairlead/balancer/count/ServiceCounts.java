// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.count;

import io.fairlead.api.AttemptEvent.Kind;
import io.fairlead.api.CallEvent.Result;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.NoInstanceException.Reason;
import io.fairlead.api.Outcome;
import io.fairlead.balancer.Histogram;
import io.fairlead.balancer.ServiceStatistics;
import io.fairlead.balancer.ServiceStatistics.Ejection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What is counted of one service, from its first watch to its last. It only grows. Counting is two additions for an attempt and
 * two for a call, and makes nothing. Safe for any thread.
 */
public final class ServiceCounts {
    private static final int OUTCOMES = Outcome.values().length;

    private final Durations calls = new Durations(Result.values().length);
    private final Durations attempts = new Durations(Kind.values().length * OUTCOMES);
    private final LongAdder[] rejections = adders(Stage.values().length);
    private final LongAdder[] noInstance = adders(Reason.values().length);
    private final LongAdder[] ejections = adders(Ejection.values().length);
    private final LongAdder retriesDenied = new LongAdder();
    private final LongAdder listChanges = new LongAdder();
    private final LongAdder interruptions = new LongAdder();
    private final LongAdder rejectedEntries = new LongAdder();

    static LongAdder[] adders(int number) {
        LongAdder[] adders = new LongAdder[number];
        for (int i = 0; i < number; i++) {
            adders[i] = new LongAdder();
        }
        return adders;
    }

    /** A call ended that had an attempt. */
    public void call(Result result, long nanos) {
        calls.add(result.ordinal(), nanos);
    }

    /** A call ended that had none. */
    public void callWithoutAttempt(Result result) {
        calls.addUntimed(result.ordinal());
    }

    /** An attempt ended. */
    public void attempt(Kind kind, Outcome outcome, long nanos) {
        attempts.add(kind.ordinal() * OUTCOMES + outcome.ordinal(), nanos);
    }

    public void rejection(Stage stage) {
        rejections[stage.ordinal()].increment();
    }

    public void noInstance(Reason reason) {
        noInstance[reason.ordinal()].increment();
    }

    public void ejection(Ejection by) {
        ejections[by.ordinal()].increment();
    }

    public void retryDenied() {
        retriesDenied.increment();
    }

    public void listChange() {
        listChanges.increment();
    }

    public void interruption() {
        interruptions.increment();
    }

    public void rejectedEntries(int number) {
        rejectedEntries.add(number);
    }

    /** A reading. */
    public ServiceStatistics read(String service) {
        Map<Kind, Map<Outcome, Long>> ofAttempts = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            Map<Outcome, Long> ofKind = new EnumMap<>(Outcome.class);
            for (Outcome outcome : Outcome.values()) {
                ofKind.put(outcome, attempts.count(kind.ordinal() * OUTCOMES + outcome.ordinal()));
            }
            ofAttempts.put(kind, Map.copyOf(ofKind));
        }
        Map<Result, Long> ofCalls = new EnumMap<>(Result.class);
        for (Result result : Result.values()) {
            ofCalls.put(result, calls.count(result.ordinal()));
        }
        return new ServiceStatistics(
                service,
                ofCalls,
                calls.histogram(),
                ofAttempts,
                attempts.histogram(),
                read(Stage.class, rejections),
                read(Reason.class, noInstance),
                retriesDenied.sum(),
                read(Ejection.class, ejections),
                listChanges.sum(),
                interruptions.sum(),
                rejectedEntries.sum());
    }

    private static <E extends Enum<E>> Map<E, Long> read(Class<E> words, LongAdder[] adders) {
        Map<E, Long> counts = new EnumMap<>(words);
        for (E word : words.getEnumConstants()) {
            counts.put(word, adders[word.ordinal()].sum());
        }
        return counts;
    }

    /**
     * The buckets of what is kept apart by kind, so that a kind and a duration are counted in one addition. An adder is made when its
     * bucket is first needed: of a thousand services each needs a few.
     */
    private static final class Durations {
        private static final int BUCKETS = Histogram.BOUNDS_NANOS.size() + 1;
        private static final long FIRST_NANOS = Histogram.BOUNDS_NANOS.get(0);
        /** By kind: its buckets, then those that took no time that anybody wants to know. */
        private final AtomicReferenceArray<@Nullable LongAdder> cells;

        private final LongAdder nanos = new LongAdder();

        Durations(int kinds) {
            this.cells = new AtomicReferenceArray<>(kinds * (BUCKETS + 1));
        }

        void add(int kind, long took) {
            long known = Math.max(0, took);
            cell(kind * (BUCKETS + 1) + bucket(known)).increment();
            nanos.add(known);
        }

        void addUntimed(int kind) {
            cell(kind * (BUCKETS + 1) + BUCKETS).increment();
        }

        private LongAdder cell(int index) {
            LongAdder known = cells.get(index);
            return known != null ? known : made(index);
        }

        private LongAdder made(int index) {
            LongAdder mine = new LongAdder();
            LongAdder others = cells.compareAndExchange(index, null, mine);
            return others == null ? mine : others;
        }

        /** Each bucket is twice as wide as the one before, and has its upper bound. */
        private static int bucket(long took) {
            long steps = (took - 1) / FIRST_NANOS;
            return Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(steps));
        }

        private long sum(int index) {
            LongAdder cell = cells.get(index);
            return cell == null ? 0 : cell.sum();
        }

        long count(int kind) {
            long count = 0;
            for (int i = kind * (BUCKETS + 1); i < (kind + 1) * (BUCKETS + 1); i++) {
                count += sum(i);
            }
            return count;
        }

        Histogram histogram() {
            Long[] counts = new Long[BUCKETS];
            for (int bucket = 0; bucket < BUCKETS; bucket++) {
                long count = 0;
                for (int i = bucket; i < cells.length(); i += BUCKETS + 1) {
                    count += sum(i);
                }
                counts[bucket] = count;
            }
            return new Histogram(List.of(counts), nanos.sum());
        }
    }
}
