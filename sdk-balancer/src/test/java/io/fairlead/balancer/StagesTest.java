// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.fairlead.api.CallRejectedException;
import io.fairlead.api.CallRejectedException.Stage;
import io.fairlead.api.GuardState;
import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stages that reject: what they say, what they give back, what nobody counts. */
class StagesTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());
    private final Gate gate = new Gate();

    @Test
    void theRateLimitRejectsWithTheTimeToTryAgain() throws IOException {
        Fairlead fairlead = ready(builder().forService("orders", o -> o.withRateLimit(RateLimit.of(10, 2))));
        assertThat(get(fairlead)).isEqualTo("ok");
        assertThat(get(fairlead)).isEqualTo("ok");
        assertThatThrownBy(() -> get(fairlead))
                .hasMessage("call to 'orders' rejected by RATE_LIMIT: more calls than allowed; try again in 0.100 s")
                .asInstanceOf(type(CallRejectedException.class))
                .satisfies(rejection -> assertThat(rejection.getStackTrace()).isEmpty())
                .extracting(CallRejectedException::retryAfter)
                .isEqualTo(Duration.ofMillis(100));
        assertThat(events.events("rejected")).containsExactly("rejected call orders RATE_LIMIT");
        assertThat(events.events("attempt")).hasSize(2);
        time.advance(Duration.ofMillis(100));
        assertThat(get(fairlead)).isEqualTo("ok");
    }

    @Test
    void aServiceGuardOnlyMeasuresUnlessAsked() throws IOException {
        gate.open = false;
        assertThat(get(ready(builder().serviceGuard(gate)))).isEqualTo("ok");
        assertThat(gate.released).containsExactly(Outcome.SUCCESS);
        Fairlead rejecting = ready(builder().serviceGuard(gate).rejectByServiceGuard());
        assertThatThrownBy(() -> get(rejecting))
                .hasMessage("call to 'orders' rejected by SERVICE_GUARD: its guard is OPEN; try again in 4.000 s");
        assertThat(gate.taken).isEqualTo(gate.released.size());
    }

    @Test
    void aServiceGuardLearnsWhatTheWholeCallCameTo() throws IOException {
        Fairlead fairlead = ready(builder().serviceGuard(gate));
        int[] attempts = {0};
        String answer = fairlead.call("orders", attempt -> {
            if (attempts[0]++ == 0) {
                throw new ConnectException("refused");
            }
            return "second";
        });
        assertThat(answer).isEqualTo("second");
        assertThat(gate.released).containsExactly(Outcome.SUCCESS);
        assertThatThrownBy(() -> fairlead.call(CallSpec.of("orders").notIdempotent(), attempt -> {
                    throw new IOException("reset");
                }))
                .hasMessage("reset");
        assertThat(gate.released).containsExactly(Outcome.SUCCESS, Outcome.FAILURE);
    }

    @Test
    void aRejectionFurtherInsideCancelsWhatIsOutside() throws IOException {
        Fairlead fairlead = ready(builder()
                .outagePolicy(OutagePolicy.off())
                .rateLimit(RateLimit.of(0, 2))
                .throttle(Throttle.defaults())
                .serviceGuard(gate)
                .rejectByServiceGuard());
        gate.open = false;
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> get(fairlead))
                    .asInstanceOf(type(CallRejectedException.class))
                    .extracting(CallRejectedException::stage)
                    .isEqualTo(Stage.SERVICE_GUARD);
        }
        gate.open = true;
        registry.lists();
        for (int i = 0; i < 50; i++) {
            assertThatThrownBy(() -> get(fairlead)).isInstanceOf(NoInstanceException.class);
        }
        registry.lists("a", "b");
        assertThat(gate.taken).isEqualTo(gate.released.size()).isEqualTo(50);
        assertThat(gate.released).containsOnly(Outcome.IGNORED);
        assertThat(get(fairlead)).as("no token was lost").isEqualTo("ok");
        assertThat(get(fairlead)).isEqualTo("ok");
        assertThatThrownBy(() -> get(fairlead)).hasMessageContaining("RATE_LIMIT");
    }

    @Test
    void fullInstancesRejectAndAreNotBlamed() throws IOException {
        Fairlead fairlead =
                ready(builder().concurrencyLimits(ConcurrencyLimits.fixed(1)).serviceGuard(gate));
        List<Attempt> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(fairlead.acquire("orders", PickContext.none()));
        }
        assertThat(held).extracting(attempt -> attempt.instance().id()).doesNotHaveDuplicates();
        assertThatThrownBy(() -> get(fairlead))
                .hasMessageStartingWith("call to 'orders' rejected by CONCURRENCY_LIMIT: every instance has as many");
        held.get(0).close();
        assertThat(get(fairlead)).isEqualTo("ok");
        assertThat(get(fairlead)).as("the place came back").isEqualTo("ok");
        held.forEach(Attempt::close);
        assertThat(fairlead.status("orders").instances())
                .allSatisfy(view -> assertThat(view.failures()).isZero());
        assertThat(gate.taken).isEqualTo(gate.released.size());
    }

    @Test
    void overloadedServicesAreThrottledOnThisSide() {
        Fairlead fairlead = ready(builder().throttle(Throttle.defaults()).attempts(1));
        int sent = 0;
        for (int call = 0; call < 1_000; call++) {
            int[] calls = {0};
            try {
                Verdict unused = fairlead.call(CallSpec.of("orders"), new Status(503, calls));
            } catch (IOException | CallRejectedException rejected) {
                assertThat(rejected).hasMessageContaining("THROTTLE");
            }
            sent += calls[0];
        }
        assertThat(sent).isBetween(1, 50);
    }

    @Test
    void whatAnInstanceAsksForReachesItsGuardOnce() {
        List<Duration> asked = new ArrayList<>();
        Fairlead fairlead = ready(builder().guard((instance, cap, environment) -> new InstanceGuard() {
            @Override
            public Object tryAcquire(long nowNanos) {
                return asked;
            }

            @Override
            public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {}

            @Override
            public void retryAfter(Duration hint, long nowNanos) {
                asked.add(hint);
            }

            @Override
            public boolean isAvailable(long nowNanos) {
                return true;
            }

            @Override
            public Description describe(long nowNanos) {
                return new Description(GuardState.CLOSED, "", 0);
            }
        }));
        Verdict overloaded = Verdict.ofStatus(503, Duration.ofSeconds(7));
        try (Attempt attempt = fairlead.acquire("orders", PickContext.none())) {
            attempt.complete(overloaded);
            attempt.complete(overloaded);
        }
        assertThat(asked).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void aDeadlineOfNothingIsOverBeforeAnythingIsSent() {
        Fairlead fairlead = ready(builder());
        assertThatThrownBy(() -> fairlead.call(CallSpec.of("orders").within(Duration.ZERO), attempt -> "ok"))
                .hasMessage("call to 'orders' rejected by DEADLINE: its time of PT0S is over");
        assertThat(events.events("attempt")).isEmpty();
    }

    @Test
    void aFallbackAnswersForRejectionsAndFailuresButNotForTheCaller() throws IOException {
        Fairlead fairlead = ready(builder().rateLimit(RateLimit.of(0, 2)));
        Fallback<String> fallback =
                failed -> "instead of " + failed.cause().getMessage() + " after " + failed.attempts();
        CallSpec post = CallSpec.of("orders").notIdempotent();
        assertThat(fairlead.call(post, failing(new IOException("reset")), fallback))
                .isEqualTo("instead of reset after 1");
        assertThatThrownBy(
                        () -> fairlead.call(post, failing(new InterruptedIOException("the caller gave up")), fallback))
                .hasMessage("the caller gave up");
        assertThat(fairlead.call(post, failing(new IOException("never sent")), fallback))
                .startsWith("instead of call to 'orders' rejected by RATE_LIMIT")
                .endsWith("after 0");
        assertThat(events.events("fallback")).hasSize(2);
    }

    @Test
    void aFallbackThatFailsIsSuppressedInTheOriginal() {
        Fairlead fairlead = ready(builder());
        assertThatThrownBy(() -> fairlead.call(
                        CallSpec.of("orders").notIdempotent(), failing(new IOException("original")), failed -> {
                            throw new IOException("no answer either");
                        }))
                .hasMessage("original")
                .satisfies(failure -> assertThat(failure.getSuppressed())
                        .singleElement()
                        .extracting(Throwable::getMessage)
                        .isEqualTo("no answer either"));
    }

    @Test
    void aFallbackSeesTheBadResponseAndClosesItByAnswering() throws IOException {
        Fairlead fairlead = ready(builder().attempts(1));
        Status unavailable = new Status(503, new int[1]);
        Verdict answer = fairlead.call(CallSpec.of("orders"), unavailable, failed -> {
            assertThat(failed.response()).isEqualTo(unavailable.verdict);
            assertThat(unavailable.discarded).isFalse();
            return Verdict.SUCCESS;
        });
        assertThat(answer).isEqualTo(Verdict.SUCCESS);
        assertThat(unavailable.discarded).isTrue();
        assertThat(fairlead.call(CallSpec.of("orders"), new Status(404, new int[1]), failed -> Verdict.CANCELLED))
                .as("a 4xx is an answer")
                .isEqualTo(Verdict.SUCCESS);
    }

    private FairleadBuilder builder() {
        return Fairlead.builder(registry).environment(time.environment(3, events));
    }

    private Fairlead ready(FairleadBuilder builder) {
        registry.lists("a", "b", "c", "d");
        Fairlead fairlead = builder.build();
        fairlead.awaitReady(Duration.ZERO, "orders");
        return fairlead;
    }

    private static String get(Fairlead fairlead) throws IOException {
        return fairlead.call("orders", attempt -> "ok");
    }

    private static Transport<String> failing(IOException failure) {
        return attempt -> {
            throw failure;
        };
    }

    /** Always answers one status. */
    private static final class Status implements Transport<Verdict> {
        final Verdict verdict;
        final int[] calls;
        boolean discarded;

        Status(int code, int[] calls) {
            this.verdict = Verdict.ofStatus(code, null);
            this.calls = calls;
        }

        @Override
        public Verdict send(Attempt attempt) {
            calls[0]++;
            return verdict;
        }

        @Override
        public Verdict judge(Verdict response) {
            return response;
        }

        @Override
        public void discard(Verdict response) {
            discarded = true;
        }
    }

    /** A guard that opens when told, and counts what it hands out. */
    private static final class Gate implements ServiceGuard, ServiceGuard.Factory {
        final List<Outcome> released = new ArrayList<>();
        boolean open = true;
        boolean rejects;
        int taken;

        @Override
        public ServiceGuard newGuard(String service, boolean mayReject, Environment environment) {
            rejects = mayReject;
            return this;
        }

        @Override
        public Object tryAcquire(long nowNanos) {
            if (rejects && !open) {
                return null;
            }
            taken++;
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            released.add(outcome);
        }

        @Override
        public InstanceGuard.Description describe(long nowNanos) {
            return new InstanceGuard.Description(
                    open ? GuardState.CLOSED : GuardState.OPEN,
                    "",
                    Duration.ofSeconds(4).toNanos());
        }
    }
}
