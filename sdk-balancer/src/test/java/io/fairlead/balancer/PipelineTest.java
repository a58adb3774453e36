// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.NoInstanceException;
import io.fairlead.api.Outcome;
import io.fairlead.api.PickContext;
import io.fairlead.testkit.RecordingListener;
import io.fairlead.testkit.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One call and its attempts. Backoff here is never more than a few milliseconds of real time. */
class PipelineTest {
    private final VirtualTime time = new VirtualTime();
    private final RecordingListener events = new RecordingListener();
    private final FakeRegistry registry = new FakeRegistry(time.environment());

    @Test
    void aNeverSentCallGoesElsewhereAtOnceAlsoWhenItIsNotIdempotent() throws IOException {
        Script script = new Script(Verdict.UNREACHABLE, Verdict.SUCCESS);
        assertThat(call(script, post())).isEqualTo("answer 2");
        assertThat(script.tried).doesNotHaveDuplicates().hasSize(2);
    }

    @Test
    void aCallThatMayHaveBeenProcessedIsSentAgainOnlyIfIdempotent() throws IOException {
        Script post = new Script(Verdict.BROKEN, Verdict.SUCCESS);
        assertThatThrownBy(() -> call(post, post()))
                .isInstanceOf(IOException.class)
                .hasMessage("failure 1");
        assertThat(post.tried).hasSize(1);
        Script get = new Script(refused("Z"), Verdict.SUCCESS);
        assertThat(call(get, CallSpec.of("orders"))).isEqualTo("answer 2");
    }

    @Test
    void aBodyThatCanNotBeReplayedIsSentAgainOnlyIfItWasNeverTouched() throws IOException {
        CallSpec oneShot = new CallSpec("orders", PickContext.none(), true, false, null);
        Script refused = new Script(Verdict.REFUSED, Verdict.SUCCESS);
        assertThatThrownBy(() -> call(refused, oneShot)).hasMessage("failure 1");
        Script unreachable = new Script(Verdict.UNREACHABLE, Verdict.SUCCESS);
        assertThat(call(unreachable, oneShot)).isEqualTo("answer 2");
    }

    @Test
    void threeAttemptsAndEachOnAnotherInstance() {
        Script script = new Script(Verdict.UNREACHABLE, Verdict.UNREACHABLE, Verdict.UNREACHABLE, Verdict.SUCCESS);
        assertThatThrownBy(() -> call(script, CallSpec.of("orders")))
                .hasMessage("failure 3")
                .satisfies(last -> assertThat(last.getSuppressed()).hasSize(1));
        assertThat(script.tried).doesNotHaveDuplicates().hasSize(3);
    }

    @Test
    void whenEveryInstanceWasTriedTheLastResultStands() {
        registry.lists("a", "b");
        Script script = new Script(Verdict.UNREACHABLE, Verdict.UNREACHABLE, Verdict.SUCCESS);
        Fairlead two = fairlead(3);
        assertThatThrownBy(() -> two.call(CallSpec.of("orders"), script)).hasMessage("failure 2");
    }

    @Test
    void aLastBadResponseIsReturnedNotHidden() throws IOException {
        Script script = new Script(unavailable(), unavailable(), unavailable());
        assertThat(call(script, CallSpec.of("orders"))).isEqualTo("answer 3");
        assertThat(script.discarded).containsExactly("answer 1", "answer 2");
    }

    @Test
    void aSpentBudgetReturnsTheResultThereIs() throws IOException {
        registry.lists("a", "b", "c", "d");
        Fairlead poor = Fairlead.builder(registry)
                .environment(time.environment(3, events))
                .retryBudget(0, 0)
                .build();
        Script script = new Script(unavailable(), Verdict.SUCCESS);
        assertThat(poor.call(CallSpec.of("orders"), script)).isEqualTo("answer 1");
        assertThat(events.events("budget")).containsExactly("budget orders");
    }

    @Test
    void aCancelledCallIsNotSentAgain() {
        Script script = new Script(Verdict.UNREACHABLE, Verdict.SUCCESS);
        script.cancelled = true;
        assertThatThrownBy(() -> call(script, CallSpec.of("orders"))).hasMessage("failure 1");
    }

    @Test
    void aDeadlineThatARetryWouldPassEndsTheCall() throws IOException {
        Script script = new Script(
                new Verdict(Outcome.FAILURE, Verdict.Resend.IF_IDEMPOTENT, Duration.ofSeconds(10)), Verdict.SUCCESS);
        CallSpec hurried = new CallSpec("orders", PickContext.none(), true, true, Duration.ofSeconds(5));
        registry.lists("a");
        assertThat(fairlead(3).call(hurried, script)).isEqualTo("answer 1");
    }

    @Test
    void nothingIsLeftInFlightWhateverHappens() throws IOException {
        registry.lists("a", "b", "c", "d");
        Fairlead fairlead = fairlead(3);
        Script script = new Script(Verdict.UNREACHABLE, unavailable(), Verdict.SUCCESS);
        fairlead.call(CallSpec.of("orders"), script);
        script.open.forEach(Attempt::close);
        assertThatThrownBy(() -> fairlead.call(CallSpec.of("orders"), new Script() {
                    @Override
                    public String send(Attempt attempt) {
                        current = Verdict.UNKNOWN;
                        throw new IllegalStateException("a bug in the transport");
                    }
                }))
                .hasMessage("a bug in the transport");
        assertThat(fairlead.status("orders").instances())
                .allSatisfy(view -> assertThat(view.inFlight()).isZero());
    }

    @Test
    void anUnknownServiceFailsWithASentence() {
        Fairlead fairlead = Fairlead.builder(registry)
                .environment(time.environment(3, events))
                .firstListTimeout(Duration.ofMillis(1))
                .build();
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .isInstanceOf(NoInstanceException.class)
                .hasMessageContaining("No list of 'orders' yet: fake gave none within 1 ms");
        registry.lists();
        assertThatThrownBy(() -> fairlead.acquire("orders", PickContext.none()))
                .hasMessageContaining("No service is called 'orders' in fake, live");
        assertThat(events.events("none")).containsExactly("none orders NOT_READY", "none orders UNKNOWN_SERVICE");
    }

    @Test
    void misspeltPoliciesNameTheNearest() {
        assertThatThrownBy(() -> Fairlead.builder(registry).policy("round_robbin"))
                .hasMessageContaining("did you mean 'round_robin'?");
    }

    private String call(Script script, CallSpec spec) throws IOException {
        registry.lists("a", "b", "c", "d");
        return fairlead(3).call(spec, script);
    }

    private Fairlead fairlead(int attempts) {
        return Fairlead.builder(registry)
                .environment(time.environment(3, events))
                .attempts(attempts)
                .build();
    }

    private static CallSpec post() {
        return new CallSpec("orders", PickContext.none(), false, true, null);
    }

    private static Verdict unavailable() {
        return refused("503");
    }

    /** A failure with an answer and an explicit wait of nothing, so that virtual time need not move. */
    private static Verdict refused(String ignored) {
        return new Verdict(Outcome.FAILURE, Verdict.Resend.IF_IDEMPOTENT, Duration.ZERO);
    }

    /** Plays one verdict an attempt; UNREACHABLE and BROKEN are exceptions, the rest are responses. */
    private static class Script implements Transport<String> {
        final List<String> tried = new ArrayList<>();
        final List<String> discarded = new ArrayList<>();
        final List<Attempt> open = new ArrayList<>();
        final Deque<Verdict> verdicts;
        Verdict current = Verdict.SUCCESS;
        boolean cancelled;

        Script(Verdict... verdicts) {
            this.verdicts = new ArrayDeque<>(Arrays.asList(verdicts));
        }

        @Override
        public String send(Attempt attempt) throws IOException {
            tried.add(attempt.instance().id());
            current = verdicts.remove();
            if (current.equals(Verdict.UNREACHABLE)
                    || current.equals(Verdict.BROKEN)
                    || current.equals(Verdict.REFUSED)) {
                throw new IOException("failure " + attempt.number());
            }
            open.add(attempt);
            return "answer " + attempt.number();
        }

        @Override
        public Verdict judge(String response) {
            return current;
        }

        @Override
        public Verdict judge(Exception failure) {
            return current;
        }

        @Override
        public void discard(String response) {
            discarded.add(response);
            open.remove(open.size() - 1).close();
        }

        @Override
        public boolean isStreaming(String response) {
            return true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
