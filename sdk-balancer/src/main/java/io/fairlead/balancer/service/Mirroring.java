// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

import io.fairlead.api.PickContext;
import io.fairlead.api.ServiceInstance;
import io.fairlead.balancer.CallCopy;
import io.fairlead.balancer.CallCopy.Fate;
import io.fairlead.balancer.CallSpec;
import io.fairlead.balancer.Judge;
import io.fairlead.balancer.ServiceStatus.MirrorView;
import io.fairlead.balancer.route.Mirror;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.Picker;
import io.fairlead.spi.WeightUse;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The mirror of one rule: which of its calls are copied, to whom, and how many copies are under way. Nothing of it touches what
 * is known of instances. Made when rules come into force; what was counted stays with the rule's name. Safe for any thread.
 */
final class Mirroring {
    private static final int ALL = 1_000_000;

    private final String rule;
    private final Mirror mirror;
    private final int choice;
    private final String callback;
    private final Counts counts;

    /** Outlive the routes, so that copies under way go on counting. */
    private static final class Counts {
        final AtomicInteger inFlight = new AtomicInteger();
        final LongAdder failed = new LongAdder();
        final LongAdder[] fates = new LongAdder[Fate.values().length];

        Counts() {
            for (int i = 0; i < fates.length; i++) {
                fates[i] = new LongAdder();
            }
        }

        boolean enter(int most) {
            if (inFlight.incrementAndGet() <= most) {
                return true;
            }
            inFlight.decrementAndGet();
            return false;
        }

        void count(Fate fate) {
            fates[fate.ordinal()].increment();
        }

        long of(Fate fate) {
            return fates[fate.ordinal()].sum();
        }
    }

    /** Draws by weight and looks at nothing else: nobody counts what copies have in flight. */
    static final class ByWeight implements BalancingPolicy {
        @Override
        public String name() {
            return "copies";
        }

        @Override
        public WeightUse weightUse() {
            return WeightUse.ALONE;
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, @Nullable Picker previous, Environment environment) {
            double[] sums = new double[candidates.size()];
            double sum = 0;
            for (int i = 0; i < sums.length; i++) {
                sum += candidates.get(i).weight();
                sums[i] = sum;
            }
            return (context, nowNanos) -> {
                double drawn = environment.random().nextDouble() * sums[sums.length - 1];
                int found = Arrays.binarySearch(sums, drawn);
                int first = found < 0 ? -found - 1 : found + 1;
                for (int i = 0; i < sums.length; i++) {
                    Candidate candidate = candidates.get((first + i) % sums.length);
                    if (candidate.accepts(context, nowNanos)) {
                        return candidate;
                    }
                }
                return null;
            };
        }
    }

    /** One that is to be sent, or is under way. */
    private static final class Copy implements CallCopy {
        private final Mirroring from;
        private final ServiceInstance instance;
        private final AtomicBoolean ended = new AtomicBoolean();

        Copy(Mirroring from, ServiceInstance instance) {
            this.from = from;
            this.instance = instance;
        }

        @Override
        public ServiceInstance instance() {
            return instance;
        }

        @Override
        public String rule() {
            return from.rule;
        }

        @Override
        public Mirror mirror() {
            return from.mirror;
        }

        @Override
        public void end(boolean isAnswered) {
            if (withdraw() && !isAnswered) {
                from.counts.failed.increment();
            }
        }

        boolean withdraw() {
            boolean isFirst = ended.compareAndSet(false, true);
            if (isFirst) {
                from.counts.inFlight.decrementAndGet();
            }
            return isFirst;
        }
    }

    /**
     * A mirror.
     *
     * @param choice where its subset has its choice in the setup
     * @param before the rule's mirror until now, or null
     */
    Mirroring(String rule, Mirror mirror, int choice, @Nullable Mirroring before) {
        this.rule = rule;
        this.mirror = mirror;
        this.choice = choice;
        this.callback = "mirror of rule '" + rule + "'";
        this.counts = before == null ? new Counts() : before.counts;
    }

    /** Where its subset has its choice in the setup. */
    int choice() {
        return choice;
    }

    /**
     * Has a client send a copy of a call that is about to be sent, if it is to have one. The call goes on, whatever this
     * comes to.
     *
     * @param among at {@link #choice} in the setup
     */
    void copy(Choice among, CallSpec call, Judge<?> client, Environment environment, long nowNanos) {
        PickContext context = call.context();
        try {
            if (!isWanted(context, environment.random())) {
                return;
            }
            if (!call.replayable()) {
                // Whoever reads it takes it from the call, whatever the client knows of it.
                counts.count(Fate.BODY);
            } else if (counts.enter(mirror.inFlight())) {
                send(among, context, client, environment.random(), nowNanos);
            } else {
                counts.count(Fate.FULL);
            }
        } catch (Throwable thrown) {
            environment.listener().onCallbackFailed(callback, thrown);
        }
    }

    /** A draw of its own for each call, so that it has nothing to do with where the call itself was drawn. */
    private boolean isWanted(PickContext context, RandomGenerator random) {
        String method = context.method();
        int share = mirror.millionths();
        return method != null
                && mirror.methods().contains(method)
                && context.header(CallSpec.MIRROR_HEADER) == null
                && (share >= ALL || ((random.nextLong() >>> 32) * ALL >>> 32) < share);
    }

    private void send(Choice among, PickContext context, Judge<?> client, RandomGenerator random, long nowNanos) {
        Fate fate = Fate.UNABLE;
        Copy copy = null;
        try {
            Candidate candidate = among.pick(context, nowNanos, random);
            if (candidate == null) {
                fate = Fate.NO_INSTANCE;
                return;
            }
            copy = new Copy(this, candidate.instance());
            fate = client.copy(copy);
        } finally {
            counts.count(fate);
            if (copy == null) {
                counts.inFlight.decrementAndGet();
            } else if (fate != Fate.SENT) {
                boolean unused = copy.withdraw();
            }
        }
    }

    MirrorView view() {
        return new MirrorView(
                rule,
                counts.of(Fate.SENT),
                counts.of(Fate.FULL),
                counts.of(Fate.BODY),
                counts.of(Fate.NO_INSTANCE),
                counts.of(Fate.UNABLE),
                counts.failed.sum(),
                counts.inFlight.get());
    }
}
