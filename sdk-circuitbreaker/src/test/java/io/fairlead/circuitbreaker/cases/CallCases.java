// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker.cases;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.circuitbreaker.CircuitState;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Calls through the breaker: what their ends mean. */
final class CallCases {
    static final List<Case> ALL = List.of(
            new Case("T44a", "of what is thrown only what is recorded is a failure", CallCases::recorded),
            new Case("T44b", "the cause of a completion's or execution's exception is judged", CallCases::unwrapped),
            new Case("T44c", "a bad result is a failure", CallCases::badResult),
            new Case("T44d", "half-open classifies as closed does", CallCases::halfOpen),
            new Case("T45a", "a future read twice is counted once", CallCases::readTwice),
            new Case("T45b", "a future cancelled by its caller is not learned from", CallCases::cancelled),
            new Case("T45c", "a future that times out, or fails before it begins, fails once", CallCases::failsOnce),
            new Case("R3", "an error gives its permit back", CallCases::error));

    private static final Setup IO_ONLY = Setup.count(10, 2, 50)
            .probes(1, false)
            .classifying(result -> result instanceof Integer status && status >= 500);

    private CallCases() {}

    private static void recorded(Case.Maker maker) {
        Script s = maker.script(IO_ONLY);
        failing(s, new IllegalStateException("business"));
        s.shows(-1, 1, 1, 0, 0);
        failing(s, new Setup.IgnoredIo());
        failing(s, new Setup.Ignored());
        s.shows(-1, 1, 1, 0, 0);
        failing(s, new IOException("down"));
        s.is(CircuitState.OPEN);
    }

    private static void unwrapped(Case.Maker maker) {
        Script s = maker.script(IO_ONLY);
        failing(s, new CompletionException(new IOException("down")));
        s.shows(-1, 0, 1, 1, 0);
        failing(s, new ExecutionException(new IOException("down")));
        s.is(CircuitState.OPEN);
    }

    private static void badResult(Case.Maker maker) throws Exception {
        Script s = maker.script(IO_ONLY);
        assertThat(s.sut.call(() -> 503)).isEqualTo(503);
        s.shows(-1, 0, 1, 1, 0);
        assertThat(s.sut.call(() -> 200)).isEqualTo(200);
        s.is(CircuitState.OPEN);
    }

    private static void halfOpen(Case.Maker maker) throws Exception {
        Script s = maker.script(IO_ONLY).halfOpen();
        failing(s, new Setup.Ignored());
        s.is(CircuitState.HALF_OPEN);
        failing(s, new IllegalStateException("business"));
        s.is(CircuitState.CLOSED);
        s.halfOpen();
        s.sut.call(() -> 503);
        s.is(CircuitState.OPEN);
    }

    private static void failing(Script s, Throwable thrown) {
        try {
            s.sut.call(() -> {
                if (thrown instanceof Exception exception) {
                    throw exception;
                }
                throw (Error) thrown;
            });
        } catch (Sut.Lacking lacking) {
            throw lacking;
        } catch (Throwable reached) {
            assertThat(reached).isSameAs(thrown);
            return;
        }
        throw new AssertionError("did not reach the caller: " + thrown);
    }

    private static void readTwice(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 2, 50));
        CompletableFuture<String> stage = new CompletableFuture<>();
        CompletableFuture<String> future = s.sut.async(() -> stage);
        stage.complete("answer");
        assertThat(future.join() + future.join()).isEqualTo("answeranswer");
        s.shows(-1, 1, 1, 0, 0);
    }

    private static void cancelled(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(1, false)).halfOpen();
        for (int i = 0; i < 3; i++) {
            CompletableFuture<String> stage = new CompletableFuture<>();
            s.sut.async(() -> stage).cancel(true);
            s.is(CircuitState.HALF_OPEN);
        }
        s.sut.async(() -> CompletableFuture.completedFuture("well"));
        s.is(CircuitState.CLOSED);
    }

    private static void failsOnce(Case.Maker maker) {
        Script s = maker.script(Setup.count(10, 5, 50));
        assertThat(s.sut.async(() -> CompletableFuture.failedFuture(new TimeoutException())))
                .isCompletedExceptionally();
        s.shows(-1, 0, 1, 1, 0);
        assertThat(s.sut.async(() -> {
                    throw new IllegalStateException("before it begins");
                }))
                .isCompletedExceptionally();
        s.shows(-1, 0, 2, 2, 0);
    }

    private static void error(Case.Maker maker) {
        Script s = maker.script(Setup.any().probes(1, false)).halfOpen();
        failing(s, new AssertionError("not an exception"));
        s.is(CircuitState.OPEN);
    }
}
