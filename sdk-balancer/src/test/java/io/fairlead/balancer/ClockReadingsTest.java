// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A call that goes well looks at the clock when it begins and when it is answered, whatever stages it passes. */
class ClockReadingsTest {
    private final VirtualTime time = new VirtualTime();
    private final AtomicInteger readings = new AtomicInteger();
    private final Environment environment = new Environment(
            () -> {
                readings.incrementAndGet();
                return time.nanos();
            },
            time,
            time,
            new SplittableRandom(1),
            new RecordingListener());

    @Test
    void anAttemptOfOnesOwnReadsItTwice() {
        Fairlead fairlead = ready(builder -> builder);
        assertThat(during(() -> {
                    try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
                        attempt.complete(Verdict.SUCCESS);
                    }
                }))
                .isEqualTo(2);
        fairlead.close();
    }

    @Test
    void aPlainCallReadsItTwice() {
        Fairlead fairlead = ready(builder -> builder);
        assertThat(during(() -> call(fairlead, CallSpec.of("orders")))).isEqualTo(2);
        fairlead.close();
    }

    @Test
    void aCallThroughEveryStageReadsItTwice() {
        Fairlead fairlead = ready(builder -> builder.rateLimit(RateLimit.of(1_000, 1_000))
                .throttle(Throttle.defaults())
                .serviceGuard((service, rejects, environment) -> new Content()));
        assertThat(during(() -> call(fairlead, CallSpec.of("orders").within(Duration.ofSeconds(1)))))
                .isEqualTo(2);
        fairlead.close();
    }

    private Fairlead ready(UnaryOperator<FairleadBuilder> options) {
        FakeRegistry registry = new FakeRegistry(time.environment());
        Fairlead fairlead = options.apply(Fairlead.builder(registry).environment(environment))
                .build();
        registry.lists("a", "b", "c");
        fairlead.awaitReady(Duration.ofSeconds(5), "orders");
        for (int i = 0; i < 20; i++) {
            call(fairlead, CallSpec.of("orders"));
        }
        return fairlead;
    }

    private int during(Runnable call) {
        int before = readings.get();
        call.run();
        return readings.get() - before;
    }

    private static void call(Fairlead fairlead, CallSpec spec) {
        try {
            assertThat(fairlead.<String>call(spec, attempt -> "answer")).isEqualTo("answer");
        } catch (IOException unexpected) {
            throw new AssertionError(unexpected);
        }
    }

    /** A guard of a whole service that lets every call through. */
    private static final class Content implements ServiceGuard {
        @Override
        public Object tryAcquire(long nowNanos) {
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            assertThat(permit).isSameAs(this);
        }

        @Override
        public InstanceGuard.Description describe(long nowNanos) {
            return new InstanceGuard.Description(GuardState.CLOSED, "", 0);
        }
    }
}
