// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.GuardState;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.balancer.Fallback.FailedCall;
import io.fairlead.spi.BalancingPolicy;
import io.fairlead.spi.Candidate;
import io.fairlead.spi.Environment;
import io.fairlead.spi.InstanceGuard;
import io.fairlead.spi.Picker;
import io.fairlead.spi.ServiceGuard;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a user's part throws, wherever: every response is given back once, every attempt closed, every call ends. */
class ThrowingCallbacksTest {
    private enum Place {
        SEND,
        JUDGE_RESPONSE,
        JUDGE_FAILURE,
        IS_STREAMING,
        DISCARD,
        FALLBACK,
        POLICY,
        SECOND_PICK,
        GUARD_ACQUIRE,
        GUARD_RELEASE,
        SERVICE_GUARD_ACQUIRE,
        SERVICE_GUARD_RELEASE,
        NULL_RESPONSE
    }

    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    static Stream<Arguments> placesAndThrowables() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(
                                new IllegalStateException("the user's own"),
                                new IllegalArgumentException("the user's own"),
                                new AssertionError("the user's own"),
                                new LinkageError("the user's own"),
                                new Exception("the user's own"))
                        .flatMap(thrown ->
                                Stream.of(true, false).map(blocking -> Arguments.of(place, thrown, blocking))));
    }

    @ParameterizedTest
    @MethodSource("placesAndThrowables")
    void theCallEndsAndNothingIsLeftOpen(Place place, Throwable thrown, boolean blocking) {
        registry.lists("a", "b", "c");
        World world = new World(place, thrown);
        FairleadBuilder builder = Fairlead.builder(registry)
                .environment(time.environment(3, events))
                .forService("orders", o -> o.withPolicy(new Policy(world)))
                .guard((instance, cap, environment) -> new Guard(world))
                .concurrencyLimits(ConcurrencyLimits.defaults())
                .serviceGuard(new ServiceGuards(world))
                .rateLimit(RateLimit.of(1e-3, 4));
        try (Fairlead fairlead = builder.build()) {
            fairlead.awaitReady(Duration.ZERO, "orders");
            Throwable seen = blocking ? runBlocking(fairlead, world) : runAsync(fairlead, world);
            if (place == Place.NULL_RESPONSE) {
                assertThat(seen).hasMessageContaining("the client completed without a response");
            } else if (place == Place.DISCARD || place == Place.FALLBACK) {
                assertThat(seen).as("the call's own result stands").isNull();
            } else if (place == Place.JUDGE_FAILURE) {
                assertThat(seen).hasMessage("reset");
            } else if (seen != null) {
                assertThat(seen)
                        .satisfiesAnyOf(
                                failure -> assertThat(failure).hasMessageContaining("the user's own"),
                                failure -> assertThat(failure).hasRootCauseMessage("the user's own"));
            }
            assertThat(fairlead.status("orders").instances())
                    .allSatisfy(view -> assertThat(view.inFlight()).isZero());
            assertThat(world.open).as("responses not given back").isEmpty();
            assertThat(world.servicePermits)
                    .as("permits of the service's guard")
                    .isZero();
            assertThat(events.events("attempt"))
                    .as("nobody is blamed for what this side threw")
                    .filteredOn(line -> line.endsWith("UNREACHABLE"))
                    .isEmpty();
        }
    }

    private Throwable runBlocking(Fairlead fairlead, World world) {
        try {
            world.open.remove(fairlead.call(CallSpec.of("orders"), world, world::fallBack));
            return null;
        } catch (Throwable seen) {
            return seen;
        }
    }

    private Throwable runAsync(Fairlead fairlead, World world) {
        CompletableFuture<String> call = fairlead.callAsync(CallSpec.of("orders"), new Async(world), world::fallBack)
                .toCompletableFuture();
        time.advance(Duration.ofMinutes(1));
        assertThat(call).as("it ends").isDone();
        try {
            world.open.remove(call.get());
            return null;
        } catch (ExecutionException failed) {
            return failed.getCause();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Throws at one place; else answers 503, then well. */
    private static final class World implements Transport<String> {
        final Place place;
        final Throwable thrown;
        final List<String> open = new ArrayList<>();
        int sent;
        int servicePermits;
        int picks;

        World(Place place, Throwable thrown) {
            this.place = place;
            this.thrown = thrown;
        }

        void at(Place here) {
            if (place == here) {
                throw sneaky(thrown);
            }
        }

        @Override
        public String send(Attempt attempt) throws IOException {
            sent++;
            at(Place.SEND);
            if (place == Place.JUDGE_FAILURE) {
                throw new IOException("reset");
            }
            if (place == Place.NULL_RESPONSE) {
                return null;
            }
            open.add("answer " + sent);
            return "answer " + sent;
        }

        @Override
        public Verdict judge(String response) {
            at(Place.JUDGE_RESPONSE);
            boolean bad = place == Place.FALLBACK || response.equals("answer 1");
            return bad ? Verdict.ofStatus(503, Duration.ZERO) : Verdict.SUCCESS;
        }

        @Override
        public Verdict judge(Exception failure) {
            at(Place.JUDGE_FAILURE);
            return Verdict.ofFailure(failure);
        }

        @Override
        public void discard(String response) {
            open.remove(response);
            at(Place.DISCARD);
        }

        @Override
        public boolean isStreaming(String response) {
            at(Place.IS_STREAMING);
            return false;
        }

        String fallBack(FailedCall<String> failed) throws IOException {
            at(Place.FALLBACK);
            if (failed.cause() instanceof IOException broken) {
                throw broken;
            }
            throw new IOException("no answer");
        }
    }

    private record Async(World world) implements AsyncTransport<String> {
        @Override
        public CompletableFuture<String> send(Attempt attempt) {
            try {
                return CompletableFuture.completedFuture(world.send(attempt));
            } catch (IOException failure) {
                return CompletableFuture.failedFuture(failure);
            }
        }

        @Override
        public Verdict judge(String response) {
            return world.judge(response);
        }

        @Override
        public Verdict judge(Exception failure) {
            return world.judge(failure);
        }

        @Override
        public void discard(String response) {
            world.discard(response);
        }

        @Override
        public boolean isStreaming(String response) {
            return world.isStreaming(response);
        }
    }

    private record Policy(World world) implements BalancingPolicy {
        @Override
        public String name() {
            return "throwing";
        }

        @Override
        public Picker newPicker(List<Candidate> candidates, Picker previous, Environment environment) {
            return (context, nowNanos) -> {
                world.at(Place.POLICY);
                if (world.picks++ > 0) {
                    world.at(Place.SECOND_PICK);
                }
                return first(candidates, context);
            };
        }

        private static Candidate first(List<Candidate> candidates, PickContext context) {
            return candidates.stream()
                    .filter(candidate -> !context.excludes(candidate.instance()))
                    .findFirst()
                    .orElse(null);
        }
    }

    private record Guard(World world) implements InstanceGuard {
        @Override
        public Object tryAcquire(long nowNanos) {
            world.at(Place.GUARD_ACQUIRE);
            return this;
        }

        @Override
        public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
            world.at(Place.GUARD_RELEASE);
        }

        @Override
        public boolean isAvailable(long nowNanos) {
            return true;
        }

        @Override
        public Description describe(long nowNanos) {
            return new Description(GuardState.CLOSED, "", 0);
        }
    }

    private record ServiceGuards(World world) implements ServiceGuard.Factory {
        @Override
        public ServiceGuard newGuard(String service, boolean rejects, Environment environment) {
            return new ServiceGuard() {
                @Override
                public Object tryAcquire(long nowNanos) {
                    world.at(Place.SERVICE_GUARD_ACQUIRE);
                    world.servicePermits++;
                    return this;
                }

                @Override
                public void release(Object permit, Outcome outcome, long latencyNanos, long nowNanos) {
                    world.servicePermits--;
                    world.at(Place.SERVICE_GUARD_RELEASE);
                }

                @Override
                public InstanceGuard.Description describe(long nowNanos) {
                    return new InstanceGuard.Description(GuardState.CLOSED, "", 0);
                }
            };
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
