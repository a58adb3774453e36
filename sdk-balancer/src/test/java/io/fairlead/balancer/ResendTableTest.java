// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.api.Outcome;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What may be sent again, row by row, idempotent or not, by both drivers. */
class ResendTableTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    enum Row {
        NEVER_SENT(Verdict.UNREACHABLE, true, true, Outcome.UNREACHABLE),
        CONNECT_REFUSED(Verdict.ofFailure(new ConnectException()), true, true, Outcome.UNREACHABLE),
        REFUSED_STREAM(Verdict.REFUSED, true, true, Outcome.IGNORED),
        STALE_CONNECTION(Verdict.STALE_CONNECTION, true, false, Outcome.IGNORED),
        BROKEN(Verdict.BROKEN, true, false, Outcome.FAILURE),
        TIMED_OUT(Verdict.ofFailure(new SocketTimeoutException()), true, false, Outcome.FAILURE),
        S429(Verdict.ofStatus(429, null), true, false, Outcome.IGNORED),
        S503(Verdict.ofStatus(503, null), true, false, Outcome.FAILURE),
        S503_AT_ONCE(Verdict.ofStatus(503, Duration.ZERO), true, false, Outcome.FAILURE),
        S502(Verdict.ofStatus(502, null), true, false, Outcome.FAILURE),
        S504(Verdict.ofStatus(504, null), true, false, Outcome.FAILURE),
        S500(Verdict.ofStatus(500, null), false, false, Outcome.FAILURE),
        S408(Verdict.ofStatus(408, null), true, false, Outcome.IGNORED),
        S421(Verdict.ofStatus(421, null), true, false, Outcome.IGNORED),
        S501(Verdict.ofStatus(501, null), false, false, Outcome.SUCCESS),
        S505(Verdict.ofStatus(505, null), false, false, Outcome.SUCCESS),
        S404(Verdict.ofStatus(404, null), false, false, Outcome.SUCCESS),
        CANCELLED(Verdict.CANCELLED, false, false, Outcome.IGNORED);

        final Verdict verdict;
        final boolean ifIdempotent;
        final boolean otherwise;
        final Outcome outcome;

        Row(Verdict verdict, boolean ifIdempotent, boolean otherwise, Outcome outcome) {
            this.verdict = verdict;
            this.ifIdempotent = ifIdempotent;
            this.otherwise = otherwise;
            this.outcome = outcome;
        }
    }

    static Stream<Arguments> rows() {
        return Stream.of(Row.values())
                .flatMap(row -> Stream.of(true, false)
                        .flatMap(idempotent ->
                                Stream.of(true, false).map(blocking -> Arguments.of(row, idempotent, blocking))));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void isSentAgainOnlyWhereTheTableSaysSo(Row row, boolean idempotent, boolean blocking) {
        List<String> tried = tries(row.verdict, idempotent, blocking, Retries.defaults());
        boolean again = idempotent ? row.ifIdempotent : row.otherwise;
        assertThat(tried).hasSize(again ? 2 : 1);
        assertThat(events.events("attempt").get(0)).endsWith(" 1 " + row.outcome);
        if (row != Row.STALE_CONNECTION) {
            assertThat(tried).doesNotHaveDuplicates();
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void optionsMoveTheRowsTheyName(Row row, boolean idempotent, boolean blocking) {
        Retries asked = Retries.defaults()
                .withResend(Retries.Resend.ANY_ON_429)
                .withResend(Retries.Resend.ANY_ON_503)
                .withResend(Retries.Resend.IDEMPOTENT_ON_500)
                .withoutResend(Retries.Resend.IDEMPOTENT_ON_TIMEOUT);
        boolean again = switch (row) {
            case S429, S503, S503_AT_ONCE -> true;
            case S500 -> idempotent;
            case TIMED_OUT -> false;
            default -> idempotent ? row.ifIdempotent : row.otherwise;
        };
        assertThat(tries(row.verdict, idempotent, blocking, asked)).hasSize(again ? 2 : 1);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void nothingIsSentAgainOnBehalfOfAnAttemptThatIsARetryItself(Row row, boolean idempotent, boolean blocking) {
        CallSpec spec = spec(idempotent).onBehalfOf(2);
        assertThat(tries(row.verdict, spec, blocking, Retries.defaults())).hasSize(1);
    }

    private List<String> tries(Verdict first, boolean idempotent, boolean blocking, Retries retries) {
        return tries(first, spec(idempotent), blocking, retries);
    }

    private static CallSpec spec(boolean idempotent) {
        return idempotent ? CallSpec.of("orders") : CallSpec.of("orders").notIdempotent();
    }

    private List<String> tries(Verdict first, CallSpec spec, boolean blocking, Retries retries) {
        registry.lists("a", "b", "c", "d");
        try (Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(3, events))
                .retries(retries)
                .build()) {
            fairlead.awaitReady(Duration.ZERO, "orders");
            Play play = new Play(first);
            if (blocking) {
                try {
                    String unused = fairlead.call(spec, play);
                } catch (IOException last) {
                    assertThat(last).hasMessage("failure 1");
                }
            } else {
                CompletableFuture<String> call =
                        fairlead.callAsync(spec, new Async(play)).toCompletableFuture();
                time.advance(Duration.ofSeconds(31));
                assertThat(call).isDone();
            }
            assertThat(fairlead.status("orders").instances())
                    .allSatisfy(view -> assertThat(view.inFlight()).isZero());
            return play.tried;
        }
    }

    /** The verdict first, then success. A blocked caller's time passes with its looks at whether it was cancelled. */
    private final class Play implements Transport<String> {
        final List<String> tried = new ArrayList<>();
        final Verdict first;

        Play(Verdict first) {
            this.first = first;
        }

        @Override
        public String send(Attempt attempt) throws IOException {
            tried.add(attempt.instance().id());
            boolean throwing = switch (first.trouble()) {
                case UNREACHABLE, REFUSED, STALE_CONNECTION, BROKEN, TIMED_OUT, CANCELLED -> first.retryAfter() == null;
                default -> false;
            };
            if (tried.size() == 1 && throwing) {
                throw new IOException("failure 1");
            }
            return "answer";
        }

        @Override
        public Verdict judge(String response) {
            return tried.size() == 1 ? first : Verdict.SUCCESS;
        }

        @Override
        public Verdict judge(Exception failure) {
            return first;
        }

        @Override
        public boolean isCancelled() {
            time.advance(Duration.ofMillis(25));
            return false;
        }
    }

    private record Async(Play play) implements AsyncTransport<String> {
        @Override
        public CompletableFuture<String> send(Attempt attempt) {
            try {
                return CompletableFuture.completedFuture(play.send(attempt));
            } catch (IOException failure) {
                return CompletableFuture.failedFuture(failure);
            }
        }

        @Override
        public Verdict judge(String response) {
            return play.judge(response);
        }

        @Override
        public Verdict judge(Exception failure) {
            return play.judge(failure);
        }
    }
}
